"""The default alphabet of SMS: what a text costs in it, how any text is brought into it, and as much of it as fits.

The table is that of 3GPP TS 23.038, sections 6.2.1 and 6.2.1.1. One character outside it turns a whole SMS into
UCS-2, where a segment holds 70 units instead of 160: that is why decoration goes and `’` becomes `'`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

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


FREE_MOST = 480  # of a free text, a segment: three times what fits, since emoji and spaces fall away


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


def measure(text: str) -> TextSize:
    """Count septets or units, and the segments they fill: 160, or 153 each of several; in UCS-2 70 and 67.

    A character of two units never lies across two segments (TS 23.040, 9.2.3.24.1), so a full segment may end one
    unit early. An empty text has no segment.
    """
    if _GSM7.fullmatch(text):
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
        *(("‘’‚‛′‵ʼʻʹ`´", "'"), ("“”„‟″‶«»〝〞", '"'), ("‹", "<"), ("›", ">"), ("‐‑‒–—―−⁃•‣▪◦", "-")),
        *(("→➔➙➛➜➝➞➡⟶↦", "->"), ("←⬅⟵", "<-"), ("↔", "<->"), ("⇒", "=>"), ("⇔", "<=>")),
        *(("↑↗⬆⇧", "up"), ("↓↘⬇⇩", "down"), ("…", "..."), ("·", "."), ("⁄∕÷", "/"), ("×", "x"), ("±", "+/-")),
        *(("≠", "!="), ("≥", ">="), ("≤⇐", "<="), ("≈", "~"), ("°", "deg"), ("℃", "C"), ("℉", "F"), ("µμ", "u")),
        *(("α", "a"), ("β", "b"), ("ő", "ö"), ("Ő", "Ö"), ("ű", "ü"), ("Ű", "Ü"), ("Œ", "OE"), ("ẞ", "SS")),
        *(("Ʒ", "Z"), ("ʒ", "z"), ("©", "(c)"), ("®™℠ℹ¨¸¯", "")),
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


def transliterate(text: str) -> str:
    """Bring a text into GSM-7 as far as a reader gains by it; doing it twice changes nothing more.

    What GSM-7 has stays. Diacritics it lacks fall off, typographic signs get their plain form, Greek words become
    capitals, emoji, bidi controls and private characters go, other control characters become a space. Letters of
    scripts that are read only in themselves (Chinese, Arabic, Cyrillic, Thai ...) stay, with their marks and the
    punctuation after them: that text goes out as UCS-2.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = unicodedata.normalize("NFC", text)
    text = _POWER.sub(lambda match: "^" + match[0], text)
    text = _DEGREES.sub("", _MIXED_FRACTION.sub(" ", text))
    text = _GREEK_WORD.sub(lambda match: "".join(map(_greek_capital, match[0])), text)
    read = "".join(_read(text))
    return read if _GSM7.fullmatch(read) else unicodedata.normalize("NFC", read)


def _read(text: str) -> Iterable[str]:
    """Read each character; `foreign` remembers that the one before it stayed in a script of its own."""
    foreign = False
    for index, char in enumerate(text):
        if char in "\u200c\u200d":  # Persian and Indic scripts spell with them; elsewhere they only glue emoji
            behind = text[index + 1 : index + 2]
            if foreign and behind and behind not in _ALPHABET and _reading(behind) == behind:
                yield char
        elif foreign and char not in _VISIBLE and unicodedata.category(char)[0] in "MP" and char not in _EMOJI_MARKS:
            yield char
        else:
            reading = _reading(char)
            if reading:
                foreign = reading == char and char not in _ALPHABET
            yield reading


_EMOJI_MARKS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0x20D0, 0x2100))))  # variation selectors, keycaps


@lru_cache(maxsize=4096)
def _reading(char: str) -> str:
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
            return _letter(char)
        case "So":
            return _decomposed(char)
        case _:
            return _decomposed(char) or _ascii(char)


def _letter(char: str) -> str:
    if re.fullmatch(_GREEK, char):
        return _greek_capital(char)
    if plain := _decomposed(char):
        return plain
    script = unicodedata.name(char, "").partition(" ")[0]
    return _ascii(char) if char < "\u0370" or script in ("LATIN", "GREEK", "MODIFIER") else char


def _decomposed(char: str) -> str:
    """Return what its Unicode decomposition leaves in GSM-7, one step at a time: ǻ is å before it is a."""
    codes = [code for code in unicodedata.decomposition(char).split() if code[0] != "<"]
    plain = "".join(_reading(chr(int(code, 16))) for code in codes)
    return plain if _PLAIN.fullmatch(plain) else ""


def _greek_capital(char: str) -> str:
    capital = unicodedata.normalize("NFD", char)[0].upper()
    return capital if capital in _VISIBLE else _GREEK_LOOKALIKES.get(capital) or _ascii(capital)


def _ascii(char: str) -> str:
    from anyascii import anyascii  # 60 kB of tables that plain alerts never need

    return "".join(filter(_VISIBLE.__contains__, anyascii(char)))


def clean(text: str, most: int = 2_000) -> str:
    """Bring a field, of which so many characters are looked at, into the SMS alphabet, on one line."""
    return " ".join(transliterate(text[:most]).split())


def fits(text: str, max_segments: int) -> bool:
    """Whether the text takes at most `max_segments` segments, or two where it needs UCS-2."""
    if len(text) > 160 * max(max_segments, 1):  # no segment of either encoding holds more characters
        return False
    size = measure(text)
    return size.segments <= max(max_segments, 1 if size.encoding is Encoding.GSM7 else 2)


class TextPiece(NamedTuple):
    """A part of a text, with the space or sign before it."""

    text: str
    rank: int = 0  # 0 always stays; of the others the smaller is kept first
    mark: str | None = None  # put where it is cut; None: kept whole or not at all
    shorter: str = ""  # said where the whole does not fit, before anything is cut
    least: int = 10  # characters: fewer than that of a cut piece tell nothing


def shorten(text: str, *, max_segments: int = 1, first: str = "") -> str:
    """Clean a free text as `compose` does and end it at a word where it fills `max_segments` ("" stays "").

    `first`: a part of it that is ended before anything behind it is lost, such as a number and a link.
    """
    if first and not fits(whole := clean(text), max_segments):
        before, said, behind = whole.partition(clean(first))
        pieces = [TextPiece(before), TextPiece(said, 1, "..."), TextPiece(behind)]
        if said and fits(kept := fit(pieces, max_segments), max_segments):
            return kept
    cleaned = clean(text, FREE_MOST * max(max_segments, 1))
    return cleaned if fits(cleaned, max_segments) else fit([TextPiece(cleaned, 1, "...")], max_segments)


def fit(pieces: list[TextPiece], max_segments: int) -> str:
    """Take the pieces in order of rank while there is room."""
    chosen = ["" if piece.rank else piece.text for piece in pieces]
    for index in sorted(range(len(pieces)), key=lambda index: pieces[index].rank):
        if pieces[index].rank and pieces[index].text:
            chosen[index] = _most(pieces[index], "".join(chosen[:index]), "".join(chosen[index + 1 :]), max_segments)
    return "".join(chosen).strip()


def _most(piece: TextPiece, before: str, behind: str, max_segments: int) -> str:
    def over(size: int) -> bool:
        return not fits(f"{before}{cut(piece.text, size, mark)}{behind}".strip(), max_segments)

    mark = piece.mark or ""
    if not over(len(piece.text)):
        return piece.text
    if piece.shorter and piece.shorter != piece.text:
        return _most(piece._replace(text=piece.shorter), before, behind, max_segments)
    room = 160 * max(max_segments, 1) - len(before) - len(behind)  # a character is a septet at least
    sizes = range(piece.least, min(room, len(piece.text) - 1) + 1)
    if piece.mark is None or not sizes:
        return ""
    if not over(sizes[-1]):  # nothing but plain characters: no need to search
        return cut(piece.text, sizes[-1], mark)
    longer = bisect_left(sizes, True, key=over)  # noqa: FBT003
    return cut(piece.text, sizes[longer - 1], mark) if longer else ""


def cut(text: str, size: int, mark: str) -> str:
    """End a text within `size` characters, mark included: after a word, or inside one that is half of it alone."""
    if len(text) <= size:
        return text
    end = size - len(mark)
    word = text.rfind(" ", 0, end + 1)
    if word > end // 2:
        end = word
    letter = next((at for at in range(end, max(end - 16, 0), -1) if not continues(text, at)), end)
    return (text[:letter].rstrip(" .,;:-(") or text[:letter]) + mark


def continues(text: str, index: int) -> bool:
    """Whether the character at `index` belongs to the one before it."""
    char = text[index]
    if char.isascii():
        return False
    return unicodedata.category(char)[0] == "M" or not {char, text[index - 1]}.isdisjoint("\u200c\u200d")
