"""The root key: made once, known to the store by its hash alone; and a store of version 0, with secrets in clear."""

from __future__ import annotations

import sqlite3
from base64 import b64encode, urlsafe_b64encode
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url, select

from alertsms.machine.files import KEY as FILE
from alertsms.machine.key import NoKey, Purpose, parsed, read_key
from alertsms.machine.keyring import Keyring, for_run
from alertsms.machine.state import good
from alertsms.store import settings, tokens
from alertsms.store.engine import Store
from alertsms.store.opening import migrate
from alertsms.store.schema import metadata
from alertsms.web.receipt import callback_url
from tests.support.earlier import upgrade_to
from tests.support.house import NIGHT, PLAN, House, alert

RAW = bytes(range(32))
OLD = {
    "api_token": "the-old-api-token",
    "page_secret": "the-old-page-secret",
    "receipt_secret": "the-old-receipt-secret",
}
REACHED = PLAN + 'server: {external_url: "http://pager.test"}\n'


# The key itself.


WRITTEN = [
    RAW,
    RAW.hex().encode(),
    RAW.hex().upper().encode() + b"\n",
    b64encode(RAW) + b"\n",
    urlsafe_b64encode(RAW).rstrip(b"="),
    b" " + b64encode(RAW) + b"\r\n",
]


@pytest.mark.parametrize("content", WRITTEN)
def test_a_key_is_32_bytes_however_they_are_written(content):
    assert parsed(content) == RAW


@pytest.mark.parametrize("content", [b"", b"secret\n", RAW[:31], RAW + b"\0", RAW.hex().encode()[:-1], b"\xff" * 44])
def test_what_is_no_key_is_refused_with_the_way_to_make_one(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(NoKey, match=r"holds no key of 32 bytes: `openssl rand -base64 32` prints one"):
        read_key(tmp_path / FILE)


def test_secrets_of_different_purposes_have_nothing_in_common():
    key = for_run(None, "sqlite:////nowhere/alertsms.db", "config.yaml")
    assert len({key.derive(purpose) for purpose in Purpose}) == len(Purpose)
    assert all(len(key.derive(purpose)) == 43 for purpose in Purpose)


def test_a_key_is_made_once_and_for_this_user_alone(house):
    path = read_key(beside(house)).raw, beside(house).stat().st_mode & 0o777
    before = house.app.keys.token, house.app.keys.receipt_secret
    house.crash()
    house.start()
    assert (read_key(beside(house)).raw, beside(house).stat().st_mode & 0o777) == path
    assert path[1] == 0o600
    assert (house.app.keys.token, house.app.keys.receipt_secret) == before


def beside(house: House) -> Path:
    import os

    state = os.environ.get("ALERTSMS_STATE")
    return Path(state or Path(str(make_url(house.url).database)).parent) / FILE


def test_two_that_start_at_once_have_one_key(tmp_path):
    store = f"sqlite:///{tmp_path}/alertsms.db"
    first = for_run(None, store, "config.yaml")
    assert for_run(None, store, "config.yaml").raw == first.raw
    assert [each.name for each in tmp_path.iterdir()] == [FILE]


def test_without_a_place_for_a_key_pages_leave_and_the_trouble_shows(url, clock, monkeypatch, tmp_path):
    monkeypatch.setenv("ALERTSMS_STATE", str(tmp_path / "nowhere"))
    house = House(url, clock)
    house.fire()
    house.settle()
    assert len(house.texts) == 1
    [trouble] = house.app.keys.keyring.troubles()
    assert trouble.says.startswith(f"no key can be kept at {tmp_path}/nowhere/{FILE}: No such file or directory")
    assert "set server.key_file, or ALERTSMS_STATE to a folder that can be written to" in trouble.fix
    house.close()


def test_a_key_file_that_is_named_is_not_made(tmp_path):
    key = for_run(tmp_path / "root.key", "postgresql+psycopg://db/alertsms", "config.yaml")
    assert key.lacks == f"server.key_file names {tmp_path}/root.key, and there is no such file"
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_is_damaged_is_not_replaced(tmp_path):
    (tmp_path / FILE).write_text("half of a ke")
    key = for_run(None, f"sqlite:///{tmp_path}/alertsms.db", "config.yaml")
    assert "holds no key of 32 bytes" in key.lacks
    assert (tmp_path / FILE).read_text() == "half of a ke"


# What the store has of it.


def test_no_table_holds_a_secret(url, clock):
    house = House(url, clock, REACHED)
    house.app.keys.keyring.retire(config=True)
    house.fire()
    house.settle()
    held = house.app.store.read(
        lambda tx: [row for table in metadata.sorted_tables for row in tx.execute(select(table))]
    )
    keys = house.app.keys
    secrets = [keys.token, keys.receipt_secret, keys.pages]
    assert not [secret for secret in (*secrets, "sandbox-secret", "sandbox-consumer") if secret in str(held)]
    house.close()


def test_the_key_that_is_shown_is_the_stores_until_it_is_gone_for_ten_minutes(store):
    def show(fingerprint: str, minutes: float) -> bool:
        at = NIGHT + timedelta(minutes=minutes)
        return store.transact(lambda tx: tokens.show_key(tx, fingerprint, at, alone=False))

    assert show("first", 0)
    assert not show("second", 1)
    assert show("first", 5)
    assert not show("second", 14.9)
    assert show("second", 15)
    assert not show("first", 16)


def test_a_file_that_one_process_uses_alone_takes_the_key_that_comes(store):
    assert store.transact(lambda tx: tokens.show_key(tx, "first", NIGHT, alone=True))
    assert store.transact(lambda tx: tokens.show_key(tx, "second", NIGHT, alone=True))


def test_a_replica_with_another_key_pages_and_says_so(url, clock, tmp_path, monkeypatch):
    if url.startswith("sqlite"):
        pytest.skip("a file has one process")
    house = House(url, clock, REACHED)
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("ALERTSMS_STATE", str(tmp_path / "other"))
    other = House(url, clock, REACHED)
    assert other.fire()["pages"] == 1
    other.settle()
    assert len(other.texts) == 1
    assert list(house.app.keys.keyring.troubles()) == []
    [trouble] = other.app.keys.keyring.troubles()
    assert trouble.says.startswith("another replica has another key")
    assert trouble.fix == "give every replica the same server.key_file, and restart"
    assert (house.app.keys.callback() != "", other.app.keys.callback()) == (True, "")
    clock.advance(61)
    other.app.keys.keyring.step()
    assert other.client.get(house.app.keys.callback().removeprefix("http://pager.test")).status_code == 200
    house.close()
    clock.advance(601)
    other.app.keys.keyring.step()
    assert list(other.app.keys.keyring.troubles()) == []
    other.close()


# A store of version 0.


@pytest.fixture
def old(bare_url) -> str:
    """As version 0 left it: secrets in clear, and older configurations in pages that are not used any more."""
    store = Store(bare_url)
    upgrade_to(store, "0002")
    for secret, lines in (("older-application-secret", 9000), ("application-secret", 2000)):
        store.transact(lambda tx, text=f"# {secret}\n" * lines: keep(tx, text))
    for key, value in OLD.items():
        store.transact(lambda tx, key=key, value=value: settings.put(tx, key, value, NIGHT))
    store.close()
    return bare_url


def keep(tx: Connection, text: str) -> None:
    """As most builds of SQLite do: what is freed stays as it is until something else needs the room."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("PRAGMA secure_delete=OFF").all()
    settings.put(tx, "config", text, NIGHT)


def bytes_of(url: str) -> bytes:
    folder = Path(str(make_url(url).database)).parent
    return b"".join(path.read_bytes() for path in folder.glob("alertsms.db*") if ".before-" not in path.name)


def test_an_upgrade_leaves_no_secret_in_the_store(old, clock):
    house = House(old, clock, REACHED)
    if old.startswith("sqlite"):
        assert b"older-application-secret" in bytes_of(old)
    house.app.start()
    known = house.app.store.read(lambda tx: set(tx.execute(select(metadata.tables["facts"].c.key)).scalars()))
    assert not known & {*OLD, "config"}
    if old.startswith("sqlite"):
        left = bytes_of(old)
        assert not [each for each in (*OLD.values(), "application-secret", "older-app") if each.encode() in left]
    assert house.fire()["pages"] == 1
    house.close()


def test_what_else_the_store_remembers_stays(old, clock):
    store = Store(old)
    migrate(store)
    store.transact(lambda tx: settings.put(tx, "credits", "12.5", NIGHT))
    assert tokens.retire(store, NIGHT, config=True) == 0
    assert tokens.retire(store, NIGHT, config=True) is None
    assert store.read(lambda tx: (settings.get(tx, "credits"), settings.when(tx, "credits"))) == ("12.5", NIGHT)
    store.close()


def test_unused_pages_beyond_what_a_start_has_time_for_are_told(old, monkeypatch, caplog, clock):
    if not old.startswith("sqlite"):
        pytest.skip("only files have them")
    monkeypatch.setattr(tokens, "MOST_FREED", 0)
    house = House(old, clock)
    house.app.keys.keyring.retire(config=True)
    assert "older copies of them may be left in unused pages of the file" in caplog.text
    house.close()


def test_a_store_that_fails_keeps_no_start_from_going_on(old, clock, monkeypatch, caplog):
    house = House(old, clock)
    house.app.store.condemn("a test says so")
    house.app.keys.keyring.retire(config=True)
    assert "secrets of an older version are still in the store" in caplog.text
    house.close()


def test_receipts_by_the_old_address_are_taken_until_ovhcloud_calls_the_new_one(old, clock):
    house = House(old, clock, REACHED)
    before = callback_url("http://pager.test", OLD["receipt_secret"])
    house.sandbox.account.settings["callBack"] = before
    path = before.removeprefix("http://pager.test")
    assert house.client.get(path).status_code == 200
    house.app.keys.keyring.retire(config=True)
    house.app.delivery.account_monitor.watch()
    assert house.sandbox.account.settings["callBack"] == house.app.keys.callback()
    clock.advance(3600)
    house.app.keys.keyring.step()
    assert house.client.get(path).status_code == 200
    clock.advance(7 * 86400)
    house.app.keys.keyring.step()
    assert house.client.get(path).status_code == 404
    assert house.client.get(house.app.keys.callback().removeprefix("http://pager.test")).status_code == 200
    house.close()


def test_an_address_that_is_none_of_ours_is_left_alone(old, clock):
    house = House(old, clock, REACHED)
    house.sandbox.account.settings["callBack"] = "https://other.example/ovh/receipt/another"
    house.app.delivery.account_monitor.watch()
    assert house.sandbox.account.settings["callBack"] == "https://other.example/ovh/receipt/another"
    house.close()


def test_a_last_good_configuration_moves_from_the_store_to_the_state_folder(old, clock):
    house = House(old, clock)
    house.app.start(fallback=True)
    assert good(house.app.config.store, house.app.config.file) == house.app.config.text
    assert house.app.store.read(lambda tx: settings.get(tx, "config")) is None
    house.close()


def test_a_last_good_configuration_that_cannot_move_stays_for_the_next_start(old, clock, monkeypatch, tmp_path):
    monkeypatch.setenv("ALERTSMS_STATE", str(tmp_path / "nowhere"))
    house = House(old, clock)
    house.app.start(fallback=True)
    assert house.app.store.read(lambda tx: settings.get(tx, "config")) is not None
    assert house.app.store.read(lambda tx: settings.get(tx, "api_token")) is None
    house.close()


def test_a_copy_of_the_file_holds_no_secret(url, clock, tmp_path):
    """As a backup does."""
    if not url.startswith("sqlite"):
        pytest.skip("only files are copied")
    house = House(url, clock, REACHED)
    house.app.start()
    with (
        closing(sqlite3.connect(str(make_url(url).database))) as source,
        closing(sqlite3.connect(tmp_path / "c")) as copy,
    ):
        source.backup(copy)
    content = (tmp_path / "c").read_bytes()
    assert not [
        one
        for one in (b"sandbox-secret", house.app.keys.token.encode(), house.app.keys.receipt_secret.encode())
        if one in content
    ]
    house.close()


def test_a_rolled_back_start_is_cleaned_by_the_next_one(old, clock):
    """Version 0 was run once more, and wrote its secrets again."""
    house = House(old, clock)
    house.app.start()
    house.app.store.transact(lambda tx: settings.put(tx, "api_token", "another", clock()))
    house.close()
    again = House(old, clock)
    again.app.start()
    assert again.app.store.read(lambda tx: settings.get(tx, "api_token")) is None
    assert again.post(alert()).status_code == 202
    again.close()


def test_showing_the_key_costs_a_file_no_write_a_minute(store, clock, tmp_path):
    key = for_run(None, f"sqlite:///{tmp_path}/alertsms.db", "config.yaml")
    ring = Keyring(store=store, clock=clock, key=key)
    at = store.read(lambda tx: settings.when(tx, tokens.KEY))
    clock.advance(61)
    ring.step()
    shown = store.read(lambda tx: settings.when(tx, tokens.KEY))
    assert (shown == at) is store.sqlite
