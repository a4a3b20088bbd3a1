"""One event a line, whatever its values hold."""

from __future__ import annotations

import json
import logging

import pytest

from alertsms.logs import BY_ANYBODY, MOST, Json, Logfmt, Seldom, event, setup


@pytest.fixture
def root():
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    yield logger
    logger.handlers[:] = handlers
    logger.setLevel(level)


def record(message="sms accepted", fields=None, error=None):
    exc_info = (type(error), error, None) if error else None
    made = logging.LogRecord("alertsms.sender", logging.INFO, "f", 1, message, None, exc_info)
    made.created = 1772503800.25
    if fields is not None:
        made.fields = fields
    return made


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({}, ""),
        ({"tag": "abc", "attempt": 2}, " tag=abc attempt=2"),
        ({"why": "no route"}, ' why="no route"'),
        ({"why": ""}, ' why=""'),
        ({"why": 'a "b"'}, ' why="a \\"b\\""'),
        ({"why": "a=b"}, ' why="a=b"'),
        ({"why": "two\nlines\u2028"}, ' why="two\\nlines\\u2028"'),
        ({"name": "Größe"}, " name=Größe"),
        ({"at": None}, " at=None"),
    ],
)
def test_logfmt_is_one_line(fields, line):
    start = 'time=2026-03-03T02:10:00.250Z level=info msg="sms accepted" logger=alertsms.sender'
    assert Logfmt().format(record(fields=fields)) == start + line


@pytest.mark.parametrize("form", [Json(), Logfmt()])
@pytest.mark.parametrize("odd", ["\x85", "\x9b2J", "\u2028", "\u2029", "\x1b[2J", "\x0b", "\ud800", "\u202e"])
def test_a_line_is_one_whatever_splits_it(form, odd):
    line = form.format(record(fields={"path": f"/a{odd}time=2026", "who": "Größe"}))
    assert line.isprintable()
    assert len(line.splitlines()) == 1
    if isinstance(form, Json):
        assert json.loads(line)["path"] == f"/a{odd}time=2026"


def test_a_traceback_is_one_line_too():
    line = Json().format(record(error=ValueError("\x9b2J\u2028")))
    assert line.isprintable()


def test_json_shows_what_can_be_read_as_it_is():
    assert "Größe" in Json().format(record(fields={"who": "Größe"}))


def test_json_is_one_object():
    line = Json().format(record(fields={"why": "two\nlines", "at": {1}}))
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2026-03-03T02:10:00.250Z",
        "level": "info",
        "msg": "sms accepted",
        "logger": "alertsms.sender",
        "why": "two\nlines",
        "at": "{1}",
    }


def test_a_traceback_stays_on_the_line():
    line = Logfmt().format(record(error=ValueError("no")))
    assert line.endswith('traceback="ValueError: no"')


@pytest.mark.parametrize(("form", "formatter"), [("logfmt", Logfmt), ("json", Json)])
def test_setup_sends_everything_to_stderr(root, capsys, form, formatter):
    setup(level="warning", form=form)
    event(logging.getLogger("alertsms.x"), logging.INFO, "not shown")
    event(logging.getLogger("alertsms.x"), logging.WARNING, "shown", number=1)
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "shown" in shown
    assert isinstance(root.handlers[0].formatter, formatter)


def test_an_event_that_nobody_reads_costs_nothing(root):
    class Explosive:
        def __str__(self) -> str:
            raise AssertionError

    setup(level="error")
    event(logging.getLogger("alertsms.x"), logging.INFO, "quiet", what=Explosive())


def written(seldom: Seldom, message: str, at: float, **fields: object) -> logging.LogRecord | None:
    made = record(message, fields or None)
    made.created = at
    return made if seldom.filter(made) else None


@pytest.mark.parametrize("message", sorted(BY_ANYBODY))
def test_a_stranger_fills_no_log(message):
    seldom = Seldom()
    assert [bool(written(seldom, message, 1000.0 + nth / 100, peer="a")) for nth in range(1000)] == (
        [True] * MOST + [False] * (1000 - MOST)
    )
    assert written(seldom, message, 1060.0, peer="b").fields == {"peer": "b", "left_out": 1000 - MOST}
    assert written(seldom, message, 1061.0, peer="c").fields == {"peer": "c"}
    assert written(seldom, message, 500.0) is not None  # somebody set the clock


def test_a_refusal_hides_no_other_kind_of_one():
    seldom = Seldom()
    for _ in range(1000):
        written(seldom, "webhook refused", 1000.0, status=401)
    assert written(seldom, "webhook refused", 1000.0, status=413)
    assert all(written(seldom, "sms accepted", 1000.0) for _ in range(1000))


def test_the_log_is_set_up_so(root, capsys):
    setup()
    for _ in range(2 * MOST):
        event(logging.getLogger("alertsms.link"), logging.INFO, "wrong link")
    assert len(capsys.readouterr().err.splitlines()) == MOST
