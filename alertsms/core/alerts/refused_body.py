"""A body that is refused: why, in a sentence for its sender's operator, and what it is about, for those it was to page.

Somebody is to read a name, not "not JSON". Nothing is parsed for that: the first name, title and summary are looked for
in the text, whatever is broken around them.
"""

from __future__ import annotations

import json
import re
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping
from enum import StrEnum

from alertsms.core.alerts.alert import scrub

LOOKED_AT = 1024 * 1024  # bytes from the beginning, also of what is unpacked
LONGEST = 300  # characters

_NAMES = ("alertname", "ruleName", "rulename", "title")
_KEY = re.compile(rf'"({"|".join((*_NAMES, "summary", "description", "message"))})"\s{{0,9}}:\s{{0,9}}"')
# A quote ends a value where JSON goes on behind it: a template that forgets to escape leaves others inside.
_VALUE = re.compile(rf'(?:\\.|[^\\"]|"(?!\s{{0,9}}(?:[,}}\]]|\Z))){{1,{LONGEST}}}', re.DOTALL)
_PLAIN = re.compile(r"""\b(?:alertname|title|summary)\s{0,3}[:=]\s{0,3}["']?([^\s"',}\]&][^\n"',}\]&]{0,200})""")


class RefusalReason(StrEnum):
    """Why a body is refused, as metrics count it."""

    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    TOO_MANY = "too_many"  # alerts in one body
    NO_OBJECT = "no_object"  # JSON, but neither an object nor an array
    PROMETHEUS = "prometheus"  # what Prometheus, vmalert and rulers send to an Alertmanager
    UNKNOWN_SHAPE = "unknown_shape"  # JSON that is no alert body


class PayloadError(ValueError):
    """A body that gives no alerts. The message is one sentence for the sender's operator.

    Attributes: `status`, the HTTP answer (400, 413 for too many alerts, or 422 for JSON that is no alert body), and
    `reason`, for metrics.
    """

    def __init__(self, status: int, reason: RefusalReason, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message


def not_json(raw: bytes, error: json.JSONDecodeError) -> PayloadError:
    """Say where it is no JSON, or what the whole body is instead: a line and column would say nothing then."""
    if not raw.strip():
        why = "it is empty"
    elif _packed(raw):
        why = "it is compressed with gzip, send it as it is"
    elif _wide(raw):
        why = "it is UTF-16, or full of zero bytes: send UTF-8"
    else:
        why = f"{error.msg} at line {error.lineno}, column {error.colno}"
    return PayloadError(400, RefusalReason.NOT_JSON, f"The body is not JSON: {why}.")


def no_object(body: object) -> PayloadError:
    """Say what an array may be; anything else but an object is no alert."""
    if not isinstance(body, list):
        return PayloadError(
            400, RefusalReason.NO_OBJECT, "The body is JSON but neither an object nor an array, so no alert."
        )
    if any(isinstance(entry, dict) and isinstance(entry.get("labels"), dict) for entry in body):
        return PayloadError(
            422,
            RefusalReason.PROMETHEUS,
            "This array is what Prometheus, vmalert or a ruler sends to an Alertmanager (POST /api/v2/alerts), not a "
            "webhook body: point that sender at an Alertmanager, and the Alertmanager's webhook_configs here.",
        )
    keys = f", its first entry having {seen(body[0])}" if body and isinstance(body[0], dict) else ""
    return PayloadError(
        422, RefusalReason.UNKNOWN_SHAPE, f"This is no alert body: an array of {len(body)} entries{keys}."
    )


def seen(body: Mapping[str, object]) -> str:
    """Name the keys, for somebody who wonders what it is that arrived."""
    names = [scrub(name[:40]) for name in list(body)[:12]]
    more = f" and {len(body) - len(names)} more" if len(body) > len(names) else ""
    return f"keys ({', '.join(names)}{more})" if names else "keys (there are none)"


def glimpse(raw: bytes) -> str:
    """Return `HighCPU: CPU above 90%`, or as much of that as can be found; "" where nothing can.

    Never raises, and looks at the first MiB only, however long the body and whatever it unpacks to.
    """
    text = _text(raw[:LOOKED_AT])
    # JSON inside a string of JSON has a backslash before each quote.
    return _pair(text) or _pair(text.replace('\\"', '"')) or _words(text)


def _packed(raw: bytes) -> bool:
    return raw.startswith(b"\x1f\x8b")  # as gzip does it


def _wide(raw: bytes) -> bool:
    """Whether a body is text in UTF-16, with its mark or by its zero bytes."""
    return raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or raw[:200].count(0) * 3 > len(raw[:200])


def _text(head: bytes) -> str:
    if _packed(head):
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, LOOKED_AT)
        except zlib.error:
            return ""
    if not _wide(head):
        return head.decode("utf-8", "replace")
    big = head.startswith(BOM_UTF16_BE) or (not head.startswith(BOM_UTF16_LE) and head[:1] == b"\0")
    text = head.decode("utf-16-be" if big else "utf-16-le", "replace")
    return text.replace("\0", "").removeprefix("\ufeff")


def _pair(text: str) -> str:
    name = summary = ""
    for number, key in enumerate(_KEY.finditer(text)):
        if key[1] in _NAMES:
            name = name or _value(text, key.end())
        else:
            summary = summary or _value(text, key.end())
        if (name and summary) or number >= 2_000:
            break
    return _line(name if summary == name else ": ".join(filter(None, (name, summary))))


def _value(text: str, at: int) -> str:
    match = _VALUE.match(text, at)
    if not match:
        return ""
    try:
        return str(json.JSONDecoder(strict=False).decode(f'"{match[0]}"')).strip()
    except json.JSONDecodeError:
        return match[0].strip()


def _words(text: str) -> str:
    """What is no JSON at all: a name in other clothes, else its first line, as a contact point's own text has it."""
    if match := _PLAIN.search(text):
        return _line(match[1])
    first = text[:LONGEST].lstrip().partition("\n")[0]
    return _line(first) if first[:1] not in tuple('{["<') and first.isprintable() else ""


def _line(text: str) -> str:
    return scrub(" ".join(text[:LONGEST].split()))
