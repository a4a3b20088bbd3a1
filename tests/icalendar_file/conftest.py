"""Most calendars are read in the process of the test: a child for each would take longer, and do the same."""

from __future__ import annotations

import pytest

from alertsms.icalendar_file import file
from alertsms.icalendar_file.events import answer


@pytest.fixture
def in_this_process(monkeypatch):
    monkeypatch.setattr(file, "ask_child", lambda request: answer(request.encoded()))
