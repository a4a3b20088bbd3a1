"""One question to an OVHcloud account: what became of some messages that it took."""

from __future__ import annotations

from dataclasses import dataclass, field

from alertsms.core.messages.receipt import ReceiptVerdict, judge
from alertsms.ovh.models import OutgoingSms
from alertsms.ovh.sms_account import SmsAccount
from alertsms.store.outbox import SmsMessage
from alertsms.store.receipts import ReceiptReport


@dataclass(kw_only=True, slots=True)
class ReceiptPoll:
    """What one batch of questions brought, by message."""

    said: list[tuple[SmsMessage, ReceiptReport]] = field(default_factory=list)
    moved: list[tuple[SmsMessage, int]] = field(default_factory=list)  # shown under another id
    open: list[SmsMessage] = field(default_factory=list)  # not shown yet: OVHcloud still has it in its jobs

    def pending(self) -> list[SmsMessage]:
        """Of which nothing final is known."""
        return [message for message, said in self.said if said.judgement.verdict is ReceiptVerdict.PENDING] + self.open


def hear(outlet: SmsAccount, asked: list[SmsMessage]) -> ReceiptPoll:
    """Ask about some messages of one account. Raises OvhError."""
    heard = ReceiptPoll()
    shown = outlet.sms.outgoings([message.ovh_id for message in asked if message.ovh_id is not None])
    for message in asked:
        found = shown.get(message.ovh_id) if message.ovh_id is not None else None
        # The id may be somebody else's message: nothing says that a job's id is that of what leaves.
        if found and found.tag == message.tag:
            heard.said.append((message, _said(found)))
            continue
        ovh_id = min(outlet.sms.outgoing_ids(message.tag), default=None)
        if ovh_id is None or ovh_id == message.ovh_id:
            heard.open.append(message)
        else:
            heard.moved.append((message, ovh_id))
    return heard


def _said(found: OutgoingSms) -> ReceiptReport:
    judgement = judge(found.dlr, found.ptt)
    return ReceiptReport(judgement=judgement, dlr=found.dlr, ptt=found.ptt, delivered_at=found.delivered_at)
