"""What a phone shows of the alerts that are met most, whole, and that it names what each is about."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertsms.core.text.gsm7 import measure
from tests.core.field import PLAIN, WITH_TARGET, Fielded, target
from tests.core.fielded import misses, texts

TABLE = Path(__file__).parent / "field.txt"


def _table() -> str:
    lines = []
    for alert in (*PLAIN, *WITH_TARGET):
        about = ":".join(filter(None, (alert.machine, alert.object))) or "nothing"
        lines += [f"{alert.name}, about {about}{', with the labels of a target' if alert.exporter else ''}"]
        lines += [f"  {text}" for text in texts(alert)]
    return "\n".join(lines) + "\n"


def test_all_texts_whole():
    """Run with ALERTSMS_WRITE_TEXTS=1 to write the table anew, then read what changed."""
    if os.environ.get("ALERTSMS_WRITE_TEXTS"):
        TABLE.write_text(_table(), encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == _table()


@pytest.mark.parametrize("alerts", [PLAIN, WITH_TARGET], ids=["plain", "with the labels of a target"])
def test_texts_name_what_is_broken_and_not_who_measured_it(alerts: tuple[Fielded, ...]):
    wrong = [f"{why}: {text}" for alert in alerts for text in texts(alert) if (why := misses(alert, text))]
    assert wrong == []


_words = st.text("abcdefghijklmnop-0123456789", min_size=3, max_size=24).filter(lambda word: not word.isdecimal())
_objects = st.sampled_from(("deployment", "job_name", "persistentvolumeclaim", "node", "pod", "instance", "slot_name"))
_names = st.sampled_from(("team", "env", "namespace", "cluster", "job", "x", "fstype"))
_others = st.dictionaries(_names, _words, max_size=5)


@settings(max_examples=300, deadline=None)
@given(_objects, _words, _others, st.text(max_size=300), st.text("abcDEF_", min_size=1, max_size=60), st.booleans())
def test_any_alert_says_its_status_name_number_and_object(label, value, others, summary, name, with_target):
    """Whatever stands beside it, in one segment of GSM-7 unless the sender's own letters need another alphabet."""
    labels = {"alertname": name, "severity": "warning", **others, label: value}
    alert = Fielded(labels=labels, annotations={"summary": f"{value} is broken. {summary}"}, object=label)
    alert = target(alert, "some-exporter") if with_target else alert
    for number, text in enumerate(texts(alert)):
        assert text.startswith("WARNING " if number < 2 else "OK ")
        assert name[:24] in text
        assert "#42" in text
        assert not misses(alert, text)
        assert measure(text).segments <= (1 if summary.isascii() else 2)
