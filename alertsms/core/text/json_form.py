"""What the API, `alertsms why --json` and `alertsms on-call --json` show: answers with their schemas, declared once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar

from alertsms.core.alerts.alert import Severity, references, references_text
from alertsms.core.incidents.acknowledge import AckOutcome, AckResult, Outcome
from alertsms.core.incidents.heartbeat import HeartbeatReport, HeartbeatState
from alertsms.core.incidents.incident import (
    Chronicle,
    EventKind,
    Incident,
    IncidentState,
    PageDelivery,
    SmsAttempt,
    StoredEvent,
)
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import TO_PHONES, UNTIL_CARRIED
from alertsms.core.routing.roster import Pause
from alertsms.core.text.reasons import words_of
from alertsms.core.text.subject import name_of, summary_of

Schema = dict[str, Any]
Json = dict[str, Any]
T = TypeVar("T")
U = TypeVar("U")


def _same(value: T) -> T:
    return value


@dataclass(frozen=True, slots=True)
class JsonField(Generic[T]):
    """One field of an object that shows a T."""

    schema: Schema
    read: Callable[[T], Any] | None = None  # what it shows of the T; None: the attribute of the field's name
    write: Callable[[Any], Any] = _same  # makes JSON of that


@dataclass(frozen=True, slots=True)
class Shape(Generic[T]):
    """A JSON object that shows a T. It has exactly these fields."""

    fields: Mapping[str, JsonField[T]]
    name: str = ""  # of its schema in the OpenAPI document; "": the schema stands wherever it is used
    words: str = ""

    def json(self, value: T) -> Json:
        """The object that shows a value."""
        return self.of(**{name: (field.read or attrgetter(name))(value) for name, field in self.fields.items()})

    def of(self, **values: object) -> Json:
        """The object with these values, one a field."""
        return {name: field.write(values[name]) for name, field in self.fields.items()}

    def inside(self, part: Callable[[U], T]) -> dict[str, JsonField[U]]:
        """These fields for an object that shows a U, of which the T is a part."""
        return {
            name: JsonField(field.schema, _composed(field.read or attrgetter(name), part), field.write)
            for name, field in self.fields.items()
        }

    @property
    def schema(self) -> Schema:
        """Its JSON Schema."""
        described = {
            "type": "object",
            "properties": {name: field.schema for name, field in self.fields.items()},
            "required": list(self.fields),
            "additionalProperties": False,
        }
        return described | ({"description": self.words} if self.words else {})

    @property
    def ref(self) -> Schema:
        """Its schema as other schemas use it."""
        return {"$ref": f"#/components/schemas/{self.name}"} if self.name else self.schema


def _composed(read: Callable[[T], Any], part: Callable[[U], T]) -> Callable[[U], Any]:
    return lambda value: read(part(value))


@dataclass(frozen=True, slots=True)
class Kind:
    """Makes fields of one kind: from what a field says, and from how it is read."""

    schema: Schema
    write: Callable[[Any], Any] = _same

    def __call__(self, words: str = "", read: Callable[[T], Any] | None = None, **more: object) -> JsonField[T]:
        """Make a field; `more` are keywords of JSON Schema."""
        return JsonField(self.schema | ({"description": words} if words else {}) | more, read, self.write)


def stamp(at: datetime) -> str:
    """A time in ISO 8601, UTC."""
    return at.isoformat().replace("+00:00", "Z")


text = Kind({"type": "string"}, str)
whole, number, flag = Kind({"type": "integer"}), Kind({"type": "number"}), Kind({"type": "boolean"})
moment = Kind({"type": "string", "format": "date-time"}, stamp)
local = Kind({"type": "string", "format": "date-time"}, datetime.isoformat)  # with the offset that it has
texts = Kind({"type": "object", "additionalProperties": {"type": "string"}}, dict)
names = Kind({"type": "array", "items": {"type": "string"}}, list)
numbers = Kind({"type": "array", "items": {"type": "integer"}}, list)


def many(shape: Shape[U], words: str, read: Callable[[T], Iterable[U]] | None = None) -> JsonField[T]:
    """Any number of objects."""
    schema = {"type": "array", "items": shape.ref, "description": words}
    return JsonField(schema, read, lambda values: [shape.json(value) for value in values])


def maybe(field: JsonField[T]) -> JsonField[T]:
    """A field that may be null."""
    schema = field.schema | {"type": [field.schema["type"], "null"]}
    return replace(field, schema=schema, write=lambda value: None if value is None else field.write(value))


def one_or_null(shape: Shape[U], words: str, read: Callable[[T], U | None] | None = None) -> JsonField[T]:
    """An object, or null."""
    schema = {"anyOf": [shape.ref, {"type": "null"}], "description": words}
    return JsonField(schema, read, lambda value: None if value is None else shape.json(value))


_RETURNED = "How often the incident had come back by then: 0 the first time."

INCIDENT: Shape[Incident] = Shape(
    {
        "id": whole("Its number, as its SMS show it."),
        "team": text("Who is paged for it."),
        "state": text("Where it is.", enum=list(IncidentState)),
        "reason": text("Why it is there, in one word."),
        "severity": text(
            "Its rank; a missing or unknown one is critical.",
            lambda incident: incident.severity.name.lower(),
            enum=[rank.name.lower() for rank in Severity],
        ),
        "name": text("The alert's name.", lambda incident: name_of(incident.labels)),
        "place": text("Where it is, in a few words."),
        "summary": text(
            "What its annotations say of it.", lambda incident: summary_of(incident.annotations, incident.labels)
        ),
        "labels": texts("Its labels."),
        "annotations": texts("Its annotations.", lambda incident: references_text(incident.annotations)),
        "links": texts(
            "Where to look, by what it is: runbook, dashboard, panel, source.",
            lambda incident: references(incident.annotations),
        ),
        "source": text(
            "What posted it: alertmanager, grafana, grafana-legacy; alertsms: a heartbeat is missing;"
            " alertsms-intake: a body was refused, an alert skipped."
        ),
        "receiver": text("The sender's receiver."),
        "starts_at": maybe(moment("When it started, by the sender's clock.")),
        "ends_at": maybe(moment("When it ended, by the sender's clock.")),
        "opened_at": moment("When it was first heard of."),
        "closed_at": maybe(moment("When it was over.")),
        "last_seen_at": moment("When it was last mentioned; to the minute while nothing changes."),
        "last_paged_at": maybe(moment("When OVHcloud last accepted an SMS about it.")),
        "acknowledged_by": text(
            "Who has it; empty: nobody.",
            lambda incident: "" if incident.state is IncidentState.HELD else incident.acked_by,
        ),
        "acknowledged_at": maybe(moment("Since when.", lambda incident: incident.acked_at)),
        "snoozed_until": maybe(moment("When it pages again, by the wish of who has it.")),
        "returned": whole("How often it came back within flap_window.", lambda incident: incident.episode),
    },
    "Incident",
    "One alert's life for one team.",
)
EVENT: Shape[StoredEvent] = Shape(
    {
        "at": moment("When it happened first."),
        "last_at": moment("When it happened last."),
        "count": whole("How often it happened."),
        "returned": whole(_RETURNED, lambda event: event.episode),
        "kind": text("What sort of thing.", enum=list(EventKind)),
        "reason": text("Why, in one word; later versions have more of them."),
        "words": text("Why, for people.", lambda event: words_of(event.kind, event.reason)),
        "detail": text("Who, by which route, OVHcloud's id, its error."),
    },
    "Event",
    "One thing that happened.",
)
MESSAGE: Shape[SmsAttempt] = Shape(
    {
        "tag": text("Our name for it, which OVHcloud keeps too."),
        "person": text("Who gets it."),
        "team": text("For which team; empty for a test SMS."),
        "number": text("To which number, masked."),
        "text": text("What it says."),
        "segments": whole("How many parts it takes."),
        "kind": text("Why it is sent.", enum=list(TO_PHONES)),
        "state": text("How far it came.", enum=list(MessageState)),
        "attempts": whole("How often it was tried."),
        "resends": whole("How often it was sent again because OVHcloud could not be found to have it."),
        "account": text("By which account it went last: first or standby."),
        "ovh_id": maybe(whole("OVHcloud's id.")),
        "credits": maybe(number("What it cost.")),
        "created_at": moment("When it was worded."),
        "sent_at": maybe(moment("When OVHcloud accepted it.")),
        "delivered_at": maybe(moment("When the phone had it.")),
        "dlr": maybe(whole("OVHcloud's delivery state.")),
        "ptt": maybe(whole("The operator's code.")),
        "error": text("What went wrong last; empty: nothing."),
        "digest": maybe(whole("Its own number where it carries several pages.")),
        "incidents": numbers("The incidents that it is about."),
    },
    "Message",
    "One SMS to one number.",
)
PAGE: Shape[PageDelivery] = Shape(
    {
        "person": text("Who is told."),
        "kind": text("What.", enum=list(TO_PHONES)),
        "state": text("How far it came until an SMS carried it.", enum=list(UNTIL_CARRIED)),
        "returned": whole(_RETURNED, lambda delivery: delivery.episode),
        "due_at": moment("When it was to leave."),
        "message": one_or_null(MESSAGE, "The SMS that carries it.", lambda delivery: delivery.sms),
    },
    "Page",
    "Telling one person one thing.",
)
STORY: Shape[Chronicle] = Shape(
    {
        **INCIDENT.inside(lambda chronicle: chronicle.incident),
        "events": many(
            EVENT,
            "What happened, in the order of the first times; the same again raises a count.",
            lambda chronicle: chronicle.events,
        ),
        "pages": many(PAGE, "Who was to be told what.", lambda chronicle: chronicle.deliveries),
    },
    "Story",
    "An incident with all that happened.",
)
OUTCOME: Shape[Outcome] = Shape(
    {
        "number": whole("Of the incident."),
        "result": text(
            "taken: it counts; already: somebody has it; over: it is closed; back: it began or came back after"
            " that was seen, so it pages on; unknown: there is none.",
            enum=list(AckOutcome),
        ),
        "by": text("Who has it now."),
        "incident": one_or_null(INCIDENT, "As it is now."),
    },
    "Outcome",
    "What came of it for one incident.",
)
ANSWER: Shape[AckResult] = Shape(
    {
        "outcomes": many(OUTCOME, "For each number, those of a digest's incidents in the place of its own."),
        "along": numbers("Incidents of the same alerts in other teams of that person, taken with them."),
    },
    "Answer",
    "What came of one act of somebody.",
)
PAUSE: Shape[Pause] = Shape(
    {
        "team": text("Whose pages it holds back; empty: every team's."),
        "begins_at": moment("When it began."),
        "ends_at": moment("When it ends by itself."),
        "by": text("Who wanted it."),
        "reason": text("Why; empty: nobody said."),
    },
    "Pause",
    "A while in which a team is not paged.",
)
HEARTBEAT: Shape[HeartbeatReport] = Shape(
    {
        "name": text("Its name; /heartbeat/NAME refreshes it.", lambda report: report.heartbeat.name),
        "state": text("Where it is.", enum=["waiting", "well", "late", "missing"]),
        "every": number("How often it comes, in seconds.", lambda report: report.heartbeat.every.total_seconds()),
        "grace": number(
            "So much later it is missing, and half as much later late; in seconds.",
            lambda report: report.heartbeat.grace.total_seconds(),
        ),
        "team": maybe(
            text(
                "Who is paged; null: as the routes say.",
                lambda report: report.heartbeat.team and report.heartbeat.team.name,
            )
        ),
        "matchers": names("Which firing alert refreshes it.", lambda report: map(str, report.heartbeat.matchers)),
        "last_seen_at": maybe(
            moment(
                "When it was last heard of; null: never.", lambda report: report.status and report.status.last_seen_at
            )
        ),
        "late_at": maybe(
            moment("When it will be late; null: it is.", lambda report: report.due(report.heartbeat.late_after))
        ),
        "missing_at": maybe(
            moment(
                "When it will be missing; null: it is.",
                lambda report: report.due(report.heartbeat.missing_after, HeartbeatState.LATE),
            )
        ),
        "incident": maybe(whole("The incident that it is missing; null: there is none.")),
    },
    "Heartbeat",
    "What must be heard of again and again.",
)
