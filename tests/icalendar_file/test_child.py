"""The process that reads a calendar: what it may use, what it gets to know, and that it ends, whatever the calendar."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

import alertsms
from alertsms.icalendar_file import file
from alertsms.icalendar_file.protocol import CalendarRequest, IcsError
from tests.icalendar_file.test_events import NINE_TO_FIVE, NOW, PARIS, PEOPLE, ZONE, contents, names, rewrite, written

BEGINS = "SUMMARY:alice;;DTSTART;TZID=Company Time:20260105T090000;;DURATION:PT1H"
CHANGES = "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"


def in_zone(rule: str) -> bytes:
    return written(BEGINS, before=ZONE.replace(CHANGES, rule))


def request(raw: bytes) -> CalendarRequest:
    return CalendarRequest("UTC", [], NOW.timestamp(), (NOW + timedelta(days=1)).timestamp(), raw)


def test_a_calendar_is_read_by_a_child_as_it_would_be_here():
    one = contents(written(f"{NINE_TO_FIVE};;RRULE:FREQ=WEEKLY;;SUMMARY:alice", NINE_TO_FIVE), PEOPLE, PARIS)
    assert [names(one, f"{day} 12:00") for day in ("2026-01-05", "2026-01-06", "2031-06-16")] == ["alice", "", "alice"]
    assert one.strangers(NOW - timedelta(days=365), NOW) == ["an event without a title"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=MINUTELY;BYMONTHDAY=30;BYMONTH=2",
        "FREQ=SECONDLY;COUNT=999999999",
    ],
)
def test_a_rule_that_is_too_much_work_is_refused_with_its_event(rule, monkeypatch):
    monkeypatch.setattr(file, "PROCESSOR_SECONDS", 1)
    with pytest.raises(
        IcsError, match=r'^has an event "bob" \(UID 1\) that cannot be unfolded \(OutOfTime: 1 s of processor'
    ):
        contents(written(NINE_TO_FIVE, f"{NINE_TO_FIVE};;SUMMARY:bob;;RRULE:{rule}"), PEOPLE, PARIS)


@pytest.mark.parametrize(
    "raw",
    [
        b"BEGIN:VCALENDAR\r\n" * 60_000 + b"END:VCALENDAR\r\n" * 60_000,
        written(f"{NINE_TO_FIVE};;RRULE:FREQ=DAILY;BYMONTHDAY={'1,' * 300_000}1"),
        written("DTSTART:20160101T090000Z;;RDATE:" + ",".join(["20260101T000000Z"] * 100_000)),
        in_zone("RRULE:FREQ=SECONDLY"),
        in_zone("RRULE:FREQ=YEARLY;INTERVAL=0"),
    ],
    ids=["nested", "rule", "dates", "zone", "zone for ever"],
)
def test_whatever_is_large_or_odd_is_taken_or_refused_and_never_waited_for(raw, monkeypatch):
    monkeypatch.setattr(file, "PROCESSOR_SECONDS", 1)
    try:
        contents(raw, PEOPLE, PARIS)
    except IcsError as problem:
        assert str(problem)  # noqa: PT017


@pytest.mark.usefixtures("in_this_process")
def test_too_many_times_are_counted(monkeypatch):
    monkeypatch.setattr("alertsms.icalendar_file.events.MOST_OCCURRENCES", 1500)
    daily = f"{NINE_TO_FIVE};;SUMMARY:alice;;RRULE:FREQ=DAILY"
    with pytest.raises(IcsError) as refused:
        contents(written(*[daily] * 3), PEOPLE, PARIS)
    assert str(refused.value) == (
        'repeats too often: up to an event "alice" (UID 1) there are more than 1,500 times from 2024-12-30 to'
        " 2028-10-30, let old ones end (UNTIL) or export fewer events"
    )


def test_a_child_that_hangs_is_ended_and_leaves_no_zombie(monkeypatch):
    monkeypatch.setattr(file, "DEADLINE", 0.01)
    with pytest.raises(IcsError, match=r"^was not read within 0 s: export fewer events, and fewer that repeat$"):
        file.ask_child(request(written(NINE_TO_FIVE)))
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("import os; os.kill(os.getpid(), 9)", "cannot be read, its reader came to an end (status -9): "),
        ("raise MemoryError", "cannot be read, its reader came to an end (MemoryError): "),
        ("print('what')", "cannot be read, since its reader answered nonsense"),
        ("print('[1]')", "cannot be read, since its reader answered nonsense"),
        ("print('{}')", "cannot be read, since its reader answered nonsense"),
    ],
)
def test_a_child_that_ends_otherwise_is_a_calendar_that_cannot_be_read(script, why, monkeypatch):
    monkeypatch.setattr(file, "COMMAND", (sys.executable, "-c", script))
    with pytest.raises(IcsError) as refused:
        file.ask_child(request(written(NINE_TO_FIVE)))
    assert str(refused.value).startswith(why)


def test_a_python_that_is_gone_is_a_calendar_that_cannot_be_read(monkeypatch):
    monkeypatch.setattr(file, "COMMAND", ("/nowhere/python",))
    with pytest.raises(IcsError, match=r"^cannot be read, since no process can be started for it: "):
        file.ask_child(request(written(NINE_TO_FIVE)))


def test_no_secret_of_the_parent_is_known_to_the_child(monkeypatch, tmp_path):
    """Neither its variables nor its open files."""
    monkeypatch.setenv("ALERTSMS_OVH_APPLICATION_SECRET", "hidden")
    known = "[sorted(os.environ), sorted(os.listdir('/proc/self/fd')), os.getcwd()]"
    script = f"import json, os, sys; sys.exit(json.dumps({known}))"
    monkeypatch.setattr(file, "COMMAND", (sys.executable, "-c", script))
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        with pytest.raises(IcsError) as refused:
            file.ask_child(request(b""))
    variables, files, folder = json.loads(str(refused.value).partition("(")[2].partition("): ")[0])
    assert set(variables) - set(file.PASSED_ON) - {"LC_CTYPE"} == {"LC_ALL", "PYTHONPATH"}
    assert (files, folder) == (["0", "1", "2", "3"], "/")  # 3 is the folder that is listed


def test_a_child_bounds_itself():
    script = (
        "import resource as r; from alertsms.icalendar_file.child import limit; limit(2**28, 7); limit(2**29, 9);"
        " print(*(r.getrlimit(kind) for kind in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_CORE)))"
    )
    where = {"PYTHONPATH": str(Path(alertsms.__file__).parents[1])}
    said = subprocess.run([sys.executable, "-c", script], env=where, capture_output=True, check=True).stdout
    assert said.decode().strip() == f"{(2**28, 2**28)} (9, 9) (0, 0)"  # what is wanted later only lowers it


def test_a_package_in_a_zip_starts_its_child_too(tmp_path):
    package = Path(alertsms.__file__).parent
    with zipfile.ZipFile(tmp_path / "alertsms.zip", "w") as archive:
        for path in package.rglob("*.py"):
            archive.write(path, path.relative_to(package.parent))
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import alertsms;"
        " from alertsms.icalendar_file.file import ask_child;"
        " from alertsms.icalendar_file.protocol import CalendarRequest; assert sys.argv[1] in alertsms.__file__;"
        " asked = CalendarRequest('UTC', [], 1767225600, 1798761600, sys.stdin.buffer.read());"
        " print(len(ask_child(asked).occurrences))"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "alertsms.zip")]
    done = subprocess.run(command, cwd=tmp_path, input=written(NINE_TO_FIVE), capture_output=True, check=False)
    assert done.stderr.decode() == ""
    assert done.stdout == b"1\n"


def test_a_refused_file_is_read_again_after_a_while_or_when_it_changed(monkeypatch, tmp_path):
    """Else each round of half a minute would cost seconds of processor time."""
    path, asked, ask = tmp_path / "night.ics", [], file.ask_child

    def counted(request: CalendarRequest):
        asked.append(request.raw)
        return ask(request)

    monkeypatch.setattr(file, "ask_child", counted)
    rewrite(path, b"no calendar\r\nEND:VCALENDAR")
    night = file.File(path, PEOPLE, PARIS)
    for minutes in (0, 1, 9, 10, 11):
        with pytest.raises(IcsError, match="is no iCalendar file"):
            night.renew(NOW + timedelta(minutes=minutes))
    assert len(asked) == 2
    with pytest.raises(IcsError, match="is no iCalendar file"):
        night.renew(NOW - timedelta(days=1000))  # the clock was set right
    assert len(asked) == 3
    rewrite(path, written(NINE_TO_FIVE))
    assert night.renew(NOW + timedelta(minutes=12))
    rewrite(path, written(NINE_TO_FIVE))
    assert night.renew(NOW + timedelta(minutes=13))  # fetched anew, and the same
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("setting", "value"), [("COMMAND", ("/nowhere/python",)), ("DEADLINE", 0.01)], ids=["no process", "no time"]
)
def test_a_file_that_the_machine_could_not_read_is_read_by_the_next_round(setting, value, monkeypatch, tmp_path):
    """A machine that just starts may be short of both: nobody would be on call by a sound file for ten minutes."""
    rewrite(tmp_path / "night.ics", written(f"{NINE_TO_FIVE};;SUMMARY:alice;;RRULE:FREQ=DAILY"))
    night = file.File(tmp_path / "night.ics", PEOPLE, PARIS)
    with monkeypatch.context() as short:
        short.setattr(file, setting, value)
        with pytest.raises(IcsError):
            night.renew(NOW)
    assert night.renew(NOW + timedelta(seconds=30))
    assert names(night, "2026-01-06 12:00") == "alice"


def test_what_is_around_the_present_is_read_again_before_it_runs_out(monkeypatch, tmp_path):
    rewrite(tmp_path / "night.ics", written(f"{NINE_TO_FIVE};;SUMMARY:alice;;RRULE:FREQ=DAILY"))
    night = file.File(tmp_path / "night.ics", PEOPLE, PARIS)
    night.renew(NOW)
    later = NOW + timedelta(weeks=60)
    night.prepare(NOW + timedelta(weeks=50))
    night.prepare(later)
    monkeypatch.setattr(file, "ask_child", None)  # whoever asks now waits for no child
    assert names(night, f"{later:%Y-%m-%d} 12:00") == "alice"
    for far in (-60, 60):
        assert list(night.changes(min(later, later + timedelta(weeks=far)), max(later, later + timedelta(weeks=far))))


def test_a_time_that_cannot_be_read_any_more_is_nobodys_and_logged(monkeypatch, tmp_path, caplog):
    rewrite(tmp_path / "night.ics", written(f"{NINE_TO_FIVE};;SUMMARY:alice;;RRULE:FREQ=DAILY"))
    night = file.File(tmp_path / "night.ics", PEOPLE, PARIS)
    night.renew(NOW)
    monkeypatch.setattr(file, "COMMAND", ("/nowhere/python",))
    assert names(night, "2036-01-05 12:00") == ""
    assert list(night.changes(NOW + timedelta(weeks=600), NOW + timedelta(weeks=601))) == []
    assert "a time of a calendar cannot be read: nobody is on call by it" in caplog.text
    monkeypatch.undo()
    assert names(night, "2036-01-05 12:00") == "alice"
