"""Judges days of on-call work: what each phone and channel was told, against who was on call and what they did."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import permutations

from alertsms.core.incidents.refusal import REFUSED
from tests.reliability.duty import CHANNEL, PHONES, SQUADS, Squad
from tests.reliability.evidence import HOUR, SAID_BACK, Evidence, Told, longest_free, pairs, rings_of, state_before
from tests.reliability.fortnight import Fortnight
from tests.reliability.life import Answered, Life, Trouble, Turn
from tests.reliability.stretch import FALLBACK, LATE, Ring, Stretch, Walk, overlaps

SLACK = timedelta(seconds=20)
RECENT = timedelta(minutes=15)  # whoever was paged longer ago is not told who has it
READ_IN = timedelta(seconds=80)  # until an SMS that came in is acted upon
CROWDED = timedelta(minutes=40)  # for so long a storm may gather
OKS = ("resolved", "meanwhile")
OLD = timedelta(minutes=5, seconds=20)  # what an answer did is said by then, or never
WHOLE = timedelta(seconds=2)  # OVHcloud's times are whole seconds, and a bare OK has two


def _begun(life: Life, turn: Turn) -> datetime:
    """When the episode began in which an incident changed hands, or when its last hold ended before that."""
    begun = life.opened
    for before, one in zip(life.turns, life.turns[1:], strict=False):
        if one.at <= turn.at and (one.episode != before.episode or before.state == "held"):
            begun = one.at
    return begun


class Verdict(Evidence):
    """`wrongs` says what was not as promised."""

    def __init__(self, fortnight: Fortnight) -> None:
        super().__init__(fortnight)
        self.acts = Counter[str]()
        self.waits: dict[str, list[timedelta]] = defaultdict(list)
        self.steps, self.behind = Counter[str](), Counter[str]()
        self.lost: list[str] = []
        self.doubled: list[str] = []

    def wrongs(self) -> list[str]:
        """All that is not as it should be."""
        self.doubled = list(self._copies())
        found = [*self.night.errors.found, *self.doubled, *self._unknown(), *self._answers(), *self._said_back()]
        for number, life in self.night.lives.items():
            trouble = self.night.troubles[life.alert]
            squad = SQUADS[life.team]
            own = self._incident(number, life, trouble, squad)
            found += [f"#{number} {life.alert} {life.team}: {wrong}" for wrong in own]
        found += [*self._shared(), *self._templates()]
        return found + self.lost

    def _templates(self) -> Iterator[str]:
        """A night with a broken template is one incident, which begins once, however often its body is refused."""
        ours = {number: life for number, life in self.night.lives.items() if life.alert == REFUSED}
        begun = sum(1 + life.turns[-1].episode for life in ours.values())
        by_hand = sum(each.named in ours and each.way.endswith("resolve") for each in self.night.answers)
        if not self.night.spells <= begun <= self.night.spells + by_hand:  # what a human ends, the next body begins
            yield f"a template was broken in {self.night.spells} nights, and that began {begun} times"

    # Of SMS.

    def _copies(self) -> Iterator[str]:
        """The same thing told twice, or an SMS that the store does not know."""
        tags = {message.tag: message for message in self.messages.values()}
        for tag, times in self.accepted.items():
            if tag not in tags:
                yield f"an SMS that nobody knows: {times}"
            elif len(times) > 1 + tags[tag].resends:
                yield f"accepted {len(times)} times: {times[0][1].text}"
        once = Counter(
            (
                told.row.incident_id,
                told.row.person,
                told.row.kind,
                told.row.episode,
                told.row.nth,
                told.row.phone,
                told.row.step == FALLBACK,
            )
            for some in self.told.values()
            for told in some
            if told.accepted and told.row.incident_id
        )
        yield from (f"told {number} times: {what}" for what, number in once.items() if number > 1)

    def _unknown(self) -> Iterator[str]:
        """An SMS whose text is of another alert than the store says."""
        for tag, times in self.accepted.items():
            text, carried = times[0][1].text, self.by_tag[tag]
            kinds = {told.row.kind for told in carried}
            if len(carried) == 1 and kinds & {"page", *OKS}:
                name = self.night.lives[carried[0].row.incident_id].alert
                if name.casefold() not in text.replace(" ", "").casefold():  # "WEBHOOK REFUSED 400 from …"
                    yield f"an SMS for {name} says {text}"

    # Of one incident.

    def _incident(self, number: int, life: Life, trouble: Trouble, squad: Squad) -> Iterator[str]:
        rows = [told for told in self.told[number] if told.row.kind == "page"]
        yield from self._quiet(life, rows)
        yield from self._returned(life, trouble, rows)
        yield from self._ended(number, life, trouble)
        if not trouble.simple or trouble.team == "both":
            return
        if len(life.turns) > 1 and life.turns[0].at - trouble.fired > SLACK:
            yield f"opened {life.turns[0].at - trouble.fired} late"
        yield from self._held(life)
        yield from self._given_back(life, squad)
        stretches = list(self._stretches(number, life))
        for stretch in stretches:
            own = [told for told in rows if stretch.begins - SLACK <= told.row.created_at <= stretch.ends]
            rings, behind = rings_of(own), [told for told in own if told.row.step == FALLBACK]
            walk = Walk(
                stretch=stretch,
                rings=rings,
                others=behind,
                squad=squad,
                excuses=self._excuse(life.team),
                outages=self.night.breaks,
            ).go()
            yield from walk.wrongs
            self.steps[life.team] += walk.steps
            yield from self._behind(number, life, stretch, squad)
            yield from self._arrived(rings, stretch)
            free = longest_free(self._excuse(life.team), stretch.begins, stretch.ends)
            if not any(told.accepted for told in own) and free > CROWDED:
                self.lost.append(f"#{number} {life.alert}: nobody was paged from {stretch.begins} to {stretch.ends}")
        extra = [
            told
            for told in rows
            if not any(each.begins - SLACK <= told.row.created_at <= each.ends for each in stretches)
        ]
        yield from (f"paged {told.row.person} at {told.row.created_at}, when it paged nobody" for told in extra)
        yield from self._taken(number, life, squad)
        yield from self._oks(number, life, rows)

    def _quiet(self, life: Life, rows: list[Told]) -> Iterator[str]:
        """No page leaves while somebody has it, or once it is over; none is asked for while its team is paused."""
        paused = [(since, until) for team, since, until in self.night.pauses if team == life.team]
        yield from (
            f"paged {told.row.person} at {told.row.created_at}, in a pause"
            for told in rows
            if told.row.step != FALLBACK
            and not told.row.phone
            and any(since < told.row.created_at < until for since, until in paused)
        )
        for one, after in pairs(life, self.ended):
            if one.state not in ("acknowledged", "closed"):
                continue
            for told in rows:
                if told.accepted and one.at < told.accepted < after and not told.together:
                    yield f"paged {told.row.person} at {told.accepted}, {one.state} by {one.by!r} since {one.at}"

    def _returned(self, life: Life, trouble: Trouble, rows: list[Told]) -> Iterator[str]:
        """What comes back is nobody's, but for a snooze: it pages again, and whoever had it too."""
        had = ""
        for before, turn in zip(life.turns, life.turns[1:], strict=False):
            had = before.by if before.state == "acknowledged" else had
            if turn.episode == before.episode:
                continue
            if turn.state == "acknowledged" and not (turn.until and turn.until > turn.at):
                yield f"came back at {turn.at}, and is {turn.by}'s by an answer of before"
            if turn.state == "open" and trouble.team != "both":
                asked = {
                    told.row.person
                    for told in rows
                    if told.row.episode == turn.episode and abs(told.row.created_at - turn.at) <= SLACK
                }
                if not asked or (had in PHONES and had not in asked):
                    yield f"came back at {turn.at} after {had or 'nobody'} had it, and paged {asked}"
            had = ""

    def _ended(self, number: int, life: Life, trouble: Trouble) -> Iterator[str]:
        """Every incident ends acknowledged, resolved or at the fallback."""
        acked = any(turn.state == "acknowledged" for turn in life.turns)
        fell = any(post.incident_id == number and post.kind == "unanswered" for post in self.posts)
        if not (acked or fell or life.turns[-1].state == "closed"):
            yield f"neither acknowledged, nor resolved, nor at the fallback: {life.turns}"
        if trouble.over and life.turns[-1].state != "closed":
            yield f"resolved at {trouble.over}, and still {life.turns[-1].state}"

    def _stretches(self, number: int, life: Life) -> Iterator[Stretch]:
        """The times in which it was to page somebody: it fired, nobody had it, its team was not paused at the start."""
        for one, after in pairs(life, self.ended):
            if one.state == "open":
                fell = [
                    post.created_at
                    for post in self.posts
                    if post.incident_id == number and post.kind == "unanswered" and one.at <= post.created_at <= after
                ]
                yield Stretch(begins=one.at, ends=after, fell=fell[0] if fell else None)

    def _held(self, life: Life) -> Iterator[str]:
        """It is held while its team is paused, and pages when that is over."""
        for one, after in pairs(life, self.ended):
            spans = [(since, until) for team, since, until in self.night.pauses if team == life.team]
            if one.state == "held":
                until = max((until for since, until in spans if since <= one.at <= until), default=one.at)
                if after > until + timedelta(minutes=1) + LATE and not overlaps(self.night.breaks, until, after):
                    yield f"held from {one.at} to {after}, the pause ended at {until}"

    def _given_back(self, life: Life, squad: Squad) -> Iterator[str]:
        """A snooze and an ack_timeout end at their time."""
        for one, after in pairs(life, self.ended):
            due = one.until or (one.at + squad.timeout if squad.timeout else None)
            if one.state != "acknowledged" or due is None:
                continue
            excused = overlaps(self._excuse(life.team), one.at, due + LATE)
            if after > due + LATE and not excused:
                yield f"{one.by} had it from {one.at} to {after}, and was to until {due}"

    def _excuse(self, team: str) -> list[tuple[datetime, datetime]]:
        """When pages of a team could not leave, or were not to."""
        look = timedelta(minutes=5)  # a mute is looked at again so often
        paused = [(since, until + look) for name, since, until in self.night.pauses if name == team]
        return [*self.night.breaks, *paused]

    def _arrived(self, rings: list[Ring], stretch: Stretch) -> Iterator[str]:
        """Each page that was asked for leaves at once, unless something keeps it, or nobody needs it."""
        for ring in rings:
            for told in ring.pages:
                until = told.accepted or stretch.ends
                wait = until - told.row.created_at
                if wait <= LATE or overlaps(self.night.breaks, told.row.created_at, until):
                    continue
                if (self.crowd(told) >= 5 and wait < CROWDED) or (self.full(told, until) and wait < CROWDED + HOUR):
                    continue
                yield f"the page of {told.row.created_at} to {told.row.person} waited {wait}, accepted {told.accepted}"

    def _behind(self, number: int, life: Life, stretch: Stretch, squad: Squad) -> Iterator[str]:
        """What nobody answered is told to the fallback once, channel and team."""
        fell = stretch.fell
        if fell is None:
            return
        self.behind[life.team] += 1
        heard = [
            at
            for at, url, text in self.night.heard
            if url == CHANNEL.format(life.team)
            and any(life.alert in part and "has answered" in part for part in text.split("\n\n"))
            and stretch.begins <= at <= stretch.ends + SLACK
        ]
        if len(heard) != 1 and stretch.ends - fell > SLACK:
            yield f"nobody answered until {fell}, its channel was told at {heard}"
        if squad.behind:
            second = SQUADS[squad.behind]
            had = {
                told.row.person
                for told in self.told[number]
                if told.row.kind == "page" and told.row.step != FALLBACK and told.row.created_at <= fell
            }
            expected = second.people(second.next_step(fell) or 0, fell) - had
            got = {told.row.person for told in self.told[number] if told.row.step == FALLBACK}
            if not expected <= got:
                yield f"the team behind it should have paged {expected}, it paged {got}"

    def _taken(self, number: int, life: Life, squad: Squad) -> Iterator[str]:
        """Whoever was paged lately hears once who has it; nobody else does."""
        for before, one in zip(life.turns, life.turns[1:], strict=False):
            if one.state != "acknowledged" or before.state == "acknowledged":
                continue
            at = one.acked or one.at  # it is seen a moment later
            others = {
                told.row.person
                for told in self.told[number]
                if told.row.kind == "page"
                and told.accepted
                and not told.bad
                and told.row.person != one.by
                and at - RECENT <= told.accepted <= at
            }
            said = [
                told.row
                for some in self.told.values()
                for told in some
                if told.row.kind == "taken" and told.row.created_at == at and told.row.note.startswith(f"{one.by} has")
            ]
            remarks = {row.person for row in said}
            twice = Counter(row.person for row in said if f"#{number} " in f"{row.note} ")
            own = {
                told.row.person for told in self.told[number] if told.row.kind == "taken" and told.row.created_at == at
            }
            under_way = {
                told.row.person
                for told in self.told[number]
                if told.row.kind == "page"
                and told.row.created_at <= at
                and (told.accepted is None or told.accepted > at - RECENT)
            }
            if not squad.tells:
                others = set()
            if any(times > 1 for times in twice.values()) or not others <= remarks or own - others - under_way:
                words = [(row.person, row.note, row.after_page) for row in said]
                yield f"{one.by} has it at {at}: {others} were to be told, {words} ({own}) were"

    def _oks(self, number: int, life: Life, rows: list[Told]) -> Iterator[str]:
        """Whoever was paged and not relieved hears that it is over, once."""
        closed = life.turns[-1]
        if closed.state != "closed":
            return
        before = life.turns[-2] if len(life.turns) > 1 else closed
        if before.state == "acknowledged" and before.by not in PHONES:  # nobody of people: that relieves nobody
            before = next((turn for turn in reversed(life.turns[:-2]) if turn.state == "open"), before)
        paged = {
            told.row.person
            for told in rows
            if told.accepted
            and not told.failed
            and told.accepted <= closed.at
            and told.row.created_at >= before.at - SLACK
        }
        ever = {told.row.person for told in rows if told.accepted}
        told = [each for each in self.told[number] if each.row.kind in OKS and each.row.state != "cancelled"]
        twice = [name for name, times in Counter(each.row.person for each in told).items() if times > 1]
        names = {each.row.person for each in told}
        row = self.incidents[number]
        wanted = paged if before.state == "open" else {before.by} & ever
        if row.reason == "stale":
            wanted = set()
        elif row.reason == "resolved_by_hand":  # whoever said so need not hear it
            wanted = wanted & names
        if twice or not wanted <= names or not names <= ever | {told.row.person for told in rows}:
            yield f"over at {closed.at} ({row.reason}), OK to {names}, expected {wanted}"

    # Of people.

    def _answers(self) -> Iterator[str]:
        """What somebody answered counts; what changes hands does so by an answer."""
        acts: dict[tuple[str, int], list[datetime]] = defaultdict(list)
        for answer in self.night.answers:
            carried = [told.row.incident_id for told in self.by_tag[answer.tag] if told.row.kind == "page"]
            until = answer.at + (READ_IN if answer.way.startswith("reply") else SLACK)
            until = max(
                [until, *(end + READ_IN for since, end in self.night.breaks if since <= until and end >= answer.at)]
            )
            for number in carried:
                acts[answer.person, number].append(answer.at)
                life = self.night.lives[number]
                after = [turn for turn in life.turns if answer.at <= turn.at <= until]
                simple = self.night.troubles[life.alert].simple  # else it may have fired anew since that SMS
                if self._meant_others(answer, until):
                    continue
                if simple and state_before(life, answer.at) == "open" and not after and self.ended > until:
                    yield f"{answer} about #{number}: it stayed open"
        yield from self._hands()

    def _said_back(self) -> Iterator[str]:
        """What an answer by SMS did is said to the phone that it came from, if soon, and six times an hour at most."""
        times: dict[str, list[datetime]] = defaultdict(list)
        for told in self.told[0]:
            if told.row.kind != SAID_BACK or not told.accepted:
                continue
            at, number = told.accepted, PHONES[told.row.person][told.row.phone]
            times[number].append(told.row.created_at)
            gone = {sms.receiver for _, sms in self.accepted[self.messages[told.row.message_id].tag]}
            if gone != {number} or not self._wrote(number, told.row.created_at):
                yield f"{gone} was told what no answer from it did: {told.row.note}"
            if at > told.row.created_at + OLD and not self.messages[told.row.message_id].unknown_since:
                yield f"an answer of {told.row.created_at} was said back at {at}"
        for number, some in times.items():
            if any(last - first < HOUR for first, last in zip(some, some[6:], strict=False)):
                yield f"{number} was told more than six times in an hour what its answers did"
        yield from self._silent()

    def _wrote(self, number: str, by: datetime) -> bool:
        """Whether an answer came from that phone shortly before, or while nobody read any."""
        since = min(
            [by - READ_IN, *(begin - READ_IN for begin, end in self.night.breaks if begin <= by <= end + READ_IN)]
        )
        return any(
            each.number == number and each.way.startswith("reply") and since <= each.at <= by
            for each in self.night.answers
        )

    def _silent(self) -> Iterator[str]:
        """Turns by an SMS of which its phone was told nothing, though it had not been told six times in that hour."""
        for number, life in self.night.lives.items():
            for turn in life.turns:
                ways = [
                    each
                    for each in self.night.answers
                    if each.person == turn.by and each.at <= turn.at and turn.at - each.at < READ_IN
                ]
                if turn.state != "acknowledged" or not ways or not all(each.way.startswith("reply") for each in ways):
                    continue
                rows = [told.row for told in self.told[0] if told.row.kind == SAID_BACK and told.row.person == turn.by]
                near = any(row.created_at - SLACK <= turn.at <= row.created_at + SLACK for row in rows)
                full = sum(turn.at - HOUR < row.created_at <= turn.at for row in rows) >= 6
                if not near and not full:
                    yield f"#{number} is {turn.by}'s at {turn.at} by an SMS, whose phone was not told"

    def _meant_others(self, answer: Answered, until: datetime) -> bool:
        """Whether an OK took what its phone surely had, while nobody knew yet that this SMS had left at all."""
        learnt = [told.known_at for told in self.by_tag[answer.tag]]
        if answer.way != "reply" or all(at and at <= answer.at for at in learnt):
            return False
        return any(
            turn.by == answer.person and turn.state == "acknowledged" and answer.at <= turn.at <= until
            for life in self.night.lives.values()
            for turn in life.turns
        )

    def _hands(self) -> Iterator[str]:
        for number, life in self.night.lives.items():
            for before, turn in zip(life.turns, life.turns[1:], strict=False):
                if turn.state != "acknowledged" or before.state == "acknowledged":
                    continue
                if before.state == "closed" and turn.until and before.by == turn.by:
                    continue  # a snooze holds where it is back
                since = turn.at - READ_IN
                since = min(
                    [since, *(begin - READ_IN for begin, end in self.night.breaks if begin <= turn.at <= end + READ_IN)]
                )
                since = max(since, _begun(life, turn) - WHOLE)
                by = [each for each in self.night.answers if each.person == turn.by and since <= each.at <= turn.at]
                if not by:
                    yield f"#{number} is {turn.by}'s at {turn.at}, who had not answered"
                    continue
                self.acts[life.team, by[-1].way.split()[0]] += 1
                opened = self.night.troubles[life.alert].fired
                if opened and before.state == "open":
                    self.waits[life.team].append(turn.at - before.at)

    def _shared(self) -> Iterator[str]:
        """Of an alert that reaches two teams each person hears through one of them, for as long as that one is open."""
        numbers: dict[str, list[int]] = defaultdict(list)
        for number, life in self.night.lives.items():
            if self.night.troubles[life.alert].simple:
                numbers[life.alert].append(number)
        had = {
            number: [
                (told.row.created_at, told.row.person)
                for told in self.told[number]
                if told.row.kind == "page" and told.row.step != FALLBACK and told.accepted
            ]
            for number in self.night.lives
        }
        for name, ours in numbers.items():
            for one, other in permutations(ours, 2):
                for at, person in had[one]:
                    before = any(each == person and since <= at for since, each in had[other])
                    if before and state_before(self.night.lives[other], at) != "closed":
                        yield f"{name} paged {person} at {at} by #{one}, and before that by #{other}"

    def table(self) -> Iterator[str]:
        """What happened, by team."""
        ways = ("link", "reply", "api")
        heads = ("incidents", "pages", "SMS", "steps", *ways, "median min", "longest min", "at fallback")
        yield f"{'team':5}" + "".join(f"{head:>13}" for head in heads)
        for team in SQUADS:
            ours = [number for number, life in self.night.lives.items() if life.team == team]
            left = [told for number in ours for told in self.told[number] if told.row.kind == "page" and told.accepted]
            waits = sorted(self.waits[team]) or [timedelta()]
            cells = (
                len(ours),
                len(left),
                len({told.row.message_id for told in left}),
                self.steps[team],
                *(self.acts[team, way] for way in ways),
                f"{waits[len(waits) // 2].total_seconds() / 60:.1f}",
                f"{waits[-1].total_seconds() / 60:.0f}",
                self.behind[team],
            )
            yield f"{team:5}" + "".join(f"{cell:>13}" for cell in cells)
        yield f"lost {len(self.lost)}, doubled {len(self.doubled)}"
