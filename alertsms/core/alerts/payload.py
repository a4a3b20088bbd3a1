"""A webhook body as alerts: Alertmanager's and Grafana's own, Grafana's old dashboard alerts, and none of the rest.

The body tells its format, never a header. Past the outer shape nothing is refused: one broken alert stops no other.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from alertsms.core.alerts.alert import (
    MOST,
    Alert,
    AlertStatus,
    Format,
    Source,
    alert_key,
    kept,
    label_fingerprint,
    moment,
    pairs,
    quotable,
    short,
    text,
)
from alertsms.core.alerts.location import places
from alertsms.core.incidents.refusal import PayloadError, RefusalReason, no_object, not_json, seen
from alertsms.core.text.subject import summary_of

MAX_ALERTS = 10_000  # in one body: more would hold up everybody else's for seconds
SAID_MOST = 200  # characters of what an entry without labels says
# JSON is read leniently: a byte-order mark, bytes that are no UTF-8, raw controls, NaN and repeated keys are taken.
# Every number comes as its own text: 64-bit identifiers stay intact, five thousand digits overflow nothing, and a
# label or version that somebody wrote as a number is already what it should have been.
_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)
_STATUS = {"firing": AlertStatus.FIRING, "resolved": AlertStatus.RESOLVED}
_QUOTED = re.compile(r"\\([\\.+*?()|\[\]{}^$])")  # what Go's regexp.QuoteMeta puts a backslash before
_RULE_URL = re.compile(r"/alerting/(?:grafana/)?([^/?#]+)/(?:view|edit)")
# The group key of Grafana's Test button ends in a fingerprint and Unix seconds; up to 10.1, in a time as Go prints it.
_TEST_KEY = re.compile(r"-[0-9a-f]{16}-[0-9]{9,11}$|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+ [-+][0-9]{4}")


_TEST_FINGERPRINT = "57c6d9296de2ad39"  # of the labels alertname=TestAlert, instance=Grafana


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
        # A byte that is no UTF-8 comes as a lone surrogate, so that two different names stay different until `scrub`.
        body: object = _DECODER.decode(raw.removeprefix(BOM_UTF8).decode("utf-8", "surrogateescape"))
    except json.JSONDecodeError as error:
        raise not_json(raw, error) from None
    except RecursionError:
        raise PayloadError(400, RefusalReason.TOO_DEEP, "The body is nested too deeply to be an alert body.") from None
    if not isinstance(body, dict):
        raise no_object(body)
    entries = body.get("alerts")
    if isinstance(entries, list):
        if len(entries) > MAX_ALERTS:
            raise PayloadError(
                413,
                RefusalReason.TOO_MANY,
                f"The body lists {len(entries)} alerts, at most {MAX_ALERTS} are taken: set max_alerts, to 1000 "
                "for example, in the sender's webhook settings, or group by more labels.",
            )
        return _group(body, entries, name, frozenset(ignore_labels), show_labels)
    if not isinstance(body.get("state"), str) or body.keys().isdisjoint(("ruleId", "ruleName", "evalMatches")):
        raise PayloadError(
            422, RefusalReason.UNKNOWN_SHAPE, f"This is no alert body: no `alerts` list among its {seen(body)}."
        )
    source = Source(format=Format.GRAFANA_LEGACY, org=short(body.get("orgId"), 64), name=name)
    alert = _legacy(body, source, show_labels)
    return Payload(source=source, alerts=(alert,) if alert else ())


# What Alertmanager and Grafana share.
def _group(
    body: Mapping[str, object], entries: list[object], name: str, ignore: frozenset[str], show: Sequence[str]
) -> Payload:
    labelled: list[dict[str, object]] = []
    whole: list[dict[str, str]] = []  # their labels
    shown: list[dict[str, str]] = []
    said: list[dict[str, str]] = []
    lost: list[str] = []
    grafana = body.get("version") == "1" or body.get("orgId") is not None or body.get("state") is not None
    for entry in entries:
        fields = entry if isinstance(entry, dict) else {}
        grafana = grafana or fields.get("silenceURL") is not None
        full, labels = pairs(fields.get("labels"))
        if labels:
            labelled.append(fields)
            whole.append(full)
            shown.append(labels)
            said.append(pairs(fields.get("annotations"))[1])
        else:
            lost.append(_said(entry)[:SAID_MOST].rstrip())
    shown = _with_common(body.get("commonLabels"), shown)
    said = _with_common(body.get("commonAnnotations"), said)
    key, truncated = text(body.get("groupKey")), text(body.get("truncatedAlerts"))
    group = _Group(
        source=Source(
            format=Format.GRAFANA if grafana else Format.ALERTMANAGER,
            org=short(body.get("orgId"), 64) if grafana else "",
            name=name,
        ),
        status=_status(body.get("status")),
        receiver=_QUOTED.sub(r"\1", short(body.get("receiver"), 512)),
        truncated=int(truncated) if truncated.isdecimal() and len(truncated) < 10 else 0,
        test_key=_test_key(key, labelled[0], shown[0], grafana=grafana, alone=not lost) if len(shown) == 1 else "",
        ignore=ignore,
    )
    return Payload(
        source=group.source,
        alerts=tuple(map(group.alert, labelled, whole, shown, said, places(shown, said, show))),
        unlabelled=tuple(lost),
        truncated=group.truncated,
        group_key=key,
    )


def _with_common(value: object, alerts: list[dict[str, str]]) -> list[dict[str, str]]:
    """The pairs of each alert, and those that a custom payload wrote down once for all of them."""
    if not isinstance(value, dict) or all(value.keys() <= own.keys() for own in alerts):
        return alerts
    common = pairs(value)[1]
    return [dict(islice({**common, **own}.items(), MOST)) for own in alerts]


def _said(entry: object) -> str:
    """What an entry without labels says of itself: people are to know which alert was lost."""
    if not isinstance(entry, dict):
        return " ".join(short(entry, SAID_MOST).split())
    annotations = pairs(entry.get("annotations"))[1]
    return summary_of(annotations) if quotable(annotations) else " ".join(" ".join(annotations.values()).split())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Group:
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
        uid = text(entry.get("ruleUID"))  # before Grafana 12.4 only the link holds it
        url = None if uid else _RULE_URL.search(text(entry.get("generatorURL")))
        return alert_key(self.source, url[1] if url else uid, identifying)


def _status(value: object) -> AlertStatus:
    """Read a status; what is none counts as firing, since silence would be worse."""
    return _STATUS.get(text(value).strip().lower(), AlertStatus.FIRING)


def _test_key(key: str, entry: Mapping[str, object], labels: Mapping[str, str], *, grafana: bool, alone: bool) -> str:
    """Give the key of a test by Grafana's Test button, "" when a group of one alert is real or may be.

    The key of every real group holds `}:{`, but with a custom payload it can hold anything: one alert that has the
    button's form of key, or its name, is a test; all else pages. A custom payload may leave out every mark of Grafana's
    bodies, too. The button's own alert has a name, an instance and, from them, a fingerprint that no real one has: all
    three have to be right then. Its start tells one press from the next.
    """
    if "}:{" in key:
        return ""
    named = labels.get("alertname") == "TestAlert"
    if grafana and key:
        return key if named or _TEST_KEY.search(key) else ""
    if not (alone and named and labels.get("instance") == "Grafana"):
        return ""
    fingerprint = text(entry.get("fingerprint")) or label_fingerprint(labels)
    return f"{_TEST_FINGERPRINT} {text(entry.get('startsAt'))}" if fingerprint == _TEST_FINGERPRINT else ""


# Grafana's old dashboard alerting (4 to 10): one rule and its state a body, no list of alerts and no times. The other
# states (pending, paused, unknown) are no news to anybody.
_LEGACY_STATUS = {"alerting": AlertStatus.FIRING, "no_data": AlertStatus.FIRING, "ok": AlertStatus.RESOLVED}
_SHOWN = 5  # series named in the description


def _legacy(body: Mapping[str, object], source: Source, show: Sequence[str]) -> Alert | None:
    """Give the rule as an alert, None when its state is neither firing nor resolved.

    Its identity is the organisation and the rule's number: names and tags follow the series and change with them.
    """
    status = _LEGACY_STATUS.get(text(body.get("state")).strip().lower())
    if status is None:
        return None
    rule, title, matches = text(body.get("ruleId")), text(body.get("title")).partition("] ")[2], body.get("evalMatches")
    name = short(body.get("ruleName")) or short(title) or f"rule {short(rule, 40)}".strip()
    series = [match for match in matches if isinstance(match, dict)] if isinstance(matches, list) else []
    labels = {**pairs(body.get("tags"))[1], "alertname": name}
    annotations = _legacy_annotations(body, series)
    tags = pairs(series[0].get("tags"))[1] if len(series) == 1 else {}
    pressed = title == "Test notification" and "High value" in [text(match.get("metric")) for match in series]
    return Alert(
        source=source,
        status=status,
        key=alert_key(source, rule or text(body.get("ruleName")), {}),
        labels=labels,
        annotations=annotations | kept({"generatorURL": body.get("ruleUrl")}),
        fingerprint=short(rule, 64),
        place=places([{**labels, **tags} if show else tags or labels], [annotations], show)[0],
        test=pressed and status is AlertStatus.FIRING,
    )


def _legacy_annotations(body: Mapping[str, object], series: list[dict[str, object]]) -> dict[str, str]:
    shown = [(short(match.get("metric"), 100), short(match.get("value"), 30)) for match in series[:_SHOWN]]
    values = [f"{metric}={value}" if value else metric for metric, value in shown]  # without one it is `NoData`
    values += [f"+{len(series) - _SHOWN} more"] if len(series) > _SHOWN else []
    texts = {"summary": short(body.get("message")), "description": ", ".join(values)}
    return {name: value for name, value in texts.items() if value}
