"""What `alertsms doctor` looks at on this machine: the file, the channels, the server that runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click
import requests

from alertsms.apprise_channels import ChannelError, post
from alertsms.cli.options import own_url
from alertsms.cli.running_server import RunningServer
from alertsms.cli.store_reader import another, server_state
from alertsms.config import Config
from alertsms.config.ovh import unanswerable
from alertsms.core.messages.notification import GLOBAL, Channel
from alertsms.core.messages.trouble import Hindrance
from alertsms.core.routing.roster import Roster
from alertsms.doctor.finding import Finding, FindingLevel, fail, ok, warn
from alertsms.machine.state import home

EVERYBODY = "*"  # --tell without a name
TITLE = "alertsms: a test"
TEST = "Somebody ran `alertsms doctor --tell`: this channel is told when SMS fail."
TEST_CHAT = "A test of alertsms: what pages team {team} is told here too."
TEST_BESIDE = "Somebody ran `alertsms doctor --tell`: this channel gets every page of {person}."


def configuration(config: Config, file: str) -> Iterator[Finding]:
    """The warnings of the file, and whether something elsewhere notices when alertsms is gone."""
    yield ok("configuration", f"{file} is right")
    for warning in config.warnings:
        where = f"line {warning.line}" + (f", {warning.path}" if warning.path else "")
        yield warn("configuration", f"{where}: {warning.message}")
    if not config.ping_url:
        yield warn(
            "ping_url",
            "nothing elsewhere notices when alertsms, or this machine, is gone",
            "set ping_url to the address of a check, at healthchecks.io for example",
        )


def answers(config: Config) -> Iterator[Finding]:
    """Whether a page can be answered from the phone that shows it."""
    if fix := unanswerable(config.ovh, config.server.external_url):
        yield warn("answers", "nobody can answer from a phone", fix)


def channels(roster: Roster, *, tell: str | None) -> Iterator[Finding]:
    """The channels that are notified when SMS fail; `tell` posts a test to each, or to those of one person."""
    known = _places(roster)
    if tell and tell != EVERYBODY:
        known = {channel: place for channel, place in known.items() if place[0] == f"people.{tell}"}
    if known and not tell:
        schemes = ", ".join(dict.fromkeys(channel.scheme for channel in known))
        yield ok("channels", f"{schemes} configured; --tell posts a test to each")
    for channel, (where, words) in known.items() if tell else ():
        try:
            post(channel, TITLE, words)
        except ChannelError as error:
            yield fail(
                "channels",
                f"{channel.scheme} of {where} took no test: {error}",
                "mend that URL, or what it leads to, and try again",
            )
        else:
            yield ok("channels", f"{channel.scheme} of {where} took a test")


def tried(config: Config, person: str, token: str) -> Iterator[Finding]:
    """Have the server send a test to each phone of a person."""
    about = "phones"
    if person not in config.roster.people:
        yield fail(about, f"{person} is none of people", f"write one of {', '.join(config.roster.people)}")
        return
    asked_of = RunningServer(own_url(config.server.host, config.server.port), token)
    ovh = config.ovh
    # Without a link or an answer nothing can be confirmed; then the first phone alone gets a test.
    confirm = bool(config.server.external_url or ovh.sender_for_response or ovh.virtual_number)
    try:
        count = len(asked_of.ask("POST", "/api/v1/send", {"person": person, "confirm": confirm})["pages"])
    except click.ClickException as error:
        yield fail(
            about, f"no test SMS to {person}: {error.message}", "start `alertsms serve`, and run this as its user"
        )
        return
    says = f"{'an SMS is' if count == 1 else f'{count} SMS are'} on the way to {person}: see that it rings"
    if missed := len(config.roster.people[person].phones) - count:
        yield warn(
            about,
            f"{says}; {missed} more were not tried",
            "set server.external_url, or send by a number that can be answered: then each phone is asked",
        )
        return
    yield ok(about, says)


def _places(roster: Roster) -> dict[Channel, tuple[str, str]]:
    """Every channel once, where it stands, and what its test says."""
    beside = {
        channel: (f"people.{person.name}", TEST_BESIDE.format(person=person.name))
        for person in roster.people.values()
        for channel in person.also
    }
    chats = {
        channel: (f"teams.{team.name}.also", TEST_CHAT.format(team=team.name))
        for team in roster.teams.values()
        for channel in team.also
    }
    behind = {
        channel: ("fallback" if team.fallback.target == GLOBAL else f"teams.{team.name}.fallback", TEST)
        for team in roster.teams.values()
        for channel in team.fallback.channels
    }
    return beside | chats | behind


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came from where the server should be."""

    url: str
    there: bool  # whether anything answered
    says: dict[str, Any] | None  # what an alertsms says of itself; None from anything else


def answered(config: Config, token: str) -> Answer:
    """Ask the server; with the key's `token` it says what is wrong."""
    url = own_url(config.server.host, config.server.port)
    try:
        return Answer(url=url, there=True, says=server_state(url, token))
    except requests.RequestException:
        return Answer(url=url, there=False, says=None)


def misplaced(config: Config, answer: Answer) -> Iterator[Finding]:
    """That the server keeps its things elsewhere: what this command finds in its own places is nobody's."""
    if difference := another(answer.says or {}, answer.url, home(config.store, config.file)):
        yield fail("server", difference[0], difference[1])


def server(config: Config, answer: Answer) -> Iterator[Finding]:
    """Who may post, and whether a server runs and is well."""
    listens = config.server
    where = f"{listens.host}:{listens.port}"
    if listens.allow_unauthenticated:
        yield warn(
            "webhooks",
            f"whoever reaches {where} can page people",
            "set server.bearer_token, and drop server.allow_unauthenticated",
        )
    elif listens.unguarded:
        yield fail(
            "webhooks",
            f"others reach {where} by {listens.external_url}, and are answered 401: no secret is set",
            "set server.bearer_token, and give it to the senders",
        )
    else:
        yield ok(
            "webhooks", f"{where} wants a secret" if listens.guarded else f"{where} is reached from this machine only"
        )
    yield from _running(answer)


def _running(answer: Answer) -> Iterator[Finding]:
    """What the server says of itself, each trouble with its fix."""
    url, state = answer.url, answer.says
    if not answer.there:
        yield fail(
            "server", f"no alertsms answers at {url}", "start `alertsms serve`, and look at its log if it does not stay"
        )
        return
    if state is None:
        yield fail(
            "server", f"what answers at {url} is no alertsms", "stop what uses the port, or write another server.listen"
        )
        return
    if state["ready"]:
        yield ok("server", f"the one at {url} takes alerts and sends")
    if hindered := state.get("hindered"):
        says = f"the one at {url} has troubles with {' and '.join(map(str, hindered))}"
        fix = "run this as a user who may read the store: then it says which"
        level = FindingLevel.WARN if state["ready"] else FindingLevel.FAIL
        yield Finding(level=level, about="server", says=says, fix=fix)
    for trouble in state.get("troubles", []):
        outside = trouble["hinders"] == Hindrance.OUTSIDE
        says = f"the one at {url} {'says' if outside else 'is not ready'}: {trouble['says']}"
        level = FindingLevel.WARN if outside else FindingLevel.FAIL
        yield Finding(level=level, about="server", says=says, fix=trouble["fix"] or "wait a moment, and ask again")
