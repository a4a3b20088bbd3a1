"""The API for reading, and its OpenAPI document, which says exactly what comes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import update

from alertsms.store.schema import message_table
from alertsms.web.api.openapi import document
from tests.stories.test_events import NIGHTS
from tests.support.house import House
from tests.web.test_app import token


def ask(house: House, path: str, status: int = 200) -> Any:
    answer = house.client.get(f"/api/v1{path}", headers=token(house))
    assert answer.status_code == status, answer.text
    return answer.json


@pytest.fixture
def four(house):
    """#1 fires and its SMS left, #2 is over, #3 is muted, #4 is only recorded; the team db is paused."""
    house.reload(NIGHTS)
    paused = house.client.post("/api/v1/pauses", json={"teams": ["db"], "for": "1h"}, headers=token(house))
    assert paused.status_code == 200
    house.fire("web-01")
    house.settle()
    house.fire("web-02")
    house.resolve("web-02")
    house.fire("web-03", team="day")
    house.fire("web-04", team="quiet")
    return house


def numbers(house: House, query: str = "") -> list[int]:
    return [one["id"] for one in ask(house, f"/incidents{query}")["incidents"]]


def test_the_newest_come_first_and_what_is_over_only_when_asked_for(four):
    assert numbers(four) == [4, 3, 1]
    assert numbers(four, "?state=all") == [4, 3, 2, 1]
    assert [numbers(four, f"?state={each}") for each in ("open", "held", "closed", "acknowledged")] == [
        [4, 1],
        [3],
        [2],
        [],
    ]


def test_a_program_reads_on_where_an_answer_ended(four):
    first = ask(four, "/incidents?state=all&limit=3")
    assert ([one["id"] for one in first["incidents"]], first["next"]) == ([4, 3, 2], 2)
    rest = ask(four, f"/incidents?state=all&limit=3&before={first['next']}")
    assert ([one["id"] for one in rest["incidents"]], rest["next"]) == ([1], None)


def test_one_incident_comes_with_its_story(four):
    story = ask(four, "/incidents/1")
    assert (story["name"], story["state"], story["severity"]) == ("HighCPU", "open", "critical")
    assert [(event["kind"], event["words"], event["count"]) for event in story["events"]] == [
        ("paged", "paged, it is new", 1),
        ("attempt", "accepted by OVHcloud", 1),
    ]
    assert [(page["person"], page["message"]["state"], page["message"]["incidents"]) for page in story["pages"]] == [
        ("alice", "sent", [1])
    ]
    assert "+33612345678" not in str(story)


def test_a_number_that_is_none_and_one_that_is_a_digest(four):
    assert ask(four, "/incidents/12", 404) == {"error": "There is no #12, or it was deleted when `retention` was over."}
    assert ask(four, f"/incidents/{2**64}", 404)["error"].startswith("There is no #")
    four.app.store.transact(lambda tx: tx.execute(update(message_table).values(digest=60)))
    assert ask(four, "/incidents/60", 404) == {"error": "#60 is a digest for alice, which covers #1."}


def test_messages_are_the_newest_first_and_read_on_by_their_tags(four):
    four.resolve("web-01")
    four.settle()
    ok, page = ask(four, "/messages")["messages"]
    assert [(sms["kind"], sms["number"], sms["incidents"]) for sms in (ok, page)] == [
        ("resolved", "+33*******78", [1]),
        ("page", "+33*******78", [1]),
    ]
    first = ask(four, "/messages?limit=1")
    assert first == {"messages": [ok], "next": ok["tag"]}
    assert ask(four, f"/messages?limit=1&before={ok['tag']}")["messages"] == [page]
    assert ask(four, "/messages?before=nothing") == {"messages": [], "next": None}


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/incidents?state=fine", "state is one of unfinished, all, open, held, acknowledged, closed."),
        ("/incidents?limit=0", "limit is a number from 1 to 500: write limit=20."),
        ("/incidents?limit=501", "limit is a number from 1 to 500: write limit=20."),
        ("/incidents?before=x", "before is a number from 1 to 9223372036854775807: write before=20."),
        ("/messages?limit=many", "limit is a number from 1 to 500: write limit=20."),
    ],
)
def test_a_query_that_cannot_be_read_says_what_to_write(house, path, why):
    assert ask(house, path, 400) == {"error": why}


@pytest.mark.parametrize("path", ["/incidents", "/incidents/1", "/messages", "/on-call", "/openapi.json"])
def test_reading_needs_the_token_too(four, path):
    assert four.client.get(f"/api/v1{path}").status_code == 403


# --- the document ---


def test_the_document_has_every_address_of_the_api_and_no_other(house):
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in house.app.wsgi.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }
    assert {(path, method) for path, methods in document()["paths"].items() for method in methods} == routes


@pytest.mark.parametrize(
    ("path", "status", "of"),
    [
        ("/incidents?state=all", 200, "/api/v1/incidents"),
        ("/incidents?state=all&limit=1", 200, "/api/v1/incidents"),
        ("/incidents?state=fine", 400, "/api/v1/incidents"),
        ("/incidents/1", 200, "/api/v1/incidents/{number}"),
        ("/incidents/2", 200, "/api/v1/incidents/{number}"),
        ("/incidents/12", 404, "/api/v1/incidents/{number}"),
        ("/messages", 200, "/api/v1/messages"),
        ("/messages?page=1", 200, "/api/v1/messages"),
        ("/messages?page=x", 400, "/api/v1/messages"),
        ("/on-call", 200, "/api/v1/on-call"),
        ("/on-call?weeks=0", 400, "/api/v1/on-call"),
        ("/pauses", 200, "/api/v1/pauses"),
        ("/openapi.json", 200, "/api/v1/openapi.json"),
    ],
)
def test_what_comes_is_what_the_document_says(four, path, status, of):
    said = ask(four, "/openapi.json")
    assert said == document()
    schema = said["paths"][of]["get"]["responses"][str(status)]["content"]["application/json"]["schema"]
    assert list(mistakes(ask(four, path, status), schema, said, "")) == []


def test_the_document_says_why_a_query_is_refused():
    refused = document()["paths"]["/api/v1/incidents"]["get"]["responses"]["400"]
    assert refused["description"] == "A query or a body that cannot be read."


def test_the_checker_of_this_file_sees_mistakes():
    said = document()
    schema = said["components"]["schemas"]["Event"]
    assert list(mistakes({"at": 1, "more": 2}, schema, said, "")) == [
        *[f".{name} is missing" for name in ("last_at", "count", "returned", "kind", "reason", "words", "detail")],
        ".more is not described",
        ".at: 1 is no ['string']",
    ]
    assert list(mistakes("fine", {"type": "string", "enum": ["open"]}, said, ".state")) == [
        ".state: 'fine' is not listed"
    ]


TYPES = {
    "boolean": bool,
    "string": str,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "array": list,
    "null": type(None),
}


def mistakes(value: Any, schema: dict[str, Any], said: dict[str, Any], at: str):
    """Where a value is not as a schema of the document says; the few words of JSON Schema that it uses."""
    if "$ref" in schema:
        schema = said["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        found = [list(mistakes(value, each, said, at)) for each in schema["anyOf"]]
        yield from min(found, key=len)
        return
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(isinstance(value, TYPES[kind]) for kind in kinds):
        yield f"{at}: {value!r} is no {kinds}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is not listed"
    elif isinstance(value, list):
        for each in value:
            yield from mistakes(each, schema["items"], said, f"{at}[]")
    elif isinstance(value, dict):
        properties = schema.get("properties", {})
        yield from (f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value)
        if schema.get("additionalProperties") is False:
            yield from (f"{at}.{name} is not described" for name in value if name not in properties)
        for name in value.keys() & properties.keys():
            yield from mistakes(value[name], properties[name], said, f"{at}.{name}")
