"""What a phone shows of the alerts that are met most, whole, and that it names what each is about."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.core.field import PLAIN, WITH_TARGET, Fielded
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
