"""The shapes of what the API answers, as JSON Schema: each field with a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents import acknowledge, incident, timeline
from alertsms.core.messages import message, notification

Schema = dict[str, Any]


def text(words: str, values: Iterable[str] = ()) -> Schema:
    """A string, one of the values if there are any."""
    listed = [str(value) for value in values]
    return {"type": "string", "description": words} | ({"enum": listed} if listed else {})


def whole(words: str) -> Schema:
    """A whole number."""
    return {"type": "integer", "description": words}


def moment(words: str) -> Schema:
    """A time with its offset."""
    return {"type": "string", "format": "date-time", "description": words}


def texts(words: str) -> Schema:
    """Names and their texts."""
    return {"type": "object", "additionalProperties": {"type": "string"}, "description": words}


def many(item: Schema, words: str) -> Schema:
    """Any number of such items."""
    return {"type": "array", "items": item, "description": words}


def maybe(schema: Schema) -> Schema:
    """It may be null."""
    return schema | {"type": [schema["type"], "null"]}


def ref(name: str) -> Schema:
    """One of the shapes, by its name in the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def exactly(properties: Mapping[str, Schema], words: str = "") -> Schema:
    """An object that has exactly these properties."""
    described = {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
    return described | ({"description": words} if words else {})


_RETURNED = whole("How often the incident had come back by then: 0 the first time.")

INCIDENT: Mapping[str, Schema] = {
    "id": whole("Its number, as its SMS show it."),
    "team": text("Who is paged for it."),
    "state": text("Where it is.", incident.IncidentState),
    "reason": text("Why it is there, in one word."),
    "severity": text("Its rank; a missing or unknown one is critical.", (rank.name.lower() for rank in Severity)),
    "name": text("The alert's name."),
    "place": text("Where it is, in a few words."),
    "summary": text("What its annotations say of it."),
    "labels": texts("Its labels."),
    "annotations": texts("Its annotations."),
    "links": texts("Where to look, by what it is: runbook, dashboard, panel, source."),
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
    "acknowledged_by": text("Who has it; empty: nobody."),
    "acknowledged_at": maybe(moment("Since when.")),
    "snoozed_until": maybe(moment("When it pages again, by the wish of who has it.")),
    "returned": whole("How often it came back within flap_window."),
}
EVENT: Mapping[str, Schema] = {
    "at": moment("When it happened first."),
    "last_at": moment("When it happened last."),
    "count": whole("How often it happened."),
    "returned": _RETURNED,
    "kind": text("What sort of thing.", timeline.EventKind),
    "reason": text("Why, in one word; later versions have more of them."),
    "words": text("Why, for people."),
    "detail": text("Who, by which route, OVHcloud's id, its error."),
}
MESSAGE: Mapping[str, Schema] = {
    "tag": text("Our name for it, which OVHcloud keeps too."),
    "person": text("Who gets it."),
    "team": text("For which team; empty for a test SMS."),
    "number": text("To which number, masked."),
    "text": text("What it says."),
    "segments": whole("How many parts it takes."),
    "kind": text("Why it is sent.", notification.TO_PHONES),
    "state": text("How far it came.", message.MessageState),
    "attempts": whole("How often it was tried."),
    "resends": whole("How often it was sent again because OVHcloud could not be found to have it."),
    "account": text("By which account it went last: first or standby."),
    "ovh_id": maybe(whole("OVHcloud's id.")),
    "credits": maybe({"type": "number", "description": "What it cost."}),
    "created_at": moment("When it was worded."),
    "sent_at": maybe(moment("When OVHcloud accepted it.")),
    "delivered_at": maybe(moment("When the phone had it.")),
    "dlr": maybe(whole("OVHcloud's delivery state.")),
    "ptt": maybe(whole("The operator's code.")),
    "error": text("What went wrong last; empty: nothing."),
    "digest": maybe(whole("Its own number where it carries several pages.")),
    "incidents": many({"type": "integer"}, "The incidents that it is about."),
}
PAGE: Mapping[str, Schema] = {
    "person": text("Who is told."),
    "kind": text("What.", notification.TO_PHONES),
    "state": text("How far it came until an SMS carried it.", notification.UNTIL_CARRIED),
    "returned": _RETURNED,
    "due_at": moment("When it was to leave."),
    "message": {"anyOf": [ref("Message"), {"type": "null"}], "description": "The SMS that carries it."},
}
PAUSE: Mapping[str, Schema] = {
    "team": text("Whose pages it holds back; empty: every team's."),
    "begins_at": moment("When it began."),
    "ends_at": moment("When it ends by itself."),
    "by": text("Who wanted it."),
    "reason": text("Why; empty: nobody said."),
}
HEARTBEAT: Mapping[str, Schema] = {
    "name": text("Its name; /heartbeat/NAME refreshes it."),
    "state": text("Where it is.", ("waiting", "well", "late", "missing")),
    "every": {"type": "number", "description": "How often it comes, in seconds."},
    "grace": {"type": "number", "description": "So much later it is missing, and half as much later late; in seconds."},
    "team": maybe(text("Who is paged; null: as the routes say.")),
    "matchers": many({"type": "string"}, "Which firing alert refreshes it."),
    "last_seen_at": maybe(moment("When it was last heard of; null: never.")),
    "late_at": maybe(moment("When it will be late; null: it is.")),
    "missing_at": maybe(moment("When it will be missing; null: it is.")),
    "incident": maybe(whole("The incident that it is missing; null: there is none.")),
}
STORY: Mapping[str, Schema] = {
    **INCIDENT,
    "events": many(ref("Event"), "What happened, in the order of the first times; the same again raises a count."),
    "pages": many(ref("Page"), "Who was to be told what."),
}
_PEOPLE = many({"type": "string"}, "Names of people; none: nobody is on call.")
SHIFT: Mapping[str, Schema] = {
    "from": moment("When it begins."),
    "to": moment("When it ends."),
    "people": _PEOPLE,
}
SCHEDULE: Mapping[str, Schema] = {
    "name": text("Its name."),
    "time_zone": text("The zone of its hand-offs."),
    "people": _PEOPLE,
    "since": maybe(moment("Since when they are; null: for more than a year.")),
    "until": maybe(moment("The next hand-off; null: none within a year.")),
    "next": maybe(many({"type": "string"}, "Who is on call after it.")),
    "shifts": many(ref("Shift"), "The calendar, gaps among it."),
}
STEP: Mapping[str, Schema] = {
    "people": many({"type": "string"}, "Whom it would page then."),
    "wait_seconds": {"type": "number", "description": "How long it waits for an answer."},
}
TEAM: Mapping[str, Schema] = {
    "name": text("Its name."),
    "record_only": {"type": "boolean", "description": "It pages nobody."},
    "steps": many(ref("Step"), "Who is paged first, and who after that."),
}
OUTCOME: Mapping[str, Schema] = {
    "number": whole("Of the incident."),
    "result": text(
        "taken: it counts; already: somebody has it; over: it is closed; back: it began or came back after"
        " that was seen, so it pages on; unknown: there is none.",
        acknowledge.AckOutcome,
    ),
    "by": text("Who has it now."),
    "incident": {"anyOf": [ref("Incident"), {"type": "null"}], "description": "As it is now."},
}
ANSWER: Mapping[str, Schema] = {
    "outcomes": many(ref("Outcome"), "For each number, those of a digest's incidents in the place of its own."),
    "along": many({"type": "integer"}, "Incidents of the same alerts in other teams of that person, taken with them."),
}
SILENCED: Mapping[str, Schema] = {
    "silenced": {"type": "boolean", "description": "Of a digest: whether all that it covers is."},
    "words": text("What came of it, for people."),
}
ON_CALL: Mapping[str, Schema] = {
    "at": moment("As of when."),
    "schedules": many(ref("Schedule"), "Every schedule."),
    "teams": many(ref("Team"), "Every team."),
    "pauses": many(ref("Pause"), "What holds pages back then, whoever is on call."),
}
