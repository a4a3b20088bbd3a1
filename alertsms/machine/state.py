"""The state folder: what must outlive a restart although the store may be what is broken."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from sqlalchemy.engine import make_url

from alertsms.core.messages.trouble import Hindrance
from alertsms.logs import event
from alertsms.machine.files import VARIABLE, mend, read_whole
from alertsms.store.error import masked

log = logging.getLogger("alertsms.state")

TOLD = "alertsms.told"
LARGEST = 1024 * 1024
LARGEST_GOOD = 4 * 1024 * 1024
AGAIN_SECONDS = 3600.0  # a trouble is posted to channels at most this often, over restarts too
KEPT_SECONDS = 86_400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """The store and the state folder of an alertsms, as processes compare them."""

    store: str  # the file's path; the URL without its password
    state: str

    @property
    def mark(self) -> str:
        """Tells two homes apart, and strangers nothing."""
        return sha256(f"{self.store}\0{self.state}".encode()).hexdigest()[:12]


def home(store: str, file: str) -> Home:
    """Where an alertsms of this configuration keeps what it keeps; `store` is an absolute URL."""
    url = make_url(store)
    path = str(url.database) if url.get_backend_name() == "sqlite" else ""
    shown = os.path.realpath(path) if path else masked(url)
    return Home(store=shown, state=os.path.realpath(folder(store, file)))


def folder(store: str, file: str, environ: Mapping[str, str] = os.environ) -> Path:
    """`$ALERTSMS_STATE`; else where the SQLite file of this store lies; else where the configuration does."""
    if environ.get(VARIABLE):
        return Path(environ[VARIABLE]).absolute()
    url = make_url(store)
    beside = url.database if url.get_backend_name() == "sqlite" and url.database else file
    return Path(beside).absolute().parent


def good_path(store: str, file: str) -> Path:
    """Where the last good text of a configuration is kept: each file has one of its own, whatever shares the folder."""
    return folder(store, file) / f"alertsms.good-{sha256(os.path.abspath(file).encode()).hexdigest()[:8]}.yaml"  # noqa: PTH100


def keep_good(store: str, file: str, text: str) -> bool:
    """Keep the text of a configuration that works, for this user's eyes only; false, loudly, where that fails."""
    path = good_path(store, file)
    mend(path, "if others may have read it, change the secrets that stand in the configuration")
    try:
        if good(store, file) != text:
            _replace(path, text)
    except (OSError, ValueError) as error:
        words = "the configuration could not be kept: with mistakes in its file the next start has none"
        why = getattr(error, "strerror", None) or str(error)
        event(
            log, logging.ERROR, words, file=str(path), why=why, fix=f"set {VARIABLE} to a folder that can be written to"
        )
        return False
    return True


def good(store: str, file: str) -> str | None:
    """The last good text of a configuration; None where none was kept. Raises OSError and ValueError."""
    try:
        return read_whole(good_path(store, file), LARGEST_GOOD).decode()
    except FileNotFoundError:
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class NotifiedTrouble:
    """A trouble of which channels were notified."""

    at: float  # Unix time
    since: float
    says: str
    hinders: Hindrance
    open: bool = True  # its end has not been posted


class Stamp:
    """The troubles of which channels were notified, kept in a file: a process that restarts must not flood them.

    Where the file cannot be written the troubles are kept in memory: two notifications are better than none.
    """

    def __init__(self, path: Path | None) -> None:
        """`path` None: in memory only."""
        self._path = path
        self._notified = _read(path) if path else {}
        self._said = False  # that it cannot be written

    def may_tell(self, key: str, now: float) -> bool:
        """Whether channels may be notified of this trouble at this Unix time."""
        known = self._notified.get(key)
        return known is None or not 0 <= now - known.at < AGAIN_SECONDS  # one of the future: the clock was set back

    @property
    def open(self) -> dict[str, NotifiedTrouble]:
        """Troubles of which channels were notified, and not yet of their end."""
        return {key: trouble for key, trouble in self._notified.items() if trouble.open}

    def begun(self, key: str, trouble: NotifiedTrouble) -> None:
        """Note that channels are notified of a trouble."""
        self._notified = {
            name: known for name, known in self._notified.items() if known.open or trouble.at - known.at < KEPT_SECONDS
        }
        self._notified[key] = trouble
        self._write()

    def over(self, key: str) -> None:
        """Note that channels are notified of its end."""
        if key in self._notified:
            self._notified[key] = replace(self._notified[key], open=False)
            self._write()

    def _write(self) -> None:
        """Replace the file as a whole: a crash in between must not leave half of one."""
        if self._path is None:
            return
        content = json.dumps({key: asdict(trouble) for key, trouble in self._notified.items()}, ensure_ascii=False)
        try:
            _replace(self._path, content)
        except OSError as error:
            if not self._said:
                event(
                    log,
                    logging.WARNING,
                    "what channels were told cannot be kept: a restart may tell it again",
                    file=str(self._path),
                    why=error.strerror,
                    fix=f"set {VARIABLE} to a folder that can be written to",
                )
            self._said = True


def _replace(path: Path, content: str) -> None:
    made = tempfile.NamedTemporaryFile  # for the eyes of this user only
    with made("w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False) as out:
        try:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
            out.close()
            os.replace(out.name, path)  # noqa: PTH105 - of a name, not of a path
        except OSError:
            with suppress(OSError):
                os.unlink(out.name)  # noqa: PTH108
            raise


def _read(path: Path) -> dict[str, NotifiedTrouble]:
    """The troubles of earlier runs; none where the file cannot be read."""
    try:
        troubles = json.loads(read_whole(path, LARGEST))
        return {
            str(key): NotifiedTrouble(
                at=float(trouble["at"]),
                since=float(trouble["since"]),
                says=str(trouble["says"]),
                hinders=Hindrance(trouble["hinders"]),
                open=bool(trouble["open"]),
            )
            for key, trouble in troubles.items()
        }
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return {}
