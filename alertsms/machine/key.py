"""The root key: 32 bytes that every secret of our own is derived from, by purpose. The store knows its hash."""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from alertsms.machine.files import read_whole

SIZE = 32  # bytes
LARGEST = 1024
MAKE_ONE = "`openssl rand -base64 32` prints one"
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{43}=?")


class Purpose(StrEnum):
    """What a secret is for: whoever learns one of them knows nothing of the others."""

    RECEIPTS = "receipts"  # in the address that OVHcloud calls receipts back to
    PAGES = "pages"  # signs cookies and forms
    COMMAND = "command"  # what the alertsms command shows the server
    FINGERPRINT = "fingerprint"  # by it the store knows the key again


class NoKey(Exception):  # noqa: N818 - says what it is
    """There is no key; the words say where, why, and what mends it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """The key of one run."""

    raw: bytes = field(repr=False)
    lacks: str = ""  # why it is good for this run only; "" for one that lies in a file
    fix: str = ""

    def derive(self, purpose: Purpose) -> str:
        """The secret for this purpose: 43 characters that a URL can hold."""
        return urlsafe_b64encode(hmac.digest(self.raw, f"alertsms {purpose}".encode(), sha256)).decode().rstrip("=")


def parsed(content: bytes) -> bytes:
    """The key that a file holds: 32 bytes as they are, in base64 or in hexadecimal. Raises ValueError."""
    if len(content) == SIZE:
        return content
    text = content.decode("ascii", errors="replace").strip()
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    if _BASE64.fullmatch(text):
        return b64decode(text.rstrip("=") + "=", altchars=b"-_" if re.search("[-_]", text) else None)
    raise ValueError(f"it holds no key of {SIZE} bytes: {MAKE_ONE}")


def read_key(path: Path) -> Key:
    """The key of a file. Raises NoKey, and FileNotFoundError where there is none yet."""
    try:
        return Key(raw=parsed(read_whole(path, LARGEST)))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise NoKey(f"the key {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise NoKey(f"the key {path} cannot be used: {error}") from error
