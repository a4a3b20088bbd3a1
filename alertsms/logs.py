"""One event a line, as key=value (logfmt) or JSON. Numbers are masked by who logs them, secrets never logged."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any


def event(log: logging.Logger, level: int, message: str, **fields: Any) -> None:  # noqa: ANN401
    """Log one event with its fields, in the order given."""
    if log.isEnabledFor(level):
        log.log(level, message, extra={"fields": fields})


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = {"time": at, "level": record.levelname.lower(), "msg": record.getMessage(), "logger": record.name}
    fields |= getattr(record, "fields", {})
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
        return json.dumps(_fields(record), ensure_ascii=False, default=str)


def _quoted(value: object) -> str:
    text = str(value)
    if text and text.isprintable() and not set(text) & set(' "='):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def setup(*, level: str = "info", form: str = "logfmt") -> None:
    """Send everything to stderr in one form: `logfmt` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Logfmt())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Their retries and queue depths are ours to tell, in our words.
    for noisy in ("urllib3", "waitress.queue", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
