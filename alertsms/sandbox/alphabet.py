"""Counts what a text costs on the air: septets, UTF-16 units and parts.

The sandbox counts on its own, from the standard, so that it can disagree with the program it tests.
"""

from __future__ import annotations

from dataclasses import dataclass

# 3GPP TS 23.038, 6.2.1: the default alphabet, one septet each
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# 3GPP TS 23.038, 6.2.1.1: the extension table, two septets each (an escape goes before)
EXTENDED = frozenset("\f^{}\\[~]|€")
GSM7 = BASIC | EXTENDED


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxTextSize:
    """What a text occupies."""

    unicode: bool
    units: int  # septets, or UTF-16 units when unicode
    per_part: int
    parts: int


def measure(text: str) -> SandboxTextSize:
    """Return the size of `text`; a part never ends between an escape and its letter, nor inside a surrogate pair."""
    if GSM7.issuperset(text):
        return _size([2 if c in EXTENDED else 1 for c in text], 160, 153, unicode=False)
    return _size([2 if ord(c) > 0xFFFF else 1 for c in text], 70, 67, unicode=True)


def _size(widths: list[int], single: int, several: int, *, unicode: bool) -> SandboxTextSize:
    units = sum(widths)
    if units <= single:
        return SandboxTextSize(unicode=unicode, units=units, per_part=single, parts=1)
    parts, room = 1, several
    for width in widths:
        if width > room:
            parts, room = parts + 1, several
        room -= width
    return SandboxTextSize(unicode=unicode, units=units, per_part=several, parts=parts)
