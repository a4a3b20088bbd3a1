"""The API described as OpenAPI 3.1, for programs that read it and people who write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from alertsms import __version__
from alertsms.core.schedules import rota
from alertsms.core.text import json_form
from alertsms.core.text.json_form import JsonField, Schema, Shape, flag, many, moment, names, numbers, text, whole
from alertsms.web import heartbeat
from alertsms.web.api import admin, incidents
from alertsms.web.guard import answer

Fields = Mapping[str, JsonField[Any]]

_SHAPES: tuple[Shape[Any], ...] = (
    json_form.INCIDENT,
    json_form.STORY,
    json_form.EVENT,
    json_form.PAGE,
    json_form.MESSAGE,
    json_form.ANSWER,
    json_form.OUTCOME,
    incidents.SILENCED,
    rota.SCHEDULE,
    rota.SHIFT,
    rota.STEP,
    rota.TEAM,
    json_form.PAUSE,
    json_form.HEARTBEAT,
)
_ERRORS = {
    "400": "A query or a body that cannot be read.",
    "403": "Without the token.",
    "404": "There is none.",
    "409": "The configuration has no way to do it, or there is nothing to do it to.",
    "502": "Alertmanager does not answer, or refuses.",
    "503": "Not stored: ask again.",
}


def _operation(
    summary: str,
    answered: Schema,
    *errors: str,
    query: Fields | None = None,
    body: Schema | None = None,
    status: str = "200",
) -> Schema:
    codes = sorted({"403", *errors, *(["400"] if query else [])})
    answers = {status: _json(answered, "What was asked for." if status == "200" else "Taken.")}
    answers |= {code: _json({"$ref": "#/components/schemas/Error"}, _ERRORS[code]) for code in codes}
    operation: Schema = {"summary": summary, "responses": answers}
    if query:
        operation["parameters"] = [
            {"name": name, "in": "query", "schema": field.schema} for name, field in query.items()
        ]
    if body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _json(schema: Schema, words: str) -> Schema:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _body(fields: Fields, *needed: str) -> Schema:
    body = {"type": "object", "properties": {name: field.schema for name, field in fields.items()}}
    return body | ({"required": list(needed)} if needed else {})


_LIMIT: JsonField[Any] = whole("How many at most.", minimum=1, maximum=incidents.MOST, default=incidents.USUAL)
_BY: Fields = {
    "by": text("Who answers, as the configuration names them."),
    "seen_at": moment("When they looked, now if it is left out: what began or came back since is not meant."),
}
_FOR: Fields = {"for": text("For how long, such as 2h: from 1m to 1w.")}
_WHICH: Fields = {
    "numbers": numbers("Of incidents or digests, at most 1000."),
    "all": flag("Everything that is open."),
}
_OPERATIONS: Mapping[str, Schema] = {
    "get /api/v1/incidents": _operation(
        "The latest incidents, newest first",
        incidents.INCIDENTS.ref,
        query={
            "state": text("Which; unfinished: all that are not closed.", enum=list(incidents.STATES)),
            "limit": _LIMIT,
            "before": whole("Only those with a smaller number: `next` of the answer before."),
        },
    ),
    "get /api/v1/incidents/{number}": _operation("One incident with its whole story", json_form.STORY.ref, "404"),
    **{
        f"post /api/v1/incidents/{act}": _operation(
            words, json_form.ANSWER.ref, "400", "503", body=_body({**_BY, **more, **_WHICH}, "by", *more)
        )
        for act, words, more in (
            ("ack", "Somebody has incidents", {}),
            ("snooze", "Somebody has incidents for a while", _FOR),
            ("resolve", "Somebody says that incidents are over", {}),
        )
    },
    **{
        f"post /api/v1/incidents/{{number}}/{act}": _operation(
            words, json_form.ANSWER.ref, "400", "404", "503", body=_body({**_BY, **more}, "by", *more)
        )
        for act, words, more in (
            ("ack", "Somebody has an incident", {}),
            ("snooze", "Somebody has an incident for a while", _FOR),
            ("resolve", "Somebody says that it is over", {}),
        )
    },
    "post /api/v1/incidents/{number}/silence": _operation(
        "Alertmanager keeps quiet about an incident, or what a digest covers, for a while",
        incidents.SILENCED.ref,
        *("400", "404", "409", "502", "503"),
        body=_body({**_BY, **_FOR}, "by", "for"),
    ),
    "get /api/v1/messages": _operation(
        "The latest SMS, newest first; with `page` a plain list of the SMS that carries that page",
        {"anyOf": [incidents.MESSAGES.ref, many(json_form.MESSAGE, "With `page`.").schema]},
        query={
            "limit": _LIMIT,
            "before": text("Only those before the SMS with this tag: `next` of the answer before."),
            "page": whole("A page, as POST /api/v1/send answered it."),
        },
    ),
    "post /api/v1/send": _operation(
        "Send one test SMS to one person",
        admin.SENT.ref,
        *("404", "409", "503"),
        status="202",
        body=_body(
            {
                "person": text("A name of the configuration."),
                "text": text("What it says; else that it is a test."),
                "confirm": flag("Ask each of their numbers whether it is theirs."),
                "witness": flag("With `confirm`: you will see whether it arrives."),
            },
            "person",
        ),
    ),
    "post /api/v1/confirmations": _operation(
        "Say that a phone has shown the SMS of a page",
        admin.CONFIRMED.ref,
        *("404", "503"),
        body=_body({"page": whole("One of those that /api/v1/send answered.")}, "page"),
    ),
    "get /api/v1/on-call": _operation(
        "Who is on call, and whom each step of each team pages",
        rota.ON_CALL.ref,
        query={
            "at": moment("From when on; without an offset UTC, without it now."),
            "weeks": whole("How many.", minimum=1, maximum=incidents.MOST_WEEKS, default=incidents.USUAL_WEEKS),
        },
    ),
    "get /api/v1/pauses": _operation("What is paused", admin.RUNNING.ref),
    "post /api/v1/pauses": _operation(
        "Hold back the pages of some teams for a while, in the place of what they have",
        admin.RUNNING.ref,
        *("400", "404", "503"),
        body=_body(
            {
                "teams": names("Names of the configuration; or `all`."),
                "all": flag("Every team."),
                "for": text("How long, such as 2h30m; at most 1w."),
                "by": text("Who wants it."),
                "reason": text("Why."),
            },
            "for",
        ),
    ),
    "delete /api/v1/pauses": _operation(
        "End pauses",
        admin.ENDED.ref,
        *("404", "503"),
        query={"team": text("Whose; may be given several times. Or `all`."), "all": flag("Every team.")},
    ),
    "get /api/v1/tokens": _operation(
        "The tokens that people made; as all of this, for the alertsms command alone", admin.TOKENS.ref
    ),
    "post /api/v1/tokens": _operation(
        "Make a token",
        admin.MADE.ref,
        *("400", "409", "503"),
        status="201",
        body=_body({name: admin.TOKEN.fields[name] for name in ("name", "full")}),
    ),
    "delete /api/v1/tokens": _operation(
        "Revoke a token",
        admin.REVOKED.ref,
        *("400", "404", "503"),
        body=_body({"name": text("Its name, or the token itself.")}, "name"),
    ),
    "get /api/v1/heartbeats": _operation("All heartbeats of the configuration", heartbeat.HEARTBEATS.ref),
    "get /api/v1/openapi.json": _operation("This document", {"type": "object"}),
}


def show() -> Response:
    """GET /api/v1/openapi.json: this API for programs."""
    return answer(200, document())


def document() -> Schema:
    """Describe the API as it is."""
    paths: Schema = {}
    for where, operation in _OPERATIONS.items():
        method, path = where.split()
        number = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
        paths.setdefault(path, {})[method] = operation | ({"parameters": [number]} if "{number}" in path else {})
    error = {"error": text("What is wrong and what to do.").schema}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "alertsms",
            "version": __version__,
            "description": "Incidents, their stories and SMS. Every answer is JSON; an error says what to do.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`alertsms token NAME` makes one that reads, with --full one that acts too.",
                }
            },
            "schemas": {
                **{shape.name: shape.schema for shape in _SHAPES},
                "Error": {"type": "object", "properties": error, "required": ["error"]},
            },
        },
    }
