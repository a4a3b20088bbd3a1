"""The sections `alertmanager` and `heartbeats`: who posts here, and how it is seen that they still do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from alertsms.alertmanager import AlertmanagerCredentials, Alertmanagers
from alertsms.config import parsers
from alertsms.config.error import quote
from alertsms.config.fields import Field, Got, Listing, Reading, Section, Table, resolve
from alertsms.config.route import MATCHERS
from alertsms.config.scalars import SECRET, SECRET_FILE, Text, duration, secret
from alertsms.config.server import BASIC_AUTH
from alertsms.core.incidents.heartbeat import Heartbeat
from alertsms.core.routing.matcher import Matcher
from alertsms.core.schedules.team import Team

_API = "/api/v2"


def _address(text: str) -> str:
    url = parsers.web_address(text)
    if url.endswith(_API):
        raise ValueError(f"{quote(text)}: the API is found by itself, write {url.removesuffix(_API).rstrip('/')}")
    return url


_URLS = Listing(
    "the address of an Alertmanager, or a list of them",
    Text("a web address such as http://alertmanager:9093", _address),
    single=True,
)
ALERTMANAGER = Table(
    "urls",
    (
        Field("urls", _URLS, "Every Alertmanager that posts here, each member of a cluster.", required=True),
        Field(
            "reconcile_after",
            duration("15m", "1m", "7d"),
            "Incidents that last so long are looked up in its list of alerts.",
            timedelta(minutes=15),
        ),
        Field("basic_auth", BASIC_AUTH, "The user and password that its API wants."),
        Field("bearer_token", SECRET, "The token that its API wants."),
        Field("bearer_token_file", SECRET_FILE, "The path of a file that holds the token."),
    ),
    hints={"url": "write urls", "targets": "write urls", "addresses": "write urls"},
)


def alertmanagers(section: Section, reading: Reading) -> Alertmanagers:
    """Build the section; each address counts once."""
    return Alertmanagers(
        urls=tuple(dict.fromkeys(got.value for got in section.items("urls"))),
        reconcile_after=section.value("reconcile_after"),
        access=_access(section, reading),
    )


def _access(section: Section, reading: Reading) -> AlertmanagerCredentials:
    tokens = [key for key in ("bearer_token", "bearer_token_file") if key in section]
    if "basic_auth" in section and tokens:
        reading.report.error(section.place(tokens[0]), "basic_auth stands here too, keep one of them")
    if tokens:
        return AlertmanagerCredentials(bearer_token=secret(section, "bearer_token", reading))
    if "basic_auth" in section.got:
        login = section.section("basic_auth")
        return AlertmanagerCredentials(
            username=login.value("username") or "", password=secret(login, "password", reading)
        )
    return AlertmanagerCredentials()


OFTEN = timedelta(minutes=1)  # Alertmanager's shortest repetition by custom
_name = parsers.matching(
    "[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
    "is no name of a heartbeat, write 1 to 64 letters, digits, dots, dashes and underscores: it is part of an address",
)
HEARTBEAT = Table(
    "name, every and grace",
    (
        Field("name", Text("a name such as prometheus", _name), "/heartbeat/NAME refreshes it too.", required=True),
        Field(
            "matchers",
            MATCHERS,
            "Which firing alert refreshes it, and then pages nobody; without them only /heartbeat/NAME does.",
        ),
        Field("every", duration("1m", "10s", "1y"), "How often it comes.", required=True),
        Field(
            "grace",
            duration("4m", "1s", "1y", zero=True),
            "So much later it is missing and pages; half as much later the fallback's channels hear that it is late.",
            required=True,
        ),
        Field("team", Text("the name of a team below teams"), "Who is paged; else the routes say so."),
    ),
    hints={
        "interval": "write every",
        "period": "write every",
        "timeout": "write every and grace",
        "match": "write matchers: ['alertname=\"Watchdog\"']",
        "alertname": "write matchers: ['alertname=\"Watchdog\"']",
        "url": "its address is /heartbeat/NAME by itself",
    },
)
HEARTBEATS = Listing("a list of {name, every, grace}", HEARTBEAT, empty=True)


def heartbeats(root: Section, teams: Mapping[str, Team | None], reading: Reading) -> dict[str, Heartbeat]:
    """Build the heartbeats by name."""
    built: dict[str, Heartbeat] = {}
    for got in root.items("heartbeats"):
        section: Section = got.value
        name = section.value("name")
        if name in built:
            reading.report.error(
                section.place("name"), f"{quote(name)} stands above already, write another name", found=name
            )
        elif name and section.value("every") is not None and section.value("grace") is not None:
            built[name] = _heartbeat(section, teams, reading)
    return built


def _heartbeat(section: Section, teams: Mapping[str, Team | None], reading: Reading) -> Heartbeat:
    matchers = tuple(matcher for got in section.items("matchers") for matcher in got.value)
    _check_matchers(section, matchers, reading)
    return Heartbeat(
        name=section.value("name"),
        matchers=matchers,
        every=section.value("every"),
        grace=section.value("grace"),
        team=_team(section, teams, reading),
    )


def _team(section: Section, teams: Mapping[str, Team | None], reading: Reading) -> Team | None:
    got: Got | None = section.got.get("team")
    if got is None:
        return None
    team = resolve(got, teams, "team", reading)
    if team and team.record_only:
        reading.report.warn(
            got.at, f"{quote(team.name)} only records: nobody is paged when this heartbeat is missing", found=got.found
        )
    return team


def _check_matchers(section: Section, matchers: tuple[Matcher, ...], reading: Reading) -> None:
    """Note matchers that take real alerts, or wait for what Alertmanager does not send."""
    if "matchers" not in section.got:
        return
    if all(matcher.matches({}) for matcher in matchers):
        reading.report.error(
            section.place("matchers"),
            "these take alerts that have none of these labels, and what refreshes a heartbeat pages nobody:"
            ' write one such as alertname="Watchdog", or leave matchers out',
        )
    every, grace = section.value("every"), section.value("grace")
    if every < OFTEN:
        reading.report.warn(
            section.place("every"),
            "Alertmanager is seldom told to post again so soon, write 1m: `alertsms config alertmanager` fits it",
        )
    elif grace < every:
        reading.report.warn(
            section.place("grace"), "one post that gets lost would page: write a grace that is longer than every"
        )
