"""Each question that is asked all day is answered by an index, however many old rows stand beside the live ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, event

from alertsms.core.alerts.alert import Format
from alertsms.core.incidents.incident import EventKind
from alertsms.core.messages.digest_plan import DigestRules, HoldReason
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import Channel, NotificationKind
from alertsms.core.text.wording import Wording
from alertsms.store import (
    answers,
    cancellation,
    channels,
    digests,
    fallback,
    history,
    incidents,
    maintenance,
    messages,
    notifications,
    outcomes,
    phones,
    receipts,
    recipients,
    tokens,
)
from alertsms.store.engine import Store
from tests.support.house import ALICE, PLAN, House, alert

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)
LEASE = messages.Lease(owner="me", until=NOW + timedelta(minutes=1))
EARLIER = NOW - timedelta(minutes=5)
SLOW = messages.SmsMessage(
    id=1,
    tag="a",
    person="alice",
    team="ops",
    number="+33612345678",
    text="/a/x7Kq5MdP",
    segments=1,
    kind="page",
    priority=0,
    state=MessageState.QUEUED,
    due_at=NOW,
    lease_owner="",
    asked_at=EARLIER,
    created_at=EARLIER,
)
POST = replace(recipients.for_channel("global", Channel(url=""), NotificationKind.UNSENT, NOW), incident_id=1)

QUESTIONS: list[tuple[Callable[[Connection], object], list[str]]] = [
    (lambda tx: incidents.find(tx, [b"k" * 16]), ["incidents_current"]),
    (lambda tx: incidents.due(tx, NOW, 10), ["incidents_due"]),
    (lambda tx: incidents.muted(tx, 0, 10), ["incidents_state"]),
    (lambda tx: incidents.unmentioned(tx, NOW, 10), ["incidents_unfinished"]),
    (incidents.count, ["incidents_state"]),
    (lambda tx: notifications.due(tx, NOW, 10), ["pages_due"]),
    (lambda tx: notifications.due(tx, NOW, 10, {"alice"}), ["pages_due"]),
    (
        lambda tx: notifications.recent_traffic(tx, "alice", {0}, DigestRules(), NOW),
        ["messages_person", "messages_pending", "pages_person", "pages_postponed"],
    ),
    (lambda tx: notifications.oldest(tx, "alice", NOW), ["pages_postponed"]),
    (lambda tx: digests.collect(tx, "alice", [0, 1]), ["pages_person"]),
    (lambda tx: digests.put_off(tx, "alice", 0, NOW, NOW, [], HoldReason.STORM), ["pages_"]),
    (lambda tx: digests.unsaved(tx, "alice", 1, NOW), ["events_1", "pages_"]),
    (lambda tx: digests.outdated(tx, [SLOW], NOW), ["pages_message", "PRIMARY KEY"]),
    (lambda tx: digests.reword(tx, [SLOW], {1: Wording(text="other", segments=1)}), ["PRIMARY KEY"]),
    (lambda tx: notifications.claim_together(tx, [1, 2], 3), ["PRIMARY KEY"]),
    (lambda tx: messages.due(tx, MessageState.QUEUED, NOW, 10), ["messages_due"]),
    (lambda tx: messages.due(tx, MessageState.UNKNOWN, NOW, 10), ["messages_unknown"]),
    (lambda tx: messages.next_due(tx, NOW), ["messages_due", "messages_unknown"]),
    (lambda tx: outcomes.orphans(tx, NOW), ["messages_leased"]),
    (lambda tx: messages.claim(tx, MessageState.QUEUED, [1], LEASE, NOW), ["PRIMARY KEY"]),
    (
        lambda tx: cancellation.release(tx, [1], notifications.NotificationState.CANCELLED, NOW),
        ["pages_after", "sqlite_autoindex_pages_1"],
    ),
    (lambda tx: notifications.of_message(tx, 1), ["pages_message"]),
    (lambda tx: notifications.wanted(tx, 1, NOW), ["pages_message"]),
    (lambda tx: history.progress(tx, [1]), ["sqlite_autoindex_pages_1"]),
    (receipts.next_due, ["messages_polled", "messages_overdue"]),
    (lambda tx: receipts.claim(tx, NOW, NOW, 10), ["messages_polled"]),
    (lambda tx: receipts.overdue(tx, NOW, 10), ["messages_overdue"]),
    (lambda tx: receipts.without(tx, NOW), ["messages_created"]),
    (lambda tx: receipts.poll_now(tx, 1, NOW), ["messages_ovh_id"]),
    (lambda tx: outcomes.wanted_still(tx, 1), ["pages_message", "PRIMARY KEY"]),
    (lambda tx: maintenance.oldest(tx, NOW), ["pages_due", "messages_due", "messages_unknown", "messages_leased"]),
    (lambda tx: maintenance.prune(tx, NOW, 10), ["incidents_closed", "sqlite_autoindex_pages_1", "pages_given"]),
    (lambda tx: maintenance.sweep(tx, NOW, 10, EARLIER), ["messages_created"]),
    (lambda tx: tokens.prune(tx, NOW, 10, EARLIER), ["tokens_created"]),
    (maintenance.waiting, ["messages_due", "messages_leased", "messages_unknown", "pages_due"]),
    (lambda tx: incidents.open_of(tx, Format.INTAKE), ["incidents_refusals"]),
    (lambda tx: incidents.unmentioned(tx, NOW, 10, Format.INTAKE), ["incidents_refusals"]),
    (lambda tx: incidents.taken_by(tx, ["alice"]), ["incidents_state"]),
    (lambda tx: incidents.end_snoozes(tx, ["alice"]), ["incidents_snoozed"]),
    (lambda tx: fallback.stuck(tx, NOW, 0), ["pages_due", "PRIMARY KEY"]),
    (lambda tx: fallback.stuck(tx, NOW, None), ["messages_due", "messages_leased", "messages_unknown"]),
    (lambda tx: phones.heard(tx, "+33612345678", ["alice"], NOW, mine=True), ["incidents_state"]),
    (lambda tx: phones.open_of(tx, ["ops"]), ["incidents_state"]),
    (lambda tx: phones.addressee(tx, "+33612345678", NOW), ["messages_created"]),
    (lambda tx: phones.last_asked(tx, "+33612345678", NOW, "x%"), ["messages_created", "pages_message"]),
    (lambda tx: phones.expected(tx, NOW), ["messages_created"]),
    (answers.open_ones, ["incidents_state"]),
    (lambda tx: answers.meant(tx, [1, 2]), ["messages_digest", "PRIMARY KEY"]),
    (lambda tx: tokens.find(tx, "x", NOW), ["sqlite_autoindex_tokens_1"]),
    (lambda tx: history.to_ask(tx, after=timedelta(hours=1), soon=NOW, now=NOW), ["incidents_state"]),
    (lambda tx: channels.claim(tx, NOW, timedelta(minutes=1), 10, {"a"}), ["pages_posted"]),
    (lambda tx: channels.next_due(tx, {"a"}), ["pages_posted"]),
    (lambda tx: channels.release(tx, NOW), ["pages_posted"]),
    (lambda tx: channels.siblings(tx, POST), ["sqlite_autoindex_pages_1"]),
    (lambda tx: incidents.note_attempt(tx, 1, at=NOW, kind=EventKind.ATTEMPT, reason="accepted"), ["pages_message"]),
    (lambda tx: history.latest(tx, limit=9, state="unfinished"), ["incidents_state"]),
    (lambda tx: history.latest(tx, limit=9, state="open", before=42), ["incidents_state"]),
    (lambda tx: history.latest(tx, limit=9, before=42), ["PRIMARY KEY"]),
    (lambda tx: history.sent(tx, limit=9, before="a"), ["PRIMARY KEY"]),
    (lambda tx: history.digest(tx, 60), ["messages_digest"]),
    (lambda tx: history.deliveries(tx, [1, 2]), ["sqlite_autoindex_pages_1"]),
    (lambda tx: history.timelines(tx, [1, 2]), ["events_1"]),
]


@pytest.mark.parametrize(
    ("ask", "used"), QUESTIONS, ids=lambda value: "+".join(value) if isinstance(value, list) else ""
)
def test_the_index_is_used_and_no_table_is_walked(migrated_file, tmp_path, ask, used):
    path = tmp_path / "plans.db"
    path.write_bytes(migrated_file.read_bytes())
    store = Store(f"sqlite:///{path}")
    plan: list[str] = []

    def explain(connection, cursor, statement, parameters, context, executemany) -> None:
        if not statement.startswith(("EXPLAIN", "BEGIN", "PRAGMA")):
            one = parameters[0] if executemany else parameters
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", one)
            plan.extend(row[3] for row in rows)

    event.listen(store.engine, "before_cursor_execute", explain)
    with store.engine.begin() as connection:
        ask(connection)
    event.remove(store.engine, "before_cursor_execute", explain)
    store.close()
    text = "\n".join(plan)
    assert [name for name in used if name not in text] == [], text
    walked = [
        line for line in plan if line.startswith("SCAN") and "USING" not in line and not re.search(r"facts|anon_", line)
    ]
    assert [line for line in walked if "CONSTANT" not in line and "(" not in line] == [], text


NEWEST = re.compile(r"FROM (\w+)\s+(WHERE [^()]*)?ORDER BY \1\.id DESC\s+LIMIT")  # a few steps from the end of a table
GROWING = ("incidents", "pages", "messages", "events", "tokens")


@pytest.fixture
def plan() -> str:
    return PLAN.replace("{page: [alice]}", "{page: [alice], fallback: {channels: ['json://chat.test']}}")


def test_nothing_that_a_whole_house_asks_walks_a_table(house):
    """Whatever question somebody adds is asked here, or is asked by no round, page or answer of a night."""
    asked: dict[str, tuple[object, ...]] = {}

    def note(connection, cursor, statement, parameters, context, executemany) -> None:
        asked.setdefault(statement, parameters[0] if isinstance(parameters, list) else parameters)

    engines = [house.app.store.engine, *([house.app.store._writer._engine] if house.app.store.sqlite else [])]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    _spend_a_night(house)
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    assert len(asked) > 80
    walked = {statement: lines for statement, values in asked.items() if (lines := _walked(house, statement, values))}
    assert walked == {}, "\n\n".join(walked)


def _spend_a_night(house: House) -> None:
    house.fire("web-01", "web-02")
    house.run(30)
    house.reply(ALICE, "ok")
    house.run(30)
    house.resolve("web-01")
    house.fire(*(f"db-{number}" for number in range(9)))
    house.run(400)
    assert house.post(alert("web-03"), {"labels": 1}).status_code == 202
    for path in ("/", "/metrics", "/-/ready", "/api/v1/incidents", "/api/v1/incidents/1", "/api/v1/messages"):
        assert house.client.get(path, headers={"Authorization": f"Bearer {house.app.keys.token}"}).status_code in (
            200,
            503,
        )
    for state in ("all", "open", "closed", "held", "acknowledged"):
        house.client.get(
            f"/api/v1/incidents?state={state}", headers={"Authorization": f"Bearer {house.app.keys.token}"}
        )
    house.reply(ALICE, "ok all")
    house.run(60)
    house.clock.advance(86400 * 91)
    house.run(60)


def _walked(house: House, statement: str, values: tuple[object, ...]) -> list[str]:
    """The lines of a statement's plan in which a table that grows is walked."""
    if not statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")) or NEWEST.search(statement):
        return []
    explain = "EXPLAIN QUERY PLAN " if house.app.store.sqlite else "EXPLAIN "
    with house.app.store.engine.connect() as connection:
        if not house.app.store.sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # few rows are read quicker without an index
        plan = [str(row[-1]) for row in connection.exec_driver_sql(explain + statement, values)]
        connection.rollback()
    whole = re.compile(rf"SCAN ({'|'.join(GROWING)})$|Seq Scan on ({'|'.join(GROWING)})\b")
    return [line for line in plan if whole.search(line)]
