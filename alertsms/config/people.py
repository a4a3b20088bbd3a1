"""The sections `people` and `teams`: who can be paged, and who is paged together."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from alertsms.config import parsers
from alertsms.config.error import Place, quote
from alertsms.config.fallback import CHANNELS, FALLBACK, fallback, urls_of
from alertsms.config.fields import Either, Field, Got, Listing, Named, Reading, Schema, Section, Table, resolve
from alertsms.config.scalars import FLAG, Duration, Number, OneOf, Text
from alertsms.config.yaml import Node
from alertsms.core.messages.notification import Channel, Fallback
from alertsms.core.schedules.person import Person, PhoneNumber, is_given_out, is_no_phone
from alertsms.core.schedules.schedule import Schedule
from alertsms.core.schedules.team import ROUNDS, STEP_WAIT, Step, Team
from alertsms.core.text.language import ENGLISH, Language
from alertsms.core.text.template import compile_template, names_answer

Targets: TypeAlias = Mapping[str, "Person | Schedule | None"]  # whom a step may name; None: a wrong entry

PHONE = Text('a phone number such as "+33612345678"', parsers.phone, show=parsers.masked)
ZONE = Text("an IANA time zone such as Europe/Paris", parsers.time_zone)

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
        Field("language", OneOf(Language), "The language of the fixed words in this person's texts.", ENGLISH),
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
WAIT = Field("wait", Duration("5m", "30s"), "How long this step waits for an answer before the next.", STEP_WAIT)
STEP = Table(
    "page: [names of people]",
    (PAGE, WAIT),
    hints={"schedule": "write page", "people": "write page", "schedules": "write page"},
)


_TEMPLATE = Text("a Jinja2 template")


@dataclass(frozen=True, slots=True)
class OwnText:
    """A team's template. The last good file starts without one that an older version took and this one refuses."""

    wanted: str = _TEMPLATE.wanted

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Read the text and try it out."""
        got = _TEMPLATE.read(node, at, reading)
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

    def schema(self) -> Schema:
        """Describe it."""
        return _TEMPLATE.schema()


TEAM = Table(
    "page: [names of people]",
    (
        PAGE,
        Field(
            "steps",
            Listing("a list of steps: [{page: [names], wait: 5m}]", STEP),
            "The long form of page: who is paged first, who after that, and how long each step waits.",
        ),
        Field("rounds", Number(1, 10), "How often the steps are gone through before the fallback.", ROUNDS),
        Field(
            "nudge",
            Duration("3m", "1m", zero=True),
            "Page a step's people again every so often while it waits; 0 for once.",
            timedelta(0),
        ),
        Field("tell_others", FLAG, "When somebody acknowledges, tell who else was just paged.", default=True),
        Field(
            "ack_timeout",
            Duration("2h", "5m", zero=True),
            "What is acknowledged pages again after so long; 0 for never. Else 2h for what is critical, where an"
            " Alertmanager below alertmanager can confirm that it still fires.",
        ),
        Field("record_only", FLAG, "Record incidents and page nobody.", default=False),
        Field("send_resolved", FLAG, "Tell who was paged when it is over.", default=True),
        Field(
            "repeat_interval",
            Duration("30m", "1m", zero=True),
            "How often an open incident is paged again; 0 for never.",
            timedelta(minutes=30),
        ),
        Field("remind_max", Duration("24h", "1m", zero=True), "How long it is paged again.", timedelta(hours=24)),
        Field("fallback", FALLBACK, "This team's own fallback; what it lacks is taken from the one below."),
        Field("also", CHANNELS, "Apprise URLs that get each page, acknowledgement and end of the team once: its chat."),
        Field("template", OwnText(), "An own text, in place of the composed one.", ""),
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
    also: tuple[Channel, ...] = ()
    language = ENGLISH
    if isinstance(got.value, PhoneNumber):
        email, numbers = "", [got]
    else:
        email, numbers = got.value.value("email"), _numbers(got.value, reading)
        also = urls_of(got.value, "also", reading)
        zone = got.value.value("time_zone") or zone
        language = got.value.value("language")
    for number in numbers:
        if service := is_no_phone(number.value):
            reading.report.warn(
                number.at,
                f"{quote(number.found)} is {service}, which shows no SMS: write a mobile number",
                found=number.found,
            )
        elif not is_given_out(number.value):
            reading.report.warn(
                number.at,
                f"{quote(number.found)} is no number that its country gives out: compare it with the phone's own",
                found=number.found,
            )
    phones = tuple(dict.fromkeys(number.value for number in numbers))
    if not phones:
        return None
    return Person(name=name, phones=phones, email=email, language=language, time_zone=zone, also=also)


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


def _team(name: str, section: Section, known: Targets, behind: Fallback, reading: Reading) -> Team:
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
        fallback=behind,
        also=urls_of(section, "also", reading),
        template=section.value("template"),
    )


def _steps(section: Section, known: Targets, reading: Reading) -> Iterator[Step]:
    """Give the team's steps: those that are written, or the one that `page` is short for."""
    if "page" in section and "steps" in section:
        reading.report.error(section.place("steps"), "page stands here too, keep one of them")
    if "page" in section:
        yield Step(page=_targets(section, known, reading))
    for got in section.items("steps"):
        if got.value.lacks("page"):
            reading.report.error(got.at, f"page is missing, write {PAGE.kind.wanted}")
        yield Step(page=_targets(got.value, known, reading), wait=got.value.value("wait"))


def _targets(section: Section, known: Targets, reading: Reading) -> tuple[Person | Schedule, ...]:
    """Give whom one step pages."""
    thing = "person or schedule" if any(isinstance(target, Schedule) for target in known.values()) else "person"
    targets = (resolve(got, known, thing, reading) for got in section.items("page"))
    return tuple(dict.fromkeys(target for target in targets if target))


def schedules_paged(built: Mapping[str, Team | None]) -> set[str]:
    """The names of the schedules that any step pages."""
    return {
        target.name
        for team in built.values()
        if team
        for step in team.steps
        for target in step.page
        if isinstance(target, Schedule)
    }


def warn_of_idle_people(root: Section, built: Mapping[str, Team | None], reading: Reading) -> None:
    """Note who is in no team, nor in a schedule that one pages."""
    busy = {person.name for team in built.values() if team for person in team.people}
    for name, got in root.value("people").items():
        if name not in busy:
            reading.report.warn(got.at, f"{quote(name)} is in no team, nothing pages this person", found=name)
