"""The default alphabet of SMS, what a text costs in it, and how any text is brought into it.

The table is that of 3GPP TS 23.038, sections 6.2.1 and 6.2.1.1. One character outside it turns a whole SMS into
UCS-2, where a segment holds 70 units instead of 160: that is why decoration goes and `’` becomes `'`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

# In the order of the standard's codes 0x00 to 0x7F; 0x1B is the escape to the extension table, not a character.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"  # an escape before each: two septets

_ALPHABET = frozenset(BASIC.replace("\x1b", "") + EXTENSION)
_GSM7 = re.compile(f"[{re.escape(''.join(_ALPHABET))}]*")
_EXTENDED = re.compile(f"[{re.escape(EXTENSION)}]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")  # a surrogate pair: two units
_VISIBLE = _ALPHABET - frozenset("\n\r\f")
_PLAIN = re.compile(f"[{re.escape(''.join(_VISIBLE))}]*")


class Encoding(StrEnum):
    """How an SMS carries its text."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


@dataclass(frozen=True, kw_only=True, slots=True)
class TextSize:
    """What a text takes: `units` are septets of GSM-7 or UTF-16 code units of UCS-2."""

    encoding: Encoding
    units: int
    segments: int


def is_gsm7(text: str) -> bool:
    """Whether every character of the text is in the basic or the extension table."""
    return _GSM7.fullmatch(text) is not None


def measure(text: str) -> TextSize:
    """Count septets or units, and the segments they fill: 160, or 153 each of several; in UCS-2 70 and 67.

    A character of two units never lies across two segments (TS 23.040, 9.2.3.24.1), so a full segment may end one
    unit early. An empty text has no segment.
    """
    if is_gsm7(text):
        double, encoding, alone, part = _EXTENDED, Encoding.GSM7, 160, 153
    else:
        double, encoding, alone, part = _ASTRAL, Encoding.UCS2, 70, 67
    doubles = frozenset(double.findall(text))
    units = len(text) + sum(map(text.count, doubles))
    if units <= alone:
        return TextSize(encoding=encoding, units=units, segments=min(units, 1))
    if not doubles:
        return TextSize(encoding=encoding, units=units, segments=-(-units // part))
    segments, left = 0, 0
    for char in text:
        cost = 1 + (char in doubles)
        if cost > left:
            segments, left = segments + 1, part
        left -= cost
    return TextSize(encoding=encoding, units=units, segments=segments)


# What reads better than the reading of its Unicode decomposition or of anyascii.
_READINGS = {
    char: reading
    for chars, reading in (
        ("‘’‚‛′‵ʼʻʹ`´", "'"),
        ("“”„‟″‶«»〝〞", '"'),
        ("‹", "<"),
        ("›", ">"),
        ("‐‑‒–—―−⁃•‣▪◦", "-"),
        ("→➔➙➛➜➝➞➡⟶↦", "->"),
        ("←⬅⟵", "<-"),
        ("↔", "<->"),
        ("⇒", "=>"),
        ("⇔", "<=>"),
        ("↑↗⬆⇧", "up"),
        ("↓↘⬇⇩", "down"),
        ("…", "..."),
        ("·", "."),
        ("⁄∕÷", "/"),
        ("×", "x"),
        ("±", "+/-"),
        ("≠", "!="),
        ("≥", ">="),
        ("≤⇐", "<="),
        ("≈", "~"),
        ("°", "deg"),
        ("℃", "C"),
        ("℉", "F"),
        ("µμ", "u"),
        ("α", "a"),
        ("β", "b"),
        ("ő", "ö"),
        ("Ő", "Ö"),
        ("ű", "ü"),
        ("Ű", "Ü"),
        ("Œ", "OE"),
        ("ẞ", "SS"),
        ("Ʒ", "Z"),
        ("ʒ", "z"),
        ("©", "(c)"),
        ("®™℠ℹ¨¸¯", ""),
    )
    for char in chars
}
# A Greek word is written in capitals, as Greeks write SMS: ten of them are GSM-7's, the others look like Latin ones.
_GREEK_LOOKALIKES = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True))
_GREEK = "[\u0370-\u0373\u0376\u0377\u037b-\u037d\u0386\u0388-\u03e1\u03f0-\u03ff\u1f00-\u1fff]"
_GREEK_WORD = re.compile(f"{_GREEK}{{2,}}")
_POWER = re.compile("(?<=[0-9])[⁺⁻]?[⁰¹²³⁴-⁹]+")  # 10⁶ is not 106
_MIXED_FRACTION = re.compile("(?<=[0-9])(?=[¼-¾⅐-⅞])")  # 2½ is not 21/2
_DEGREES = re.compile(r"°(?= ?[CFK]\b)")
_JOINERS = "\u200c\u200d"  # Persian and Indic scripts spell with them; elsewhere they only glue emoji


def transliterate(text: str, *, cyrillic: bool = False) -> str:
    """Bring a text into GSM-7 as far as a reader gains by it; doing it twice changes nothing more.

    What GSM-7 has stays. Diacritics it lacks fall off, typographic signs get their plain form, Greek words become
    capitals, emoji, bidi controls and private characters go, other control characters become a space. Letters of
    scripts that are read only in themselves (Chinese, Arabic, Thai ...; Cyrillic unless `cyrillic`) stay, with their
    marks and the punctuation after them: that text goes out as UCS-2.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = unicodedata.normalize("NFC", text)
    text = _POWER.sub(lambda match: "^" + match[0], text)
    text = _DEGREES.sub("", _MIXED_FRACTION.sub(" ", text))
    text = _GREEK_WORD.sub(lambda match: "".join(map(_greek_capital, match[0])), text)
    read = "".join(_read(text, cyrillic=cyrillic))
    return read if is_gsm7(read) else unicodedata.normalize("NFC", read)


def _read(text: str, *, cyrillic: bool) -> Iterable[str]:
    """Read each character; `foreign` remembers that the one before it stayed in a script of its own."""
    foreign = False
    for index, char in enumerate(text):
        if char in _JOINERS:
            if foreign and _is_foreign(text[index + 1 : index + 2], cyrillic=cyrillic):
                yield char
        elif foreign and char not in _VISIBLE and unicodedata.category(char)[0] in "MP" and char not in _EMOJI_MARKS:
            yield char
        else:
            reading = _reading(char, cyrillic)
            if reading:
                foreign = reading == char and char not in _ALPHABET
            yield reading


_EMOJI_MARKS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0x20D0, 0x2100))))  # variation selectors, keycaps


def _is_foreign(char: str, *, cyrillic: bool) -> bool:
    return bool(char) and char not in _ALPHABET and _reading(char, cyrillic) == char


@lru_cache(maxsize=4096)
def _reading(char: str, cyrillic: bool) -> str:  # noqa: FBT001 -- lru_cache is faster by position
    """Return one character in GSM-7, "" when it only decorates, or itself when its script is to be kept."""
    if char in _VISIBLE:
        return char
    if char in _READINGS:
        return _READINGS[char]
    match unicodedata.category(char):
        case "Cc" | "Zs" | "Zl" | "Zp":
            return " "
        case "Cf" | "Cs" | "Co" | "Cn" | "Mn" | "Mc" | "Me" | "Sk":
            return ""
        case "Nd":
            return str(unicodedata.decimal(char))
        case "Lo" | "Ll" | "Lu" | "Lt" | "Lm":
            return _letter(char, cyrillic=cyrillic)
        case "So":
            return _decomposed(char)
        case _:
            return _decomposed(char) or _ascii(char)


def _letter(char: str, *, cyrillic: bool) -> str:
    if re.fullmatch(_GREEK, char):
        return _greek_capital(char)
    if plain := _decomposed(char):
        return plain
    script = unicodedata.name(char, "").partition(" ")[0]
    read_in_ascii = char < "\u0370" or script in ("LATIN", "GREEK", "MODIFIER") or (cyrillic and script == "CYRILLIC")
    return _ascii(char) if read_in_ascii else char


def _decomposed(char: str) -> str:
    """Return what its Unicode decomposition leaves in GSM-7, one step at a time: ǻ is å before it is a."""
    codes = [code for code in unicodedata.decomposition(char).split() if code[0] != "<"]
    plain = "".join(_reading(chr(int(code, 16)), False) for code in codes)  # noqa: FBT003
    return plain if _PLAIN.fullmatch(plain) else ""


def _greek_capital(char: str) -> str:
    capital = unicodedata.normalize("NFD", char)[0].upper()
    return capital if capital in _VISIBLE else _GREEK_LOOKALIKES.get(capital) or _ascii(capital)


def _ascii(char: str) -> str:
    from anyascii import anyascii  # 60 kB of tables that plain alerts never need

    return "".join(filter(_VISIBLE.__contains__, anyascii(char)))
