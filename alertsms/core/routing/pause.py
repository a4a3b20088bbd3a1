"""Maintenance: for a while a team's pages are held back, by a human who said so beforehand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

EVERYBODY = ""  # in the place of a team: all teams
LONGEST = timedelta(days=7)  # a pause that somebody forgets ends by itself
WORDS = 200  # characters of a reason, and of a name


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """From when until when a team is not paged, and who wanted that."""

    team: str = EVERYBODY
    begins_at: datetime
    ends_at: datetime
    by: str = ""
    reason: str = ""

    def holds(self, team: str, at: datetime) -> bool:
        """Whether it holds this team's pages back at `at`."""
        return self.team in (team, EVERYBODY) and self.begins_at <= at < self.ends_at

    @property
    def whose(self) -> str:
        """Whom it spares, as the subject of a sentence."""
        return self.team if self.team != EVERYBODY else "every team"

    @property
    def resume(self) -> str:
        """The command that ends it."""
        return f"alertsms resume --team {self.team}" if self.team != EVERYBODY else "alertsms resume --all"

    def words(self, zone: str, verb: str = "is") -> str:
        """Return `ops is paused until Tue 3 Mar 04:10 by alice: new switches`, times in this zone."""
        there = self.ends_at.astimezone(ZoneInfo(zone))
        until = f"{self.whose} {verb} paused until {there:%a} {there.day} {there:%b %H:%M}"
        return ": ".join(filter(None, (f"{until} by {self.by}" if self.by else until, self.reason)))


def holding(pauses: Iterable[Pause], team: str, at: datetime) -> Pause | None:
    """The pause that holds a team's pages back at `at`; of several the one that ends last."""
    return max((pause for pause in pauses if pause.holds(team, at)), key=lambda pause: pause.ends_at, default=None)
