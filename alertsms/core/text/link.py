"""The link by which whoever is told answers: its length says whether it went by SMS, or in a post to a channel."""

from __future__ import annotations

LINK_PATH = "/a/"
LENGTH = 11  # of 54 characters, 63 bits: a thousand guesses a second meet one of 10,000 links once in 36,000 years
POSTED_LENGTH = 12  # of links in posts: each reader of a channel has them, without its person's phone
OLD_LENGTH = 8  # of links that a version before made, by whichever way; they work until they are over
# No 0 O o, 1 I l, 2 Z: somebody may have to type it from another screen.
ALPHABET = "3456789ABCDEFGHJKLMNPQRSTUVWXYabcdefghijkmnpqrstuvwxyz"
# As a regular expression.
TOKEN = f"(?:{'|'.join(f'[{ALPHABET}]{{{length}}}' for length in (POSTED_LENGTH, LENGTH, OLD_LENGTH))})"
SAMPLE = "x7Kq5MdPbR4"  # for texts that are only shown


def link_to(external_url: str, token: str) -> str:
    """The address that a token makes; "" where alertsms has none that a phone could open."""
    return f"{external_url.rstrip('/')}{LINK_PATH}{token}" if external_url and token else ""
