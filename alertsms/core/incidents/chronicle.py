"""Everything that is known of an incident or an SMS, gathered for whoever asks why: a command, or the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alertsms.core.incidents.incident import Incident
from alertsms.core.incidents.timeline import StoredEvent
from alertsms.core.messages import message, notification
from alertsms.core.schedules.person import PhoneNumber


@dataclass(frozen=True, kw_only=True, slots=True)
class SmsAttempt:
    """One SMS as far as it came. The number is masked wherever it is shown."""

    tag: str
    person: str
    team: str
    number: PhoneNumber
    text: str
    segments: int
    kind: notification.NotificationKind
    state: message.MessageState
    attempts: int
    resends: int
    account: str
    ovh_id: int | None
    credits: float | None
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    dlr: int | None
    ptt: int | None
    error: str
    digest: int | None  # its own number where it carries several pages
    incidents: tuple[int, ...] = ()  # the incidents that it is about


@dataclass(frozen=True, kw_only=True, slots=True)
class PageDelivery:
    """One page and the SMS that carries it, if one does by now."""

    person: str
    kind: notification.NotificationKind
    state: notification.PageState
    episode: int
    nth: int
    phone: int
    due_at: datetime
    sms: SmsAttempt | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Chronicle:
    """The whole story of one incident."""

    incident: Incident
    told: tuple[StoredEvent, ...] = ()  # in the order of their first times
    deliveries: tuple[PageDelivery, ...] = ()  # in the order of the decisions behind them
