"""Alertmanager's own API, version 2: what it lists, how long it is up, and silences. It retries nothing.

https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml describes it; the API of Grafana's own
Alertmanager is the same below another path.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from alertsms import __version__
from alertsms.core.incidents.alertmanager_view import SETTLED, TWICE, Listed, Silence, Snapshot
from alertsms.ovh.connection import why
from alertsms.ovh.wire import WireSession

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
LARGEST = 64 * 1024 * 1024  # bytes of an answer: some 50,000 alerts
AGENT = f"alertsms/{__version__}"
ALONE: frozenset[str] = frozenset()


@dataclass(kw_only=True, eq=False)
class AlertmanagerError(Exception):
    """A call that did not end well. `permanent`: the same call would be refused again."""

    why: str
    permanent: bool = False
    status: int | None = None  # HTTP; None when there was no answer

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertmanagerCredentials:
    """What lets us in; "" for nothing."""

    username: str = ""
    password: str = field(default="", repr=False)
    bearer_token: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Alertmanagers:
    """Those that post here, and what they are asked with."""

    urls: tuple[str, ...]
    reconcile_after: timedelta = timedelta(minutes=15)
    settled: timedelta = SETTLED
    twice: timedelta = TWICE
    access: AlertmanagerCredentials = AlertmanagerCredentials()

    def connect(self, session_factory: Callable[[], requests.Session] = WireSession) -> tuple[Alertmanager, ...]:
        """All of them, for one thread."""
        return tuple(Alertmanager(url, self.access, session_factory) for url in self.urls)


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertmanagerStatus:
    """What an Alertmanager says of itself."""

    version: str = ""
    up_since: datetime | None = None
    intervals: bool = True  # whether its configuration may mute by times
    members: frozenset[str] = ALONE  # of its cluster, itself included; none where it stands alone


class Alertmanager:
    """One Alertmanager. For one thread at a time."""

    def __init__(
        self,
        url: str,
        access: AlertmanagerCredentials = AlertmanagerCredentials(),
        session_factory: Callable[[], requests.Session] = WireSession,
    ) -> None:
        """`url` is its external URL, without `/api/v2`."""
        self.url = url
        self._session = session_factory()
        self._session.headers["User-Agent"] = AGENT
        if access.bearer_token:
            self._session.headers["Authorization"] = f"Bearer {access.bearer_token}"
        elif access.username:
            pair = b64encode(f"{access.username}:{access.password}".encode()).decode()  # requests would use Latin-1
            self._session.headers["Authorization"] = f"Basic {pair}"

    def close(self) -> None:
        """Let go of its connection."""
        self._session.close()

    def view(self) -> Snapshot:
        """Everything that reconciling needs of it. Raises AlertmanagerError."""
        status = self.status()
        alerts = self.alerts()
        muted = self._muted() if status.intervals else {}
        return Snapshot(
            alerts=tuple(_with(alert, muted.get(_key(alert.labels), {})) for alert in alerts),
            up_since=status.up_since,
            receivers=self.receivers(),
        )

    def alerts(self) -> tuple[Listed, ...]:
        """GET /alerts: all that it has, active or suppressed. Raises AlertmanagerError."""
        return tuple(_listed(row) for row in self._list("/alerts") or ())

    def _muted(self) -> dict[frozenset[tuple[str, str]], dict[str, bool]]:
        """GET /alerts/groups: for each alert its receivers, and whether time intervals mute all its groups there.

        /alerts says nothing of that. Nothing where it, or a proxy before it, does not tell. Raises AlertmanagerError.
        """
        muted: dict[frozenset[tuple[str, str]], dict[str, bool]] = {}
        for group in self._list("/alerts/groups", optional=True) or ():
            named = _object(group, "/alerts/groups").get("receiver")
            receiver = str(named.get("name", "")) if isinstance(named, dict) else ""
            for alert in map(_listed, group.get("alerts") or ()):
                by_receiver = muted.setdefault(_key(alert.labels), {})
                by_receiver[receiver] = alert.suppressed and by_receiver.get(receiver, True)
        return muted

    def status(self) -> AlertmanagerStatus:
        """GET /status. Raises AlertmanagerError."""
        status = _object(self._call("GET", "/status"), "/status")
        version, cluster, config = map(status.get, ("versionInfo", "cluster", "config"))
        peers = cluster.get("peers") if isinstance(cluster, dict) else None
        members = [peer.get("name") for peer in peers if isinstance(peer, dict)] if isinstance(peers, list) else []
        text = config.get("original") if isinstance(config, dict) else None  # what is not shown may name some
        return AlertmanagerStatus(
            version=str(version.get("version", "")) if isinstance(version, dict) else "",
            intervals=not text or "time_intervals" in str(text),
            up_since=_time(status.get("uptime")),
            members=frozenset(str(name) for name in members if name),
        )

    def receivers(self) -> frozenset[str] | None:
        """GET /receivers: the names of them; None where it, or a proxy before it, does not tell.

        Raises AlertmanagerError.
        """
        rows = self._list("/receivers", optional=True)
        return None if rows is None else frozenset(str(row.get("name", "")) for row in rows if isinstance(row, dict))

    def silence(self, wanted: Silence) -> str:
        """POST /silences: returns its id. Raises AlertmanagerError."""
        body = {
            "matchers": [
                {"name": name, "value": text, "isRegex": False, "isEqual": True} for name, text in wanted.labels.items()
            ],
            "startsAt": wanted.begins_at.isoformat(),
            "endsAt": wanted.ends_at.isoformat(),
            "createdBy": wanted.by,
            "comment": wanted.comment,
        }
        made = _object(self._call("POST", "/silences", body), "/silences").get("silenceID")
        if not isinstance(made, str) or not made:
            raise _unreadable("/silences")
        return made

    def _list(self, path: str, *, optional: bool = False) -> list[Any] | None:
        """GET a list; None where it is `optional`, and this Alertmanager, or a proxy before it, does not have it."""
        try:
            rows = self._call("GET", path)
        except AlertmanagerError as error:
            if optional and error.status in (404, 405):
                return None
            raise
        if not isinstance(rows, list):
            raise _unreadable(path)
        return rows

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        try:
            with self._session.request(
                method,
                f"{self.url}/api/v2{path}",
                json=body,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                stream=True,
                allow_redirects=False,
            ) as answer:
                raw = _bounded(answer)
        except (requests.RequestException, OSError) as error:
            raise AlertmanagerError(why=f"{self.url} does not answer ({why(error)})") from error
        if not 200 <= answer.status_code < 300:
            raise _refused(self.url, path, answer.status_code, raw)
        try:
            return json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise _unreadable(path) from error


def _bounded(answer: requests.Response) -> bytes:
    """The body, which must not fill the memory."""
    raw = bytearray()
    for piece in answer.iter_content(256 * 1024):
        raw += piece
        if len(raw) > LARGEST:
            raise AlertmanagerError(why=f"an answer of more than {LARGEST // 1024 // 1024} MiB", permanent=True)
    return bytes(raw)


def _refused(url: str, path: str, status: int, raw: bytes) -> AlertmanagerError:
    """Alertmanager answers 400 with a JSON text that says what is wrong; a proxy with a page of its own."""
    try:
        reason = json.loads(raw)
    except (ValueError, RecursionError):
        reason = ""
    words = f": {' '.join(reason.split())[:200]}" if isinstance(reason, str) and reason else ""
    return AlertmanagerError(
        why=f"{url} answers {status} to {path}{words}",
        permanent=300 <= status < 500 and status not in (408, 429),
        status=status,
    )


def _unreadable(path: str) -> AlertmanagerError:
    return AlertmanagerError(why=f"what answers at /api/v2{path} is no Alertmanager", permanent=True)


def _object(value: Any, path: str) -> dict[str, Any]:  # noqa: ANN401 - JSON
    if not isinstance(value, dict):
        raise _unreadable(path)
    return value


def _listed(row: Any) -> Listed:  # noqa: ANN401 - JSON
    """One alert; a list with something else in it is not to be trusted: what is missing from it may be in it."""
    labels = row.get("labels") if isinstance(row, dict) else None
    status = row.get("status") if isinstance(row, dict) else None
    if not isinstance(labels, dict) or not isinstance(status, dict):
        raise _unreadable("/alerts")
    texts = {str(name): text if isinstance(text, str) else str(text) for name, text in labels.items()}
    suppressed = status.get("state") == "suppressed" or bool(status.get("mutedBy"))
    return Listed(labels=texts, suppressed=suppressed, starts_at=_time(row.get("startsAt")))


def _with(alert: Listed, muted: Mapping[str, bool]) -> Listed:
    """An alert with what its groups say of it; what is muted in all of them is so for everybody."""
    return replace(alert, suppressed=alert.suppressed or (bool(muted) and all(muted.values())), muted=muted)


def _key(labels: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(labels.items())


def _time(text: Any) -> datetime | None:  # noqa: ANN401 - JSON
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
