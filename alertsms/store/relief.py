"""What somebody's answer means for everybody else: pages that need not leave any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from alertsms.core.incident import Change
from alertsms.store import resolution


@dataclass(frozen=True, kw_only=True, slots=True)
class Relieved:
    """What an answer did to the outbox."""

    cancelled: tuple[str, ...] = ()  # the team of each message that will not leave
    texts: int = 0  # texts and posts that say who has it


def relieve(tx: Connection, changes: Sequence[Change], now: datetime) -> Relieved:
    """Cancel the pages that have not left of incidents that somebody has now. The incidents are stored as such."""
    numbers = [change.incident.id for change in changes if change.relieves]
    return Relieved(cancelled=tuple(resolution.spare(tx, numbers, now)))
