"""Who is paged together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from alertsms.core.channel import NO_FALLBACK, Fallback
from alertsms.core.person import Person


@dataclass(frozen=True, kw_only=True, slots=True)
class Team:
    """The people whom a route pages."""

    name: str
    people: tuple[Person, ...] = ()
    record_only: bool = False  # incidents are recorded, nobody is paged
    send_resolved: bool = True
    repeat_interval: timedelta = timedelta(minutes=30)  # zero: no reminders
    remind_max: timedelta = timedelta(hours=24)
    fallback: Fallback = NO_FALLBACK
    template: str = ""  # a Jinja2 template of the text; "" for the composed one
