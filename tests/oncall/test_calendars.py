"""A running alertsms follows the calendars that other tools write, and keeps the last good one."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

import pytest

from alertsms.icalendar_file.file import File
from alertsms.icalendar_file.protocol import IcsError
from alertsms.oncall.calendars import _packed
from alertsms.store.schema import message_table
from alertsms.store.settings import get, put
from tests.icalendar_file.test_events import rewrite, written
from tests.support.house import PLAN

DAY = "DTSTART:20260303T000000Z;;DTEND:20260304T000000Z"


@pytest.fixture
def night(house, tmp_path):
    """A house whose team pages whoever a calendar says; alice at first."""
    path = tmp_path / "night.ics"
    path.write_bytes(written(f"{DAY};;SUMMARY:alice"))
    house.reload(planned(path))
    house.path = path
    return house


def planned(path: Path) -> str:
    return PLAN.replace("[alice]", "[night]") + f"schedules: {{night: {{ics: {path}}}}}\n"


def test_no_page_waits_for_a_calendar_to_be_unfolded(night):
    calendar = night.app.context.roster().schedules["night"].calendar._contents.calendar
    calendar._unfold = None  # a page that asked for it now would fail
    assert on_call(night) == ["alice"]


def on_call(house) -> list[str]:
    return [person.name for person in house.app.context.roster().schedules["night"].on_call(house.clock())]


def successful(house) -> float | None:
    return house.metric("calendar_last_read_successful", schedule="night")


def test_a_file_that_is_written_anew_is_in_force_within_half_a_minute(night):
    night.app.oncall.calendars.step()
    assert (on_call(night), successful(night)) == (["alice"], 1)
    rewrite(night.path, written(f"{DAY};;SUMMARY:bob"))
    night.app.oncall.calendars.step()
    night.fire("web-01")
    night.settle()
    assert (on_call(night), night.rows(message_table.c.person)) == (["bob"], [("bob",)])


def test_a_broken_file_keeps_the_old_one_and_is_told_of_once_an_hour(night, caplog):
    caplog.set_level(logging.INFO)
    rewrite(night.path, b"<html>sign in</html>")
    for _ in range(121):
        night.app.oncall.calendars.step()
        night.clock.advance(30)
    said = [record for record in caplog.records if record.getMessage().startswith("calendar not taken")]
    assert [record.fields for record in said] == [
        {
            "schedule": "night",
            "why": f"{night.path} is no whole iCalendar file: it does not end with END:VCALENDAR",
        }
    ] * 2
    assert (on_call(night), successful(night)) == (["alice"], 0)
    rewrite(night.path, written(f"{DAY};;SUMMARY:bob"))
    night.app.oncall.calendars.step()
    assert (on_call(night), successful(night)) == (["bob"], 1)
    assert "the calendar can be read again" in caplog.text


def test_the_series_of_a_schedule_that_is_gone_goes_too(night):
    rewrite(night.path, b"<html>")
    night.app.oncall.calendars.step()
    assert successful(night) == 0
    night.reload(PLAN)
    night.app.oncall.calendars.step()
    assert successful(night) is None


def start_again(night, *, plan: str | None = None) -> None:
    """As after a restart on which the file could not be read: the configuration is read leniently."""
    night.app.oncall.calendars.step()
    night.crash()
    broken = night.config(plan or planned(night.path), lenient=True)
    night.next_config = broken
    night.start()


def test_a_file_that_is_broken_at_a_restart_gives_way_to_what_was_read_before(night, caplog):
    rewrite(night.path, b"<html>sign in</html>")
    start_again(night)
    assert on_call(night) == ["alice"]
    assert "calendar as it was before the start" in caplog.text
    night.app.oncall.calendars.step()
    assert (on_call(night), successful(night)) == (["alice"], 0)
    rewrite(night.path, written(f"{DAY};;SUMMARY:bob"))
    night.app.oncall.calendars.step()
    assert (on_call(night), successful(night)) == (["bob"], 1)
    night.path.unlink()
    start_again(night)
    assert on_call(night) == ["bob"]


def kept(night) -> str | None:
    return night.app.store.read(lambda tx: get(tx, "calendar:night"))


def test_what_was_kept_of_another_schedule_is_not_taken_and_forgotten_with_it(night):
    night.app.oncall.calendars.step()
    assert kept(night)
    rewrite(night.path, b"<html>sign in</html>")
    start_again(night, plan=planned(night.path).replace("night", "week"))
    assert night.app.context.roster().schedules["week"].on_call(night.clock()) == ()
    night.app.oncall.calendars.step()
    assert not kept(night)


@pytest.mark.parametrize("broken", [_packed(b"<html>"), 'no base85 "', "c$}ka"])
def test_what_was_kept_and_is_none_any_more_leaves_a_gap(night, caplog, broken):
    night.app.oncall.calendars.step()
    night.app.store.transact(lambda tx: put(tx, "calendar:night", broken, night.clock()))
    night.path.unlink()
    night.crash()
    night.next_config = night.config(planned(night.path), lenient=True)
    night.start()
    assert on_call(night) == []
    assert "no calendar of before the start" in caplog.text


def test_what_could_not_be_recalled_is_kept_for_the_next_start(night, monkeypatch):
    """A store that cannot be asked for a moment, or a version that takes less, must not lose the last good calendar."""
    night.app.oncall.calendars.step()
    rewrite(night.path, b"<html>sign in</html>")
    with monkeypatch.context() as patch:
        patch.setattr(File, "take", refuse)
        start_again(night)
        assert on_call(night) == []
        night.app.oncall.calendars.step()
    start_again(night)
    assert on_call(night) == ["alice"]


def refuse(file: File, raw: bytes, at: datetime) -> None:
    raise IcsError("is refused")
