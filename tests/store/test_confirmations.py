"""A number is confirmed by whoever has the phone, and only as long as it is the same person's."""

from __future__ import annotations

from datetime import timedelta

from alertsms.config import read
from alertsms.store.answers import confirm
from alertsms.store.phones import Confirmation, confirm_only, confirmed, note_sender, unconfirmed
from tests.support.house import ALICE, BOB, NIGHT, OVH

PLAN = """
people: {alice: {phones: ["+33612345678", "+33756789012"]}, bob: "+33698765432"}
teams: {ops: {page: [alice, bob]}}
route: {team: ops}
"""
ROSTER = read(f"store: 'sqlite:///x.db'\n{OVH}{PLAN}", file="x.yaml", environ={}).roster
LATER = NIGHT + timedelta(days=1)


def test_a_number_is_confirmed_once(store):
    assert store.transact(lambda tx: confirm(tx, BOB, "bob", NIGHT))
    assert not store.transact(lambda tx: confirm(tx, BOB, "bob", LATER))
    assert store.read(confirmed) == {BOB: Confirmation(person="bob", at=NIGHT)}


def test_somebody_else_has_to_confirm_it_anew(store):
    store.transact(lambda tx: confirm(tx, BOB, "alice", NIGHT))
    assert ("bob", "+33*******32") in store.read(lambda tx: unconfirmed(tx, ROSTER))
    assert store.transact(lambda tx: confirm(tx, BOB, "bob", LATER))
    assert store.read(confirmed) == {BOB: Confirmation(person="bob", at=LATER)}


def test_the_link_of_a_page_confirms_the_only_number_of_its_person(store):
    assert store.transact(lambda tx: confirm_only(tx, ROSTER, "bob", NIGHT))
    assert not store.transact(lambda tx: confirm_only(tx, ROSTER, "alice", NIGHT))
    assert not store.transact(lambda tx: confirm_only(tx, ROSTER, "carol", NIGHT))
    assert list(store.read(confirmed)) == [BOB]


def test_what_nobody_confirmed_is_named_without_the_number(store):
    store.transact(lambda tx: confirm(tx, ALICE, "alice", NIGHT))
    assert store.read(lambda tx: unconfirmed(tx, ROSTER)) == [("alice", "+33*******12"), ("bob", "+33*******32")]


def test_another_sender_has_to_be_confirmed_anew(store):
    """Operators let one name through and not the next; the first that is noted was always used."""
    store.transact(lambda tx: confirm(tx, BOB, "bob", NIGHT))
    store.transact(lambda tx: note_sender(tx, "ACME", LATER))
    assert list(store.read(confirmed)) == [BOB]
    assert ("bob", "+33*******32") in store.read(lambda tx: unconfirmed(tx, ROSTER, "PAGER")), (
        "a file that is not in force"
    )
    store.transact(lambda tx: note_sender(tx, "PAGER", LATER))
    assert store.read(confirmed) == {}
    assert store.transact(lambda tx: confirm(tx, BOB, "bob", LATER))
    store.transact(lambda tx: note_sender(tx, "PAGER", LATER + timedelta(days=1)))
    assert list(store.read(confirmed)) == [BOB]
