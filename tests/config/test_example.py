"""The example loads and explains every key; the JSON Schema takes what the reader takes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from alertsms.config import load, schema
from alertsms.config.fields import Again, Either, Listing, Named, Table
from alertsms.config.keys import ROOT
from alertsms.core.routing.roster import SEVERITY_VALUES
from alertsms.core.text.template import VARIABLES
from tests.config.sample import KEYS, LINES, accepted

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
ENVIRON = KEYS | {
    "WEBHOOK_TOKEN": "t",
    "GRAFANA_PASSWORD": "p",
    "GRAFANA_HMAC_SECRET": "h",
    "ALICE_PASSWORD": "a",
    "MAIL_PASSWORD": "m",
    "PING_URL": "https://p.test/x",
}

FULL = """\
server: {listen: "0.0.0.0:9095", external_url: "https://pager.example.net", bearer_token: abc,
         login: {username: dora, password: abc}}
store: "postgresql+psycopg://alertsms@db/alertsms"
ovh:
  endpoint: http://127.0.0.1:9096/1.0
  application_key: ${OVH_APPLICATION_KEY}
  application_secret: ${OVH_APPLICATION_SECRET}
  consumer_key: ${OVH_CONSUMER_KEY}
  service_name: sms-zz98765-1
  virtual_number: "+33700000000"
  max_per_second: 10
people:
  dora: {phones: ["+33612345678", "+33756789012"], email: dora@example.net}
  emil: "+33698765432"
teams:
  infra:
    steps: [{page: [dora, emil]}]
    send_resolved: true
    repeat_interval: 30m
  quiet: {record_only: true}
route:
  team: infra
  routes:
    - {matchers: ['severity=~"info|none"'], team: quiet}
    - {matchers: ['team="db"'], active_time_intervals: [office]}
time_intervals:
  - name: office
    time_intervals:
      - {weekdays: ["monday:friday"], times: [{start_time: "09:00", end_time: "18:00"}], location: Europe/Paris}
fallback: {team: infra, channels: ["mailto://oncall@example.net"]}
storm: {after: 5, within: 2m}
limits: {per_person_per_hour: 30}
"""


def tables(kind, seen=()):
    """Every table below a kind, each once."""
    if isinstance(kind, Again):
        kind = kind.kind()
    if kind in seen:
        return
    if isinstance(kind, Table):
        yield kind
        for field in kind.fields:
            yield from tables(field.kind, (*seen, kind))
    elif isinstance(kind, Either):
        yield from tables(kind.long, (*seen, kind))
    elif isinstance(kind, Named | Listing):
        yield from tables(kind.kind, (*seen, kind))


def test_the_example_is_warned_of_for_nothing():
    assert list(load(EXAMPLE, ENVIRON).warnings) == []


def test_copying_the_severities_of_the_example_changes_nothing():
    assert load(EXAMPLE, ENVIRON).roster.severity_values == SEVERITY_VALUES


def test_the_example_names_every_variable_of_a_template():
    told = EXAMPLE.read_text(encoding="utf-8").partition("Jinja2 template. ")[2].partition("# template:")[0]
    assert [name for name in VARIABLES if not re.search(rf"\b{name}\b", told)] == []


@pytest.mark.parametrize(
    ("key", "default"),
    [
        ("listen", "127.0.0.1:9095"),
        ("store", "alertsms.db in the state folder"),
        ("time_zone", "UTC"),
        ("external_url", "none"),
        ("ignore_labels", "none"),
    ],
)
def test_where_the_example_shows_another_value_it_names_the_default(key, default):
    above = re.split(rf"(?m)^(?:  )?{key}: ", EXAMPLE.read_text(encoding="utf-8"))[0].rpartition("\n\n")[2]
    said = " ".join(above.replace("#", " ").split())
    assert re.search(rf"[Tt]he default is {re.escape(default)}\b", said)


@pytest.mark.parametrize("key", sorted({field.key for table in tables(ROOT) for field in table.fields}))
def test_the_example_explains_every_key_on_the_line_above_it(key):
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    written = [n for n, line in enumerate(lines) if re.match(rf"\s*(# )?(- )?{key}:( |$)", line)]
    explained = [n for n in written if re.match(r"\s*# .*[a-z].*[.,]{1,3}$", lines[n - 1]) or "..." in lines[n - 1]]
    assert explained or key == "page", f"{key} is written in lines {written}, and explained above none of them"


def test_the_other_ways_that_the_example_shows_are_right_too():
    text = EXAMPLE.read_text(encoding="utf-8")
    for key, other in [
        ("sender", "sender_for_response"),
        ("sender", "virtual_number"),
        ("repeat_interval", "template"),
    ]:
        swapped = re.sub(rf"(?m)^( +){key}: .*$", "", text)
        swapped = re.sub(rf"(?m)^( +)# {other}: ", rf"\1{other}: ", swapped)
        assert accepted(swapped, ENVIRON).roster


def misfits(value, rule, defs, at=""):
    """Where a value breaks the schema: the part of JSON Schema that ours uses."""
    if "$ref" in rule:
        rule = defs[rule["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in rule and all(list(misfits(value, one, defs, at)) for one in rule["anyOf"]):
        yield f"{at}: none of the forms"
    if "oneOf" in rule and sum(not list(misfits(value, one, defs, at)) for one in rule["oneOf"]) != 1:
        yield f"{at}: not one of the forms"
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    allowed = rule.get("type", [])
    allowed = [allowed] if isinstance(allowed, str) else allowed
    found = names.get(type(value), "null")
    if allowed and found not in allowed and not (found == "integer" and "number" in allowed):
        yield f"{at}: {found}, not {allowed}"
        return
    if "enum" in rule and value not in rule["enum"]:
        yield f"{at}: {value!r} is not one of {rule['enum']}"
    if isinstance(value, str) and not re.search(rule.get("pattern", ""), value):
        yield f"{at}: {value!r} does not fit"
    if isinstance(value, int) and not rule.get("minimum", value) <= value <= rule.get("maximum", value):
        yield f"{at}: {value} is out of bounds"
    if isinstance(value, list):
        if len(value) < rule.get("minItems", 0):
            yield f"{at}: empty"
        for n, item in enumerate(value):
            yield from misfits(item, rule.get("items", {}), defs, f"{at}[{n}]")
    if isinstance(value, dict):
        yield from (f"{at}: {key} is missing" for key in rule.get("required", []) if key not in value)
        for key, item in value.items():
            below = rule.get("properties", {}).get(key, rule.get("additionalProperties", {}))
            yield from [f"{at}.{key}: unknown"] if below is False else misfits(item, below, defs, f"{at}.{key}")


class Modern(yaml.SafeLoader):
    """YAML 1.2, as editors read it: the key `off` is a text there, and no flag."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the library's
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:bool" or first in "tTfF"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def fits(text: str) -> list[str]:
    rules = schema()
    return list(misfits(yaml.load(text, Modern), rules, rules["$defs"]))


@pytest.mark.parametrize(
    "text", ["\n".join([*LINES, "fallback: {channels: 'json://127.0.0.1'}"]), FULL, EXAMPLE.read_text(encoding="utf-8")]
)
def test_the_schema_takes_what_the_reader_takes(text):
    config = accepted(text, ENVIRON)
    assert [warning.path for warning in config.warnings] == (["store"] if text is FULL else [])  # server.key_file
    assert fits(text) == []


@pytest.mark.parametrize(
    ("text", "misfit"),
    [
        ("sevrity: {}", ".sevrity: unknown"),
        ("retention: a while", ".retention: 'a while' does not fit"),
        ("max_segments: 7", ".max_segments: none of the forms"),
        ("log: {level: loud}", ".log.level: 'loud' is not one of ['debug', 'info', 'warning', 'error']"),
        ("time_intervals: [{name: x}]", ".time_intervals[0]: time_intervals is missing"),
        ("storm: 5", ".storm: integer, not ['object']"),
    ],
)
def test_the_schema_marks_what_is_wrong(text, misfit):
    assert fits("\n".join([*LINES, text])) == [misfit]


def test_the_schema_wants_exactly_one_sender():
    two = "\n".join(LINES).replace("  sender: ACME", "  sender: ACME\n  sender_for_response: true")
    assert fits(two) == [".ovh: not one of the forms"]


def test_the_schema_is_json_and_describes_every_key():
    rules = json.loads(json.dumps(schema()))
    assert rules["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert rules["required"] == ["ovh", "people", "teams", "route"]
    assert all(rule["description"] for rule in rules["properties"].values())
