"""Texts for a short number, which takes no links and no "contact information" (OVHcloud's guide on senders)."""

from __future__ import annotations

import re
from dataclasses import replace

from alertsms.core.text.subject import Subject

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


def plain(subject: Subject) -> Subject:
    """A subject without contact information; the name never vanishes whole."""
    return replace(
        subject,
        name=without_contacts(subject.name) or "alert",
        place=without_contacts(subject.place),
        summary=without_contacts(subject.summary),
        more=tuple(map(without_contacts, subject.more)),
        link="",
    )


def bare(subject: Subject) -> Subject:
    """What is left after a refusal all the same: what fires and its number."""
    name = " ".join(_ODD.sub(" ", without_contacts(subject.name)).split())
    notice = _ODD.sub(" ", without_contacts(subject.summary)) if subject.number == 0 else ""
    return replace(subject, name=name or "alert", place="", summary=notice, more=(), link="", reason="")
