"""A body that was refused, or an alert in it that had to be skipped, as an alert of its own.

Its sender believes that it pages people. So it opens an incident of the root team like any other, one for each sender
and kind, which is over when an hour went by without another: good bodies in between prove nothing, since one template
of several may be broken. Somebody is to read a name, not "not JSON". Nothing is parsed for that: the first name, title
and summary are looked for in the text, whatever is broken around them.
"""

from __future__ import annotations

import json
import re
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alertsms.core.alerts.alert import Alert, AlertStatus, Format, Source, alert_key, scrub
from alertsms.core.incidents.incident import Change

REFUSED, SKIPPED = "WebhookRefused", "AlertSkipped"
QUIET_AFTER = timedelta(hours=1)  # without another one it is over
MOST_OF_ONE = 20  # open incidents of one kind from one sender; the rest count into one
MOST_IN_ALL = 60  # open incidents of all senders: an address and a path are easily made up
OTHERS = "others"

_OURS = Source(format=Format.INTAKE)
SENDERS = frozenset({"alertmanager", "grafana", "grafana-legacy"})  # whose name says more than an address
_PATHS = frozenset({"/webhook", "/webhook/alertmanager", "/webhook/grafana", "/alert", ""})
_LONGEST_PATH = 80  # characters of a path
_PLAIN = re.compile(r"[\w./-]{0,30}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class BodySender:
    """Who posted, as far as that can be known of a body that says nothing."""

    path: str = ""
    agent: str = ""  # the family of its User-Agent, in lower case
    address: str = ""

    @property
    def words(self) -> str:
        """For people: `grafana`, `10.0.0.7 /webhook/paris`."""
        who = self.agent if self.agent in SENDERS else self.address or self.agent or "its sender"
        return who if self.path in _PATHS else f"{who} {self.path}"

    @property
    def labels(self) -> dict[str, str]:
        """For templates, and for whoever looks for it."""
        known = {"sender": self.words, "path": self.path, "agent": self.agent, "address": self.address}
        return {name: text for name, text in known.items() if text}

    @property
    def unknown(self) -> BodySender:
        """As posts name one that was not let in: whoever can connect shall not write them."""
        return replace(self, path=plain(self.path), agent=plain(self.agent))


def plain(word: str) -> str:
    """A word of a stranger's own where it is short, and of letters, digits and . _ - / alone; else `...`."""
    return word if _PLAIN.fullmatch(word) else "..."


def sender(path: str, agent: str, address: str) -> BodySender:
    """Name a sender by the path that it posts to, its User-Agent and its address."""
    family = agent.partition("/")[0].partition(" ")[0].lower()[:32]
    return BodySender(path=path[:_LONGEST_PATH].rstrip("/"), agent=family if family.isascii() else "", address=address)


def refused(by: BodySender, status: int, sentence: str, about: str) -> Alert:
    """The alert that a body was refused; `about` is what can be seen of its alerts, `sentence` what the sender got."""
    labels = {"alertname": REFUSED, "severity": "critical", "status": str(status), **by.labels}
    return _alert(labels, f"{status} from {by.words}", about, sentence)


def skipped(by: BodySender, words: str) -> Alert:
    """The alert that one without labels could not be paged; `words` is what it says of itself."""
    labels = {"alertname": SKIPPED, "severity": "critical", **by.labels}
    sentence = "An alert without labels can be neither routed nor told from others: give it labels where it is made."
    return _alert(labels | ({"alert": words} if words else {}), f"from {by.words}, no labels", words, sentence)


def bounded(own: Iterable[Alert], known: Mapping[bytes, Mapping[str, str]]) -> list[Alert]:
    """Let no sender open incidents without end: beyond the bound they are one, which names the latest.

    `known` are the open ones, their labels by their keys.
    """
    of_one = Counter(_place(labels) for labels in known.values())
    room, kept = MOST_IN_ALL - len(known), dict[bytes, Alert]()
    for alert in own:
        place = _place(alert.labels)
        new = alert.key not in known and alert.key not in kept
        if new and (room <= 0 or of_one[place] >= MOST_OF_ONE):
            alert = _more(alert)  # noqa: PLW2901 - it stands for this one
        elif new:
            room, of_one[place] = room - 1, of_one[place] + 1
        kept[alert.key] = alert
    return list(kept.values())


def mentioned(change: Change, now: datetime) -> Change:
    """Write down each mention: the hour counts from the last one."""
    incident = replace(change.incident, last_seen_at=now)
    return change if change.write else replace(change, write=True, incident=incident)


def _place(labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(labels.get(name, "") for name in ("alertname", "path", "agent", "address"))


def _more(alert: Alert) -> Alert:
    labels = {"alertname": alert.labels["alertname"], "severity": "critical", "sender": OTHERS}
    last = ": ".join(filter(None, (alert.place, alert.annotations.get("summary", ""))))
    return _alert(labels, f"from {OTHERS}", f"and more, the last one {last}", alert.annotations["description"])


def _alert(labels: Mapping[str, str], place: str, about: str, sentence: str) -> Alert:
    texts = {"summary": about, "description": sentence}
    return Alert(
        source=_OURS,
        status=AlertStatus.FIRING,
        key=alert_key(_OURS, "", labels),
        labels=labels,
        annotations={name: text for name, text in texts.items() if text},
        place=place,
    )


# Why a body is refused, in a sentence for its sender's operator, and what it is about, for those whom it was to page.
LOOKED_AT = 1024 * 1024  # bytes from the beginning, also of what is unpacked
LONGEST = 300  # characters

_NAMES = ("alertname", "ruleName", "rulename", "title")
_KEY = re.compile(rf'"({"|".join((*_NAMES, "summary", "description", "message"))})"\s{{0,9}}:\s{{0,9}}"')
# A quote ends a value where JSON goes on behind it: a template that forgets to escape leaves others inside.
_VALUE = re.compile(rf'(?:\\.|[^\\"]|"(?!\s{{0,9}}(?:[,}}\]]|\Z))){{1,{LONGEST}}}', re.DOTALL)
_UNQUOTED = re.compile(r"""\b(?:alertname|title|summary)\s{0,3}[:=]\s{0,3}["']?([^\s"',}\]&][^\n"',}\]&]{0,200})""")


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
    if match := _UNQUOTED.search(text):
        return _line(match[1])
    first = text[:LONGEST].lstrip().partition("\n")[0]
    return _line(first) if first[:1] not in tuple('{["<') and first.isprintable() else ""


def _line(text: str) -> str:
    return scrub(" ".join(text[:LONGEST].split()))
