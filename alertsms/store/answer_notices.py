"""What is said back to phones that answered, and how many wrong numbers came from each: as facts of the phone.

A phone is known by person and place, not by its number: facts are kept longer than numbers.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from alertsms.core.alerts.alert import Severity
from alertsms.core.messages.notification import Notification, NotificationKind, PageState, priority
from alertsms.core.text.answered import GATHERED, HOUR, AnswerEffect, Until, may_confirm, too_many
from alertsms.store import pages as page_rows
from alertsms.store import settings
from alertsms.store.schema import EPOCH, MICROSECOND, page_table

CONFIRMED = "confirmed:"  # and the phone
WRONG = "wrong:"


def confirm(tx: Connection, person: str, place: int, deed: AnswerEffect, now: datetime) -> bool:
    """Say what an answer did, with what others did just before; false where that phone got enough of them."""
    key = f"{CONFIRMED}{person}:{place}"
    known: dict[str, Any] = json.loads(settings.get(tx, key) or "{}")
    before = _read_deed(known.get("deed", {}))
    if "page" in known and _reworded(tx, known["page"], before.and_also(deed).words, now):
        deed, number, times = before.and_also(deed), known["page"], known["times"]
    else:
        lately = [at for at in map(_read, known.get("times", ())) if now - at < HOUR]
        if not may_confirm(lately, now):
            return False
        number, times = _put(tx, person, place, deed, now), [_written(at) for at in (*lately, now)]
    value = {"page": number, "deed": _written_deed(deed), "times": times}
    settings.put(tx, key, json.dumps(value, ensure_ascii=False), now)
    return True


def _written_deed(deed: AnswerEffect) -> dict[str, Any]:
    taken = [[number, until and [_written(until.at), until.clock]] for number, until in deed.taken.items()]
    return {"taken": taken, "troubles": deed.troubles, "back": deed.back, "new": deed.new}


def _read_deed(known: dict[str, Any]) -> AnswerEffect:
    taken = {number: end and Until(at=_read(end[0]), clock=end[1]) for number, end in known.get("taken", ())}
    lists = {name: tuple(known.get(name, ())) for name in ("troubles", "back", "new")}
    return AnswerEffect(taken=taken, **lists)


def _reworded(tx: Connection, number: int, words: str, now: datetime) -> bool:
    """Give an SMS that gathers other words; false where it is about to leave, or did."""
    waits = (page_table.c.id == number, page_table.c.state == PageState.QUEUED, page_table.c.due_at > now)
    return tx.execute(update(page_table).where(*waits).values(note=words)).rowcount == 1


def _put(tx: Connection, person: str, place: int, deed: AnswerEffect, now: datetime) -> int:
    rank = priority(NotificationKind.ANSWERED, Severity.CRITICAL)
    page = Notification(
        person=person,
        team="",
        kind=NotificationKind.ANSWERED,
        priority=rank,
        due_at=now + GATHERED,
        created_at=now,
        phone=place,
        note=deed.words,
    )
    return page_rows.put(tx, page)


def missed(tx: Connection, phone: str, numbers: int, now: datetime) -> datetime | None:
    """So many more numbers were wrong: until when the answers of that phone rest now; None: they do not."""
    known = json.loads(settings.get(tx, WRONG + phone) or "{}")
    misses = [at for at in map(_read, known.get("times", ())) if now - at < HOUR] + [now] * numbers
    until = now + HOUR if too_many(misses, now) else None
    value = {"times": [] if until else [_written(at) for at in misses], "until": _written(until) if until else 0}
    settings.put(tx, WRONG + phone, json.dumps(value), now)
    return until


def rests(tx: Connection, phone: str, now: datetime) -> bool:
    """Whether answers of a phone count for nothing at this time."""
    until = json.loads(settings.get(tx, WRONG + phone) or "{}").get("until", 0)
    return _read(until) > now


def _read(microseconds: int) -> datetime:
    return EPOCH + microseconds * MICROSECOND


def _written(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND
