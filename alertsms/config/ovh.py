"""The section `ovh`: the keys and the account of OVHcloud that SMS go out through, and those that stand by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import timedelta
from urllib.parse import urlsplit

from alertsms.config import parsers
from alertsms.config.error import one_of, quote
from alertsms.config.fields import Field, Listing, Reading, Section, Table
from alertsms.config.scalars import FLAG, SECRET, SECRET_FILE, Text, duration, number, secret, shaped, word
from alertsms.core.messages import sender_rules
from alertsms.core.schedules.person import Person
from alertsms.core.text.reply import Mode
from alertsms.core.text.subject import masked
from alertsms.ovh.connection import Credentials
from alertsms.ovh.endpoint import url_of

_KEYS = ("application_key", "application_secret", "consumer_key")
_SENDERS = ("sender", "sender_for_response", "virtual_number")
_ENDPOINT = Text("ovh-eu, or the URL of an API", url_of)
_SERVICE = Text("the name of your SMS account, such as sms-xx00000-1", parsers.service_name)
_SENDER = Text("a sender of 11 letters and digits at most", parsers.sender, shaped("[A-Za-z0-9]{1,11}"))

_COUNTRIES = Listing(
    "a list of countries", Text("two letters such as ES", parsers.country, shaped("[A-Z]{2}")), single=True, empty=True
)
_NUMBER = Text('a rented number such as "+33700000000"', parsers.phone, show=parsers.masked)
_HINTS = {
    "service": "write service_name",
    "account": "write service_name",
    "app_key": "write application_key",
    "app_secret": "write application_secret",
    "senderForResponse": "write sender_for_response",
}

STANDBY = Table(
    "the keys and the account of OVHcloud that take over",
    (
        Field("endpoint", _ENDPOINT, "Which API. Else $OVH_STANDBY_ENDPOINT, else that of the first account."),
        Field("application_key", SECRET, "The application's key. Else $OVH_STANDBY_APPLICATION_KEY."),
        Field("application_key_file", SECRET_FILE, "The path of a file that holds the application's key."),
        Field("application_secret", SECRET, "The application's secret. Else $OVH_STANDBY_APPLICATION_SECRET."),
        Field("application_secret_file", SECRET_FILE, "The path of a file that holds the application's secret."),
        Field("consumer_key", SECRET, "The consumer key. Else $OVH_STANDBY_CONSUMER_KEY."),
        Field("consumer_key_file", SECRET_FILE, "The path of a file that holds the consumer key."),
        Field("service_name", _SERVICE, "The SMS account that pays; another one than the first.", required=True),
        Field("sender", _SENDER, "The name that phones show, validated for this account.", ""),
        Field("registered_in", _COUNTRIES, "Countries in whose register the sender's name stands."),
        Field("sender_for_response", FLAG, "Send from a short number, without links.", default=False),
        Field("virtual_number", _NUMBER, "Send from a rented number."),
    ),
    hints=_HINTS,
    extra={"oneOf": [{"required": [key]} for key in _SENDERS]},
)

OVH = Table(
    "the keys and the account of OVHcloud",
    (
        Field(
            "endpoint",
            _ENDPOINT,
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
            "registered_in",
            _COUNTRIES,
            "Countries in whose register the sender's name stands (docs/senders.md), such as [ES, IE].",
        ),
        Field(
            "sender_for_response", FLAG, "Send from a short number, without links; people can answer.", default=False
        ),
        Field("virtual_number", _NUMBER, "Send from a rented number."),
        Field(
            "validity",
            duration("30m", low="1m", high="2d", step=timedelta(minutes=1)),
            "How long the operator tries to reach a phone that is off, in whole minutes.",
            timedelta(minutes=30),
        ),
        Field(
            "connect_timeout", duration("3s", "100ms", "1m"), "How long to wait for a connection.", timedelta(seconds=3)
        ),
        Field(
            "read_timeout",
            duration("10s", "100ms", "2m"),
            "How long to wait for an answer; after that the outcome is unknown and looked up.",
            timedelta(seconds=10),
        ),
        Field(
            "receipt_timeout",
            duration("2m", low="30s", high="1h"),
            "Without a delivery receipt by then, a page goes to its person's next number.",
            timedelta(minutes=2),
        ),
        Field(
            "max_per_second",
            number(0, 1000, fraction=True),
            "At most so many SMS a second, of all replicas; 0 for no limit.",
            10,
        ),
        Field("max_in_flight", number(1, 256), "At most so many requests at the same time, of each replica.", 16),
        Field(
            "replies",
            word(Mode),
            "Which answers by SMS count: any, numbered (those that name what the phone was paged for) or off.",
            Mode.ANY,
        ),
        Field("standby", STANDBY, "A second account, for while the first is refused or takes nothing for a minute."),
    ),
    later=frozenset({"receipts", "receipt_url", "incoming"}),
    hints=_HINTS | {"stand_by": "write standby", "backup": "write standby"},
    extra={"oneOf": [{"required": [key]} for key in _SENDERS]},
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountConfig:
    """One way out; exactly one of the three senders is set."""

    base_url: str
    credentials: Credentials
    service_name: str
    sender: str = ""
    registered_in: tuple[str, ...] = ()  # ISO 3166
    sender_for_response: bool = False
    virtual_number: str = ""  # E.164

    @property
    def shows(self) -> str:
        """What phones show as the sender."""
        number = self.virtual_number
        return self.sender or (f"the number …{number[-4:]}" if number else "a short number")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ovh(AccountConfig):
    """How SMS go out: the first account, and how patiently; all of it holds for the stand-by too."""

    validity: timedelta = timedelta(minutes=30)
    connect_timeout: timedelta = timedelta(seconds=3)
    read_timeout: timedelta = timedelta(seconds=10)
    receipt_timeout: timedelta = timedelta(minutes=2)
    max_per_second: float = 10  # 0: no limit
    max_in_flight: int = 16
    replies: Mode = Mode.ANY
    standby: AccountConfig | None = None

    @property
    def account(self) -> AccountConfig:
        """The first account alone."""
        return AccountConfig(**{field.name: getattr(self, field.name) for field in fields(AccountConfig)})


def ovh(section: Section, reading: Reading) -> Ovh:
    """Build the settings; keys that the file lacks come from OVH's usual variables."""
    first = _account(section, reading, "OVH", "ovh-eu")
    return Ovh(
        **{field.name: getattr(first, field.name) for field in fields(AccountConfig)},
        validity=section.value("validity"),
        connect_timeout=section.value("connect_timeout"),
        read_timeout=section.value("read_timeout"),
        receipt_timeout=section.value("receipt_timeout"),
        max_per_second=section.value("max_per_second"),
        max_in_flight=section.value("max_in_flight"),
        replies=section.value("replies"),
        standby=_standby(section, first, reading),
    )


def unanswerable(account: Ovh, external_url: str) -> str:
    """What to set where nobody can answer a page from a phone, neither by link nor by SMS; "" where somebody can."""
    links = external_url and not account.sender_for_response
    numbered = account.virtual_number or account.sender_for_response
    if links or (numbered and account.replies is not Mode.OFF):
        return ""
    if account.sender_for_response:
        return "drop replies: off, or set virtual_number and server.external_url"
    return "set server.external_url, or " + ("drop replies: off" if numbered else "virtual_number")


def note_no_answers(section: Section, account: Ovh, external_url: str, reading: Reading) -> None:
    """Note that a page can only be answered at a desk, which may be meant; or only by SMS, where links could be.

    Texts from a short number go out without links: OVHcloud would refuse them all.
    """
    if external_url and account.sender_for_response:
        reading.report.warn(
            section.place("sender_for_response"),
            "a short number sends no links to server.external_url, people answer by SMS:"
            " write virtual_number if they are to have links",
        )
    if fix := unanswerable(account, external_url):
        key = next((key for key in _SENDERS if key in section.got), "")
        reading.report.note(section.place(key), f"nobody can answer from a phone: {fix}")


def warn_of_senders(section: Section, people: Iterable[Person], reading: Reading) -> None:
    """Note phones in whose countries operators do not let the sender through, for each account."""
    phones = {phone.e164: f"{person.name} ({masked(phone.e164)})" for person in people for phone in person.phones}
    for account in (section, *([section.section("standby")] if "standby" in section.got else [])):
        name = account.value("sender")
        if name:
            for doubt in sender_rules.named(name, phones, (got.value for got in account.items("registered_in"))):
                reading.report.warn(account.place("sender"), f"{quote(name)} {doubt.says}: {doubt.fix}", found=name)
        elif account.value("sender_for_response"):
            for doubt in sender_rules.short_number(phones):
                reading.report.warn(account.place("sender_for_response"), f"a short number {doubt.says}: {doubt.fix}")


def _account(section: Section, reading: Reading, variables: str, endpoint: str) -> AccountConfig:
    number = section.value("virtual_number")
    _one_sender(section, reading)
    return AccountConfig(
        base_url=_endpoint(section, reading, f"{variables}_ENDPOINT", endpoint),
        credentials=_credentials(section, reading, variables),
        service_name=section.value("service_name") or "",
        sender=section.value("sender"),
        registered_in=tuple(got.value for got in section.items("registered_in")),
        sender_for_response=section.value("sender_for_response"),
        virtual_number=number.e164 if number else "",
    )


def _standby(section: Section, first: AccountConfig, reading: Reading) -> AccountConfig | None:
    if "standby" not in section.got:
        return None
    below = section.section("standby")
    second = _account(below, reading, "OVH_STANDBY", first.base_url)
    if second.service_name and (second.base_url, second.service_name) == (first.base_url, first.service_name):
        reading.report.error(
            below.place("service_name"),
            f"{quote(second.service_name)} is the first account too, a stand-by needs another one",
        )
    elif reading.secrets and second.credentials.consumer_key == first.credentials.consumer_key:
        reading.report.warn(
            section.place("standby"),
            "these are the keys of the first account: when they die, both do; make others for the stand-by",
        )
    return second


def _credentials(section: Section, reading: Reading, variables: str) -> Credentials:
    keys = {key: secret(section, key, reading, variable=f"{variables}_{key.upper()}") for key in _KEYS}
    try:
        return Credentials(**keys)
    except ValueError as problem:  # its sentence names the key, and shows nothing of it
        name = str(problem).partition(" ")[0]
        at = section.place(name if name in section else f"{name}_file")
        reading.report.error(at, str(problem))
        return Credentials(**dict.fromkeys(_KEYS, ""))


def _endpoint(section: Section, reading: Reading, variable: str, usual: str) -> str:
    if "endpoint" in section:
        url: str = section.value("endpoint") or ""
        if url and not urlsplit(url).path:
            reading.report.warn(
                section.place("endpoint"), f"{quote(url)} names no version of the API, write {url}/1.0", found=url
            )
        return url
    name = reading.environ.get(variable) or usual
    try:
        return url_of(name)
    except ValueError as problem:
        reading.report.error(section.at, f"{variable} of the environment: {problem}", found=name)
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
