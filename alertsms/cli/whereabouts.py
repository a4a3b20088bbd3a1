"""Where the running server keeps what it keeps, for a command that finds nothing where its configuration says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests

from alertsms.cli.healthy import listens
from alertsms.cli.options import own_url
from alertsms.cli.store_reader import store_of, written_store
from alertsms.machine.bounded import BoundedSession
from alertsms.machine.place import SQLITE, VARIABLE, left_behind, moving, sqlite_path
from alertsms.machine.state import Home, home

TIMEOUT = 3.0  # seconds for the server on this machine


def asked(url: str, token: str = "") -> dict[str, Any] | None:
    """What the server says of itself, whether it is ready or not; None where something else answers.

    Raises requests.RequestException where nothing does.
    """
    with BoundedSession() as session:
        session.trust_env = False  # a proxy of the environment does not lead to this machine
        shown = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            said = session.get(f"{url}/-/ready", headers=shown, timeout=TIMEOUT, allow_redirects=False).json()
        except requests.exceptions.JSONDecodeError:
            return None
    return said if isinstance(said, dict) and "ready" in said else None


def another(said: dict[str, Any], url: str, own: Home) -> tuple[str, str] | None:
    """That a server keeps its things elsewhere than a configuration says, and the fix; None where both agree."""
    if said.get("mark") in (None, own.mark):
        return None
    if "store" not in said:  # it tells no path to whoever may be a stranger
        where = "another store or another state folder"
        fix = f"the file and the {VARIABLE} that its unit or container has"
    else:
        where = f"the store {said['store']} and the state folder {said['state']}"
        fix = f"its own file, and {VARIABLE}={said['state']}"
    return f"the server at {url} uses {where}, this command {own.store} and {own.state}", f"run this with {fix}"


def elsewhere(file: str, why: str) -> str:
    """Why a command finds nothing, and where it may be: with the server, or where an older version had it."""
    store = store_of(file)
    before = left_behind(written_store(file), store)
    if before:
        return f"store: {moving(before, store)}"
    if store.startswith(SQLITE) and Path(sqlite_path(store)).exists():
        return why
    return mismatch(file) or why


def mismatch(file: str) -> str:
    """That the server on this machine keeps its things elsewhere than a command would look, and the fix; "" if not."""
    at = listens(file)
    url = own_url(at.host, at.port)
    try:
        found = another(asked(url) or {}, url, home(store_of(file), file))
    except requests.RequestException:
        return ""
    return f"{found[0]}: {found[1]}" if found else ""
