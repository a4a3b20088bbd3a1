"""One event a line, as key=value (logfmt) or JSON. Numbers are masked by who logs them, secrets never logged."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

# What anybody who can connect may have us log. How often depends on nobody's good will but theirs.
BY_ANYBODY = frozenset(
    {
        "heartbeat refused",
        "heartbeat unknown",
        "login not looked at",
        "login refused",
        "request cut off",
        "request refused",
        "webhook refused",
        "wrong link",
    }
)
MOST = 30  # lines of one kind in a minute
MINUTE = 60.0  # seconds


def event(log: logging.Logger, level: int, message: str, **fields: Any) -> None:  # noqa: ANN401
    """Log one event with its fields, in the order given."""
    if log.isEnabledFor(level):
        log.log(level, message, extra={"fields": fields})


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = {"time": at, "level": record.levelname.lower(), "msg": record.getMessage(), "logger": record.name}
    fields |= _given(record)
    if record.exc_info:
        fields["traceback"] = logging.Formatter().formatException(record.exc_info)
    return fields


class Logfmt(logging.Formatter):
    """time=… level=… msg="…" key=value."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the values hold."""
        return " ".join(f"{key}={_quoted(value)}" for key, value in _fields(record).items())


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the values hold."""
        line = json.dumps(_fields(record), ensure_ascii=False, default=str)
        return line if line.isprintable() else json.dumps(_fields(record), default=str)


class Seldom(logging.Filter):
    """Leaves lines that any stranger can cause out of the log beyond so many a minute; a later one says how many."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[object, tuple[float, int]] = {}  # of each kind, when its minute began and how many came

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is written."""
        kind: object = record.name
        if kind != "waitress":  # whose lines are about connections that break off
            if record.msg not in BY_ANYBODY:
                return True
            kind = record.msg, _given(record).get("status")
        began, seen = self._seen.get(kind, (record.created, 0))
        if not 0 <= record.created - began < MINUTE:
            if seen > MOST:
                record.__dict__["fields"] = _given(record) | {"left_out": seen - MOST}
            began, seen = record.created, 0
        self._seen[kind] = began, seen + 1
        return seen < MOST


def _given(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = getattr(record, "fields", {})
    return fields


def _quoted(value: object) -> str:
    text = str(value)
    if text and text.isprintable() and not set(text) & set(' "='):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def setup(*, level: str = "info", form: str = "logfmt") -> None:
    """Send everything to stderr in one form: `logfmt` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Logfmt())
    handler.addFilter(Seldom())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Their retries and queue depths are ours to tell, in our words.
    for noisy in ("urllib3", "waitress.queue", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
