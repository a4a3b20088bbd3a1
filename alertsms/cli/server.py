"""The server of a configuration: its API, asked, and what it keeps, read beside it: nothing is locked or written."""

from __future__ import annotations

import functools
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
import requests
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from alertsms.cli.healthy import lenient_value, listens
from alertsms.cli.terminal import bundled, checked, loaded, own_url
from alertsms.config import Config
from alertsms.config.keys import ROOT
from alertsms.config.read import LARGEST
from alertsms.core.routing.roster import Pause, Roster
from alertsms.machine.bounded import BoundedSession
from alertsms.machine.files import SQLITE, VARIABLE, left_behind, moving, read_whole, sqlite_path, store_url
from alertsms.machine.key import Key, NoKey, Purpose, read_key
from alertsms.machine.keyring import place
from alertsms.machine.state import Home, home
from alertsms.store import pauses
from alertsms.store.error import StoreAway, StoreError, away, failure
from alertsms.store.phones import unconfirmed

PATIENCE = "3"  # seconds
STORES = [ROOT.keys[key] for key in ("store", "store_file")]
STATE_SECONDS, API_SECONDS = 3.0, 10.0  # that the server on this machine may take
MISSING_TABLE = "42P01"  # PostgreSQL's SQLSTATE undefined_table
served_at = click.option("--url", default="", help="The server; else where the configuration says it listens.")


def store_of(file: str) -> str:
    """The store that a file names, as far as it can be read at all; else the usual one. A path is absolute."""
    return store_url(written_store(file), file)


def written_store(file: str) -> str:
    """The store as a file has it, or the file that it names for that; "" where it names none."""
    try:
        content = read_whole(Path(file), LARGEST).decode("utf-8-sig", errors="replace")
    except (OSError, ValueError):
        return ""
    line = re.search(r"^store(_file)?:.*$", content, re.MULTILINE)  # the line is read even where the rest is no YAML
    parts = [content, line[0]] if line else [content]
    found = (lenient_value(store, part, file, store.key) for part in parts for store in STORES)
    return next(filter(None, found), "")


def refuse_left_behind(config: Config) -> None:
    """Begin nothing new beside the store of an older version. Raises StoreError, with what to do."""
    if before := left_behind(config.written_store, config.store):
        raise StoreError(f"store: {moving(before, config.store)}")


def own_key(config: Config) -> Key:
    """The root key that the server of a configuration uses too. Raises ClickException, with what mends it."""
    path = place(config.server.key_file, config.store, config.file)
    try:
        return read_key(path)
    except FileNotFoundError:
        says = (
            f"no server has made the key {path} yet: start `alertsms serve`. Where it runs with another {VARIABLE}, set"
            " that here too; where it runs on another machine, write server.key_file and copy that file"
        )
    except NoKey as error:
        says = f"{error}. Run the command as the user that runs alertsms: sudo -u USER alertsms …"
    raise click.ClickException(says)


def used(store: str) -> bool:
    """Whether a server has used a store. Raises StoreError."""
    return _recalled(store, "SELECT key FROM facts LIMIT 1") is not None


def recall(store: str, key: str) -> str | None:
    """A fact of a store by its URL; None where the store or the fact is not there. Raises StoreError."""
    return _recalled(store, "SELECT value FROM facts WHERE key = :key", key=key)


def _recalled(store: str, query: str, **values: str) -> str | None:
    url = make_url(store)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return None
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            row = connection.execute(text(query), values).first()
            return str(row[0]) if row else None
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None)
        if getattr(cause, "sqlstate", "") == MISSING_TABLE or str(cause).startswith("no such table: "):
            return None
        if url.get_backend_name() == "sqlite":
            refusal = StoreAway if away(error) else StoreError
            raise refusal(f"store: {url.database} cannot be read: {cause}") from error
        raise failure("store", error) from error
    finally:
        engine.dispose()


def _engine(url: URL) -> Engine:
    """What reads a store as of one moment; an SQLite file is opened to be read alone."""
    if url.get_backend_name() != "sqlite":
        return create_engine(url, isolation_level="REPEATABLE READ", hide_parameters=True)
    file = functools.partial(_read_only, str(url.database))
    return create_engine("sqlite://", creator=file, poolclass=NullPool, hide_parameters=True)


@contextmanager
def reading(store: str) -> Iterator[Connection]:
    """What a store holds, as of one moment. Raises StoreError, also where no server has used it yet."""
    url = make_url(store)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        raise StoreError(f"store: there is no {url.database} yet: start `alertsms serve`")
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        words = error.orig if isinstance(error, DBAPIError) else error
        raise StoreError(
            f"store: {words}. If it is of another version, `alertsms db upgrade` brings it to this one"
        ) from error
    finally:
        engine.dispose()


def paused_in(store: str, at: datetime) -> tuple[Pause, ...]:
    """What is paused at a time; nothing where the store cannot be read. A database that is away is not waited for."""
    url = make_url(store)
    if url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"connect_timeout": PATIENCE})
    try:
        with reading(url.render_as_string(hide_password=False)) as connection:
            return pauses.running(connection, at)
    except (StoreError, ImportError):  # no driver for it, on a desk far from the server
        return ()


def unconfirmed_in(store: str, roster: Roster, sender: str) -> list[str] | None:
    """Whose numbers nobody has confirmed, as people may see them; None where the store cannot be read."""
    try:
        with reading(store) as tx:
            return [f"{person} ({number})" for person, number in unconfirmed(tx, roster, sender)]
    except StoreError:
        return None


def _read_only(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=5.0, isolation_level=None)
    connection.execute("BEGIN")  # the queries that follow see one state of the store
    return connection


def server_state(url: str, token: str = "") -> dict[str, Any] | None:
    """What the server says of itself, whether it is ready or not; None where something else answers.

    Raises requests.RequestException where nothing does.
    """
    with BoundedSession() as session:
        session.trust_env = False  # a proxy of the environment does not lead to this machine
        shown = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            state = session.get(f"{url}/-/ready", headers=shown, timeout=STATE_SECONDS, allow_redirects=False).json()
        except requests.exceptions.JSONDecodeError:
            return None
    return state if isinstance(state, dict) and "ready" in state else None


def another(state: dict[str, Any], url: str, own: Home) -> tuple[str, str] | None:
    """That a server keeps its things elsewhere than a configuration says, and the fix; None where both agree."""
    if state.get("mark") in (None, own.mark):
        return None
    if "store" not in state:  # the server shows no path to a possible stranger
        where = "another store or another state folder"
        fix = f"the file and the {VARIABLE} that its unit or container has"
    else:
        where = f"the store {state['store']} and the state folder {state['state']}"
        fix = f"its own file, and {VARIABLE}={state['state']}"
    return f"the server at {url} uses {where}, this command {own.store} and {own.state}", f"run this with {fix}"


def elsewhere(file: str, why: str) -> str:
    """Why a command finds nothing, and where it may be: with the server, or where an older version had it."""
    store = store_of(file)
    if before := left_behind(written_store(file), store):
        return f"store: {moving(before, store)}"
    if store.startswith(SQLITE) and Path(sqlite_path(store)).exists():
        return why
    return mismatch(file) or why


def mismatch(file: str) -> str:
    """That the server on this machine keeps its things elsewhere than a command would look, and the fix; "" if not."""
    at = listens(file)
    url = own_url(at.host, at.port)
    try:
        difference = another(server_state(url) or {}, url, home(store_of(file), file))
    except requests.RequestException:
        return ""
    return f"{difference[0]}: {difference[1]}" if difference else ""


class RunningServer:
    """The API of the running server."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._session = BoundedSession()
        self._session.trust_env = False  # a proxy of the environment does not lead to this machine
        self._session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: object = None, *, timeout: float = API_SECONDS) -> Any:  # noqa: ANN401
        """One answer, waited for so many seconds. Raises ClickException, with the server's own sentence if refused."""
        try:
            answer = self._session.request(method, self.url + path, json=body, timeout=timeout, allow_redirects=False)
            value = answer.json()
        except requests.exceptions.JSONDecodeError as problem:
            raise self._foreign() from problem
        except requests.RequestException as problem:
            raise click.ClickException(
                f"no alertsms answers at {self.url}: start `alertsms serve`, or write --url."
            ) from problem
        if answer.ok:
            return value
        error = value.get("error") if isinstance(value, dict) else None
        raise click.ClickException(str(error)) if error else self._foreign()

    def _foreign(self) -> click.ClickException:
        return click.ClickException(f"what answers at {self.url} is no alertsms: write --url.")


class ServerAt:
    """What --config and --url say of the server: it is looked for with the first question."""

    def __init__(self, config: str, url: str) -> None:
        self.config, self._url = config, url

    @functools.cached_property
    def ask(self) -> Callable[..., Any]:
        """What asks the server: `RunningServer.ask`."""
        listens = loaded(self.config).server
        url = checked(self._url) if self._url else own_url(listens.host, listens.port)
        return RunningServer(url, token(self.config)).ask


asks_server = bundled("server", ServerAt, "config", "url")


def token(file: str) -> str:
    """The secret by which the server knows a command: who may read the key may command it. Raises ClickException."""
    try:
        secret = own_key(loaded(file)).derive(Purpose.COMMAND)
    except click.ClickException as error:
        raise click.ClickException(elsewhere(file, error.message)) from error
    if wrong := mismatch(file):  # it has another key
        raise click.ClickException(wrong)
    return secret
