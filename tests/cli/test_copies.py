"""`alertsms db backup` and `restore`: copies of a store that is in use, and what may take its place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alertsms.app import App
from alertsms.config import load
from alertsms.store import comparison, copies, settings
from alertsms.store.engine import Store
from alertsms.store.error import StoreError
from tests.cli.house import serving, write
from tests.support.ports import free_port

ALERT = {"status": "firing", "labels": {"alertname": "HighCPU", "instance": "web-01"}, "annotations": {}}
BODY = {"version": "4", "status": "firing", "receiver": "sms", "groupKey": "{}", "alerts": [ALERT]}


@pytest.fixture
def file(tmp_path: Path, sandbox) -> str:
    return write(tmp_path, endpoint=sandbox.url, port=free_port())


def used(file: str) -> None:
    """A server has used the store, and stopped."""
    app = App(load(file))
    assert app.wsgi.test_client().post("/webhook", json=BODY).status_code == 202
    app.stop()


def incidents(path: Path) -> list[tuple[int]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT id FROM incidents").fetchall()


def test_what_somebody_put_in_the_place_of_a_copy_is_not_written_into(file, tmp_path, monkeypatch):
    """In a folder that others may write to they could read every number along."""
    used(file)
    theirs, part = tmp_path / "theirs", tmp_path / "copy.db.part"
    theirs.touch()
    monkeypatch.setattr(copies, "_remove", lambda _path: None)  # it came between that and the making
    for plant in (part.touch, lambda: part.symlink_to(theirs), lambda: part.symlink_to(tmp_path / "nowhere")):
        plant()
        with pytest.raises(StoreError, match="cannot be copied to"):
            copies.back_up(tmp_path / "alertsms.db", tmp_path / "copy.db")
        part.unlink()
    assert theirs.stat().st_size == 0
    assert not (tmp_path / "nowhere").exists()


def test_a_copy_is_made_while_a_server_uses_the_store(run, file, tmp_path):
    copy = tmp_path / "copy.db"
    with serving(file) as app:
        app.wsgi.test_client().post("/webhook", json=BODY)
        done = run("db", "backup", "--config", file, str(copy))
    assert done.exit_code == 0, done.output
    assert f"{copy} holds {tmp_path}/alertsms.db as of " in done.output
    assert incidents(copy) == [(1,)]
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.glob("copy*")] == ["copy.db"]


def test_no_file_is_written_over(run, file, tmp_path):
    used(file)
    (tmp_path / "copy.db").write_text("mine")
    done = run("db", "backup", "--config", file, str(tmp_path / "copy.db"))
    assert done.exit_code == 1
    assert "is there already: name a new file" in done.output
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_a_store_that_is_not_there_and_a_folder_that_is_not_are_said(run, file, tmp_path):
    assert "there is no" in run("db", "backup", "--config", file, str(tmp_path / "copy.db")).output
    used(file)
    done = run("db", "backup", "--config", file, str(tmp_path / "nowhere" / "copy.db"))
    assert done.exit_code == 1
    assert "cannot be copied to" in done.output


def test_a_writer_that_never_rests_does_not_begin_the_copy_anew(file, tmp_path):
    used(file)
    path, seen = tmp_path / "alertsms.db", []
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("CREATE TABLE filler (text TEXT)")
        writer.executemany("INSERT INTO filler VALUES (?)", [("x" * 4000,)] * 6000)
        writer.commit()

        def write_more(_what: str, done: int, total: int) -> None:
            seen.extend([done] if total else [])
            writer.execute("INSERT INTO filler VALUES ('later')")
            writer.commit()

        copies.back_up(path, tmp_path / "copy.db", write_more)
    assert len(seen) > 2
    assert seen == sorted(set(seen))
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM filler WHERE text = 'later'").fetchone() == (0,)


def test_progress_is_told_in_plain_lines(run, file, tmp_path, monkeypatch):
    used(file)
    monkeypatch.setattr(copies, "PAGES", 8)
    done = run("db", "backup", "--config", file, str(tmp_path / "copy.db"))
    *lines, last = done.stderr.splitlines()
    assert 2 <= len(lines) <= 4
    assert lines[-1] == "Copying the store: 100 %"
    assert last == "Reading the copy from end to end ..."


def test_a_copy_takes_the_place_of_the_store_and_what_was_there_is_kept(run, file, tmp_path):
    used(file)
    assert run("db", "backup", "--config", file, str(tmp_path / "copy.db")).exit_code == 0
    app = App(load(file))
    app.wsgi.test_client().post("/webhook", json=BODY | {"alerts": [ALERT | {"labels": {"alertname": "DiskFull"}}]})
    app.stop()
    done = run("db", "restore", "--config", file, str(tmp_path / "copy.db"))
    assert done.exit_code == 0, done.output
    assert "Start the server: it says what left since." in done.output
    (kept,) = tmp_path.glob("alertsms.db.replaced-*Z")
    assert str(kept) in done.output
    assert incidents(tmp_path / "alertsms.db") == [(1,)]
    assert incidents(kept) == [(1,), (2,)]
    app = App(load(file))
    summary = app.wsgi.test_client().post(
        "/webhook", json=BODY | {"alerts": [ALERT | {"labels": {"alertname": "DiskFull"}}]}
    )
    app.stop()
    assert summary.json["incidents"] == ["#1002"]


def test_the_copy_knows_that_it_is_one_and_of_when(run, file, tmp_path):
    used(file)
    run("db", "backup", "--config", file, str(tmp_path / "copy.db"))
    run("db", "restore", "--config", file, str(tmp_path / "copy.db"))
    store = Store(f"sqlite:///{tmp_path}/alertsms.db")
    restored = store.read(lambda tx: settings.when(tx, comparison.RESTORED))
    written = store.read(comparison.last_written)
    store.close()
    assert restored == written


def test_a_store_in_use_is_left_alone(run, file, tmp_path):
    used(file)
    run("db", "backup", "--config", file, str(tmp_path / "copy.db"))
    with serving(file):
        done = run("db", "restore", "--config", file, str(tmp_path / "copy.db"))
    assert done.exit_code == 1
    assert "a server uses" in done.output
    assert list(tmp_path.glob("*.replaced-*")) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(b"no database at all" * 100), "is no whole store of alertsms"),
        (lambda path: path.write_bytes(path.read_bytes()[:20_000]), "is no whole store of alertsms|is damaged"),
        (lambda path: _change(path, "UPDATE alembic_version SET version_num = '9999'"), "is of version 9999"),
        (lambda path: _change(path, "DROP TABLE facts"), "is no whole store of alertsms"),
        (lambda path: path.unlink(), "there is no file"),
    ],
)
def test_what_is_no_whole_store_takes_no_place(run, file, tmp_path, spoil, said):
    used(file)
    copy = tmp_path / "copy.db"
    run("db", "backup", "--config", file, str(copy))
    spoil(copy)
    before = (tmp_path / "alertsms.db").read_bytes()
    done = run("db", "restore", "--config", file, str(copy))
    assert done.exit_code == 1
    assert any(each in done.output for each in said.split("|"))
    assert (tmp_path / "alertsms.db").read_bytes() == before


def _change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_the_store_is_no_copy_of_itself(run, file, tmp_path):
    used(file)
    done = run("db", "restore", "--config", file, str(tmp_path / "alertsms.db"))
    assert done.exit_code == 1
    assert "is the store itself" in done.output


def test_a_machine_that_lost_its_store_gets_it_back(run, file, tmp_path):
    used(file)
    run("db", "backup", "--config", file, str(tmp_path / "copy.db"))
    for path in tmp_path.glob("alertsms.db*"):
        path.unlink()
    assert run("db", "restore", "--config", file, str(tmp_path / "copy.db")).exit_code == 0
    assert incidents(tmp_path / "alertsms.db") == [(1,)]


@pytest.mark.parametrize(("word", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_postgresqls_own_tools_are_named_without_its_password(run, tmp_path, word, tool):
    file = write(tmp_path)
    text = Path(file).read_text()
    url = "postgresql+psycopg://me:hidden@db.example.org/alertsms"
    Path(file).write_text(text.replace(f"sqlite:///{tmp_path}/alertsms.db", f'"{url}"'))
    done = run("db", word, "--config", file, "/backups/a copy.dump")
    assert done.exit_code == 1  # nothing was done: a job of cron must notice
    assert f"{tool} --" in done.output
    assert "postgresql://me@db.example.org/alertsms" in done.output
    assert "'/backups/a copy.dump'" in done.output
    assert "hidden" not in done.output
    assert ("psql --single-transaction" in done.output) is (word == "restore")


def test_postgresqls_own_tools_are_led_to_two_servers_as_they_read_it(run, tmp_path):
    file = write(tmp_path)
    two = "host=db-1:5432&host=db-2:5433&target_session_attrs=read-write&password=hidden"
    url = f"postgresql+psycopg://me:hidden@/alertsms?{two}"
    Path(file).write_text(Path(file).read_text().replace(f"sqlite:///{tmp_path}/alertsms.db", f'"{url}"'))
    done = run("db", "backup", "--config", file, "/backups/copy.dump")
    assert (
        "'postgresql://me@/alertsms?host=db-1%2Cdb-2&port=5432%2C5433&target_session_attrs=read-write'" in done.output
    )
    assert "hidden" not in done.output


def test_a_copy_says_when_it_was_made(file, tmp_path):
    used(file)
    made = copies.back_up(tmp_path / "alertsms.db", tmp_path / "copy.db")
    assert made.written_at is not None
    assert abs((datetime.now(UTC) - made.written_at).total_seconds()) < 3600


LOGIN = ", login: [{username: alice, password: wonder}]}"


def logged_in(app: App) -> str:
    """The cookie of a login."""
    answer = app.wsgi.test_client().post("/login", data={"username": "alice", "password": "wonder"})
    return next(value.partition(";")[0] for name, value in answer.headers if name == "Set-Cookie")


def opens(app: App, token: str, cookie: str) -> tuple[bool, bool]:
    """Whether a token opens the API, and a cookie the pages."""
    client = app.wsgi.test_client(use_cookies=False)
    read = client.get("/api/v1/pauses", headers={"Authorization": f"Bearer {token}"})
    return read.status_code == 200, client.get("/", headers={"Cookie": cookie}).status_code == 200


def test_a_copy_revives_no_token_and_no_login(run, file, tmp_path):
    """Which of them ended after it was made nobody knows; those of afterwards count."""
    text = Path(file).read_text()
    Path(file).write_text(text.replace('"}\n', f'"{LOGIN}\n', 1))
    app = App(load(file))
    token, cookie = made_token(app), logged_in(app)
    assert opens(app, token, cookie) == (True, True)
    app.stop()
    assert run("db", "backup", "--config", file, str(tmp_path / "copy.db")).exit_code == 0
    done = run("db", "restore", "--config", file, str(tmp_path / "copy.db"))
    assert "All tokens and logins are over: make grafana anew with `alertsms token`." in done.output
    app = App(load(file))
    assert opens(app, token, cookie) == (False, False)
    assert opens(app, made_token(app), cookie) == (True, False)
    app.stop()


def made_token(app: App) -> str:
    own = {"Authorization": f"Bearer {app.keys.token}"}
    return app.wsgi.test_client().post("/api/v1/tokens", headers=own, json={"name": "grafana"}).json["token"]


def test_a_copy_of_a_version_without_tokens_takes_the_place_too(run, file, tmp_path):
    used(file)
    copy = tmp_path / "copy.db"
    run("db", "backup", "--config", file, str(copy))
    _change(copy, "DROP TABLE api_tokens")
    done = run("db", "restore", "--config", file, str(copy))
    assert done.output.endswith("All tokens and logins are over.\n")
