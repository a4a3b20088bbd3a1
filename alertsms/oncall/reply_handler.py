"""Does what one SMS from a phone asks for, in one transaction: acknowledges, snoozes, or says what was unclear."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alertsms.core.incidents.acknowledge import AcknowledgedVia, Acknowledgement, AckResult, Outcome
from alertsms.core.messages.notification import NoticeBySms
from alertsms.core.routing.roster import Roster
from alertsms.core.text.reply import (
    CONFIRMED,
    Intent,
    Reply,
    Until,
    how_to_write,
    read_reply,
    resting,
    to_all,
    to_named,
)
from alertsms.core.text.subject import clock_time, masked
from alertsms.oncall.phone_check import ANY_QUESTION
from alertsms.replicas import Duty
from alertsms.store import answers, apply, fallback, phones

TOO_OLD = timedelta(days=1)  # whoever wrote that long ago no longer expects anything to come of it
# For a bare OK, which is about what a phone has: OVHcloud's times are whole seconds, nobody reads and writes faster.
# Numbers and "all" have none: of what began in the second in which they were written they take nothing.
SLACK = timedelta(seconds=2)
STOP_EVERY = timedelta(days=1)
STOPPED = "{} {} answered STOP to a page: OVHcloud may send that phone nothing more. Fix: alertsms doctor --unblock"
_NUMBER = re.compile(r"(?:\+|00)?([1-9][0-9]{7,14})")  # as E.164; a short code has five digits, a name none


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplySms:
    """One SMS that came in."""

    duty: Duty  # of reading its inbox
    inbox: str
    id: int
    listed: Collection[int]  # the ids of all that OVHcloud lists there now
    number: str | None  # E.164; None: a short code or a name
    text: str
    at: datetime  # when it was written
    now: datetime
    numbered: bool  # it counts for numbers alone that the phone was sent
    # What something else on its account named, where that wrote to the phone last: the reply is to the other.
    elsewhere: Collection[int] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplySender:
    """Whose phone wrote."""

    number: str  # E.164
    name: str  # who it is taken for, where several people share it: whoever was written to last
    people: tuple[str, ...]  # all of them
    place: int  # of the number among that person's


@dataclass(frozen=True, kw_only=True, slots=True)
class HandledReply:
    """What came of one SMS, to be counted and logged after the commit."""

    sender: ReplySender | None = None  # None: a stranger
    intent: str = "stranger"
    result: AckResult | None = None
    responded: bool = False  # an SMS goes back
    notified: bool = False  # a notice goes out


def number_of(sender: str) -> str | None:
    """A phone's number as E.164, whichever way OVHcloud wrote it; None for a short code or a name."""
    match = _NUMBER.fullmatch(sender.strip())
    return f"+{match[1]}" if match else None


def handle(tx: Connection, roster: Roster, sms: ReplySms) -> HandledReply | None:
    """Do what an SMS asks for, and be done with it; None where another replica was quicker.

    Where something else on its account wrote to that phone last, only incidents count that this phone was paged for
    from here, and nothing is said but what was done.
    """
    if not sms.duty.hold(tx):
        return None
    known = answers.locked_cursor(tx, sms.inbox, sms.now)
    if not (known.fresh([sms.id]) and answers.begin(tx, sms.inbox, sms.id, sms.now)):
        return None
    answers.keep(tx, sms.inbox, known.after(sms.id).among([*sms.listed, sms.id]), sms.now)
    sender = _sender(tx, roster, sms)
    if sender is None:
        return HandledReply()
    answers.confirm(tx, sender.number, sender.name, sms.now)
    if sms.now - sms.at > TOO_OLD:
        return HandledReply(sender=sender, intent="late")
    return _ReplyHandler(tx=tx, roster=roster, sender=sender, sms=sms).handle(read_reply(sms.text))


def _sender(tx: Connection, roster: Roster, sms: ReplySms) -> ReplySender | None:
    """Whose number it is now: one that left `people` is a stranger's, so that who lost a phone loses no page by it."""
    places = {
        person.name: place
        for person in roster.people.values()
        for place, phone in enumerate(person.phones)
        if phone.e164 == sms.number
    }
    if sms.number is None or not places:
        return None
    last = phones.addressee(tx, sms.number, sms.at + SLACK) if len(places) > 1 else None
    name = last if last in places else next(iter(places))
    return ReplySender(number=sms.number, name=name, people=tuple(places), place=places[name])


@dataclass(frozen=True, kw_only=True, slots=True)
class _ReplyHandler:
    tx: Connection
    roster: Roster
    sender: ReplySender
    sms: ReplySms

    def handle(self, reply: Reply) -> HandledReply:
        if reply.wish is Intent.STOP:
            return HandledReply(sender=self.sender, intent=reply.wish, notified=self._notify_of_stop())
        if reply.wish is Intent.AUTOMATIC:
            return HandledReply(sender=self.sender, intent=reply.wish)
        if reply.wish is Intent.UNCLEAR:
            return HandledReply(sender=self.sender, intent=reply.wish, responded=self._explain())
        # A bare OK may answer the question whose phone it is, and no page: it acknowledges nothing then.
        bare = reply.wish is Intent.ACKNOWLEDGE and not reply.numbers and not reply.everything
        if (
            bare
            and self.sms.elsewhere is None
            and phones.last_asked(self.tx, self.sender.number, self.sms.at + SLACK, ANY_QUESTION)
        ):
            return HandledReply(sender=self.sender, intent="confirm", responded=self._send(CONFIRMED))
        return (self._barred(reply) if self.sms.numbered else None) or self._acknowledge(reply)

    def _barred(self, reply: Reply) -> HandledReply | None:
        if phones.rests(self.tx, self._phone, self.sms.now):
            return HandledReply(sender=self.sender, intent="resting")
        if not reply.numbers:
            return HandledReply(sender=self.sender, intent="unnumbered", responded=self._explain())
        wrong = len(set(reply.numbers) - set(self.sms.elsewhere or ()) - set(self._sent_here(reply.numbers)))
        until = phones.missed(self.tx, self._phone, wrong, self.sms.now) if wrong else None
        if until is None:
            return None
        return HandledReply(sender=self.sender, intent="resting", notified=self._send(resting(self._clock(until))))

    @property
    def _phone(self) -> str:
        return f"{self.sender.name}:{self.sender.place}"

    def _acknowledge(self, reply: Reply) -> HandledReply:
        """Acknowledge or snooze the incidents that are meant, and say to the phone what its reply did.

        Whoever owns the phone may not have written it.
        """
        sms, name = self.sms, self.sender.name
        until = sms.now + reply.wait if reply.wait else None
        restricted = sms.numbered or sms.elsewhere is not None
        numbers = self._sent_here(reply.numbers) if restricted else reply.numbers
        named = {number: answers.covered(self.tx, number) or {number: None} for number in numbers}
        meant = answers.together(named.values()) if reply.numbers else dict.fromkeys(self._meant(reply))
        unsent = [number for number in reply.numbers if number not in named] if sms.numbered else []
        wrong: dict[int, Sequence[Outcome]] = dict.fromkeys(unsent, ())  # no SMS to this phone named them
        if not meant:
            words = to_named(wrong, name).words if sms.numbered else ""
            responded = self._respond(words) if reply.numbers else self._explain(later_only=True)
            return HandledReply(sender=self.sender, intent=reply.wish, responded=responded)
        written = sms.at if reply.numbers or reply.everything else sms.at + SLACK
        act = Acknowledgement(by=name, via=AcknowledgedVia.REPLY, now=sms.now, written=written, until=until)
        result = answers.acknowledge(self.tx, self.roster, meant, act)
        end = Until(at=until, clock=self._clock(until)) if until else None
        if reply.numbers:
            outcomes = {outcome.number: outcome for outcome in result.outcomes}
            by_number = {number: [outcomes[incident] for incident in covers] for number, covers in named.items()}
            effect = to_named({**by_number, **wrong}, name, end, result.along)
        else:
            effect = to_all(result.outcomes, end, result.along)
        if result.taken:
            responded = answers.respond(self.tx, name, self.sender.place, effect, sms.now)
        else:
            responded = self._respond(effect.words)
        return HandledReply(sender=self.sender, intent=reply.wish, result=result, responded=responded)

    def _sent_here(self, numbers: Sequence[int]) -> Sequence[int]:
        about = {number: answers.covered(self.tx, number) for number in numbers}
        covered = [incident for covers in about.values() for incident in covers]
        paged = phones.notified_of(self.tx, self.sender.number, covered)
        return [number for number, covers in about.items() if paged & set(covers)]

    def _meant(self, reply: Reply) -> Sequence[int]:
        """The incidents of a bare OK: all that this phone had been paged for; of "all": those of its people's teams."""
        mine = reply.wish is Intent.SNOOZE
        if reply.everything and self.sms.elsewhere is None:
            teams = [
                team.name
                for team in self.roster.teams.values()
                if any(person.name == self.sender.name for person in team.people)
            ]
            return phones.open_of(self.tx, teams, by=self.sender.people if mine else ())
        return phones.heard(self.tx, self.sender.number, self.sender.people, self.sms.at + SLACK, mine=mine).before

    def _explain(self, *, later_only: bool = False) -> bool:
        """Say how to write, where something waits for a reply of this phone.

        `later_only`: an OK was understood, and crossed the page that it may have been meant for.
        """
        paged = phones.heard(self.tx, self.sender.number, self.sender.people, self.sms.at + SLACK)
        waiting = paged.later if later_only else paged.before + paged.later
        return bool(waiting) and self._respond(how_to_write(max(waiting), bare=not self.sms.numbered))

    def _respond(self, words: str) -> bool:
        """Send one SMS back, as rarely as two machines need it that would talk to each other; "": none."""
        if not words or self.sms.elsewhere is not None:
            return False
        return phones.may_answer(self.tx, self._phone, self.sms.now) and self._send(words)

    def _send(self, words: str) -> bool:
        apply.page_by_hand(self.tx, self.sender.name, words, self.sms.now, phone=self.sender.place)
        return True

    def _notify_of_stop(self) -> bool:
        """OVHcloud stops sending to a phone that answers STOP, pages too: others must know."""
        return fallback.notice(
            self.tx,
            self.roster,
            key=f"stop:{self._phone}",
            every=STOP_EVERY,
            text=STOPPED.format(self.sender.name, masked(self.sender.number)),
            now=self.sms.now,
            sms=NoticeBySms.DAYTIME,
        )

    def _clock(self, at: datetime) -> str:
        person = self.roster.people.get(self.sender.name)
        return clock_time(at, person.time_zone if person else "UTC", self.sms.now)
