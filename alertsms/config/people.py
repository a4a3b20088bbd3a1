"""The sections `people`, `teams` and `fallback`: who can be paged, who is paged together, and who when SMS fail."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from alertsms import apprise_channels
from alertsms.config import parsers
from alertsms.config.error import Place, quote
from alertsms.config.fields import Either, Field, Got, Listing, Named, Reading, Section, Table, no_such, resolve
from alertsms.config.scalars import FLAG, Text, duration, number, word
from alertsms.config.yaml import Node
from alertsms.core.messages import notification
from alertsms.core.messages.notification import Channel, Fallback
from alertsms.core.schedules.person import Person, PhoneNumber, is_given_out, is_no_phone
from alertsms.core.schedules.schedule import Schedule
from alertsms.core.schedules.team import ROUNDS, STEP_WAIT, Step, Team
from alertsms.core.text.language import ENGLISH, Language
from alertsms.core.text.template import compile_template, names_answer

Targets: TypeAlias = Mapping[str, "Person | Schedule | None"]  # whom a step may name; None: a wrong entry

PHONE = Text('a phone number such as "+33612345678"', parsers.phone, show=parsers.masked)
ZONE = Text("an IANA time zone such as Europe/Paris", parsers.time_zone)

CHANNELS = Listing(
    "a list of Apprise URLs",
    Text("an Apprise URL such as mailto://user:password@example.org", parsers.channel, hidden=True),
    single=True,
)
FALLBACK = Table(
    "team and channels",
    (
        Field("team", Text("the name of a team"), "The team that is paged when no phone of the first could be.", ""),
        Field("channels", CHANNELS, "Apprise URLs (e-mail, ntfy and more) that are told when SMS fail."),
    ),
    hints={"channel": "write channels", "urls": "write channels"},
)

PERSON = Table(
    "phone, email and time_zone",
    (
        Field("phone", PHONE, "The phone number, with + and country code."),
        Field("phones", Listing("a list of phone numbers", PHONE), "Several numbers, tried in order."),
        Field(
            "email",
            Text("an e-mail address", parsers.email),
            "An e-mail address, by which calendars name this person.",
            "",
        ),
        Field("time_zone", ZONE, "The zone of the times in this person's texts."),
        Field("language", word(Language), "The language of the fixed words in this person's texts.", ENGLISH),
        Field("also", CHANNELS, "Apprise URLs that get every page of this person, beside the phone."),
    ),
    later=frozenset({"channels", "login"}),
    hints={"number": "write phone", "mobile": "write phone", "tz": "write time_zone", "mail": "write email"},
)
PEOPLE = Named('names with phone numbers, such as alice: "+33612345678"', Either(PHONE, PERSON))

PAGE = Field(
    "page",
    Listing("a list of names of people", Text("the name of a person or schedule"), single=True),
    "The people and schedules that are paged together.",
)
WAIT = Field("wait", duration("5m", "30s"), "How long this step waits for an answer before the next.", STEP_WAIT)
STEP = Table(
    "page: [names of people]",
    (PAGE, WAIT),
    hints={"schedule": "write page", "people": "write page", "schedules": "write page"},
)


@dataclass(frozen=True, slots=True)
class OwnText(Text):
    """A team's template. The last good file starts without one that an older version took and this one refuses."""

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Read the text and try it out."""
        got = Text.read(self, node, at, reading)
        if got is None:
            return None
        try:
            compile_template(got.value, time.thread_time)
        except ValueError as problem:
            note = reading.report.warn if reading.lenient else reading.report.error
            note(at, f"in this template, {problem}", found=got.found)
            return None
        if not names_answer(got.value):
            reading.report.note(
                at, "this text has neither {{ link }} nor {{ number }}: nobody can answer such a page by itself"
            )
        return got


TEAM = Table(
    "page: [names of people]",
    (
        PAGE,
        Field(
            "steps",
            Listing("a list of steps: [{page: [names], wait: 5m}]", STEP),
            "The long form of page: who is paged first, who after that, and how long each step waits.",
        ),
        Field("rounds", number(1, 10), "How often the steps are gone through before the fallback.", ROUNDS),
        Field(
            "nudge",
            duration("3m", "1m", zero=True),
            "Page a step's people again every so often while it waits; 0 for once.",
            timedelta(0),
        ),
        Field("tell_others", FLAG, "When somebody acknowledges, tell who else was just paged.", default=True),
        Field(
            "ack_timeout",
            duration("2h", "5m", zero=True),
            "What is acknowledged pages again after so long; 0 for never. Else 2h for what is critical, where an"
            " Alertmanager below alertmanager can confirm that it still fires.",
        ),
        Field("record_only", FLAG, "Record incidents and page nobody.", default=False),
        Field("send_resolved", FLAG, "Tell who was paged when it is over.", default=True),
        Field(
            "repeat_interval",
            duration("30m", "1m", zero=True),
            "How often an open incident is paged again; 0 for never.",
            timedelta(minutes=30),
        ),
        Field("remind_max", duration("24h", "1m", zero=True), "How long it is paged again.", timedelta(hours=24)),
        Field("fallback", FALLBACK, "This team's own fallback; what it lacks is taken from the one below."),
        Field("also", CHANNELS, "Apprise URLs that get each page, acknowledgement and end of the team once: its chat."),
        Field("template", OwnText("a Jinja2 template"), "An own text, in place of the composed one.", ""),
    ),
    hints={
        "people": "write page",
        "members": "write page",
        "person": "write page",
        "schedule": "write page",
        "wait": "write it below steps",
    },
)
TEAMS = Named("names of teams, such as ops: {page: [alice]}", TEAM)


def people(root: Section, reading: Reading) -> dict[str, Person | None]:
    """Build everybody of the file; None stands for somebody whose entry is wrong."""
    zone = root.value("time_zone")
    return {name: got and _person(name, got, zone, reading) for name, got in (root.value("people") or {}).items()}


def _person(name: str, got: Got, zone: str, reading: Reading) -> Person | None:
    short = isinstance(got.value, PhoneNumber)
    section = (
        Section(at=got.at, fields=PERSON.keys, got={"phone": got}, places={"phone": got.at}) if short else got.value
    )
    numbers, also = _numbers(section, reading), urls_of(section, "also", reading)
    for phone in numbers:
        if service := is_no_phone(phone.value):
            doubt = f"is {service}, which shows no SMS: write a mobile number"
            reading.report.warn(phone.at, f"{quote(phone.found)} {doubt}", found=phone.found)
        elif not is_given_out(phone.value):
            doubt = "is no number that its country gives out: compare it with the phone's own"
            reading.report.warn(phone.at, f"{quote(phone.found)} {doubt}", found=phone.found)
    phones = tuple(dict.fromkeys(phone.value for phone in numbers))
    if not phones:
        return None
    return Person(
        name=name,
        phones=phones,
        email=section.value("email"),
        language=section.value("language"),
        time_zone=section.value("time_zone") or zone,
        also=also,
    )


def _numbers(section: Section, reading: Reading) -> list[Got]:
    if "phone" in section and "phones" in section:
        reading.report.error(section.place("phone"), "phones stands here too, keep one of them")
    elif section.lacks("phone", "phones"):
        reading.report.error(section.at, f"phone is missing, write {PHONE.wanted}")
    return [*([section.got["phone"]] if "phone" in section.got else []), *section.items("phones")]


def teams(root: Section, known: Targets, top: Fallback, reading: Reading) -> dict[str, Team | None]:
    """Build the teams with whom they page; None stands for one whose entry is wrong. `top` is the file's fallback."""
    written = root.value("teams") or {}
    return {
        name: got and _team(name, got.value, known, fallback(got.value, top, name, written, reading), reading)
        for name, got in written.items()
    }


def _team(name: str, section: Section, known: Targets, own_fallback: Fallback, reading: Reading) -> Team:
    return Team(
        name=name,
        steps=tuple(_steps(section, known, reading)),
        rounds=section.value("rounds"),
        nudge=section.value("nudge"),
        tell_others=section.value("tell_others"),
        ack_timeout=section.value("ack_timeout"),
        record_only=section.value("record_only"),
        send_resolved=section.value("send_resolved"),
        repeat_interval=section.value("repeat_interval"),
        remind_max=section.value("remind_max"),
        fallback=own_fallback,
        also=urls_of(section, "also", reading),
        template=section.value("template"),
    )


def _steps(section: Section, known: Targets, reading: Reading) -> Iterator[Step]:
    if "page" in section and "steps" in section:
        reading.report.error(section.place("steps"), "page stands here too, keep one of them")
    if "page" in section:
        yield Step(page=_targets(section, known, reading))
    for got in section.items("steps"):
        if got.value.lacks("page"):
            reading.report.error(got.at, f"page is missing, write {PAGE.kind.wanted}")
        yield Step(page=_targets(got.value, known, reading), wait=got.value.value("wait"))


def _targets(section: Section, known: Targets, reading: Reading) -> tuple[Person | Schedule, ...]:
    thing = "person or schedule" if any(isinstance(target, Schedule) for target in known.values()) else "person"
    targets = dict.fromkeys(resolve(got, known, thing, reading) for got in section.items("page"))
    return tuple(filter(None, targets))


def warn_of_idle(root: Section, built: Mapping[str, Team | None], reading: Reading) -> None:
    """Note who is in no team, nor in a schedule that one pages; and the schedules that none pages."""
    known = [team for team in built.values() if team]
    busy = {person.name for team in known for person in team.people}
    pages = (step.page for team in known for step in team.steps)
    paged = {target.name for page in pages for target in page if isinstance(target, Schedule)}
    for key, used, what in (
        ("people", busy, "nothing pages this person"),
        ("schedules", paged, "nobody is paged by it"),
    ):
        for name, got in (root.value(key) or {}).items():
            if name not in used:
                reading.report.warn(got.at, f"{quote(name)} is in no team, {what}", found=name)


def fallback(section: Section, above: Fallback, name: str, teams: Mapping[str, object], reading: Reading) -> Fallback:
    """Build a team's fallback from its own keys, and what is above it where it has none; `name` "" for the top one."""
    if "fallback" not in section.got:
        return above
    own = section.section("fallback")
    team = own.value("team")
    if team and teams and team not in teams:
        reading.report.error(own.place("team"), no_such("team", team, teams), found=team)
    if own.lacks("team", "channels"):
        reading.report.error(own.at, f"this is empty, write {FALLBACK.wanted}")
    urls = urls_of(own, "channels", reading)
    return Fallback(
        team=team or above.team,
        channels=urls or above.channels,
        target=notification.TEAM + name if urls and name else above.target,
    )


def urls_of(section: Section, key: str, reading: Reading) -> tuple[Channel, ...]:
    """Build channels; with a thorough reading Apprise says which of them it knows."""
    items = section.items(key)
    if items and not apprise_channels.installed():
        reading.report.warn(
            section.place(key), f"Apprise, which posts to channels, is not installed: {apprise_channels.INSTALL}"
        )
    elif reading.thorough and reading.secrets:
        for got in items:
            if not apprise_channels.known(got.value):
                reading.report.error(got.at, "Apprise knows no such URL, look it up at https://appriseit.com/services/")
    return tuple(dict.fromkeys(Channel(url=got.value) for got in items))


def warn_of_no_fallback(root: Section, top: Fallback, reading: Reading) -> None:
    """Note that no channel is notified when SMS fail: only the root team's channels could be, for all teams."""
    if top.channels or reading.report.failed:
        return
    at = root.place("fallback") if "fallback" in root else root.at
    reading.report.warn(
        at, 'nobody is told when SMS fail, write fallback: {channels: ["mailto://user:password@example.org"]}'
    )


def warn_of_same_people(root: Section, built: Mapping[str, Team | None], reading: Reading) -> None:
    """Note a fallback that pages only people who were paged in vain, and posts to no channel."""
    for name, got in root.value("teams").items():
        team = built[name]
        second = built.get(team.fallback.team) if team else None
        if not got or not team or not second or team.fallback.channels or team.record_only:
            continue
        if {person.name for person in second.people} <= {person.name for person in team.people}:
            at = got.value.place("fallback") if "fallback" in got.value.got else root.place("fallback")
            message = f"the fallback of {quote(name)} pages the same people again, write channels, or a team of others"
            reading.report.warn(at, message, found=second.name)
