"""The link in an SMS by which its person answers."""

from __future__ import annotations

PATH = "/a/"
SAMPLE = "x7Kq5MdP"  # for texts that are only shown


def link_to(external_url: str, token: str) -> str:
    """The address that a token makes; "" where alertsms has none that a phone could open."""
    return f"{external_url.rstrip('/')}{PATH}{token}" if external_url and token else ""
