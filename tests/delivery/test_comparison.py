"""A store that is older than what left: nothing leaves twice, no number is given twice, and somebody hears of it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from alertsms.delivery.comparison import FIRST_LOOK, PATIENCE
from alertsms.ovh.error import Certainty, OvhError, Scope
from alertsms.store import comparison
from alertsms.store.schema import incident_table, message_table, metadata
from tests.delivery.test_account_monitor import calls, give_channel, keys_die, notices
from tests.support.house import STANDBY, House, page

TABLES = metadata.sorted_tables
NUMBERS = "SELECT sequencename, last_value FROM pg_sequences"
TEN = [f"web-{number:02}" for number in range(10)]


Copy = bytes | dict[str, object]


def backup(house: House) -> Copy:
    """The store as it is now."""
    if house.app.store.sqlite:
        file = Path(str(make_url(house.url).database))
        copy = file.with_name("backup.db")
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return copy.read_bytes()
    with house.app.store.engine.connect() as tx:
        rows = {table.name: [dict(row) for row in tx.execute(table.select()).mappings()] for table in TABLES}
        return rows | {"numbers": [tuple(row) for row in tx.execute(text(NUMBERS))]}


def restore(house: House, copy: Copy) -> None:
    """The server is stopped, the copy put in the store's place, and the server started."""
    house.crash()
    if isinstance(copy, bytes):
        file = Path(str(make_url(house.url).database))
        for side in ("-wal", "-shm"):
            file.with_name(file.name + side).unlink(missing_ok=True)
        file.write_bytes(copy)
    else:
        _put_back(house.url, copy)
    house.start()
    give_channel(house)


def _put_back(url: str, copy: dict[str, object]) -> None:
    engine = create_engine(url)
    with engine.begin() as tx:
        for table in reversed(TABLES):
            tx.execute(table.delete())
        for table in TABLES:
            if copy[table.name]:
                tx.execute(table.insert(), copy[table.name])
        for name, last in copy["numbers"]:
            tx.execute(
                text("SELECT setval(quote_ident(:name)::regclass, :last, :given)"),
                {"name": name, "last": last or 1, "given": last is not None},
            )
    engine.dispose()


@contextmanager
def kept_in(house: House) -> Iterator[None]:
    """Let no message leave for as long as this lasts."""
    accounts = house.app.delivery.accounts
    choose = accounts.choose
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "choose", lambda now: replace(choose(now), room=0))
        yield


@pytest.fixture
def restored(house: House) -> House:
    """Ten pages waited when the copy was made, left, and the copy was put back an hour later."""
    give_channel(house)
    house.fire("db-1")
    house.run(60)
    with kept_in(house):
        house.fire(*TEN)
        house.run(1)
        copy = backup(house)
    house.run(60)
    assert len(house.texts) == 11
    house.clock.advance(3600)
    restore(house, copy)
    return house


def singles(house: House) -> list[str]:
    return [text for text in house.texts if text.startswith("CRITICAL")]


def test_each_tag_begins_with_the_four_characters_of_its_installation(house):
    house.fire()
    house.run(5)
    house.crash()
    house.start()
    house.fire("web-02")
    house.run(5)
    heads = {sms.tag[:4] for sms in house.sandbox.accepted}
    assert heads == {house.app.store.read(lambda tx: comparison.settings.get(tx, "installation"))}
    assert {len(sms.tag) for sms in house.sandbox.accepted} == {16}
    assert all(sms.tag.isalnum() for sms in house.sandbox.accepted)


def test_a_new_store_has_no_past_and_asks_nothing(house):
    house.fire()
    house.run(5)
    assert calls(house, "outgoing") == 0


def test_an_ordinary_start_costs_one_question_and_changes_nothing(house):
    give_channel(house)
    house.fire(*TEN)
    house.run(60)
    before = calls(house, "outgoing")
    house.crash()
    house.start()
    give_channel(house)
    house.app.delivery.comparison.step()
    assert calls(house, "outgoing") == before + 1
    assert house.app.delivery.comparison.free("first")
    house.fire("web-99")
    house.run(5)
    assert house.texts[-1] == page("web-99", 11)
    assert notices(house) == []


def test_what_waited_in_a_backup_and_had_left_does_not_leave_again(restored):
    restored.run(60)
    told = [text.rpartition(" #")[0] for text in singles(restored)]
    assert sorted(told) == sorted(page(name, 0).rpartition(" #")[0] for name in ("db-1", *TEN))
    assert not any("HighCPU x" in text for text in restored.texts)  # no digest has them either
    assert {state for _, state in restored.page_states()} <= {"claimed"}
    assert {state for _, state in restored.states()} <= {"sent", "delivered"}
    restored.resolve(*TEN)
    restored.run(60)
    assert "OK" in restored.texts[-1]


def test_an_older_store_is_said_by_every_way(restored, caplog):
    with caplog.at_level(logging.ERROR):
        restored.run(60)
    assert "the store is older than what OVHcloud took" in caplog.text
    (said,) = notices(restored)
    assert said.startswith("BACKUP of 02:11 runs: 10 newer SMS are unknown here")
    assert "10 waiting pages had left, 0 leave as a digest" in said
    assert any(text.startswith("BACKUP of 02:11 runs") for text in restored.texts)
    assert any("put back to" in trouble.says for trouble in restored.app.watch.troubles())
    restored.run(3700)
    assert not any("put back to" in trouble.says for trouble in restored.app.watch.troubles())


def test_numbers_go_on_from_far_behind_those_that_were_given(restored):
    restored.run(5)
    restored.fire("web-77")
    restored.run(5)
    assert max(number for (number,) in restored.rows(incident_table.c.id)) >= 1012


def test_an_old_answer_acknowledges_nothing_else(house):
    """`ok 3` was written to an SMS that the restored store knows nothing of."""
    give_channel(house)
    house.fire("db-1")
    house.run(30)
    copy = backup(house)
    house.fire("db-2", "db-3")
    house.run(30)
    restore(house, copy)
    house.run(5)
    house.fire("new-1", "new-2")
    house.run(5)
    assert house.rows(incident_table.c.id) == [(1,), (1004,), (1005,)]


def test_the_next_start_knows_what_was_taken_over(restored):
    restored.run(30)
    restored.crash()
    restored.start()
    give_channel(restored)
    restored.run(30)
    assert len(notices(restored)) == 1
    assert sum("BACKUP of" in text for text in restored.texts) == 1


def test_what_had_not_left_leaves_as_one_digest_with_times(house):
    """Three of ten had left when the machine was put back; a day later the rest is old news, and no storm."""
    give_channel(house)
    house.fire("db-1")
    house.run(60)
    with kept_in(house):
        house.fire(*TEN)
        house.run(1)
        copy = backup(house)
    house.pool.lazy = True
    house.settle()
    house.pool.run()
    left = len(house.texts) - 1
    assert 0 < left < 10
    house.clock.advance(7200)
    restore(house, copy)
    house.run(60)
    (digest,) = [text for text in house.texts if "from a backup" in text]
    assert digest.startswith(f"from a backup of 02:11: {10 - left} CRITICAL: HighCPU x{10 - left} since 02:10 #")
    assert len(singles(house)) == 1 + left


def test_a_message_that_waited_and_had_left_by_its_own_tag_is_not_sent_again(house):
    give_channel(house)
    house.fault("429", times=1, retry_after=50)
    house.fire()
    house.run(1)
    assert house.states() == [("page", "queued")]
    copy = backup(house)
    house.run(100)
    assert house.texts == [page("web-01", 1)]
    restore(house, copy)
    house.run(120)
    assert house.texts == [page("web-01", 1)]
    assert house.states() == [("page", "delivered")]


def test_tags_of_others_on_the_account_are_nothing_to_us(house):
    """A second alertsms, and one of version 0 whose tags begin with its time."""
    give_channel(house)
    house.fire()
    house.run(30)
    other = house.sandbox.account
    for tag in ("zzzz0mm9y0000abc", "mh1kmm9y0000abcd", "mm9yabcdefghijkl", ""):
        sent = house.sandbox.accepted[0]
        other._record(
            type(sent)(**{name: getattr(sent, name) for name in sent.__slots__} | {"id": other._id(), "tag": tag})
        )
    house.crash()
    house.start()
    give_channel(house)
    house.run(30)
    assert notices(house) == []
    assert len(house.rows(message_table.c.id)) == 1


def test_a_message_of_version_0_in_flight_at_the_upgrade_is_looked_up_by_its_tag(house):
    house.fault("reset_after", times=1)
    house.app.delivery.dispatcher._ids._installation = "mm9y"  # a tag that begins with no installation's characters
    house.fire()
    house.settle()
    with house.app.store.engine.begin() as tx:
        tx.execute(comparison.fact_table.delete().where(comparison.fact_table.c.key == "installation"))
    house.crash()
    house.start()
    house.run(60)
    assert house.texts == [page("web-01", 1)]
    assert house.states() == [("page", "delivered")]


def test_nothing_leaves_before_ovhcloud_has_said_what_left(restored):
    restored.crash()
    restored.start()
    give_channel(restored)
    restored.fault("500", call="outgoing")
    before = len(restored.texts)
    restored.fire("web-50")
    restored.run(20)
    assert len(restored.texts) == before
    restored.sandbox.faults.clear()
    restored.run(15)
    assert len(restored.texts) > before
    assert max(singles(restored)).startswith("CRITICAL HighCPU web-50")


def test_an_account_that_never_says_what_left_keeps_pages_waiting_for_a_minute_at_most(house, caplog):
    house.fire()
    house.run(30)
    house.crash()
    house.start()
    house.fault("500", call="outgoing")
    house.fire("web-02")
    house.run(PATIENCE.total_seconds() - 2)
    assert len(house.texts) == 1
    house.run(10)
    assert len(house.texts) == 2


def test_keys_that_may_not_ask_keep_no_page_waiting(house, monkeypatch, caplog):
    house.fire()
    house.run(30)
    house.crash()
    house.start()

    def never(_at):
        raise OvhError(
            certainty=Certainty.PERMANENT,
            scope=Scope.ACCOUNT,
            status=403,
            code="NOT_GRANTED_CALL",
            message="This call has not been granted",
            call="outgoing",
        )

    monkeypatch.setattr(house.app.delivery.accounts.first.sms, "outgoing_since", never)
    house.fire("web-02")
    with caplog.at_level(logging.ERROR):
        house.run(3)
    assert len(house.texts) == 2
    assert "what left cannot be compared with the store" in caplog.text
    assert house.metric("account_usable", account="first") == 1


def test_the_stand_by_takes_over_where_the_first_cannot_be_asked(url, clock):
    house = House(url, clock, ovh=STANDBY)
    try:
        give_channel(house)
        house.fire()
        house.run(30)
        house.crash()
        house.start()
        give_channel(house)
        keys_die(house)
        house.fire("web-02")
        house.run(20)
        assert [message.text for message in house.spare.accepted] == [page("web-02", 2)]
    finally:
        house.close()


def test_what_the_stand_by_had_sent_does_not_leave_again(url, clock):
    house = House(url, clock, ovh=STANDBY)
    try:
        give_channel(house)
        house.fire("db-1")
        house.run(30)
        with kept_in(house):
            house.fire(*TEN)
            house.run(1)
            copy = backup(house)
        keys_die(house)
        house.run(60)
        assert len(house.spare.accepted) == 10
        house.sandbox.keys.consumers["sandbox-consumer"].state = type(
            house.sandbox.keys.consumers["sandbox-consumer"].state
        ).VALIDATED
        restore(house, copy)
        house.run(120)
        sent = [message.text for message in house.sandbox.accepted + house.spare.accepted]
        assert len([text for text in sent if text.startswith("CRITICAL")]) == 11
    finally:
        house.close()


def test_a_start_that_dies_before_the_answer_begins_again_where_the_backup_ends(restored):
    restored.fault("500", call="outgoing")
    restored.run(3)
    restored.crash()
    restored.clock.advance(5 * 86400)  # longer than the day that is asked for once more
    restored.sandbox.faults.clear()
    restored.start()
    give_channel(restored)
    restored.run(60)
    assert len(singles(restored)) == 11


def test_a_number_that_an_alert_names_moves_ours_nowhere(house):
    give_channel(house)
    house.fire("db-1")
    house.run(30)
    copy = backup(house)
    house.post({"status": "firing", "labels": {"alertname": "Ticket #99999999", "severity": "critical"}})
    house.run(30)
    restore(house, copy)
    house.run(5)
    house.fire("new-1")
    house.run(5)
    assert house.rows(incident_table.c.id)[-1][0] < 2000


STEPS = """
people: {alice: "+33612345678", bob: "+33698765432", carol: "+33611111111"}
teams:
  ops: {steps: [{page: [alice], wait: 5m}, {page: [bob], wait: 5m}], rounds: 2, fallback: {team: chiefs}}
  chiefs: {page: [carol]}
route: {team: ops}
"""


def whom(house: House, since: int = 0) -> list[str]:
    names = {"+33612345678": "alice", "+33698765432": "bob", "+33611111111": "carol"}
    return [names[sms.receiver] for sms in house.sandbox.accepted[since:] if "HighCPU web-0" in sms.text]


@pytest.mark.parametrize("waits", [True, False], ids=["waits in the copy", "had left before the copy"])
@pytest.mark.parametrize(
    ("seconds", "before", "after"),
    [
        (100, ["alice"], ["bob", "alice", "bob", "carol"]),
        (400, ["alice", "bob"], ["alice", "bob", "carol"]),
        (700, ["alice", "bob", "alice"], ["bob", "carol"]),
        (1000, ["alice", "bob", "alice", "bob"], ["carol"]),
        (1300, ["alice", "bob", "alice", "bob", "carol"], []),
    ],
)
def test_a_restored_incident_goes_on_from_the_step_that_was_paged_last(url, clock, waits, seconds, before, after):
    """Each step is told once, whichever of them the copy knows, and the next one after a whole wait."""
    house = House(url, clock, STEPS)
    try:
        give_channel(house)
        house.fire("db-1")
        house.run(60)
        house.resolve("db-1")
        house.run(60)
        first = len(house.sandbox.accepted)
        with kept_in(house) if waits else nullcontext():
            house.fire("web-01")
            house.run(1)
            copy = backup(house)
        house.run(seconds)
        assert whom(house, first) == before
        sent = len(house.sandbox.accepted)
        restore(house, copy)
        house.run(150)
        assert whom(house, sent) == []
        house.run(1400)
        assert whom(house, sent) == after
        house.resolve("web-01")
        house.run(60)
        told = {sms.receiver for sms in house.sandbox.accepted[sent:] if sms.text.startswith("OK")}
        assert len(told) == 3
    finally:
        house.close()


def test_an_old_sms_says_nothing_of_an_alert_that_came_since_the_restart(house):
    """Nobody said that a backup was restored: the new alert came first, and got a number that had been given since."""
    give_channel(house)
    house.fire("db-1")
    house.run(60)
    copy = backup(house)
    house.fire("web-02")
    house.run(60)
    house.clock.advance(3600)
    sent = len(house.texts)
    restore(house, copy)
    house.fire("web-77")
    house.run(60)
    assert any(" web-77" in text or "HighCPU" in text for text in house.texts[sent:])
    assert ("page", "queued") not in house.states()


def test_a_far_number_in_some_text_hides_no_number_of_ours(house):
    give_channel(house)
    house.fire("db-1")
    house.run(30)
    copy = backup(house)
    with house.app.store.engine.begin() as tx:
        comparison.number_on(tx, 2000)
    house.fire("x-1")
    house.post({"status": "firing", "labels": {"alertname": "Ticket #99999999", "severity": "critical"}})
    house.run(30)
    restore(house, copy)
    house.run(5)
    house.fire("new-1")
    house.run(5)
    assert 4000 < house.rows(incident_table.c.id)[-1][0] < 5000


def test_whom_the_step_had_not_told_yet_is_told_after_the_restore(url, clock):
    """The machine was put back when bob's SMS had left and carol's had not."""
    house = House(url, clock, STEPS.replace("[bob]", "[bob, carol]"))
    try:
        give_channel(house)
        house.fire("web-01")
        house.run(60)
        copy = backup(house)
        house.run(230)
        house.fault("503", receiver="+33611111111")
        house.run(20)
        assert whom(house) == ["alice", "bob"]
        house.sandbox.faults.clear()
        restore(house, copy)
        house.run(60)
        assert whom(house) == ["alice", "bob", "carol"]
    finally:
        house.close()


@pytest.mark.parametrize("fault", ["", "500"], ids=["OVHcloud answers", "nobody says in time"])
def test_no_number_is_given_twice_after_a_start_from_an_old_store(house, fault):
    """Nobody said that it was put back: an alert may come before the account was asked."""
    give_channel(house)
    house.fire("db-1")
    house.run(60)
    copy = backup(house)
    house.fire("web-02")
    house.run(60)
    house.clock.advance(3600)
    restore(house, copy)
    if fault:
        house.fault(fault, call="outgoing")
    house.app.delivery.comparison.before_all()
    house.fire("web-77")
    assert house.rows(incident_table.c.id)[-1][0] > 1000


def test_a_restart_like_any_other_waits_for_nobody(house):
    house.fire("db-1")
    house.run(60)
    house.crash()
    house.clock.advance(30)
    house.start()
    before = calls(house, "outgoing")
    house.app.delivery.comparison.before_all()
    assert calls(house, "outgoing") == before
    house.fire("web-02")
    assert house.rows(incident_table.c.id)[-1][0] < 10


@pytest.mark.one_store
def test_what_left_is_found_behind_many_messages_of_others(house):
    """Another program sends by the same account, more than is looked at after a restart like any other."""
    give_channel(house)
    house.fire("db-1")
    house.run(60)
    with kept_in(house):
        house.fire(*TEN)
        house.run(1)
        copy = backup(house)
    house.run(60)
    sent = house.sandbox.accepted[0]
    fields = {name: getattr(sent, name) for name in sent.__slots__}
    for _ in range(FIRST_LOOK + 100):
        house.sandbox.account._record(type(sent)(**fields | {"id": house.sandbox.account._id(), "tag": "other"}))
    house.clock.advance(3600)
    before = len(singles(house))
    restore(house, copy)
    house.run(60)
    assert len(singles(house)) == before
    assert any("put back to" in trouble.says for trouble in house.app.watch.troubles())


@pytest.mark.one_store
def test_what_could_not_be_compared_whole_is_said(house, monkeypatch):
    monkeypatch.setattr("alertsms.delivery.comparison.MOST", 50)
    house.fire("db-1")
    house.run(60)
    sent = house.sandbox.accepted[0]
    fields = {name: getattr(sent, name) for name in sent.__slots__}
    for _ in range(60):
        house.sandbox.account._record(type(sent)(**fields | {"id": house.sandbox.account._id(), "tag": "other"}))
    house.crash()
    house.clock.advance(3600)
    house.start()
    house.run(10)
    (said,) = [trouble.says for trouble in house.app.delivery.comparison.troubles()]
    assert said == "what left by the first account could not be compared: only the newest 50 of 60 SMS on it were read"
    house.run(3600)
    assert list(house.app.delivery.comparison.troubles()) == []
