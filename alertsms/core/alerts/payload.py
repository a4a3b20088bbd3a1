"""A webhook body as alerts: Alertmanager's and Grafana's own, Grafana's old dashboard alerts, and none of the rest.

The body tells its format, never a header. Past the outer shape nothing is refused: one broken alert stops no other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from alertsms.core.alerts import grafana_legacy
from alertsms.core.alerts.alert import (
    MOST,
    Alert,
    AlertStatus,
    Format,
    Source,
    alert_key,
    decode,
    label_fingerprint,
    moment,
    pairs,
    quotable,
    scrub,
    short,
    text,
)
from alertsms.core.alerts.glimpse import packed, wide
from alertsms.core.alerts.location import places
from alertsms.core.text.subject import kept, summary_of

MAX_ALERTS = 10_000  # in one body: more would hold up everybody else's for seconds
SAID_MOST = 200  # characters of what an entry without labels says
_STATUS = {"firing": AlertStatus.FIRING, "resolved": AlertStatus.RESOLVED}
_QUOTED = re.compile(r"\\([\\.+*?()|\[\]{}^$])")  # what Go's regexp.QuoteMeta puts a backslash before
_RULE_URL = re.compile(r"/alerting/(?:grafana/)?([^/?#]+)/(?:view|edit)")
# The group key of Grafana's Test button ends in a fingerprint and Unix seconds; up to 10.1, in a time as Go prints it.
_TEST_KEY = re.compile(r"-[0-9a-f]{16}-[0-9]{9,11}$|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+ [-+][0-9]{4}")


_TEST_FINGERPRINT = "57c6d9296de2ad39"  # of the labels alertname=TestAlert, instance=Grafana


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    """What one request says. Alerts keep the sender's order; one that is listed twice is here twice."""

    source: Source
    alerts: tuple[Alert, ...]
    unlabelled: tuple[str, ...] = ()  # entries without usable labels: what each says of itself, perhaps nothing
    truncated: int = 0  # alerts that the sender left out
    group_key: str = ""


def parse(
    raw: bytes, *, name: str = "", ignore_labels: Collection[str] = (), show_labels: Sequence[str] = ()
) -> Payload:
    """Read a body; `name` is the NAME of /webhook/NAME. Raises PayloadError, and nothing else.

    Identities are taken from the whole labels, without `ignore_labels`; what is kept of them is scrubbed and cut.
    `show_labels` stand in every text.
    """
    try:
        body = decode(raw)
    except json.JSONDecodeError as error:
        where = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise PayloadError(400, RefusalReason.NOT_JSON, f"The body is not JSON: {_odd(raw) or where}.") from None
    except RecursionError:
        raise PayloadError(400, RefusalReason.TOO_DEEP, "The body is nested too deeply to be an alert body.") from None
    if isinstance(body, list):
        raise _array(body)
    if not isinstance(body, dict):
        raise PayloadError(
            400, RefusalReason.NO_OBJECT, "The body is JSON but neither an object nor an array, so no alert."
        )
    if isinstance(body.get("alerts"), list):
        if len(body["alerts"]) > MAX_ALERTS:
            raise PayloadError(
                413,
                RefusalReason.TOO_MANY,
                f"The body lists {len(body['alerts'])} alerts, at most {MAX_ALERTS} are taken: set max_alerts, to 1000 "
                "for example, in the sender's webhook settings, or group by more labels.",
            )
        return _group(body, body["alerts"], name, frozenset(ignore_labels), show_labels)
    if grafana_legacy.is_one(body):
        source = Source(format=Format.GRAFANA_LEGACY, org=short(body.get("orgId"), 64), name=name)
        alert = grafana_legacy.read(body, source, show_labels)
        return Payload(source=source, alerts=(alert,) if alert else ())
    raise PayloadError(
        422, RefusalReason.UNKNOWN_SHAPE, f"This is no alert body: no `alerts` list among its {_seen(body)}."
    )


def _odd(raw: bytes) -> str:
    """What a whole body is instead of JSON, where a line and column would say nothing."""
    if not raw.strip():
        return "it is empty"
    if packed(raw):
        return "it is compressed with gzip, send it as it is"
    return "it is UTF-16, or full of zero bytes: send UTF-8" if wide(raw) else ""


def _array(entries: list[object]) -> PayloadError:
    if any(isinstance(entry, dict) and isinstance(entry.get("labels"), dict) for entry in entries):
        return PayloadError(
            422,
            RefusalReason.PROMETHEUS,
            "This array is what Prometheus, vmalert or a ruler sends to an Alertmanager (POST /api/v2/alerts), not a "
            "webhook body: point that sender at an Alertmanager, and the Alertmanager's webhook_configs here.",
        )
    first = entries[0] if entries else None
    keys = f", its first entry having {_seen(first)}" if isinstance(first, dict) else ""
    return PayloadError(
        422, RefusalReason.UNKNOWN_SHAPE, f"This is no alert body: an array of {len(entries)} entries{keys}."
    )


def _seen(body: Mapping[str, object]) -> str:
    """Name the keys, for somebody who wonders what it is that arrived."""
    names = [scrub(name[:40]) for name in list(body)[:12]]
    more = f" and {len(body) - len(names)} more" if len(body) > len(names) else ""
    return f"keys ({', '.join(names)}{more})" if names else "keys (there are none)"


def _group(
    body: Mapping[str, object], entries: list[object], name: str, ignore: frozenset[str], show: Sequence[str]
) -> Payload:
    """Read the body that Alertmanager and Grafana share."""
    labelled = [
        (entry, *labels) for entry in entries if isinstance(entry, dict) and (labels := pairs(entry.get("labels")))[1]
    ]
    shown = _with_common(body.get("commonLabels"), [labels for _, _, labels in labelled])
    said = _with_common(body.get("commonAnnotations"), [pairs(entry.get("annotations"))[1] for entry, _, _ in labelled])
    grafana, key = _is_grafana(body, entries), text(body.get("groupKey"))
    group = _Group(
        source=Source(
            format=Format.GRAFANA if grafana else Format.ALERTMANAGER,
            org=short(body.get("orgId"), 64) if grafana else "",
            name=name,
        ),
        status=_status(body.get("status")),
        receiver=_QUOTED.sub(r"\1", short(body.get("receiver"), 512)),
        truncated=_count(body.get("truncatedAlerts")),
        test_key=_test_key(key, shown) if grafana and key else _custom_test_key(key, entries, shown),
        ignore=ignore,
    )
    alerts = [
        group.alert(entry, full, labels, annotations, place)
        for (entry, full, _), labels, annotations, place in zip(
            labelled, shown, said, places(shown, said, show), strict=True
        )
    ]
    return Payload(
        source=group.source,
        alerts=tuple(alerts),
        unlabelled=_unlabelled(entries) if len(alerts) < len(entries) else (),
        truncated=group.truncated,
        group_key=key,
    )


def _with_common(value: object, alerts: list[dict[str, str]]) -> list[dict[str, str]]:
    """The pairs of each alert, and those that a custom payload wrote down once for all of them."""
    if not isinstance(value, dict) or all(value.keys() <= own.keys() for own in alerts):
        return alerts
    common = pairs(value)[1]
    return [dict(islice({**common, **own}.items(), MOST)) for own in alerts]


def _unlabelled(entries: list[object]) -> tuple[str, ...]:
    """What the entries without labels say of themselves: people are to know which alert was lost."""
    lost = [entry for entry in entries if not (isinstance(entry, dict) and pairs(entry.get("labels"))[1])]
    return tuple(_said(entry)[:SAID_MOST].rstrip() for entry in lost)


def _said(entry: object) -> str:
    if not isinstance(entry, dict):
        return " ".join(short(entry, SAID_MOST).split())
    annotations = pairs(entry.get("annotations"))[1]
    return summary_of(annotations) if quotable(annotations) else " ".join(" ".join(annotations.values()).split())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Group:
    """What a body says of all its alerts."""

    source: Source
    status: AlertStatus
    receiver: str
    truncated: int
    test_key: str  # the group key of a test, "" for all else
    ignore: frozenset[str]

    def alert(
        self,
        entry: dict[str, object],
        full: dict[str, str],
        labels: dict[str, str],
        annotations: dict[str, str],
        place: str,
    ) -> Alert:
        """Read one entry; `full` are its whole labels, `labels` what is shown of them."""
        # What an entry leaves out the group says; what it says in words that nobody knows may well be firing.
        own = entry.get("status")
        status = _status(own) if isinstance(own, str) and own.strip() else self.status
        resolved = status is AlertStatus.RESOLVED
        fingerprint = text(entry.get("fingerprint"))
        if not fingerprint and self.source.format is Format.ALERTMANAGER:
            fingerprint = label_fingerprint(full)
        return Alert(
            source=self.source,
            status=status,
            key=self.key(entry, fingerprint, full),
            labels=labels,
            annotations=annotations | links if (links := kept(entry)) else annotations,
            fingerprint=short(fingerprint, 64),
            starts_at=moment(entry.get("startsAt")),
            ends_at=moment(entry.get("endsAt")) if resolved else None,  # a firing one may carry any time there
            receiver=self.receiver,
            place=place,
            truncated=self.truncated,
            test=bool(self.test_key) and not resolved,
        )

    def key(self, entry: dict[str, object], fingerprint: str, labels: dict[str, str]) -> bytes:
        """Identify one entry."""
        if self.test_key:  # each press of the button is a test of its own, and a copy of its request the same one
            return alert_key(self.source, fingerprint + self.test_key, labels)
        if self.source.format is Format.ALERTMANAGER or (fingerprint and self.ignore.isdisjoint(labels)):
            return alert_key(self.source, fingerprint, labels, self.ignore)
        # Two Grafana rules can show equal labels: where their fingerprints cannot tell them apart, the rule does.
        identifying = {name: value for name, value in labels.items() if name not in self.ignore}
        return alert_key(self.source, _rule(entry), identifying)


def _is_grafana(body: Mapping[str, object], entries: list[object]) -> bool:
    if body.get("version") == "1" or body.get("orgId") is not None or body.get("state") is not None:
        return True
    return any(isinstance(entry, dict) and entry.get("silenceURL") is not None for entry in entries)


def _status(value: object) -> AlertStatus:
    """Read a status; what is none counts as firing, since silence would be worse."""
    return _STATUS.get(text(value).strip().lower(), AlertStatus.FIRING)


def _count(value: object) -> int:
    digits = text(value)
    return int(digits) if digits.isdecimal() and len(digits) < 10 else 0


def _rule(entry: Mapping[str, object]) -> str:
    """Give the UID of Grafana's rule; before Grafana 12.4 only the link holds it."""
    uid = text(entry.get("ruleUID"))
    url = None if uid else _RULE_URL.search(text(entry.get("generatorURL")))
    return url[1] if url else uid


def _test_key(key: str, shown: list[dict[str, str]]) -> str:
    """Give a group key if it is that of Grafana's Test button, "" when this is a real group or may be one.

    The key of every real group holds `}:{`, but with a custom payload it can hold anything: one alert that has the
    button's form of key, or its name, is a test; all else pages.
    """
    if "}:{" in key or len(shown) != 1:
        return ""
    return key if shown[0].get("alertname") == "TestAlert" or _TEST_KEY.search(key) else ""


def _custom_test_key(key: str, entries: list[object], shown: list[dict[str, str]]) -> str:
    """Give the key of a test in a custom payload, which may leave out every mark of Grafana's bodies.

    The button's own alert has a name, an instance and, from them, a fingerprint that no real one has: all three have
    to be right. Its start tells one press from the next.
    """
    if len(shown) != 1 or len(entries) != 1 or not isinstance(entries[0], dict) or "}:{" in key:
        return ""
    labels, entry = shown[0], entries[0]
    if labels.get("alertname") != "TestAlert" or labels.get("instance") != "Grafana":
        return ""
    fingerprint = text(entry.get("fingerprint")) or label_fingerprint(labels)
    return f"{_TEST_FINGERPRINT} {text(entry.get('startsAt'))}" if fingerprint == _TEST_FINGERPRINT else ""
