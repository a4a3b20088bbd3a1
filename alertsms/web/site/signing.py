"""Signatures that only this alertsms can make: they prove that a cookie and a form are its own."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import datetime
from hashlib import sha256

from alertsms.store.schema import EPOCH, MICROSECOND


class Signing:
    """Signs and recognises."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def sign(self, *parts: str) -> str:
        """The signature of these parts, in this order: 43 characters that a URL or a cookie can hold."""
        digest = hmac.digest(self._secret, json.dumps(parts).encode(), sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def proves(self, signature: str, *parts: str) -> bool:
        """Whether this is their signature; takes the same time for a wrong one."""
        return hmac.compare_digest(signature.encode("utf-8", "replace"), self.sign(*parts).encode())

    def stamp(self, at: datetime, *parts: str) -> str:
        """A signature of these parts that also says when it was made."""
        made = str((at - EPOCH) // MICROSECOND)
        return f"{made}.{self.sign(made, *parts)}"

    def stamped(self, signature: str, *parts: str) -> datetime | None:
        """When a signature of these parts was made; None where it is none of ours, or says no time."""
        made, _, signed = signature.partition(".")
        return EPOCH + int(made) * MICROSECOND if self.proves(signed, made, *parts) else None
