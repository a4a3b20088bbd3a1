"""A trouble: something that keeps alerts from being taken or pages from reaching phones, with what mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alertsms.core.text.channel import ChannelText, cut, moment

SETTLES = timedelta(seconds=30)  # what passes within it by itself is worth nobody's attention
LONGEST = 600  # characters of a line: a database's own words may be a page


class Hindrance(StrEnum):
    """What a trouble keeps from happening, the gravest first."""

    INTAKE = "intake"  # alerts are not taken: senders are to ask another one, or again
    SENDING = "sending"  # pages do not leave, or not for sure, and it is this process or its store
    OUTSIDE = "outside"  # something elsewhere: webhooks are taken, and a restart would mend nothing


_HEADS = {
    Hindrance.INTAKE: "ALERTS ARE NOT TAKEN:",
    Hindrance.SENDING: "PAGES MAY NOT LEAVE:",
    Hindrance.OUTSIDE: "Not as it should be:",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """One thing that is wrong now."""

    key: str  # the same for as long as it lasts
    hinders: Hindrance
    says: str  # what is wrong, in a sentence without its full stop
    fix: str
    since: datetime | None = None  # None: since it was first seen
    settles: timedelta = SETTLES  # channels get it when it lasts longer than this
    behind: str = ""  # the key of a trouble that explains this one: channels get that one alone
    told: bool = False  # its finder notifies the channels by itself


Source = Callable[[], Iterable[Trouble]]


def ordered(troubles: Iterable[Trouble]) -> list[Trouble]:
    """The gravest first."""
    return sorted(troubles, key=lambda trouble: tuple(Hindrance).index(trouble.hinders))


def alarm(begun: Sequence[Trouble], over: Sequence[tuple[str, datetime]], *, zone: str) -> ChannelText:
    """What channels get: troubles that last, and those (with their beginnings) that are over."""
    lines: list[str] = []
    for hinders, head in _HEADS.items():
        lasting = [trouble for trouble in begun if trouble.hinders is hinders]
        lines += [head, *(_line(trouble, zone) for trouble in lasting)] if lasting else []
    if over:
        lines += ["Over:", *(f"- {cut(says, LONGEST)} (since {moment(since, zone)})" for says, since in over)]
    first = f"{begun[0].says}" if begun else f"over: {over[0][0]}"
    more = len(begun) + len(over) - 1
    return ChannelText(
        title=cut(f"alertsms: {first}", 120) + (f" and {more} more" if more else ""), body="\n".join(lines)
    )


def _line(trouble: Trouble, zone: str) -> str:
    since = f", since {moment(trouble.since, zone)}" if trouble.since else ""
    return f"- {cut(trouble.says, LONGEST)}{since}. To mend it: {trouble.fix}"
