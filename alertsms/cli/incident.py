"""`alertsms why` and `alertsms log`: what happened to incidents, read from the store beside the running server."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from sqlalchemy import Connection

from alertsms.cli.server import elsewhere, mismatch, reading, store_of
from alertsms.cli.terminal import Parsed, as_json, configured, print_json
from alertsms.config import ConfigError, load
from alertsms.core.text import timeline
from alertsms.core.text.json_form import MESSAGE, STORY
from alertsms.store import history, pauses
from alertsms.store.error import StoreError

MOST = 500  # incidents on one screen


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{text}" is no time zone, write for example Europe/Paris or UTC') from None


def _number(text: str) -> int:
    if not re.fullmatch("#?[0-9]{1,18}", text, re.ASCII):
        raise ValueError(f'"{text}" is no number of an incident, write 42 for #42')
    return int(text.removeprefix("#"))


INCIDENT_NUMBER = Parsed("NUMBER", _number)
zoned = click.option(
    "--zone", type=Parsed("ZONE", _zone), help="The zone of the times; else that of most people in the file."
)


@click.command()
@click.argument("number", type=INCIDENT_NUMBER)
@configured
@zoned
@as_json
def why(*, number: int, config: str, zone: ZoneInfo | None, as_json: bool) -> None:
    """Tell what happened to an incident: who was paged, when, and why or why not.

    \b
    Example:  alertsms why 42 --config /etc/alertsms/config.yaml
    """  # noqa: D301
    now = datetime.now(UTC)
    with _store(config) as tx:
        story = history.story(tx, number)
        digest = [] if story else history.digest(tx, number)
        newest, paused = history.newest(tx), pauses.running(tx, now)
    clock = timeline.TimeFormat(zone=zone_of(config, zone), now=now)
    if story:
        print_json(STORY.json(story)) if as_json else click.echo("\n".join(timeline.whole(story, clock, paused)))
    elif digest:
        whole = {"digest": number, "messages": [MESSAGE.json(sms) for sms in digest]}
        print_json(whole) if as_json else click.echo("\n".join(timeline.digest(number, digest, clock)))
    else:
        raise click.ClickException(_unknown(number, newest))


def _unknown(number: int, newest: int) -> str:
    if not newest:
        return f"there is no #{number}: no alert has opened an incident yet."
    if number > newest:
        return f"there is no #{number}: the newest incident is #{newest}. `alertsms log` lists the latest."
    return (
        f"there is no #{number} (any more): numbers may be skipped, and what is over for longer than `retention` is"
        " deleted. `alertsms log` lists the latest."
    )


@click.command()
@configured
@click.option("--last", type=click.IntRange(1, MOST), default=20, show_default=True, help="How many incidents.")
@zoned
@as_json
def log(*, config: str, last: int, zone: ZoneInfo | None, as_json: bool) -> None:
    """List the latest incidents, one line each, the newest last.

    \b
    Example:  alertsms log --last 50 --config /etc/alertsms/config.yaml
    """  # noqa: D301
    now = datetime.now(UTC)
    with _store(config) as tx:
        stories = history.stories(tx, history.latest(tx, limit=last)[::-1])
        resting, paused = history.resting(tx), pauses.running(tx, now)
    clock = timeline.TimeFormat(zone=zone_of(config, zone), now=now)
    if as_json:
        print_json([STORY.json(story) for story in stories])
    else:
        click.echo("\n".join(timeline.listing(stories, resting, clock, paused)))


@contextmanager
def _store(file: str) -> Iterator[Connection]:
    """Read the store that a file names, also where the rest of the file is wrong."""
    if not Path(file).is_file():
        click.echo(f"{file}: there is no such file.", err=True)
        sys.exit(1)
    try:
        with reading(store_of(file)) as connection:
            yield connection
    except StoreError as error:
        raise click.ClickException(elsewhere(file, str(error))) from error
    if wrong := mismatch(file):
        click.echo(f"warning: {wrong}", err=True)


def zone_of(file: str, zone: ZoneInfo | None = None) -> ZoneInfo:
    """The given zone; else that of most people, and UTC where the file has a mistake."""
    try:
        people = load(file, secrets=False).roster.people.values() if zone is None else ()
        counted = Counter(person.time_zone for person in people).most_common(1)
        return zone or ZoneInfo(counted[0][0] if counted else "UTC")
    except (ConfigError, ZoneInfoNotFoundError):
        return ZoneInfo("UTC")
