"""The table of every key of the configuration.

The reader, its messages, the JSON Schema and the reference for people are all made from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from alertsms.config import parsers
from alertsms.config.error import Place, quote
from alertsms.config.fields import Again, Either, Field, FieldType, Got, Listing, Named, Reading, Schema, Table
from alertsms.config.ovh import OVH
from alertsms.config.parsers import Address
from alertsms.config.people import FALLBACK, PEOPLE, TEAMS, ZONE
from alertsms.config.route import INTERVALS, ROUTE
from alertsms.config.scalars import PATH, Text, duration, number, opened, word
from alertsms.config.schedule import SCHEDULES
from alertsms.config.senders import ALERTMANAGER, HEARTBEATS
from alertsms.config.server import SERVER
from alertsms.config.yaml import Node
from alertsms.core.routing.duration import canonical_duration


class LogLevel(StrEnum):
    """From which level on events are logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a line of the log looks."""

    LOGFMT = "logfmt"  # key=value, for people
    JSON = "json"  # for programs


UNREAD = "postgresql+psycopg://"  # in the place of a store's URL, where the files of secrets are not there


@dataclass(frozen=True, slots=True)
class StoreFile(Text):
    """The path of a file that holds the URL of the store. It reads as the URL: commands look there for what is kept."""

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Open the file, and read the URL."""
        path = Text.read(self, node, at, reading)
        if path is None:
            return None
        try:
            return replace(path, value=parsers.store(opened(path.value, reading).strip()))
        except ValueError as problem:
            if not reading.secrets:
                return replace(path, value=UNREAD)
            reading.report.error(at, f"{quote(path.value)} {problem}", found=path.found)
            return None


_LABEL = Text("the name of a label", parsers.label)
_RANK = Listing("a list of values", Text("a value of the severity label"), single=True, empty=True)
_URL = "sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"

SEVERITY = Table(
    "label, critical, error, warning and info",
    (
        Field("label", _LABEL, "The label that tells how bad it is.", "severity"),
        Field("critical", _RANK, "Values that count as critical, in place of the usual ones."),
        Field("error", _RANK, "Values that count as error."),
        Field("warning", _RANK, "Values that count as warning."),
        Field("info", _RANK, "Values that count as info."),
    ),
)
STORM = Table(
    "after and within",
    (
        Field("after", number(0, 1000), "More SMS than this for one person (0: however many) ...", 5),
        Field(
            "within", duration("2m", "10s", "1h"), "... in this time: the next leave together.", timedelta(minutes=2)
        ),
    ),
)
LIMITS = Table(
    "per_person_per_hour, low_credits and reserve_credits",
    (
        Field("per_person_per_hour", number(0, 1000), "At most so many SMS an hour for one person (0: no limit).", 30),
        Field("low_credits", number(0, 1_000_000), "With fewer credits than this the root team is told.", 200),
        Field("reserve_credits", number(0, 1_000_000), "The last credits, kept for critical pages.", 50),
    ),
)
PING = Text("the web address of a check, such as https://hc-ping.com/YOUR-UUID", parsers.ping_address, hidden=True)
LOG = Table(
    "level and format",
    (
        Field("level", word(LogLevel), "From which level on: debug, info, warning or error.", LogLevel.INFO),
        Field("format", word(LogFormat), "logfmt (key=value) or json.", LogFormat.LOGFMT),
    ),
)

ROOT = Table(
    "ovh, people, teams and route",
    (
        Field("ovh", OVH, "How SMS go out.", required=True),
        Field("people", PEOPLE, "Who can be paged: a name with a phone number, or with more.", required=True),
        Field(
            "time_zone", ZONE, "The zone of people, schedules and time_intervals that have none of their own.", "UTC"
        ),
        Field("schedules", SCHEDULES, "Who takes turns in being on call; steps name them like people."),
        Field("teams", TEAMS, "Who is paged together.", required=True),
        Field("route", Again(lambda: ROUTE), "Which alert pages which team.", required=True),
        Field("time_intervals", INTERVALS, "Named times, for routes to be held back or active in, and for rotations."),
        Field("fallback", FALLBACK, "Who is told when SMS fail or reach nobody; each team may have its own."),
        Field("server", SERVER, "How webhooks come in."),
        Field(
            "store",
            Text(_URL, parsers.store, hidden=True),
            "Where pages are kept; a relative path counts from this file. Without it: alertsms.db in the state folder.",
            "",
        ),
        Field(
            "store_file",
            StoreFile("the path of a file that holds the store's URL", shape=PATH, filled=True),
            "The path of a file that holds what `store` would say, with its password.",
        ),
        Field("severity", SEVERITY, "What the values of the severity label mean."),
        Field(
            "ignore_labels",
            Listing("a list of names of labels", _LABEL, empty=True),
            "Labels that do not make another incident of an alert, such as a pod's name.",
        ),
        Field(
            "show_labels",
            Listing("a list of names of labels", _LABEL, empty=True),
            "Labels that every text shows right after the name, such as a site's.",
        ),
        Field(
            "flap_window",
            duration("15m", zero=True),
            "An alert that comes back within this time of its end is the same incident.",
            timedelta(minutes=15),
        ),
        Field(
            "stale_after", duration("3d", "1m"), "An incident not mentioned for so long is closed.", timedelta(days=3)
        ),
        Field("heartbeats", HEARTBEATS, "What must be heard of again and again, such as an always-firing alert."),
        Field("max_segments", number(1, 6), "How many parts of an SMS a text may take.", 1),
        Field("storm", STORM, "When many alerts become one digest."),
        Field("limits", LIMITS, "How much one person can be sent, and what happens near the last credits."),
        Field("alertmanager", ALERTMANAGER, "Where incidents can be checked: Alertmanager's own API."),
        Field("log", LOG, "What is logged, and how."),
        Field("ping_url", PING, "Fetched every minute while pages would leave: something else notices when not.", ""),
        Field("retention", duration("90d", "1d"), "How long what is over is kept.", timedelta(days=90)),
    ),
    hints={
        "receivers": "Alertmanager's receivers are teams here: write teams",
        "mute_time_intervals": "write time_intervals",
        "global": "its keys stand at the top level here",
        "inhibit_rules": "Alertmanager inhibits before it posts: leave it out",
        "templates": "write template below a team",
        "listen": "write it below server",
        "rounds": "write it below a team",
        "ack_timeout": "write it below a team",
    },
)


def schema() -> Schema:
    """Give the JSON Schema (draft 2020-12) of a configuration file.

    It cannot look names up nor read phone numbers: `alertsms check` finds more.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "alertsms configuration",
        **_schema(ROOT),
        "$defs": {"route": _schema(ROUTE)},
    }


def _schema(kind: FieldType) -> Schema:
    match kind:
        case Again():
            return {"$ref": "#/$defs/route"}
        case Table():
            keys = {field.key: {"description": field.doc, **_schema(field.kind)} for field in kind.fields}
            required = [field.key for field in kind.fields if field.required]
            shape: Schema = {"type": "object", "properties": keys, "additionalProperties": False}
            return shape | ({"required": required} if required else {}) | kind.extra
        case Named():
            return {"type": "object", "minProperties": 1, "additionalProperties": _schema(kind.kind)}
        case Listing():
            shape = {"type": "array", "items": _schema(kind.kind)} | ({} if kind.empty else {"minItems": 1})
            return {"anyOf": [_schema(kind.kind), shape]} if kind.single else shape
        case Either():
            return {"anyOf": [_schema(kind.short), _schema(kind.long)]}
        case _:
            return kind.shape if isinstance(kind, Text) else {}


HEAD = ("| key | what it is for | default |", "|---|---|---|")


def reference() -> str:
    """The table, in Markdown: each key with what it is for and its default."""
    return "\n".join([*HEAD, *_rows(ROOT)]) + "\n"


def _rows(kind: FieldType, path: str = "", inside: tuple[FieldType, ...] = ()) -> Iterator[str]:
    match kind:
        case Again():
            yield from _rows(kind.kind(), path, inside)
        case Table() if kind not in inside:  # a route's routes are
            for field in kind.fields:
                here = f"{path}.{field.key}" if path else field.key
                default = "**required**" if field.required else _shown(field.default)
                yield f"| `{here}` | {field.doc} | {default} |"
                yield from _rows(field.kind, here, (*inside, kind))
        case Either():
            yield from _rows(kind.long, path, inside)
        case Named():
            yield from _rows(kind.kind, f"{path}.NAME", inside)
        case Listing():
            yield from _rows(kind.kind, f"{path}[]", inside)


def _shown(default: object) -> str:
    match default:
        case None | "" | ():
            return ""
        case timedelta():
            return f"`{canonical_duration(default)}`"
        case Address():
            return f"`{default.host}:{default.port}`"
        case bool():
            return f"`{str(default).lower()}`"
        case _:
            return f"`{default}`"
