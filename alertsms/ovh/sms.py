"""The SMS calls of OVHcloud's API, typed, and one account: how messages leave by it, and its inbox of answers.

Reference: https://eu.api.ovh.com/console/?section=%2Fsms&branch=v1
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from alertsms.ovh.client import (
    AT_ONCE,
    ApiCall,
    Client,
    Params,
    number,
    texts,
    unreadable,
    whole_numbers,
)
from alertsms.ovh.error import Certainty, OvhError, moved
from alertsms.ovh.models import AccountStatus, IncomingSms, OutgoingSms, PendingJob, SenderStatus

IMPATIENT = (1.0, 2.0)  # seconds for the first tries of a question: an answer that comes at all comes sooner, mostly


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One text to one number. ValueError for both a sender and a short number: OVHcloud would ignore the sender."""

    receiver: str  # E.164
    message: str
    tag: str
    sender: str | None = None  # one declared at OVHcloud
    sender_for_response: bool = False  # a short number that can be answered: French operators only, no URL in the text
    virtual_number: str | None = None  # E.164, of the account: the text comes from it
    validity_minutes: int = 30  # OVHcloud's own default is two days: too late for a page
    priority: str = "high"

    def __post_init__(self) -> None:
        if self.sender is not None and self.sender_for_response:
            raise ValueError("a job has a sender or a short number, not both")

    def body(self) -> dict[str, Any]:
        """What POST …/jobs is given. Only described fields, never null: the API refuses both."""
        body: dict[str, Any] = {
            "message": self.message,
            "receivers": [self.receiver],
            "charset": "UTF-8",
            "priority": self.priority,
            "tag": self.tag,
            "validityPeriod": self.validity_minutes,
        }
        if self.virtual_number is not None:
            return body
        body["noStopClause"] = True  # not advertising: else held back from 20:00 to 08:00 and on Sundays
        if self.sender is not None:
            body["sender"] = self.sender
        if self.sender_for_response:
            body["senderForResponse"] = True
        return body


@dataclass(frozen=True, kw_only=True, slots=True)
class JobReport:
    """What became of a job that was taken."""

    ids: tuple[int, ...]
    credits_removed: float
    credits_left: float | None  # newer answers only


class SmsApi:
    """One SMS account."""

    def __init__(self, client: Client, service_name: str) -> None:
        self._client = client
        self.service_name = service_name
        self._path = "/sms/" + quote(service_name, safe="")

    def services(self) -> list[str]:
        """GET /sms: the names of the customer's accounts."""
        return self._client.get_names("/sms", call="services")

    def account(self) -> AccountStatus:
        """GET /sms/{serviceName}."""
        return AccountStatus.read(self._client.get_object(self._path, call="account"))

    def senders(self) -> list[str]:
        """GET /sms/{serviceName}/senders: the declared ones, validated or not."""
        return self._client.get_names(self._path + "/senders", call="senders")

    def sender(self, name: str) -> SenderStatus:
        """GET /sms/{serviceName}/senders/{sender}."""
        path = f"{self._path}/senders/{quote(name, safe='')}"
        return SenderStatus.read(self._client.get_object(path, call="senders_id"))

    def virtual_number(self, number: str) -> None:
        """GET /sms/{serviceName}/virtualNumbers/{number} (E.164). Raises OvhError, 404 for one that is not rented."""
        path = f"{self._path}/virtualNumbers/{number.replace('+', '00')}"
        self._client.get_object(path, call="virtual_number")

    def blacklist(self) -> dict[str, str]:
        """GET /sms/{serviceName}/blacklists: who answered STOP, as E.164, and how OVHcloud writes that number."""
        listed = self._client.get_names(self._path + "/blacklists", call="blacklist")
        return {"+" + digits(number): number for number in listed}

    def allow_again(self, listed: str) -> None:
        """DELETE /sms/{serviceName}/blacklists/{number}: SMS reach it again; `listed` is as OVHcloud writes it."""
        self._client.change("DELETE", f"{self._path}/blacklists/{quote(listed, safe='')}", call="blacklist_delete")

    def set_callback(self, url: str) -> None:
        """PUT /sms/{serviceName}: the URL that is called at each delivery receipt of the account."""
        self._client.change("PUT", self._path, call="account", body={"callBack": url})

    def send(self, job: Job) -> JobReport:
        """POST /sms/{serviceName}/jobs, or that of a virtual number. Raises OvhError.

        A 200 does not mean sent: PERMANENT when the number is among the invalid ones or there is no id for it, UNKNOWN
        when the answer does not say.
        """
        path = self._path + "/jobs"
        if job.virtual_number is not None:
            path = f"{self._path}/virtualNumbers/{job.virtual_number.replace('+', '00')}/jobs"
        answer = self._client.answer(ApiCall(name="send", method="POST", path=path, body=job.body()))
        reply = answer.value
        if not isinstance(reply, dict):
            raise unreadable("send", "POST", answer)
        ids, refused = whole_numbers(reply.get("ids")), reply.get("invalidReceivers")
        invalid = bool(refused) and digits(job.receiver) in map(digits, texts(refused))
        if ids and not invalid:
            removed = number(reply.get("totalCreditsRemoved")) or 0.0
            return JobReport(ids=ids, credits_removed=removed, credits_left=number(reply.get("creditsLeft")))
        if not invalid and reply.get("ids") != []:
            raise unreadable("send", "POST", answer)
        raise OvhError(
            certainty=Certainty.PERMANENT,
            status=answer.reply.status,
            code="invalid_receiver" if invalid else "no_id",
            message="OVHcloud refused the number: it cannot take SMS, or answered STOP (alertsms doctor tells)",
            query_id=answer.reply.query_id,
            call="send",
        )

    def outgoing_ids(self, tag: str, patience: float | None = None) -> list[int]:
        """GET /sms/{serviceName}/outgoing?tag=: the messages that left with this tag; `patience` in seconds."""
        return self._outgoing({"tag": tag}, patience)

    def outgoing_since(self, at: datetime) -> list[int]:
        """GET /sms/{serviceName}/outgoing?creationDatetime.from=: all that left since then, whoever sent it.

        Whether the filter heeds the zone is not documented: ask for a day more. Raises OvhError.
        """
        return _thrice(lambda patience: self._outgoing({"creationDatetime.from": stamp(at)}, patience))

    def outgoing_to(self, number: str, since: datetime) -> list[int]:
        """GET /sms/{serviceName}/outgoing?receiver=: what left for a number, whoever sent it. Raises OvhError."""
        return self._outgoing({"receiver": number, "creationDatetime.from": stamp(since)})

    def _outgoing(self, query: Params, patience: float | None = None) -> list[int]:
        return self._client.get_ids(self._path + "/outgoing", call="outgoing", params=query, patience=patience)

    def outgoings(self, ids: Iterable[int]) -> dict[int, OutgoingSms]:
        """Several messages that left, in one read for each 50; those that OVHcloud does not show are left out."""
        return self._client.get_many(self._path + "/outgoing", call="outgoing_id", ids=ids, read=OutgoingSms.read)

    def job_ids(self, patience: float | None = None) -> list[int]:
        """GET /sms/{serviceName}/jobs: what is pending; the API has no filter. `patience` in seconds."""
        return self._client.get_ids(self._path + "/jobs", call="jobs", patience=patience)

    def jobs(self, ids: Iterable[int]) -> list[PendingJob]:
        """Several pending jobs, in one read for each 50; those that are gone meanwhile are left out."""
        path = self._path + "/jobs"
        return list(self._client.get_many(path, call="jobs_id", ids=ids, read=PendingJob.read, certain=True).values())

    def find(self, tag: str, receiver: str, text: str, *, pending: bool = True) -> int | None:
        """The id of a message whose sending had an unknown outcome; None when OVHcloud shows none. Raises OvhError.

        1. With `pending`: the 50 newest pending jobs, which have no tag: same number, same text.
        2. What left with its tag. Asked last, since a message moves from there to here and never back; it counts
           even where the first question failed.

        The smallest id is the answer, should there be copies. Each question is asked three times before it has
        failed, at first with little patience: until both are answered, a page that was lost cannot be sent again.

        None is no proof: how soon an accepted job is shown is not documented.
        """
        failed: OvhError | None = None
        ids: list[int] = []
        if pending:
            try:
                ids = _thrice(lambda patience: self._waiting(receiver, text, patience))
            except OvhError as error:
                failed = error
        ids = ids or _thrice(lambda patience: self.outgoing_ids(tag, patience))
        if failed and not ids:
            raise failed
        return min(ids, default=None)

    def _waiting(self, receiver: str, text: str, patience: float | None) -> list[int]:
        jobs = self.jobs(sorted(self.job_ids(patience))[-AT_ONCE:])
        same = (job.id for job in jobs if job.message == text and digits(job.receiver) == digits(receiver))
        return [id for id in same if id is not None]  # noqa: A001


def _thrice(ask: Callable[[float | None], list[int]]) -> list[int]:
    for patience in IMPATIENT:
        try:
            return ask(patience)
        except OvhError as error:
            if error.permanent or error.status == 429 or moved(error):
                raise
    return ask(None)


def stamp(at: datetime) -> str:
    """A time as a filter of the API takes it."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def digits(number: str) -> str:
    """The digits of a number: +33612345678, 0033612345678 and 33612345678 are one."""
    return "".join(filter(str.isdigit, number)).removeprefix("00")


class Inbox:
    """What came in. Nothing is deleted: others may read the same account."""

    def __init__(self, client: Client, service_name: str, virtual_number: str | None = None) -> None:
        """`virtual_number` in E.164: it has a list of its own."""
        self._client = client
        self.name = f"{service_name}:{virtual_number}" if virtual_number else service_name
        rented = f"/virtualNumbers/{virtual_number.replace('+', '00')}" if virtual_number else ""
        self._path = f"/sms/{quote(service_name, safe='')}{rented}/incoming"

    @property
    def their_seconds(self) -> float | None:
        """OVHcloud's time in UNIX seconds, late by up to one; None before the first call."""
        return self._client.server_clock.seconds

    def ids(self, since: datetime) -> list[int]:
        """GET …/incoming?creationDatetime.from=: what came since then; there is no filter for what is unread.

        Nothing documents in which order, nor that ids rise, nor whether the filter heeds the zone: ask for a day more.
        Raises OvhError.
        """
        return self._client.get_ids(self._path, call="incoming", params={"creationDatetime.from": stamp(since)})

    def read(self, ids: Iterable[int]) -> dict[int, IncomingSms]:
        """GET …/incoming/{id}, several in one read; those that are gone are left out. Raises OvhError."""
        return self._client.get_many(self._path, call="incoming_id", ids=ids, read=IncomingSms.read)


@dataclass(frozen=True, kw_only=True, slots=True)
class SmsAccount:
    """An account and the sender that its messages show."""

    client: Client
    sms: SmsApi
    sender: str | None = None
    sender_for_response: bool = False
    virtual_number: str | None = None
    registered_in: tuple[str, ...] = ()  # countries whose register knows the sender's name
    answered: bool = True  # False: nobody reads what phones answer
    validity: timedelta = timedelta(minutes=30)
    receipt_timeout: timedelta = timedelta(minutes=2)  # without a receipt by then: the person's next number
    longest: timedelta = timedelta(seconds=13)  # that one call takes: to connect, and to read the answer
    identity: tuple[object, ...] = field(default=(), repr=False)  # a reload to an equal one changed nothing
    mark: str = ""  # a hash of that, by which replicas speak of it

    @property
    def shows(self) -> str:
        """What phones show as the sender."""
        number = self.virtual_number
        return self.sender or (f"the number …{number[-4:]}" if number else "a short number")

    @property
    def inbox(self) -> Inbox | None:
        """Where answers to its messages come in; None where nobody reads them, or the sender is a name."""
        if not self.answered or (self.virtual_number is None and not self.sender_for_response):
            return None
        return Inbox(self.client, self.sms.service_name, self.virtual_number)

    def job(self, *, number: str, text: str, tag: str) -> Job:
        """One message as OVH takes it; the tag finds it again when the answer is lost."""
        minutes = max(int(self.validity / timedelta(minutes=1)), 1)
        return Job(
            receiver=number,
            message=text,
            tag=tag,
            sender=self.sender,
            validity_minutes=minutes,
            sender_for_response=self.sender_for_response,
            virtual_number=self.virtual_number,
        )
