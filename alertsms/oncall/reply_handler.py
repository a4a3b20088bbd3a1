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
from alertsms.core.schedules.person import PhoneNumber
from alertsms.core.text.answered import CONFIRMED, AnswerEffect, Until, how_to_write, resting, to_all, to_named
from alertsms.core.text.reply import Intent, Reply, read_reply
from alertsms.core.text.subject import clock_time
from alertsms.oncall.phone_check import ANY_QUESTION
from alertsms.store import acknowledge, apply, notices, replies, verified_phones

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

    sender: str
    text: str
    at: datetime  # when it was written
    now: datetime
    numbered: bool  # it counts for numbers alone that the phone was sent
    elsewhere: Collection[int] | None  # what something else on its account named, where that wrote last to the phone

    @property
    def foreign(self) -> bool:
        """Whether something else wrote to that phone last."""
        return self.elsewhere is not None


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

    writer: ReplySender | None = None  # None: a stranger
    wish: str = "stranger"
    answer: AckResult | None = None
    responded: bool = False  # an SMS goes back
    told: bool = False  # a notice goes out


def number_of(sender: str) -> str | None:
    """A phone's number as E.164, whichever way OVHcloud wrote it; None for a short code or a name."""
    match = _NUMBER.fullmatch(sender.strip())
    return f"+{match[1]}" if match else None


def obey(tx: Connection, roster: Roster, sms: ReplySms) -> HandledReply:
    """Do what an SMS asks for.

    Where something else on its account wrote to that phone last, only what this phone was sent from here is meant, and
    nothing is said but what was done: the answer is the other's to speak to.
    """
    writer = _writer(tx, roster, sms.sender, sms.at + SLACK)
    if writer is None:
        return HandledReply()
    verified_phones.confirm(tx, writer.number, writer.name, sms.now)
    if sms.now - sms.at > TOO_OLD:
        return HandledReply(writer=writer, wish="late")
    return _Order(tx=tx, roster=roster, writer=writer, sms=sms).obey(read_reply(sms.text))


def _writer(tx: Connection, roster: Roster, sender: str, before: datetime) -> ReplySender | None:
    """Whose number it is now: one that left `people` is a stranger's, so that who lost a phone loses no page by it."""
    number = number_of(sender)
    known = [person for person in roster.people.values() if any(phone.e164 == number for phone in person.phones)]
    if number is None or not known:
        return None
    people = tuple(person.name for person in known)
    last = replies.addressee(tx, number, before) if len(known) > 1 else None
    person = next((person for person in known if person.name == last), known[0])
    place = next(place for place, phone in enumerate(person.phones) if phone.e164 == number)
    return ReplySender(number=number, name=person.name, people=people, place=place)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Order:
    """One SMS under way."""

    tx: Connection
    roster: Roster
    writer: ReplySender
    sms: ReplySms

    def obey(self, reply: Reply) -> HandledReply:
        if reply.wish is Intent.STOP:
            return HandledReply(writer=self.writer, wish=reply.wish, told=self._shout())
        if reply.wish is Intent.AUTOMATIC:
            return HandledReply(writer=self.writer, wish=reply.wish)
        if reply.wish is Intent.UNCLEAR:
            return HandledReply(writer=self.writer, wish=reply.wish, responded=self._explain())
        if self._confirms(reply):
            return HandledReply(writer=self.writer, wish="confirm", responded=self._notice(CONFIRMED))
        return (self._barred(reply) if self.sms.numbered else None) or self._take(reply)

    def _confirms(self, reply: Reply) -> bool:
        """Whether a bare OK answers the question whose phone it is, and no page: it takes nothing then."""
        bare = reply.wish is Intent.ACKNOWLEDGE and not reply.numbers and not reply.everything
        if not bare or self.sms.foreign:
            return False
        return replies.last_asked(self.tx, self.writer.number, self.sms.at + SLACK, ANY_QUESTION)

    def _barred(self, reply: Reply) -> HandledReply | None:
        """What comes of an answer that names none of what this phone was sent, or comes after too many such."""
        if acknowledge.rests(self.tx, self._phone, self.sms.now):
            return HandledReply(writer=self.writer, wish="resting")
        if not reply.numbers:
            return HandledReply(writer=self.writer, wish="unnumbered", responded=self._explain())
        wrong = len(set(reply.numbers) - set(self.sms.elsewhere or ()) - set(self._sent_here(reply.numbers)))
        until = acknowledge.missed(self.tx, self._phone, wrong, self.sms.now) if wrong else None
        if until is None:
            return None
        return HandledReply(writer=self.writer, wish="resting", told=self._notice(resting(self._clock(until))))

    @property
    def _phone(self) -> str:
        return f"{self.writer.name}:{self.writer.place}"

    def _take(self, reply: Reply) -> HandledReply:
        """Acknowledge, or snooze, what was meant."""
        until = self.sms.now + reply.wait if reply.wait else None
        named = {number: acknowledge.covered(self.tx, number) or {number: None} for number in self._named(reply)}
        meant = acknowledge.together(named.values()) if reply.numbers else dict.fromkeys(self._meant(reply))
        wrong: dict[int, list[Outcome]] = {number: [] for number in reply.numbers if number not in named}
        if not meant:
            strange = to_named(wrong, self.writer.name).words if self.sms.numbered else ""
            said = self._respond(strange) if reply.numbers else self._explain(later_only=True)
            return HandledReply(writer=self.writer, wish=reply.wish, responded=said)
        written = self.sms.at if reply.numbers or reply.everything else self.sms.at + SLACK
        act = Acknowledgement(
            by=self.writer.name, via=AcknowledgedVia.REPLY, now=self.sms.now, written=written, until=until
        )
        answer = acknowledge.acknowledge(self.tx, self.roster, meant, act)
        outcomes = {outcome.number: outcome for outcome in answer.outcomes}
        of_each = {number: [outcomes[incident] for incident in meaning] for number, meaning in named.items()}
        end = Until(at=until, clock=self._clock(until)) if until else None
        if reply.numbers:
            deed = to_named(of_each | wrong if self.sms.numbered else of_each, self.writer.name, end, answer.along)
        else:
            deed = to_all(answer.outcomes, end, answer.along)
        responded = self._confirm(deed) if answer.taken else self._respond(deed.words)
        return HandledReply(writer=self.writer, wish=reply.wish, answer=answer, responded=responded)

    def _named(self, reply: Reply) -> Sequence[int]:
        """The numbers that count: all, or those that an SMS to this phone named."""
        return self._sent_here(reply.numbers) if self.sms.numbered or self.sms.foreign else reply.numbers

    def _sent_here(self, numbers: Sequence[int]) -> Sequence[int]:
        """Those of some numbers, of incidents or digests, of which an SMS to this phone told."""
        about = {number: acknowledge.covered(self.tx, number) for number in numbers}
        covered = [incident for meaning in about.values() for incident in meaning]
        had = replies.told_of(self.tx, self.writer.number, covered)
        return [number for number, meaning in about.items() if had & set(meaning)]

    def _meant(self, reply: Reply) -> Sequence[int]:
        """What a bare OK is about: all that this phone had been told; "all" is what pages its people's teams."""
        mine = reply.wish is Intent.SNOOZE
        if reply.everything and not self.sms.foreign:
            teams = [
                team.name
                for team in self.roster.teams.values()
                if any(person.name == self.writer.name for person in team.people)
            ]
            return replies.open_of(self.tx, teams, by=self.writer.people if mine else ())
        return replies.heard(self.tx, self.writer.number, self.writer.people, self.sms.at + SLACK, mine=mine).before

    def _explain(self, *, later_only: bool = False) -> bool:
        """Say how to write, where something waits for an answer of this phone.

        `later_only`: an OK was understood, and crossed the page that it may have been meant for.
        """
        heard = replies.heard(self.tx, self.writer.number, self.writer.people, self.sms.at + SLACK)
        waiting = heard.later if later_only else heard.before + heard.later
        return bool(waiting) and self._respond(how_to_write(max(waiting), bare=not self.sms.numbered))

    def _confirm(self, deed: AnswerEffect) -> bool:
        """Say to the phone what its answer did: whoever owns it may not have written it."""
        return acknowledge.confirm(self.tx, self.writer.name, self.writer.place, deed, self.sms.now)

    def _respond(self, words: str) -> bool:
        """Send one SMS back, as rarely as two machines need it that would talk to each other; "": none."""
        if not words or self.sms.foreign:
            return False
        return replies.may_answer(self.tx, self._phone, self.sms.now) and self._notice(words)

    def _notice(self, words: str) -> bool:
        """Send an SMS to whoever wrote."""
        apply.page_by_hand(self.tx, self.writer.name, words, self.sms.now, phone=self.writer.place)
        return True

    def _shout(self) -> bool:
        """OVHcloud stops sending to whoever answers STOP, pages too: others must know."""
        words = STOPPED.format(self.writer.name, PhoneNumber(e164=self.writer.number).masked)
        key = f"stop:{self.writer.name}:{self.writer.place}"
        return notices.tell(
            self.tx, self.roster, key=key, every=STOP_EVERY, text=words, now=self.sms.now, sms=NoticeBySms.DAYTIME
        )

    def _clock(self, at: datetime) -> str:
        person = self.roster.people.get(self.writer.name)
        return clock_time(at, person.time_zone if person else "UTC", self.sms.now)
