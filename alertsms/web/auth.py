"""Who may post: a bearer token, a user and password, or Grafana's signature of the body; any one of them is enough."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from alertsms.config.server import Hmac

WRONG_SIGNATURE = "wrong signature"
MAX_SKEW = 300.0  # seconds between the sender's clock and ours that need no warning


@dataclass(frozen=True, kw_only=True, slots=True)
class AuthVerdict:
    """Whether a request is let in, and what the log should say about it."""

    ok: bool
    reason: str  # the method that let it in, or why none did; never a secret
    skew: float | None = None  # seconds that our clock is ahead of the signed timestamp; None when there is none
    skewed: bool = False  # the clocks differ by more than MAX_SKEW, which the log says
    fix: str = ""  # what lets such a request in, where it is no right secret of the sender's


class Gate:
    """Checks requests against every configured secret; with none configured it is open.

    Several secrets of a kind serve rotation. Tokens are compared as digests, each with every candidate, so that the
    time taken tells neither which one came close nor how long it is.
    """

    def __init__(
        self,
        *,
        bearer: Sequence[str],
        basic: Sequence[tuple[str, str]],
        hmac: Sequence[Hmac],
        now: Callable[[], datetime],
    ) -> None:
        """Raise ValueError on an empty secret: it would let everybody in."""
        if not all([*bearer, *(password for _, password in basic), *(secret.secret for secret in hmac)]):
            raise ValueError("a webhook secret is empty")
        self._bearer = [_digest(token.encode()) for token in bearer]
        self._basic = [_digest(f"{user}:{password}".encode()) for user, password in basic]
        self._hmac, self._now = tuple(hmac), now
        self.open = not (bearer or basic or hmac)  # anybody may post, because no secret is configured

    def shown(self, headers: Mapping[str, str]) -> bool:
        """Whether the headers alone let a request in, whatever its body."""
        return self._authorization(headers.get("Authorization") or "").ok

    def signed(self, headers: Mapping[str, str]) -> bool:
        """Whether a request has a signature, which only its body tells to be right."""
        return any(headers.get(secret.header) for secret in self._hmac)

    def check(self, headers: Mapping[str, str], raw: bytes) -> AuthVerdict:
        """Judge one request by its headers (looked up as they are: Flask's know no case) and the bytes of its body.

        Never raises, whatever the headers hold.
        """
        if self.open:
            return AuthVerdict(ok=True, reason="open")
        verdicts = [self._authorization(headers.get("Authorization") or "")]
        verdicts += [self._signature(secret, headers, raw) for secret in self._hmac]
        passed = [verdict for verdict in verdicts if verdict.ok]
        tried = [verdict for verdict in verdicts if verdict.reason != _NOTHING.reason]
        return (passed or tried or verdicts)[0]

    def _authorization(self, header: str) -> AuthVerdict:
        scheme, _, credentials = header.strip().partition(" ")
        given = _bytes(credentials.strip())
        match scheme.lower():
            case "":
                return _NOTHING
            case "bearer":
                ok = _among(given, self._bearer)
                return AuthVerdict(ok=ok, reason="bearer" if ok else "unknown bearer token")
            case "basic":
                ok = _among(_unbase64(given), self._basic)
                return AuthVerdict(ok=ok, reason="basic" if ok else "unknown user or password")
        return AuthVerdict(ok=False, reason="neither Bearer nor Basic")

    def _signature(self, secret: Hmac, headers: Mapping[str, str], raw: bytes) -> AuthVerdict:
        """Verify as Grafana signs: HMAC-SHA256 in hex over the body, or over `<timestamp>:<body>` when it is stamped.

        The source is grafana/alerting:http/hmac.go. Grafana sends a timestamp only where its header is named. Without
        `require_timestamp` a wrong clock warns and does not refuse, since Grafana would not come again.
        """
        given = headers.get(secret.header)
        if not given:
            return _NOTHING
        stamp = (headers.get(secret.timestamp_header) or "") if secret.timestamp_header else ""
        expected = hmac.new(secret.secret.encode(), digestmod=sha256)
        if stamp:
            expected.update(_bytes(stamp) + b":")
        expected.update(raw)
        if not hmac.compare_digest(expected.hexdigest().encode(), _bytes(given.strip().lower())):
            return AuthVerdict(ok=False, reason=WRONG_SIGNATURE)
        timed = stamp.isascii() and stamp.isdigit() and len(stamp) <= 12  # else it is no Unix time
        skew = self._now().timestamp() - int(stamp) if timed else None
        if secret.require_timestamp and skew is None:
            return AuthVerdict(ok=False, reason="the signature has no timestamp")
        skewed = skew is not None and abs(skew) > MAX_SKEW
        if secret.require_timestamp and skewed:  # a captured request is old
            return AuthVerdict(ok=False, reason="the signature is too old, or a clock is wrong", skew=skew, skewed=True)
        return AuthVerdict(ok=True, reason="hmac", skew=skew, skewed=skewed)


_NOTHING = AuthVerdict(ok=False, reason="no credentials")


def _among(given: bytes, digests: Sequence[bytes]) -> bool:
    """Compare with all of them, also after one fits."""
    digest = _digest(given)
    return True in [hmac.compare_digest(digest, known) for known in digests]


def _digest(secret: bytes) -> bytes:
    return sha256(secret).digest()


def _bytes(header: str) -> bytes:
    """Give the bytes that came over the wire: WSGI hands them over as Latin-1."""
    try:
        return header.encode("latin-1")
    except UnicodeEncodeError:
        return header.encode("utf-8", "surrogatepass")


def _unbase64(given: bytes) -> bytes:
    try:
        return base64.b64decode(given, validate=True)
    except ValueError:
        return b""


CLOSED = Gate(bearer=[secrets.token_urlsafe()], basic=(), hmac=(), now=lambda: datetime.now(UTC))  # to everybody
