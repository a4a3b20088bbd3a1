"""The section `alertmanager`: where Alertmanager's own API answers, so that incidents can be checked against it."""

from __future__ import annotations

from datetime import timedelta

from alertsms.alertmanager import AlertmanagerCredentials, Alertmanagers
from alertsms.config import parsers
from alertsms.config.error import quote
from alertsms.config.fields import Field, Listing, Reading, Section, Table
from alertsms.config.scalars import SECRET, SECRET_FILE, Text, duration, secret
from alertsms.config.server import BASIC_AUTH

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
