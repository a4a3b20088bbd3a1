"""A second, independent reading of 3GPP TS 23.038 by code point, to check the one that the package uses."""

from __future__ import annotations

_NATIONAL = {
    0x00: "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ",
    0x1C: "ÆæßÉ",
    0x24: "¤",
    0x40: "¡",
    0x5B: "ÄÖÑÜ§¿",
    0x7B: "äöñüà",
}
_BY_CODE = {code: chr(code) for code in range(0x20, 0x7B)} | {
    first + place: char for first, chars in _NATIONAL.items() for place, char in enumerate(chars)
}
_ESCAPED = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|"}
_ESCAPED[0x65] = "€"
_CODES = {char: [code] for code, char in _BY_CODE.items()} | {char: [0x1B, code] for code, char in _ESCAPED.items()}


def encode(text: str) -> list[int]:
    """The septets of a text; a character outside the alphabet is a KeyError."""
    return [code for char in text for code in _CODES[char]]


def decode(septets: list[int]) -> str:
    """The text that a phone shows."""
    shown, codes = "", iter(septets)
    for code in codes:
        shown += _ESCAPED[next(codes)] if code == 0x1B else _BY_CODE[code]
    return shown
