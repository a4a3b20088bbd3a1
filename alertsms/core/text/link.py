"""The link by which whoever is told answers; and texts without links and contacts, for a sender that may send none.

The length of a link says whether it went by SMS, or in a post to a channel.
"""

from __future__ import annotations

import re
from dataclasses import replace

from alertsms.core.text.subject import Subject

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


# What the API means by contact information is not documented: these it is known to refuse.
_CONTACT = re.compile(
    r"""
      [a-z][a-z0-9+.-]*://\S+            # a link
    | \bwww\.\S+
    | \b(?:[\w-]+\.)+[a-z]{2,}/\S*       # a link without its scheme
    | \S+@\S+\.\S+                       # an e-mail address
    | (?:\+|\b00)\d(?:[ .-]?\d){6,}      # a phone number, international
    | \b0\d(?:[ .-]?\d\d){4}\b           # or French
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ODD = re.compile(r"[^\w\s%#:,()-]+|\d{5,}")  # what might still be taken for an address or a number


def without_contacts(text: str) -> str:
    """Leave out links, e-mail addresses and phone numbers."""
    return " ".join(_CONTACT.sub(" ", text).split())


def for_short_number(subject: Subject) -> Subject:
    """A subject without contact information; the name never vanishes whole."""
    return replace(
        subject,
        name=without_contacts(subject.name) or "alert",
        place=without_contacts(subject.place),
        summary=without_contacts(subject.summary),
        more=tuple(map(without_contacts, subject.more)),
        link="",
    )


def minimal(subject: Subject) -> Subject:
    """What is left after a refusal all the same: what fires and its number."""
    name = " ".join(_ODD.sub(" ", without_contacts(subject.name)).split())
    notice = _ODD.sub(" ", without_contacts(subject.summary)) if subject.number == 0 else ""
    return replace(subject, name=name or "alert", place="", summary=notice, more=(), link="", reason="")
