"""The section `ovh`: the keys and the account of OVHcloud that SMS go out through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from alertsms.config import value
from alertsms.config.field import Field, Reading, Section, Table
from alertsms.config.mistake import one_of
from alertsms.config.scalar import FLAG, SECRET, SECRET_FILE, Length, Number, Text
from alertsms.config.server import secret
from alertsms.ovh import Credentials, base_url

_KEYS = ("application_key", "application_secret", "consumer_key")
_SENDERS = ("sender", "sender_for_response", "virtual_number")
_SERVICE = Text("the name of your SMS account, such as sms-xx00000-1", value.service_name)
_SENDER = Text("a sender of 11 letters and digits at most", value.sender, "[A-Za-z0-9]{1,11}")

OVH = Table(
    "the keys and the account of OVHcloud",
    (
        Field(
            "endpoint",
            Text("ovh-eu, or the URL of an API", base_url),
            "Which API: ovh-eu, the only region that sells SMS, or a URL such as the sandbox's. Else $OVH_ENDPOINT.",
        ),
        Field("application_key", SECRET, "The application's key. Else $OVH_APPLICATION_KEY."),
        Field("application_key_file", SECRET_FILE, "The path of a file that holds the application's key."),
        Field("application_secret", SECRET, "The application's secret. Else $OVH_APPLICATION_SECRET."),
        Field("application_secret_file", SECRET_FILE, "The path of a file that holds the application's secret."),
        Field("consumer_key", SECRET, "The consumer key. Else $OVH_CONSUMER_KEY."),
        Field("consumer_key_file", SECRET_FILE, "The path of a file that holds the consumer key."),
        Field("service_name", _SERVICE, "The SMS account that pays.", required=True),
        Field(
            "sender", _SENDER, "The name that phones show, validated at OVHcloud: 11 letters and digits at most.", ""
        ),
        Field(
            "sender_for_response", FLAG, "Send from a short number, without links; people can answer.", default=False
        ),
        Field(
            "virtual_number",
            Text('a rented number such as "+33700000000"', value.phone, show=value.masked),
            "Send from a rented number.",
        ),
        Field(
            "validity",
            Length("30m", low="1m", high="2d", step=timedelta(minutes=1)),
            "How long the operator tries to reach a phone that is off, in whole minutes.",
            timedelta(minutes=30),
        ),
        Field(
            "connect_timeout", Length("3s", "100ms", "1m"), "How long to wait for a connection.", timedelta(seconds=3)
        ),
        Field(
            "read_timeout",
            Length("10s", "100ms", "2m"),
            "How long to wait for an answer; after that the outcome is unknown and looked up.",
            timedelta(seconds=10),
        ),
        Field("max_per_second", Number(0, 1000, fraction=True), "At most so many SMS a second; 0 for no limit.", 10),
        Field("max_in_flight", Number(1, 256), "At most so many requests at the same time.", 16),
    ),
    later=frozenset({"receipts", "receipt_url", "incoming"}),
    hints={
        "service": "write service_name",
        "account": "write service_name",
        "app_key": "write application_key",
        "app_secret": "write application_secret",
        "senderForResponse": "write sender_for_response",
    },
    extra={"oneOf": [{"required": [key]} for key in _SENDERS]},
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ovh:
    """How SMS go out; exactly one of the three senders is set."""

    base_url: str
    credentials: Credentials
    service_name: str
    sender: str = ""
    sender_for_response: bool = False
    virtual_number: str = ""  # E.164
    validity: timedelta = timedelta(minutes=30)
    connect_timeout: timedelta = timedelta(seconds=3)
    read_timeout: timedelta = timedelta(seconds=10)
    max_per_second: float = 10  # 0: no limit
    max_in_flight: int = 16


def ovh(section: Section, reading: Reading) -> Ovh:
    """Build the settings; keys that the file lacks come from OVH's usual variables."""
    number = section.value("virtual_number")
    _one_sender(section, reading)
    return Ovh(
        base_url=_endpoint(section, reading),
        credentials=_credentials(section, reading),
        service_name=section.value("service_name") or "",
        sender=section.value("sender"),
        sender_for_response=section.value("sender_for_response"),
        virtual_number=number.e164 if number else "",
        validity=section.value("validity"),
        connect_timeout=section.value("connect_timeout"),
        read_timeout=section.value("read_timeout"),
        max_per_second=section.value("max_per_second"),
        max_in_flight=section.value("max_in_flight"),
    )


def _credentials(section: Section, reading: Reading) -> Credentials:
    keys = {key: secret(section, key, reading, variable=f"OVH_{key.upper()}") for key in _KEYS}
    try:
        return Credentials(**keys)
    except ValueError as problem:  # its sentence names the key, and shows nothing of it
        name = str(problem).partition(" ")[0]
        at = section.place(name if name in section else f"{name}_file")
        reading.report.error(at, str(problem))
        return Credentials(**dict.fromkeys(_KEYS, ""))


def _endpoint(section: Section, reading: Reading) -> str:
    if "endpoint" in section:
        return section.value("endpoint") or ""
    name = reading.environ.get("OVH_ENDPOINT") or "ovh-eu"
    try:
        return base_url(name)
    except ValueError as problem:
        reading.report.error(section.at, f"OVH_ENDPOINT of the environment: {problem}", found=name)
        return ""


def _one_sender(section: Section, reading: Reading) -> None:
    """With two senders OVH would pick one in silence; with none, a random short number (ovh/php-ovh-sms PR #9)."""
    given = [key for key in _SENDERS if key in section]
    if (
        given == ["sender_for_response"]
        and section.value("sender_for_response") is False
        and "sender_for_response" in section.got
    ):
        given = []
    if not given and section.lacks("sender", "virtual_number"):
        reading.report.error(section.at, f"the sender is missing, write {one_of(_SENDERS)}")
    for extra in given[1:]:
        if section.value(extra) is not False:
            reading.report.error(section.place(extra), f"{given[0]} stands here too, keep one of them")
