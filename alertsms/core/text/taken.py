"""What the others are told when somebody takes what they were just paged for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from alertsms.core.incidents.incident import Incident
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.text.compose import NAME_KEPT, compose, fits
from alertsms.core.text.gsm7 import transliterate
from alertsms.core.text.language import ENGLISH, say
from alertsms.core.text.subject import Subject, duration_text, name_of

RECENT = timedelta(minutes=15)  # who was paged longer ago has gone back to sleep


def taken(
    by: str, ones: Sequence[Incident], *, length: timedelta | None, max_segments: int, language: str = ENGLISH
) -> str:
    """Word who has these incidents: `bob has it: HighCPU web-01 #42`, or `bob has 2: #42 HighCPU web-01, #43 …`.

    `length` is that of a snooze. What does not fit is counted.
    """
    lasting = duration_text(length, language) if length else ""
    if len(ones) == 1:
        one = ones[0]
        subject = Subject(
            kind=NotificationKind.TAKEN,
            severity=one.severity,
            name=name_of(one.labels),
            place=one.place,
            number=one.id,
            by=by,
            after=lasting,
            language=language,
        )
        return compose(subject, max_segments=max_segments)
    ordered = sorted(ones, key=lambda one: (one.severity, one.id))
    who, has, until = _word(by) or say(language, "somebody"), say(language, "has"), say(language, "for")
    head = f"{who} {has} {len(ordered)}{lasting and f' {until} {lasting}'}"
    named: list[str] = []
    for one in ordered:
        whole = " ".join(filter(None, (f"#{one.id}", _word(name_of(one.labels)), _word(one.place))))
        if not fits(_listed(head, [*named, whole], len(ordered), language), max_segments):
            break
        named.append(whole)
    return _listed(head, named, len(ordered), language)


def _listed(head: str, named: Sequence[str], count: int, language: str) -> str:
    rest = count - len(named)
    word = say(language, "other" if rest == 1 else "others")
    others = [f"{rest} {word}"] if rest and named else []
    return f"{head}: {', '.join([*named, *others])}" if named else head


def _word(text: str) -> str:
    """A name or a place in the SMS alphabet, on one line, at most 24 characters."""
    cleaned = " ".join(transliterate(text[:200]).split())
    return cleaned if len(cleaned) <= NAME_KEPT else cleaned[: NAME_KEPT - 3].rstrip(" .,;:-(") + "..."
