"""The API described as OpenAPI 3.1, for programs that read it and people who write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from alertsms import __version__
from alertsms.core import acknowledge, incident, message, page, story
from alertsms.core.alert import Severity

Schema = dict[str, Any]


def _text(words: str, values: Iterable[str] = ()) -> Schema:
    listed = [str(value) for value in values]
    return {"type": "string", "description": words} | ({"enum": listed} if listed else {})


def _whole(words: str) -> Schema:
    return {"type": "integer", "description": words}


def _time(words: str) -> Schema:
    return {"type": "string", "format": "date-time", "description": words}


def _map(words: str) -> Schema:
    return {"type": "object", "additionalProperties": {"type": "string"}, "description": words}


def _list(item: Schema, words: str) -> Schema:
    return {"type": "array", "items": item, "description": words}


def _maybe(schema: Schema) -> Schema:
    """It may be null."""
    return schema | {"type": [schema["type"], "null"]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: Mapping[str, Schema], words: str = "") -> Schema:
    """An object that has exactly these properties."""
    whole = {"type": "object", "properties": dict(properties), "required": list(properties),
             "additionalProperties": False}  # fmt: skip
    return whole | ({"description": words} if words else {})


_RETURNED = _whole("How often the incident had come back by then: 0 the first time.")

INCIDENT: Mapping[str, Schema] = {
    "id": _whole("Its number, as its SMS show it."),
    "team": _text("Who is paged for it."),
    "state": _text("Where it is.", incident.State),
    "reason": _text("Why it is there, in one word."),
    "severity": _text("Its rank; a missing or unknown one is critical.", (rank.name.lower() for rank in Severity)),
    "name": _text("The alert's name."),
    "place": _text("Where it is, in a few words."),
    "summary": _text("What its annotations say of it."),
    "labels": _map("Its labels."),
    "annotations": _map("Its annotations."),
    "source": _text("What posted it: alertmanager, grafana or grafana-legacy."),
    "receiver": _text("The sender's receiver."),
    "starts_at": _maybe(_time("When it started, by the sender's clock.")),
    "ends_at": _maybe(_time("When it ended, by the sender's clock.")),
    "opened_at": _time("When it was first heard of."),
    "closed_at": _maybe(_time("When it was over.")),
    "last_seen_at": _time("When it was last mentioned; to the minute while nothing changes."),
    "last_paged_at": _maybe(_time("When OVHcloud last accepted an SMS about it.")),
    "acknowledged_by": _text("Who has it; empty: nobody."),
    "acknowledged_at": _maybe(_time("Since when.")),
    "snoozed_until": _maybe(_time("When it pages again, by the wish of who has it.")),
    "returned": _whole("How often it came back within flap_window."),
}
EVENT: Mapping[str, Schema] = {
    "at": _time("When it happened first."),
    "last_at": _time("When it happened last."),
    "count": _whole("How often it happened."),
    "returned": _RETURNED,
    "kind": _text("What sort of thing.", story.Kind),
    "reason": _text("Why, in one word; later versions have more of them."),
    "words": _text("Why, for people."),
    "detail": _text("Who, by which route, OVHcloud's id, its error."),
}
MESSAGE: Mapping[str, Schema] = {
    "tag": _text("Our name for it, which OVHcloud keeps too."),
    "person": _text("Who gets it."),
    "team": _text("For which team; empty for a test SMS."),
    "number": _text("To which number, masked."),
    "text": _text("What it says."),
    "segments": _whole("How many parts it takes."),
    "kind": _text("Why it is sent.", page.Kind),
    "state": _text("How far it came.", message.State),
    "attempts": _whole("How often it was tried."),
    "resends": _whole("How often it was sent again because OVHcloud could not be found to have it."),
    "account": _text("By which account it went last: first or standby."),
    "ovh_id": _maybe(_whole("OVHcloud's id.")),
    "credits": _maybe({"type": "number", "description": "What it cost."}),
    "created_at": _time("When it was worded."),
    "sent_at": _maybe(_time("When OVHcloud accepted it.")),
    "delivered_at": _maybe(_time("When the phone had it.")),
    "dlr": _maybe(_whole("OVHcloud's delivery state.")),
    "ptt": _maybe(_whole("The operator's code.")),
    "error": _text("What went wrong last; empty: nothing."),
    "digest": _maybe(_whole("Its own number where it carries several pages.")),
    "incidents": _list({"type": "integer"}, "The incidents that it is about."),
}
PAGE: Mapping[str, Schema] = {
    "person": _text("Who is told."),
    "kind": _text("What.", page.Kind),
    "state": _text("How far it came until an SMS carried it.", page.State),
    "returned": _RETURNED,
    "due_at": _time("When it was to leave."),
    "message": {"anyOf": [_ref("Message"), {"type": "null"}], "description": "The SMS that carries it."},
}
PAUSE: Mapping[str, Schema] = {
    "team": _text("Whose pages it holds back; empty: every team's."),
    "begins_at": _time("When it began."),
    "ends_at": _time("When it ends by itself."),
    "by": _text("Who wanted it."),
    "reason": _text("Why; empty: nobody said."),
}
HEARTBEAT: Mapping[str, Schema] = {
    "name": _text("Its name; /heartbeat/NAME refreshes it."),
    "state": _text("Where it is.", ("waiting", "well", "late", "missing")),
    "every": {"type": "number", "description": "How often it comes, in seconds."},
    "grace": {"type": "number", "description": "So much later it is missing, and half as much later late; in seconds."},
    "team": _maybe(_text("Who is paged; null: as the routes say.")),
    "matchers": _list({"type": "string"}, "Which firing alert refreshes it."),
    "last_seen_at": _maybe(_time("When it was last heard of; null: never.")),
    "late_at": _maybe(_time("When it will be late; null: it is.")),
    "missing_at": _maybe(_time("When it will be missing; null: it is.")),
    "incident": _maybe(_whole("The incident that it is missing; null: there is none.")),
}
STORY: Mapping[str, Schema] = {
    **INCIDENT,
    "events": _list(_ref("Event"), "What happened, in the order of the first times; the same again raises a count."),
    "pages": _list(_ref("Page"), "Who was to be told what."),
}
_PEOPLE = _list({"type": "string"}, "Names of people; none: nobody is on call.")
SHIFT: Mapping[str, Schema] = {
    "from": _time("When it begins."),
    "to": _time("When it ends."),
    "people": _PEOPLE,
}
SCHEDULE: Mapping[str, Schema] = {
    "name": _text("Its name."),
    "time_zone": _text("The zone of its hand-offs."),
    "people": _PEOPLE,
    "since": _maybe(_time("Since when they are; null: for more than a year.")),
    "until": _maybe(_time("The next hand-off; null: none within a year.")),
    "next": _maybe(_list({"type": "string"}, "Who is on call after it.")),
    "shifts": _list(_ref("Shift"), "The calendar, gaps among it."),
}
STEP: Mapping[str, Schema] = {
    "people": _list({"type": "string"}, "Whom it would page then."),
    "wait_seconds": {"type": "number", "description": "How long it waits for an answer."},
}
TEAM: Mapping[str, Schema] = {
    "name": _text("Its name."),
    "record_only": {"type": "boolean", "description": "It pages nobody."},
    "steps": _list(_ref("Step"), "Who is paged first, and who after that."),
}
OUTCOME: Mapping[str, Schema] = {
    "number": _whole("Of the incident."),
    "result": _text("taken: it counts; already: somebody has it; over: it is closed; unknown: there is none.",
                    acknowledge.Result),
    "by": _text("Who has it now."),
    "incident": {"anyOf": [_ref("Incident"), {"type": "null"}], "description": "As it is now."},
}  # fmt: skip
ANSWER: Mapping[str, Schema] = {
    "outcomes": _list(_ref("Outcome"), "For each number, those of a digest's incidents in the place of its own."),
    "along": _list({"type": "integer"}, "Incidents of the same alerts in other teams of that person, taken with them."),
}
SILENCED: Mapping[str, Schema] = {
    "silenced": {"type": "boolean", "description": "Of a digest: whether all that it covers is."},
    "words": _text("What came of it, for people."),
}
ON_CALL: Mapping[str, Schema] = {
    "at": _time("As of when."),
    "schedules": _list(_ref("Schedule"), "Every schedule."),
    "teams": _list(_ref("Team"), "Every team."),
}


def document() -> Schema:
    """Describe the API as it is."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "alertsms", "version": __version__,
                 "description": "Incidents, their stories and SMS. Every answer is JSON; an error says what to do."},
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {
                "type": "http", "scheme": "bearer",
                "description": "The store's own token, which whoever can read the store knows: the fact api_token.",
            }},
            "schemas": {
                "Incident": _object(INCIDENT, "One alert's life for one team."),
                "Story": _object(STORY, "An incident with all that happened."),
                "Event": _object(EVENT, "One thing that happened."),
                "Page": _object(PAGE, "Telling one person one thing."),
                "Message": _object(MESSAGE, "One SMS to one number."),
                "Answer": _object(ANSWER, "What came of one act of somebody."),
                "Outcome": _object(OUTCOME, "What came of it for one incident."),
                "Silenced": _object(SILENCED, "What Alertmanager was asked for, and took."),
                "Schedule": _object(SCHEDULE, "Who is on call, by one schedule."),
                "Shift": _object(SHIFT, "A span of time in which the same people are on call."),
                "Step": _object(STEP, "One step of an escalation."),
                "Team": _object(TEAM, "A team's steps."),
                "Pause": _object(PAUSE, "A while in which a team is not paged."),
                "Heartbeat": _object(HEARTBEAT, "What must be heard of again and again."),
                "Error": {"type": "object", "properties": {"error": _text("What is wrong and what to do.")},
                          "required": ["error"]},
            },
        },
    }  # fmt: skip


def _paths() -> Schema:
    limit = _query("limit", _whole("How many at most.") | {"minimum": 1, "maximum": 500, "default": 50})
    states = ("unfinished", "all", *incident.State)
    return {
        "/api/v1/incidents": {"get": _operation(
            "The latest incidents, newest first", _paged("incidents", "Incident", "integer"), [
                _query("state", _text("Which; unfinished: all that are not closed.", states)),
                limit,
                _query("before", _whole("Only those with a smaller number: `next` of the answer before.")),
            ],
        )},
        "/api/v1/incidents/{number}": {"get": _operation(
            "One incident with its whole story", _ref("Story"),
            [{"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}], errors=("404",),
        )},
        **_answers(),
        "/api/v1/messages": {"get": _operation(
            "The latest SMS, newest first; with `page` a plain list of the SMS that carries that page",
            {"anyOf": [_paged("messages", "Message", "string"), _list(_ref("Message"), "With `page`.")]}, [
                limit,
                _query("before", _text("Only those before the SMS with this tag: `next` of the answer before.")),
                _query("page", _whole("A page, as POST /api/v1/send answered it.")),
            ],
        )},
        "/api/v1/send": {"post": _operation(
            "Send one test SMS to one person", _object({
                "page": _whole("The page to ask /api/v1/messages about."),
                "pages": _list({"type": "integer"}, "All of them, where each number is asked to confirm."),
            }),
            status="202", errors=("404", "409", "503"),
            body={"type": "object", "required": ["person"], "properties": {
                "person": _text("A name of the configuration."), "text": _text("What it says; else that it is a test."),
                "confirm": {"type": "boolean", "description": "Ask each of their numbers whether it is theirs."},
            }},
        )},
        "/api/v1/on-call": {"get": _operation(
            "Who is on call, and whom each step of each team pages", _object(ON_CALL), [
                _query("at", _time("From when on; without an offset UTC, without it now.")),
                _query("weeks", _whole("How many.") | {"minimum": 1, "maximum": 104, "default": 4}),
            ],
        )},
        "/api/v1/pauses": _pausing(),
        "/api/v1/heartbeats": {"get": _operation(
            "All heartbeats of the configuration",
            _object({"heartbeats": _list(_ref("Heartbeat"), "In the order of the file.")}),
        )},
        "/api/v1/openapi.json": {"get": _operation("This document", {"type": "object"})},
    }  # fmt: skip


def _answers() -> Schema:
    one = [{"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}]
    who = {"by": _text("Who answers, as the configuration names them.")}
    length = {"for": _text("For how long, such as 2h: from 1m to 1w.")}
    which = {"numbers": _list({"type": "integer"}, "Of incidents or digests, at most 1000."),
             "all": {"type": "boolean", "description": "Everything that is open."}}  # fmt: skip
    paths: Schema = {}
    for act, words, more in (("ack", "Somebody has {}", {}), ("snooze", "Somebody has {} for a while", length),
                             ("resolve", "Somebody says that {} over", {})):  # fmt: skip
        body = {"type": "object", "required": ["by", *more], "properties": {**who, **more}}
        all_of = body | {"properties": {**who, **more, **which}}
        several, single = ("incidents are", "it is") if act == "resolve" else ("incidents", "an incident")
        paths[f"/api/v1/incidents/{act}"] = {"post": _operation(
            words.format(several), _ref("Answer"), errors=("400", "503"), body=all_of)}  # fmt: skip
        paths[f"/api/v1/incidents/{{number}}/{act}"] = {"post": _operation(
            words.format(single), _ref("Answer"), one, errors=("400", "404", "503"), body=body)}  # fmt: skip
    paths["/api/v1/incidents/{number}/silence"] = {"post": _operation(
        "Alertmanager keeps quiet about an incident, or what a digest covers, for a while", _ref("Silenced"), one,
        errors=("400", "404", "409", "502", "503"),
        body={"type": "object", "required": ["by", "for"], "properties": {**who, **length}},
    )}  # fmt: skip
    return paths


def _pausing() -> Schema:
    running = {"pauses": _list(_ref("Pause"), "Those that run now.")}
    everybody = {"type": "boolean", "description": "Every team."}
    body = {"type": "object", "required": ["for"], "properties": {
        "teams": _list({"type": "string"}, "Names of the configuration; or `all`."), "all": everybody,
        "for": _text("How long, such as 2h30m; at most 1w."), "by": _text("Who wants it."), "reason": _text("Why."),
    }}  # fmt: skip
    which = [_query("team", _text("Whose; may be given several times. Or `all`.")), _query("all", everybody)]
    ended = {"ended": _whole("How many pauses that ended.")}
    return {
        "get": _operation("What is paused", _object(running)),
        "post": _operation("Hold back the pages of some teams for a while, in the place of what they have",
                           _object(running), errors=("400", "404", "503"), body=body),
        "delete": _operation("End pauses", _object(ended | running), which, errors=("404", "503")),
    }  # fmt: skip


def _paged(name: str, item: str, following: str) -> Schema:
    words = "The `before` of what follows; null: nothing does."
    return _object(
        {name: _list(_ref(item), "Newest first."), "next": {"type": [following, "null"], "description": words}}
    )


def _query(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "schema": schema}


def _operation(summary: str, schema: Schema, parameters: Iterable[Schema] = (), *, status: str = "200",
               errors: Iterable[str] = (), body: Schema | None = None) -> Schema:  # fmt: skip
    asked = list(parameters)
    codes = sorted({"403", *errors, *(["400"] if any(each["in"] == "query" for each in asked) else [])})
    answers = {status: _json(schema, "What was asked for." if status == "200" else "Taken.")}
    answers |= {code: _json(_ref("Error"), _WORDS[code]) for code in codes}
    operation: Schema = {"summary": summary, "responses": answers}
    if asked:
        operation["parameters"] = asked
    if body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


_WORDS = {
    "400": "A query or a body that cannot be read.",
    "403": "Without the token.",
    "404": "There is none.",
    "409": "The configuration has no way to do it, or there is nothing to do it to.",
    "502": "Alertmanager does not answer, or refuses.",
    "503": "Not stored: ask again.",
}


def _json(schema: Schema, words: str) -> Schema:
    return {"description": words, "content": {"application/json": {"schema": schema}}}
