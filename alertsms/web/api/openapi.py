"""The API described as OpenAPI 3.1, for programs that read it and people who write them."""

from __future__ import annotations

from collections.abc import Iterable

from alertsms import __version__
from alertsms.core.incidents import incident
from alertsms.web.api.shape import (
    ANSWER,
    EVENT,
    HEARTBEAT,
    INCIDENT,
    MESSAGE,
    ON_CALL,
    OUTCOME,
    PAGE,
    PAUSE,
    SCHEDULE,
    SHIFT,
    SILENCED,
    STEP,
    STORY,
    TEAM,
    Schema,
    exactly,
    many,
    moment,
    ref,
    text,
    whole,
)


def document() -> Schema:
    """Describe the API as it is."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "alertsms",
            "version": __version__,
            "description": "Incidents, their stories and SMS. Every answer is JSON; an error says what to do.",
        },
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`alertsms token NAME` makes one that reads, with --full one that acts too.",
                }
            },
            "schemas": {
                "Incident": exactly(INCIDENT, "One alert's life for one team."),
                "Story": exactly(STORY, "An incident with all that happened."),
                "Event": exactly(EVENT, "One thing that happened."),
                "Page": exactly(PAGE, "Telling one person one thing."),
                "Message": exactly(MESSAGE, "One SMS to one number."),
                "Answer": exactly(ANSWER, "What came of one act of somebody."),
                "Outcome": exactly(OUTCOME, "What came of it for one incident."),
                "Silenced": exactly(SILENCED, "What Alertmanager was asked for, and took."),
                "Schedule": exactly(SCHEDULE, "Who is on call, by one schedule."),
                "Shift": exactly(SHIFT, "A span of time in which the same people are on call."),
                "Step": exactly(STEP, "One step of an escalation."),
                "Team": exactly(TEAM, "A team's steps."),
                "Pause": exactly(PAUSE, "A while in which a team is not paged."),
                "Heartbeat": exactly(HEARTBEAT, "What must be heard of again and again."),
                "Error": {
                    "type": "object",
                    "properties": {"error": text("What is wrong and what to do.")},
                    "required": ["error"],
                },
            },
        },
    }


def _paths() -> Schema:
    limit = _query("limit", whole("How many at most.") | {"minimum": 1, "maximum": 500, "default": 50})
    states = ("unfinished", "all", *incident.IncidentState)
    return {
        "/api/v1/incidents": {
            "get": _operation(
                "The latest incidents, newest first",
                _paged("incidents", "Incident", "integer"),
                [
                    _query("state", text("Which; unfinished: all that are not closed.", states)),
                    limit,
                    _query("before", whole("Only those with a smaller number: `next` of the answer before.")),
                ],
            )
        },
        "/api/v1/incidents/{number}": {
            "get": _operation(
                "One incident with its whole story",
                ref("Story"),
                [{"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}],
                errors=("404",),
            )
        },
        **_answers(),
        "/api/v1/messages": {
            "get": _operation(
                "The latest SMS, newest first; with `page` a plain list of the SMS that carries that page",
                {"anyOf": [_paged("messages", "Message", "string"), many(ref("Message"), "With `page`.")]},
                [
                    limit,
                    _query("before", text("Only those before the SMS with this tag: `next` of the answer before.")),
                    _query("page", whole("A page, as POST /api/v1/send answered it.")),
                ],
            )
        },
        "/api/v1/send": {
            "post": _operation(
                "Send one test SMS to one person",
                exactly(
                    {
                        "page": whole("The page to ask /api/v1/messages about."),
                        "pages": many({"type": "integer"}, "All of them, where each number is asked to confirm."),
                    }
                ),
                status="202",
                errors=("404", "409", "503"),
                body={
                    "type": "object",
                    "required": ["person"],
                    "properties": {
                        "person": text("A name of the configuration."),
                        "text": text("What it says; else that it is a test."),
                        "confirm": {
                            "type": "boolean",
                            "description": "Ask each of their numbers whether it is theirs.",
                        },
                        "witness": {
                            "type": "boolean",
                            "description": "With `confirm`: you will see whether it arrives.",
                        },
                    },
                },
            )
        },
        "/api/v1/confirmations": {
            "post": _operation(
                "Say that a phone has shown the SMS of a page",
                exactly({"confirmed": {"type": "boolean"}}),
                errors=("404", "503"),
                body={
                    "type": "object",
                    "required": ["page"],
                    "properties": {
                        "page": whole("One of those that /api/v1/send answered."),
                    },
                },
            )
        },
        "/api/v1/on-call": {
            "get": _operation(
                "Who is on call, and whom each step of each team pages",
                exactly(ON_CALL),
                [
                    _query("at", moment("From when on; without an offset UTC, without it now.")),
                    _query("weeks", whole("How many.") | {"minimum": 1, "maximum": 104, "default": 4}),
                ],
            )
        },
        "/api/v1/pauses": _pausing(),
        "/api/v1/tokens": _tokens(),
        "/api/v1/heartbeats": {
            "get": _operation(
                "All heartbeats of the configuration",
                exactly({"heartbeats": many(ref("Heartbeat"), "In the order of the file.")}),
            )
        },
        "/api/v1/openapi.json": {"get": _operation("This document", {"type": "object"})},
    }


def _answers() -> Schema:
    one = [{"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}]
    who = {
        "by": text("Who answers, as the configuration names them."),
        "seen_at": moment("When they looked, now if it is left out: what began or came back since is not meant."),
    }
    length = {"for": text("For how long, such as 2h: from 1m to 1w.")}
    which = {
        "numbers": many({"type": "integer"}, "Of incidents or digests, at most 1000."),
        "all": {"type": "boolean", "description": "Everything that is open."},
    }
    paths: Schema = {}
    for act, words, more in (
        ("ack", "Somebody has {}", {}),
        ("snooze", "Somebody has {} for a while", length),
        ("resolve", "Somebody says that {} over", {}),
    ):
        body = {"type": "object", "required": ["by", *more], "properties": {**who, **more}}
        all_of = body | {"properties": {**who, **more, **which}}
        several, single = ("incidents are", "it is") if act == "resolve" else ("incidents", "an incident")
        paths[f"/api/v1/incidents/{act}"] = {
            "post": _operation(words.format(several), ref("Answer"), errors=("400", "503"), body=all_of)
        }
        paths[f"/api/v1/incidents/{{number}}/{act}"] = {
            "post": _operation(words.format(single), ref("Answer"), one, errors=("400", "404", "503"), body=body)
        }
    paths["/api/v1/incidents/{number}/silence"] = {
        "post": _operation(
            "Alertmanager keeps quiet about an incident, or what a digest covers, for a while",
            ref("Silenced"),
            one,
            errors=("400", "404", "409", "502", "503"),
            body={"type": "object", "required": ["by", "for"], "properties": {**who, **length}},
        )
    }
    return paths


def _pausing() -> Schema:
    running = {"pauses": many(ref("Pause"), "Those that run now.")}
    everybody = {"type": "boolean", "description": "Every team."}
    body = {
        "type": "object",
        "required": ["for"],
        "properties": {
            "teams": many({"type": "string"}, "Names of the configuration; or `all`."),
            "all": everybody,
            "for": text("How long, such as 2h30m; at most 1w."),
            "by": text("Who wants it."),
            "reason": text("Why."),
        },
    }
    which = [_query("team", text("Whose; may be given several times. Or `all`.")), _query("all", everybody)]
    ended = {"ended": whole("How many pauses that ended.")}
    return {
        "get": _operation("What is paused", exactly(running)),
        "post": _operation(
            "Hold back the pages of some teams for a while, in the place of what they have",
            exactly(running),
            errors=("400", "404", "503"),
            body=body,
        ),
        "delete": _operation("End pauses", exactly(ended | running), which, errors=("404", "503")),
    }


def _tokens() -> Schema:
    name, made = text("What it is called."), moment("When it was made.")
    token = {"name": name, "full": {"type": "boolean", "description": "It may act too."}, "created_at": made}
    return {
        "get": _operation(
            "The tokens that people made; as all of this, for the alertsms command alone",
            exactly({"tokens": many(exactly(token), "The oldest first.")}),
        ),
        "post": _operation(
            "Make a token",
            exactly(token | {"token": text("What to show; never told again.")}),
            status="201",
            errors=("400", "409", "503"),
            body={"type": "object", "properties": {name: token[name] for name in ("name", "full")}},
        ),
        "delete": _operation(
            "Revoke a token",
            exactly({"revoked": name}),
            errors=("400", "404", "503"),
            body={
                "type": "object",
                "required": ["name"],
                "properties": {"name": text("Its name, or the token itself.")},
            },
        ),
    }


def _paged(name: str, item: str, following: str) -> Schema:
    words = "The `before` of what follows; null: nothing does."
    return exactly(
        {name: many(ref(item), "Newest first."), "next": {"type": [following, "null"], "description": words}}
    )


def _query(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "schema": schema}


def _operation(
    summary: str,
    schema: Schema,
    parameters: Iterable[Schema] = (),
    *,
    status: str = "200",
    errors: Iterable[str] = (),
    body: Schema | None = None,
) -> Schema:
    asked = list(parameters)
    codes = sorted({"403", *errors, *(["400"] if any(each["in"] == "query" for each in asked) else [])})
    answers = {status: _json(schema, "What was asked for." if status == "200" else "Taken.")}
    answers |= {code: _json(ref("Error"), _WORDS[code]) for code in codes}
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
