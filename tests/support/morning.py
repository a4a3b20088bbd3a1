"""What must be true in the morning, whatever the night was: nothing lost, doubled, stuck, or without its story."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from alertsms.core.messages.notification import SMS
from alertsms.core.text import timeline
from alertsms.store import history
from alertsms.store.schema import event_table, incident_table, message_table, notification_table

if TYPE_CHECKING:
    from tests.support.nights import Night

AWAY = ("sent", "delivered", "undelivered")
OKS = ("resolved", "meanwhile")
GIVEN_BACK = ("ack_timeout", "snooze_over")
HOUR = 3600.0
UNNAMED = re.compile(r"(\d+) (?:others?\b|(?:OK|resolved meanwhile|FLAPPING)(?!:))")  # how many a text only counts


class Morning:
    """What the store and the sandbox have in the morning."""

    def __init__(self, night: Night) -> None:
        self.night = night
        rows = night.table(notification_table)
        self.pages = [row for row in rows if row["destination"] == SMS]
        self.posts = [row for row in rows if row["destination"] != SMS]
        self.messages = {row["id"]: row for row in night.table(message_table)}
        self.incidents = {row["id"]: row for row in night.table(incident_table)}
        self.events = night.table(event_table)
        self.accepted = [(place, sms) for place in (night.sandbox, night.spare) for sms in place.accepted]
        self.by_tag = defaultdict(list)
        for place, sms in self.accepted:
            self.by_tag[sms.tag].append(night.times[id(place) + sms.id])
        self.now = night.clock()
        self.answered = {
            (row["incident_id"], row["episode"])
            for row in self.events
            if row["kind"] == "answered" and row["reason"] != "before"
        }

    def message(self, page: dict[str, Any]) -> dict[str, Any] | None:
        return self.messages.get(page["message_id"])

    def state(self, page: dict[str, Any]) -> str:
        """Of the message that carries it, or its own."""
        message = self.message(page)
        return message["state"] if message and page["state"] != "cancelled" else page["state"]

    def unfinished(self, *, over: bool) -> Iterator[str]:
        """What is still on its way; while alerts fire, reminders may be."""
        for page in self.pages:
            waits = page["state"] in ("queued", "waiting") and page["kind"] != "notice"
            if waits and (over or self.now - page["created_at"] > timedelta(minutes=100)):
                yield f"page still {page['state']}: {page}"
            if page["state"] == "claimed" and self.message(page) is None:
                yield f"page without its message: {page}"
        for message in self.messages.values():
            waits = message["state"] in ("queued", "sending", "unknown") and message["kind"] != "notice"
            if waits and self.now - message["created_at"] > timedelta(minutes=10):
                yield f"message still {message['state']}: {message}"
        yield from (f"post still queued: {post}" for post in self.posts if post["state"] == "queued" and over)
        if over:
            yield from (
                f"still open: {one}"
                for one in self.incidents.values()
                if one["state"] != "closed" and one["reason"] != "late_copy"
            )
        if self.night.app.delivery.rate_limiter.in_flight:
            yield f"{self.night.app.delivery.rate_limiter.in_flight} places of the throttle were never given back"

    def unheard(self) -> Iterator[str]:
        """Open incidents of which somebody of their team heard nothing, and nothing says why."""
        roster = self.night.app.context.roster()
        for one in self.incidents.values():
            team = roster.team(one["team"])
            if one["state"] != "open" or team.record_only or not one["current"]:
                continue
            rows = [
                page
                for page in self.pages
                if page["incident_id"] == one["id"] and page["kind"] == "page" and page["episode"] == one["episode"]
            ]
            had = {page["person"] for page in rows if self.state(page) in AWAY}
            tried = {page["person"] for page in rows if self.state(page) == "failed"}
            for nth in {page["nth"] for page in rows}:
                for name in {page["person"] for page in rows if page["nth"] == nth}:
                    states = {self.state(page) for page in rows if (page["nth"], page["person"]) == (nth, name)}
                    relieved = states == {"cancelled"} and (one["id"], one["episode"]) in self.answered
                    if not states & {*AWAY, "failed", "queued"} and name in roster.people and not relieved:
                        yield f"#{one['id']} nth {nth} to {name} ended as {states}"
            spared = {
                page["person"]
                for page in self.pages
                for other in [self.incidents.get(page["incident_id"])]
                if other and other["key"] == one["key"] and page["kind"] == "page" and self.state(page) in AWAY
            }
            below = team.steps if one["round"] else team.steps[: one["step"] + 1]
            for person in {person for step in below for person in step.page}:
                if person.name not in had | spared | tried and not self.night.changed:
                    states = [self.state(page) for page in rows]
                    yield f"#{one['id']} open, {person.name} of {team.name} never had it: {states}"
            fallen = {post["kind"] for post in self.posts if post["incident_id"] == one["id"]}
            if not had and not spared and not (tried and (fallen or not team.fallback.channels)):
                yield f"#{one['id']} open, nobody had it: {[(p['person'], self.state(p)) for p in rows]}"

    def unanswered(self) -> Iterator[str]:
        """Open incidents that nobody has and no fallback heard of, hours after the last thing happened."""
        roster = self.night.app.context.roster()
        for one in self.incidents.values():
            team = roster.team(one["team"])
            if one["state"] != "open" or team.record_only or not one["current"]:
                continue
            if one["round"] < team.rounds:
                yield f"nobody answered, and it got no further: {one}"
            posts = [
                post for post in self.posts if (post["incident_id"], post["episode"]) == (one["id"], one["episode"])
            ]
            told = [post for post in posts if post["kind"] in ("unanswered", "unreached", "unsent")]
            since = max(
                (
                    event["last_at"]
                    for event in self.events
                    if event["kind"] == "paged" and event["incident_id"] == one["id"] and event["reason"] in GIVEN_BACK
                ),
                default=None,
            )
            if team.fallback.channels and not self.night.changed and not told:
                yield f"nobody answered, and its fallback never heard: {one}"
            elif since and told and not self.night.stepped and max(post["created_at"] for post in told) < since:
                yield f"nobody answered after {since}, and its fallback never heard of that: {one}"

    def holders(self) -> Iterator[str]:
        """Who has an incident on the word of before it began, or came back."""
        for one in self.incidents.values() if not self.night.stepped else ():
            begun, snoozed = one["begun_at"] or one["opened_at"], one["snoozed_until"]
            if one["state"] == "acknowledged" and one["acked_at"] < begun and not (snoozed and snoozed > begun):
                yield f"#{one['id']} is {one['acked_by']}'s since {one['acked_at']}, and began at {begun}"
        for event in self.events if not self.night.stepped else ():
            if event["kind"] != "answered" or event["reason"] not in ("acknowledged", "snoozed"):
                continue
            if not event["detail"].partition(",")[2].startswith(" by reply"):
                continue
            if not any(self._begun(event) <= at + timedelta(seconds=2) for at, _ in self._written(event)):
                yield f"#{event['incident_id']} was taken by an SMS of before it began: {event}"

    def _begun(self, event: dict[str, Any]) -> Any:
        """When the episode of an answer began, or was released, before the answer came."""
        place = event["incident_id"], event["episode"]
        story = [each for each in self.events if (each["incident_id"], each["episode"]) == place]
        freed = [each["at"] for each in story if each["reason"] == "released" and each["at"] <= event["at"]]
        return max([min(each["at"] for each in story), *freed])

    def _written(self, event: dict[str, Any]) -> list[tuple[Any, str]]:
        """The SMS of whoever answered, of before the answer counted."""
        name = event["detail"].partition(",")[0]
        return [(at, who) for at, who in self.night.wrote if who == name and at <= event["at"]]

    def copies(self) -> Iterator[str]:
        """SMS that the store does not know of, and the same thing told twice."""
        tags = {message["tag"]: message for message in self.messages.values()}
        for tag, times in self.by_tag.items():
            message = tags.get(tag)
            if message is None:
                yield f"an SMS with tag {tag} that nobody knows"
                continue
            if len(times) > 1 + message["resends"]:
                yield f"{len(times)} copies of {message}"
            # Where OVHcloud cannot say whether it has it, and nobody needs it any more, that is the end of it.
            doubt = message["resends"] or "could not say" in message["error"]
            doubt = doubt or (message["state"] == "cancelled" and message["unknown_since"])
            if message["state"] not in AWAY and not doubt:
                yield f"accepted, but {message['state']}: {message}"
        for message in self.messages.values():
            if message["state"] in AWAY and not self.by_tag[message["tag"]]:
                yield f"{message['state']}, but never accepted: {message}"
        told: Counter[tuple[Any, ...]] = Counter()
        for page in self.pages:
            message = self.message(page)
            if message and message["state"] in AWAY and page["incident_id"]:
                told[
                    (
                        *(page[name] for name in ("incident_id", "person", "kind", "episode", "round", "step", "nth")),
                        message["number"],
                    )
                ] += 1
        yield from (f"told {count} times: {what}" for what, count in told.items() if count > 1)

    def oks(self, *, over: bool) -> Iterator[str]:
        """OKs without their page, before it, or twice; and what ended without one."""
        away: dict[tuple[Any, ...], list[tuple[float, float]]] = defaultdict(list)
        said: dict[tuple[Any, ...], list[tuple[str, float, str]]] = defaultdict(list)
        tried: set[tuple[Any, ...]] = set()
        for page in self.pages:
            message = self.message(page)
            place = (page["incident_id"], page["person"], page["episode"])
            times = self.by_tag[message["tag"]] if message else []
            if page["kind"] == "page" and times and message["state"] in AWAY:
                away[place].append((min(times), max(times)))
            elif page["kind"] in OKS and times and message["state"] in AWAY:
                said[place].append((page["kind"], min(times), message["number"]))
            if page["kind"] in OKS and message and message["state"] == "failed":
                tried.add(place)
        for place, told in said.items():
            if len(told) > 1:
                yield f"{len(told)} OKs for {place}: {told}"
            kind, at, _ = told[0]
            if kind == "resolved" and not away[place]:
                yield f"OK without a page: {place}"
            if away[place] and at < max(first for first, _ in away[place]):
                yield f"OK at {at} before its page: {place} {away[place]}"
        for number, person, episode in away if over else ():
            one = self.incidents[number]
            place = (number, person, episode)
            if place in said or place in tried or episode != one["episode"] or one["reason"] != "resolved":
                continue
            roster = self.night.app.context.roster()
            if one["acked_by"] != person and one["acked_by"] in roster.people:
                continue  # relieved by whoever had it
            if roster.team(one["team"]).send_resolved and person in roster.people and not self.night.changed:
                yield f"#{number} ended, {person} was never told"

    def flapping(self) -> Iterator[str]:
        """Texts that say FLAPPING: one for each time that it begins, to whoever was paged and to nobody else."""
        began: Counter[tuple[int, int]] = Counter()
        first: dict[tuple[int, int], Any] = {}
        for event in self.events:
            if (event["kind"], event["reason"]) == ("not_paged", "flapping"):
                place = event["incident_id"], event["episode"]
                began[place] += event["count"]
                first[place] = min(first.get(place, event["at"]), event["at"])
        said: Counter[tuple[Any, ...]] = Counter()
        had = set()  # who was paged before it began, as far as anybody knows
        for page in self.pages:
            place, message = (page["incident_id"], page["episode"]), self.message(page)
            if page["kind"] == "flapping":
                said[*place, page["person"]] += 1
            sent = message["sent_at"] if message and message["state"] in ("sent", "delivered") else None
            if page["kind"] == "page" and place in first and sent and sent < first[place] - timedelta(minutes=5):
                had.add((*place, page["person"]))
        for (number, episode, person), count in said.items():
            if count > began[number, episode]:
                yield f"#{number} began to flap {began[number, episode]} times, {person} heard so {count} times"
        for number, episode, person in had - said.keys() if not self.night.stepped else ():
            if (number, episode) not in self.answered:
                yield f"#{number} flaps, {person} was paged and not told"

    def texts(self) -> Iterator[str]:
        """Texts that are too long, or count otherwise than they carry."""
        carried = defaultdict(list)
        for page in self.pages:
            if page["message_id"]:
                carried[page["message_id"]].append(page)
        for message in self.messages.values():
            rows = carried[message["id"]]
            if message["segments"] > 1:
                yield f"too long: {message}"
            if message["state"] in AWAY and not rows:
                yield f"about nothing: {message}"
            if message["digest"] and message["state"] in AWAY:
                paging = sum(page["kind"] == "page" for page in rows)
                counted = re.match(r"\+?(\d+) ", message["text"])
                if not counted or int(counted[1]) != paging:
                    yield f"carries {paging} pages: {message['text']}"
            elif len(rows) > 1 and message["state"] in AWAY:
                named = len(re.findall(r"#\d+", message["text"]))
                others = sum(map(int, UNNAMED.findall(message["text"])))
                if named + others != len(rows):
                    yield f"carries {len(rows)} OKs: {message['text']}"

    def pressure(self) -> Iterator[str]:
        """More SMS in an hour than anybody is to get, or a loop."""
        night = self.night
        by_person = defaultdict(list)
        rounds: Counter[tuple[Any, ...]] = Counter()
        for message in self.messages.values():
            if message["kind"] == "answered":  # bounded by itself
                continue
            if message["state"] in AWAY and self.by_tag[message["tag"]] and not message["resends"]:
                by_person[message["person"]].append(min(self.by_tag[message["tag"]]))
        for page in self.pages:
            if page["kind"] == "page":
                rounds[page["incident_id"], page["person"], page["episode"], page["phone"]] += 1
        yield from (f"{count} rounds: {what}" for what, count in rounds.items() if count > 30 + night.clock.ran / 280)
        if not night.per_hour or night.stepped:
            return
        for person, times in by_person.items():
            times.sort()
            for first, last in zip(times, times[night.per_hour :], strict=False):
                if last - first < HOUR - 60:
                    yield f"{person} got more than {night.per_hour} SMS from {first} to {last}"
                    break

    def said_back(self) -> Iterator[str]:
        """What answers did: to one phone each, soon or never, and six times an hour at most."""
        times = defaultdict(list)
        for page in self.pages if not self.night.stepped else ():
            message = self.message(page)
            if page["kind"] != "answered" or not message or message["state"] not in AWAY:
                continue
            times[message["number"]].append(page["created_at"])
            late = message["sent_at"] - page["created_at"] > timedelta(minutes=5, seconds=30)
            if late and message["unknown_since"] is None and not self.night.restarted:
                yield f"said back too late: {message}"
            if not self._wrote(page):
                yield f"said to a phone that did not answer: {message}"
        for number, some in times.items():
            if any(last - first < timedelta(hours=1) for first, last in zip(some, some[6:], strict=False)):
                yield f"{number} was told more than six times in an hour what its answers did"

    def _wrote(self, page: dict[str, Any]) -> bool:
        return any(who == page["person"] and at <= page["created_at"] for at, who in self.night.wrote)

    def stories(self) -> Iterator[str]:
        """Stories that cannot be told, and pages that no story mentions."""
        clock = timeline.TimeFormat(zone=ZoneInfo("Europe/Paris"), now=self.now)
        paged = {(event["incident_id"], event["episode"]) for event in self.events if event["kind"] == "paged"}
        closed = {(event["incident_id"], event["episode"]) for event in self.events if event["kind"] == "closed"}
        for page in self.pages:
            if page["kind"] == "page" and (page["incident_id"], page["episode"]) not in paged:
                yield f"no story says why it was paged: {page}"
        for one in self.incidents.values():
            if one["state"] == "closed" and one["reason"] != "test" and (one["id"], one["episode"]) not in closed:
                yield f"no story says how it ended: {one}"
        answer = self.night.client.get(
            "/api/v1/incidents?limit=100", headers={"Authorization": f"Bearer {self.night.app.keys.token}"}
        )
        if answer.status_code != 200:
            yield f"the API answers {answer.status_code}"

        def read(tx: Any) -> list[str]:
            stories = history.stories(tx, history.latest(tx, limit=500))
            lines = [line for story in stories for line in timeline.whole(story, clock)]
            lines += timeline.listing(stories, history.resting(tx), clock)
            for message in self.messages.values():
                if message["digest"]:
                    lines += timeline.digest(message["digest"], history.digest(tx, message["digest"]), clock)
            return lines

        if not self.night.app.store.read(read):
            yield "no stories"

    def counts(self) -> Iterator[str]:
        """Counters that say something else than the rows."""
        counted, states = self.night.count(), Counter(message["state"] for message in self.messages.values())
        sent = sum(states[state] for state in AWAY)
        late = sum(event["count"] for event in self.events if event["reason"] == "delivered_late")
        expected = {"sent": sent, "delivered": states["delivered"], "cancelled": states["cancelled"]}
        for outcome, number in expected.items():
            if counted[outcome] != number:
                yield f"sms_total says {counted[outcome]} {outcome}, the store {number}"
        if not states["undelivered"] <= counted["undelivered"] <= states["undelivered"] + states["delivered"]:
            yield f"sms_total says {counted['undelivered']} undelivered, the store {states['undelivered']}, {late} late"
        if counted["failed"] > states["failed"]:
            yield f"sms_total says {counted['failed']} failed, the store {states['failed']}"
