"""What a body that is refused is about, as far as its bytes show: somebody is to read a name, not "not JSON".

Nothing is parsed. The first name, title and summary are looked for in the text, whatever is broken around them.
"""

from __future__ import annotations

import json
import re
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE

from alertsms.core.alerts.alert import scrub

LOOKED_AT = 1024 * 1024  # bytes from the beginning, also of what is unpacked
LONGEST = 300  # characters
MOST_KEYS = 2_000  # looked at until a name and a summary are found

_NAMES = ("alertname", "ruleName", "rulename", "title")
_SUMMARIES = ("summary", "description", "message")
_KEY = re.compile(rf'"({"|".join((*_NAMES, *_SUMMARIES))})"\s{{0,9}}:\s{{0,9}}"')
# A quote ends a value where JSON goes on behind it: a template that forgets to escape leaves others inside.
_VALUE = re.compile(rf'(?:\\.|[^\\"]|"(?!\s{{0,9}}(?:[,}}\]]|\Z))){{1,{LONGEST}}}', re.DOTALL)
_PLAIN = re.compile(r"""\b(?:alertname|title|summary)\s{0,3}[:=]\s{0,3}["']?([^\s"',}\]&][^\n"',}\]&]{0,200})""")


def glimpse(raw: bytes) -> str:
    """Return `HighCPU: CPU above 90%`, or as much of that as can be found; "" where nothing can.

    Never raises, and looks at the first MiB only, however long the body and whatever it unpacks to.
    """
    text = _text(raw[:LOOKED_AT])
    # JSON inside a string of JSON has a backslash before each quote.
    return _pair(text) or _pair(text.replace('\\"', '"')) or _words(text)


def packed(raw: bytes) -> bool:
    """Whether a body is compressed, as gzip does it."""
    return raw.startswith(b"\x1f\x8b")


def wide(raw: bytes) -> bool:
    """Whether a body is text in UTF-16, with its mark or by its zero bytes."""
    return raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or raw[:200].count(0) * 3 > len(raw[:200])


def _text(head: bytes) -> str:
    if packed(head):
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, LOOKED_AT)
        except zlib.error:
            return ""
    if not wide(head):
        return head.decode("utf-8", "replace")
    big = head.startswith(BOM_UTF16_BE) or (not head.startswith(BOM_UTF16_LE) and head[:1] == b"\0")
    text = head.decode("utf-16-be" if big else "utf-16-le", "replace")
    return text.replace("\0", "").removeprefix("\ufeff")


def _pair(text: str) -> str:
    """The first name, and the first summary."""
    name = summary = ""
    for number, key in enumerate(_KEY.finditer(text)):
        if key[1] in _NAMES:
            name = name or _value(text, key.end())
        else:
            summary = summary or _value(text, key.end())
        if (name and summary) or number >= MOST_KEYS:
            break
    return _line(name if summary == name else ": ".join(filter(None, (name, summary))))


def _value(text: str, at: int) -> str:
    match = _VALUE.match(text, at)
    if not match:
        return ""
    try:
        read: str = json.JSONDecoder(strict=False).decode(f'"{match[0]}"')
    except json.JSONDecodeError:
        return match[0].strip()
    return read.strip()


def _words(text: str) -> str:
    """What is no JSON at all: a name in other clothes, else its first line, as a contact point's own text has it."""
    if match := _PLAIN.search(text):
        return _line(match[1])
    first = text[:LONGEST].lstrip().partition("\n")[0]
    return _line(first) if first[:1] not in tuple('{["<') and first.isprintable() else ""


def _line(text: str) -> str:
    return scrub(" ".join(text[:LONGEST].split()))
