"""One SMS account: its balance, its senders, what it accepted and what came back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from alertsms.sandbox.exchange import RefusedError, not_found
from alertsms.sandbox.faults import FaultKind, Strike
from alertsms.sandbox.job import STOP_CLAUSE, JobRequest, normal
from alertsms.sandbox.message import (
    DeliveryCode,
    OperatorReceipt,
    PhoneReply,
    SandboxMessage,
    measure,
    next_slot,
    receipts,
)

FIRST_ID = 100001
SENDERS = {"ACME": "enable", "NEWNAME": "waitingValidation"}


class SandboxAccount:
    """The state behind the calls. The Sandbox's lock guards it; times are Unix seconds and arguments."""

    def __init__(
        self,
        name: str = "sms-xx00000-1",
        *,
        senders: Mapping[str, str] = SENDERS,
        credits: float = 1000.0,  # noqa: A002 - OVHcloud's word
        fate: tuple[OperatorReceipt, ...] | None = None,
        virtual_numbers: Mapping[str, str] | None = None,
    ) -> None:
        """`senders`: name -> enable, disable, refused or waitingValidation; `fate`: the receipts of each message.

        `virtual_numbers`: 0033... -> country.
        """
        self.name = name
        self.senders = dict(senders)
        self.virtual_numbers = dict(virtual_numbers or {})
        self.fate = receipts() if fate is None else fate
        self.settings: dict[str, object] = {"callBack": None, "stopCallBack": None, "description": name}
        self._opening_credits = credits
        self._next_id = FIRST_ID
        self.clear()

    def clear(self) -> None:
        """Forget all traffic and fill the balance up; ids go on, so none is ever used twice."""
        self.credits = self._opening_credits
        self.messages: dict[int, SandboxMessage] = {}
        self.incoming: dict[int, PhoneReply] = {}
        self.blacklist: dict[str, float] = {}  # number -> since when
        self.tags: Counter[str] = Counter()
        self.receivers: Counter[str] = Counter()
        self._by_tag: defaultdict[str, list[int]] = defaultdict(list)

    def submit(self, job: JobRequest, now: float, strike: Strike) -> tuple[list[SandboxMessage], list[str]]:
        """Accept `job`; return its messages and the receivers that were not. Raises RefusedError."""
        self._check_sender(job.sender)
        valid = (
            []
            if FaultKind.INVALID_RECEIVER in strike.hits
            else [
                number for number in map(normal, job.receivers) if number is not None and number not in self.blacklist
            ]
        )
        refused = [n for n in job.receivers if normal(n) not in valid]
        text = job.text + STOP_CLAUSE if job.stop else job.text
        size = measure(text)
        if FaultKind.NO_CREDITS in strike.hits or size.parts * len(valid) > self.credits:
            raise RefusedError(403, "NOT_ENOUGH_CREDITS", "Not enough credits")
        leaves_at = now + 60 * job.deferred
        first = SandboxMessage(
            id=0,
            at=now,
            receiver="",
            text=text,
            tag=job.tag,
            sender=job.sender,
            size=size,
            credits=float(size.parts),
            priority=job.priority,
            validity=job.validity,
            stop=job.stop,
            leaves_at=next_slot(leaves_at) if job.stop else leaves_at,
            visible_at=now + strike.seconds(FaultKind.LATE),
            receipts=self._fate(strike),
            shown=FaultKind.BLOCKED not in strike.hits,
        )
        return [self._record(replace(first, id=self._id(), receiver=number)) for number in valid], refused

    def _check_sender(self, sender: str) -> None:
        if not sender or sender in self.virtual_numbers:
            return
        if sender not in self.senders:
            raise RefusedError(403, "FORBIDDEN", f"Sms sender {sender} does not exists. Please create it first")
        if self.senders[sender] != "enable":
            raise RefusedError(403, "FORBIDDEN", "User not granted for this request")

    def _fate(self, strike: Strike) -> tuple[OperatorReceipt, ...]:
        after = strike.seconds(FaultKind.SLOW_RECEIPT) or (self.fate[-1].after if self.fate else 0.0)
        if FaultKind.NO_RECEIPT in strike.hits:
            return receipts(after, None)
        if bad := strike.hits.get(FaultKind.UNDELIVERED):
            return receipts(after, DeliveryCode.FAILED, bad.ptt)
        return receipts(after) if FaultKind.SLOW_RECEIPT in strike.hits else self.fate

    def _record(self, message: SandboxMessage) -> SandboxMessage:
        self.messages[message.id] = message
        self.credits -= message.credits
        self.tags[message.tag] += 1
        self.receivers[message.receiver] += 1
        self._by_tag[message.tag].append(message.id)
        return message

    def _id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def sent(self, now: float, tag: str | None = None) -> Iterable[SandboxMessage]:
        """Return the messages in outgoing at `now`, oldest first, those with `tag` if given."""
        ids = self.messages if tag is None else self._by_tag.get(tag, [])
        return [message for message in map(self.messages.__getitem__, ids) if message.sent(now)]

    def cancel(self, id: int, now: float) -> None:  # noqa: A002 - OVHcloud's word
        """Stop a pending message and give its credits back. Raises RefusedError."""
        message = self.messages.get(id)
        if message is None or not message.pending(now):
            raise not_found(id)
        self.messages[id] = replace(message, cancelled=True)
        self.credits += message.credits

    def receive(self, sender: str, text: str, tag: str, now: float) -> PhoneReply:
        """Take a reply; one that says STOP blacklists its sender, as OVHcloud does by itself."""
        reply = PhoneReply(id=self._id(), at=now, sender=sender, text=text, tag=tag)
        self.incoming[reply.id] = reply
        if text.strip().upper() == "STOP":
            self.blacklist[sender] = now
        return reply
