"""Stores and files of releases, as they left them: each upgrade is tried on every one of them.

A release keeps four files here, which `python -m tests.support.stores.make` writes: `VERSION.sql`, `VERSION.yaml`, its
config.example.yaml, and `VERSION.promised` with what it had that stays until the next major version.
"""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent
RELEASES = sorted(path.stem for path in FOLDER.glob("*.sql"))
KEY = sha256(b"the root key of a store that is kept for tests").hexdigest()
OVH, LISTEN = "@OVH@", "@LISTEN@"  # what differs in the kept file from run to run
MICROSECONDS = re.compile(r"\b1[5-9]\d{14}\b")  # a time of this or the next decade, as stores keep it
STATES = {"Open": 20, "Mine": 15, "Wait": 15}  # alerts by what became of them: paged, acknowledged, not sent yet


def names(state: str) -> list[str]:
    """The alerts of one kind."""
    return [f"{state}{number:02}" for number in range(STATES[state])]


def body(state: str, alerts: list[str], since: int) -> dict[str, object]:
    """What Alertmanager posts of them; `since`: microseconds, the same from post to post."""
    starts_at = datetime.fromtimestamp(since // 1_000_000, UTC).isoformat()
    ends_at = datetime.now(UTC).isoformat() if state == "resolved" else "0001-01-01T00:00:00Z"
    return {
        "version": "4",
        "receiver": "sms",
        "status": state,
        "alerts": [
            {
                "status": state,
                "labels": {"alertname": name, "instance": "db-1", "severity": "critical"},
                "annotations": {"summary": f"{name} is broken"},
                "startsAt": starts_at,
                "endsAt": ends_at,
            }
            for name in alerts
        ],
    }


def now() -> int:
    """Microseconds, as stores keep a time."""
    return time.time_ns() // 1000


def dump(database: Path, since: int) -> str:
    """A store as text, with the moment at which it is read, and since when its alerts fire."""
    with closing(sqlite3.connect(database)) as store:
        return f"-- at {now()}\n-- since {since}\n" + "\n".join(store.iterdump()) + "\n"


def left(release: str, seconds: float) -> str:
    """The store of a release as text, as if it had been left so many seconds ago."""
    text = (FOLDER / f"{release}.sql").read_text(encoding="utf-8")
    later = now() - heading(text, "at") - int(seconds * 1_000_000)
    return MICROSECONDS.sub(lambda time_: str(int(time_[0]) + later), text)


def heading(text: str, name: str) -> int:
    """A time that stands in the first lines of such a text."""
    [time_] = re.findall(rf"(?m)^-- {name} (\d+)$", text)
    return int(time_)


def put(release: str, store: str, folder: Path, ovh: str, listen: str) -> Path:
    """Store, file and key of a release in a folder; the path of the file."""
    with closing(sqlite3.connect(folder / "alertsms.db")) as database:
        database.executescript(store)
    key = folder / "alertsms.key"
    key.touch(mode=0o600)
    key.write_text(KEY, encoding="utf-8")
    config = folder / "config.yaml"
    text = (FOLDER / f"{release}.yaml").read_text(encoding="utf-8")
    config.write_text(text.replace(OVH, ovh).replace(LISTEN, listen), encoding="utf-8")
    return config
