"""`alertsms check` and `alertsms route`: what a configuration says, without a server, an account or its secrets."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile

import click

from alertsms.cli.terminal import as_json, at_time, bundled, loaded, print_json
from alertsms.config import Config, ConfigError, load
from alertsms.core.alerts.alert import Format
from alertsms.core.messages import sender_rules
from alertsms.core.routing.duration import canonical_duration
from alertsms.core.routing.roster import Assignment, Roster, Route
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.team import Step, Team
from alertsms.core.text.subject import masked
from alertsms.machine.password import hashed


@click.command()
@click.argument("file")
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings too.")
@click.option("--no-secrets", is_flag=True, help="Look into no file and no variable that holds a secret.")
@as_json
def check(*, file: str, strict: bool, no_secrets: bool, as_json: bool) -> None:
    """Print every mistake of a configuration; exit with 1 if there is one.

    \b
    Example:  alertsms check --strict config.yaml
    """  # noqa: D301
    config: Config | None = None
    try:
        config = load(file, secrets=not no_secrets, thorough=True, now=datetime.now(UTC))
        mistakes = config.warnings
    except ConfigError as error:
        mistakes = error.mistakes
    ok = config is not None and not (strict and mistakes)
    if as_json:
        notes = {"notes": list(config.notes)} if config and config.notes else {}
        print_json({"ok": ok, "mistakes": list(map(asdict, mistakes)), **notes})
    else:
        for mistake in mistakes:
            click.echo(mistake)
        if config and ok:
            click.echo(_summary(file, config.roster))
        for line in _beside(config, secrets=not no_secrets) if config else ():
            click.echo(line)
    sys.exit(0 if ok else 1)


def _beside(config: Config, *, secrets: bool) -> Iterator[str]:
    """What is no mistake of the file, and is to be known all the same."""
    from alertsms.cli.server import unconfirmed_in  # SQLAlchemy: `check --help` and `route` need none

    yield from (f"note: {note}" for note in config.notes)
    if sender_rules.is_old(datetime.now(UTC).date()):
        yield (
            f"what operators let through is known as of {sender_rules.AS_OF}: upgrade alertsms, and try each phone with"
            " `alertsms send NAME --confirm`"
        )
    local = config.store.startswith("sqlite:")  # no check asks a database
    missing = unconfirmed_in(config.store, config.roster, config.ovh.shows) if local else None
    if missing:
        whose = f"{', '.join(missing)} for {config.ovh.shows}"
        yield f"nobody has confirmed {whose}: `alertsms send NAME --confirm` asks them"
    if secrets:
        yield from _open_secrets(config)


def _open_secrets(config: Config) -> Iterator[str]:
    from alertsms.machine.files import exposed
    from alertsms.machine.keyring import place  # SQLAlchemy, as above
    from alertsms.machine.state import folder

    if names := [name for name, password in config.server.login if not hashed(password)]:
        yield (
            f"server.login: the password of {', '.join(names)} is kept in clear: `alertsms hash-password` makes what to"
            " write instead"
        )
    key = place(config.server.key_file, config.store, config.file)
    yield from (f"{says}: {fix}" for says, fix in exposed(key, folder(config.store, config.file)))


def _summary(file: str, roster: Roster) -> str:
    people = [
        f"  {name}: {', '.join(masked(phone.e164) for phone in person.phones)}"
        for name, person in roster.people.items()
    ]
    teams = [f"  {name}: {_pages(team)}" for name, team in roster.teams.items()]
    shifts = [
        f"  {name}: {', '.join(person.name for person in schedule.people)}"
        for name, schedule in roster.schedules.items()
    ]
    on_call = ["schedules:", *shifts] if shifts else []
    watched = [
        f"  {name}: pages after {canonical_duration(beat.missing_after)} of silence -> "
        + (beat.team.name if beat.team else "as the routes say")
        for name, beat in roster.heartbeats.items()
    ]
    beats = ["heartbeats:", *watched] if watched else []
    return "\n".join(
        [f"{file} is right.", "people:", *people, *on_call, "teams:", *teams, "route:", *_tree(roster.route, 1), *beats]
    )


def _pages(team: Team) -> str:
    if team.record_only:
        return "records only"
    steps = [", ".join(target.name for target in step.page) for step in team.steps if step.page]
    return f"pages {'; then '.join(steps)}" if steps else "pages nobody"


def _tree(route: Route, depth: int) -> Iterator[str]:
    matchers = ", ".join(map(str, route.matchers)) or "everything" + (" else" if route.routes else "")
    timed = " (at times)" if route.mute_time_intervals or route.active_time_intervals else ""
    yield f"{'  ' * depth}{matchers} -> {route.team.name}{timed}{', and go on' if route.continue_ else ''}"
    for child in route.routes:
        yield from _tree(child, depth + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Paged:
    """One team that an alert goes to, and whom of it that reaches."""

    assignment: Assignment
    people: tuple[Person, ...]  # without people whom a team above pages already
    empty: tuple[str, ...] = ()  # the schedules in which nobody is on call, and whose step is passed over for it
    later: tuple[tuple[timedelta, tuple[Person, ...]], ...] = ()  # after how long without an answer

    def as_dict(self) -> dict[str, object]:
        """For programs."""
        team = self.assignment.team
        return {
            "team": team.name,
            "muted": self.assignment.muted,
            "record_only": team.record_only,
            "people": _dicts(self.people),
            "later": [{"after_seconds": wait.total_seconds(), "people": _dicts(people)} for wait, people in self.later],
        }

    def __str__(self) -> str:
        """For people: `db: pages alice (+33*******78)`."""
        team = self.assignment.team
        if team.record_only:
            return f"{team.name}: records it, pages nobody"
        names = _named(self.people)
        who = f"pages {names}" if names else "pages nobody else" if team.people else "pages nobody"
        who += "".join(f"; unanswered for {canonical_duration(wait)} {_named(people)}" for wait, people in self.later)
        who += f"; nobody is on call in {', '.join(self.empty)}" if self.empty else ""
        if self.assignment.pause:
            return f"{team.name}: {self.assignment.words(self.assignment.pause.begins_at)}; later {who}"
        return f"{team.name}: muted at this time, later {who}" if self.assignment.muted else f"{team.name}: {who}"


def _dicts(people: Iterable[Person]) -> list[dict[str, str]]:
    return [{"name": person.name, "number": masked(person.phones[0].e164)} for person in people]


def _named(people: Iterable[Person]) -> str:
    return ", ".join(f"{person.name} ({masked(person.phones[0].e164)})" for person in people)


def _seen(labels: tuple[str, ...], receiver: str, source: str) -> dict[str, str]:
    seen = {}
    for pair in labels:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise click.UsageError(f'"{pair}" is no label, write LABEL=VALUE, for example severity=critical')
        quoted = len(value) > 1 and value[0] == value[-1] == '"'  # as matchers are written: severity="critical"
        seen[name] = value[1:-1] if quoted else value
    return seen | {"__receiver__": receiver, "__source__": source}


@click.command()
@click.argument("file")
@click.argument("labels", nargs=-1, metavar="LABEL=VALUE...")
@at_time
@click.option("--receiver", default="", help="The sender's receiver, for matchers on __receiver__.")
@click.option(
    "--source",
    type=click.Choice([form.value for form in Format]),
    default="alertmanager",
    show_default=True,
    help="Who sends, for matchers on __source__.",
)
@click.option(
    "--expect",
    multiple=True,
    metavar="TEAM",
    help='Exit with 1 unless exactly these teams get it, muted or not; "" for none.',
)
@as_json
@bundled("seen", _seen, "labels", "receiver", "source")
def route(*, file: str, seen: dict[str, str], at: datetime | None, expect: tuple[str, ...], as_json: bool) -> None:
    """Print which teams an alert with these labels goes to, and whom that pages.

    \b
    Example:  alertsms route config.yaml severity=critical service=postgres --expect db
    """  # noqa: D301
    config = loaded(file)
    now = at or datetime.now(UTC)
    roster = config.roster
    if config.store.startswith("sqlite:"):  # a pipeline has no such file, and asks no database
        from alertsms.cli.server import paused_in  # SQLAlchemy, as above

        roster = replace(roster, pauses=paused_in(config.store, now))
    beats = sorted(roster.refreshes(seen))
    pages = [] if beats else list(paged(roster, roster.assign(seen, now), now))
    if as_json:
        teams = [paged_team.as_dict() for paged_team in pages]
        click.echo(json.dumps({"at": now.isoformat(), "rests": not pages, "heartbeats": beats, "teams": teams}))
    elif beats:
        click.echo(f"nobody: it refreshes {', '.join(beats)} (heartbeats)")
    else:
        click.echo("\n".join(map(str, pages)) or _rests(seen, roster))
    got, wanted = {paged_team.assignment.team.name for paged_team in pages}, set(filter(None, expect))
    if expect and got != wanted:
        click.echo(f"expected {_listed(wanted)}, found {_listed(got)}{_unknown(wanted, roster)}", err=True)
        sys.exit(1)


def paged(roster: Roster, assignments: tuple[Assignment, ...], at: datetime) -> Iterator[Paged]:
    """Whom each team adds: one alert pages a person once, through a team that is not muted if there is one.

    A step in which nobody is on call is passed over at once.
    """
    taken: set[str] = set()
    for assignment in sorted(assignments, key=lambda assignment: assignment.muted):
        team = roster.team(assignment.team.name)
        steps = () if team.record_only else team.steps
        passed = tuple(takewhile(lambda step: not step.people(at), steps))
        later = tuple(_later(steps[len(passed) :], at))
        first = () if team.record_only else team.first(at)
        people = tuple(person for person in first if person.name not in taken)
        taken.update(person.name for person in people)
        yield Paged(
            assignment=assignment,
            people=people,
            empty=tuple(dict.fromkeys(target.name for step in passed for target in step.page)),
            later=later,
        )


def _later(steps: Sequence[Step], at: datetime) -> Iterator[tuple[timedelta, tuple[Person, ...]]]:
    """Whom the steps after the first page, and how long after its SMS; one in which nobody is on call takes no time."""
    manned = [step for step in steps if step.people(at)]
    waited = timedelta()
    for before, step in pairwise(manned):
        waited += before.wait
        yield waited, step.people(at)


def _rests(labels: dict[str, str], roster: Roster) -> str:
    name, label = labels.get("alertname", ""), roster.severity_label
    what = f'severity "{labels[label]}"' if labels.get(label, "").strip().lower() == "none" else f'"{name}"'
    return f"nobody: {what} marks an alert that fires always; it rests unless a route's matchers name it"


def _unknown(names: set[str], roster: Roster) -> str:
    missing = sorted(names.difference(roster.teams))
    if not missing:
        return ""
    quoted = ", ".join(f'"{name}"' for name in missing)
    return f"; {quoted} {'is no team' if len(missing) == 1 else 'are no teams'} of this file"


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "no team"
