"""The name in a body that nobody can parse, however it is broken."""

from __future__ import annotations

import gzip
import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertsms.core.incidents.refusal import LONGEST, LOOKED_AT, glimpse

AM = '{"alerts": [{"labels": {"alertname": "HighCPU"}, "annotations": {"summary": "CPU above 90%"}}, {"labels": {'
LEGACY = '{"title": "[Alerting] Disk", "ruleName": "Disk", "message": "full"'


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (AM, "HighCPU: CPU above 90%"),
        (LEGACY, "[Alerting] Disk: full"),
        ('{"alertname":"A","summary":"A"}', "A"),
        ('{"summary": "only this",}', "only this"),
        ('{"alertname": "volume "data" is full", "x": 1}', 'volume "data" is full'),
        ('{"alertname": "a \\"quoted\\" \\u00e9\\n name"}', 'a "quoted" é name'),
        ('{"alertname": "bad \\q escape"}', "bad \\q escape"),
        ('{"alertname": "cut in the mid', "cut in the mid"),
        (json.dumps(AM), "HighCPU: CPU above 90%"),
        ("alertname=HighCPU&severity=critical", "HighCPU"),
        ("alertname: HighCPU\nseverity: critical\n", "HighCPU"),
        ("**Firing** HighCPU on web-01\nmore", "**Firing** HighCPU on web-01"),
        ("<html><title>Bad gateway</title>", ""),
        ('{"ping": 1}', ""),
        ("[1, 2]", ""),
        ("", ""),
        ('{"title": ""}', ""),
    ],
)
def test_the_first_name_and_summary_are_found(body, found):
    assert glimpse(body.encode()) == found


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_whatever_its_alphabet(charset):
    assert glimpse(AM.encode(charset)) == "HighCPU: CPU above 90%"


def test_what_is_packed_is_unpacked_within_a_bound():
    assert glimpse(gzip.compress(AM.encode())) == "HighCPU: CPU above 90%"
    assert glimpse(gzip.compress(AM.encode())[:-20]).startswith("HighCPU")
    assert glimpse(b"\x1f\x8bnonsense") == ""
    bomb = gzip.compress(AM.encode() + b" " * 200_000_000, 1)
    tracemalloc.start()
    assert glimpse(bomb).startswith("HighCPU")
    assert tracemalloc.get_traced_memory()[1] < 20 * LOOKED_AT
    tracemalloc.stop()


def test_what_lies_too_far_in_is_not_looked_for():
    assert glimpse(b"{" + b" " * LOOKED_AT + AM.encode()) == ""


def test_what_is_found_is_one_short_line():
    assert len(glimpse(b'{"alertname": "' + b"a" * 10_000 + b'"}')) == LONGEST


@settings(deadline=None)
@given(st.one_of(st.binary(), st.text().map(lambda text: f'"title":"{text}'.encode("utf-8", "surrogatepass"))))
def test_nothing_breaks_it(raw):
    found = glimpse(raw)
    assert len(found) <= LONGEST
    assert "\n" not in found
    found.encode()
