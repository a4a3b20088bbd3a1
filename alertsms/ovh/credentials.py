"""The three keys of a token, and the signature that they give a call."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from hashlib import sha1


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """The three keys of a token; shown by none of their text forms.

    White space around a key is dropped: the newline of a secret file would make every signature invalid. ValueError
    when a key holds anything but printable ASCII.
    """

    application_key: str = field(repr=False)
    application_secret: str = field(repr=False)
    consumer_key: str = field(repr=False)

    def __post_init__(self) -> None:
        for key in fields(self):
            value = getattr(self, key.name).strip()
            if not (value.isascii() and value.isprintable()) or " " in value:
                raise ValueError(f"{key.name} has characters that no OVHcloud key has")
            if set(value) & set("\"'`"):
                raise ValueError(f"{key.name} has a quotation mark, which no OVHcloud key has: write it without")
            object.__setattr__(self, key.name, value)

    def hide(self, text: str) -> str:
        """The text without these keys, should it quote one."""
        for key in (self.application_secret, self.consumer_key, self.application_key):
            text = text.replace(key, "***") if key else text
        return text


def sign(secret: str, consumer: str, method: str, url: str, body: bytes, timestamp: int) -> str:
    """The value of X-Ovh-Signature for exactly these bytes and this URL, as sent; `timestamp` in UNIX seconds."""
    text = f"{secret}+{consumer}+{method}+{url}+".encode() + body + f"+{timestamp}".encode()
    return "$1$" + sha1(text).hexdigest()  # noqa: S324, the API's choice
