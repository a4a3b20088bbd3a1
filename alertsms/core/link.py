"""The link in an SMS by which its person answers."""

from __future__ import annotations

PATH = "/a/"
LENGTH = 11  # of 54 characters, 63 bits: a thousand guesses a second meet one of 10,000 links once in 36,000 years
OLD_LENGTH = 8  # of links that a version before made; they work until they are over
# No 0 O o, 1 I l, 2 Z: somebody may have to type it from another screen.
ALPHABET = "3456789ABCDEFGHJKLMNPQRSTUVWXYabcdefghijkmnpqrstuvwxyz"
TOKEN = f"(?:[{ALPHABET}]{{{LENGTH}}}|[{ALPHABET}]{{{OLD_LENGTH}}})"  # as a regular expression
SAMPLE = "x7Kq5MdPbR4"  # for texts that are only shown


def link_to(external_url: str, token: str) -> str:
    """The address that a token makes; "" where alertsms has none that a phone could open."""
    return f"{external_url.rstrip('/')}{PATH}{token}" if external_url and token else ""
