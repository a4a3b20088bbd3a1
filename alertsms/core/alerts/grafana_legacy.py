"""Grafana's old dashboard alerting (4 to 10): one rule and its state a body, no list of alerts and no times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alertsms.core.alerts.alert import Alert, AlertStatus, Source, alert_key, pairs, short, text
from alertsms.core.alerts.location import places
from alertsms.core.text.subject import kept

# The other states (pending, paused, unknown) are no news to anybody.
_STATUS = {"alerting": AlertStatus.FIRING, "no_data": AlertStatus.FIRING, "ok": AlertStatus.RESOLVED}
_SHOWN = 5  # series named in the description


def is_one(body: Mapping[str, object]) -> bool:
    """Tell whether this object, which has no list of alerts, is a rule's state."""
    return isinstance(body.get("state"), str) and not body.keys().isdisjoint(("ruleId", "ruleName", "evalMatches"))


def read(body: Mapping[str, object], source: Source, show: Sequence[str] = ()) -> Alert | None:
    """Give the rule as an alert, None when its state is neither firing nor resolved.

    Its identity is the organisation and the rule's number: names and tags follow the series and change with them.
    """
    status = _STATUS.get(text(body.get("state")).strip().lower())
    if status is None:
        return None
    rule = text(body.get("ruleId"))
    title = text(body.get("title")).partition("] ")[2]
    name = short(body.get("ruleName")) or short(title) or f"rule {short(rule, 40)}".strip()
    matches = body.get("evalMatches")
    series = [match for match in matches if isinstance(match, dict)] if isinstance(matches, list) else []
    labels = {**pairs(body.get("tags"))[1], "alertname": name}
    metrics = [text(match.get("metric")) for match in series]
    annotations = _annotations(body, series)
    tags = pairs(series[0].get("tags"))[1] if len(series) == 1 else {}
    return Alert(
        source=source,
        status=status,
        key=alert_key(source, rule or text(body.get("ruleName")), {}),
        labels=labels,
        annotations=annotations | kept({"generatorURL": body.get("ruleUrl")}),
        fingerprint=short(rule, 64),
        place=places([{**labels, **tags} if show else tags or labels], [annotations], show)[0],
        test=status is AlertStatus.FIRING and title == "Test notification" and "High value" in metrics,
    )


def _annotations(body: Mapping[str, object], series: list[dict[str, object]]) -> dict[str, str]:
    values = [_value(short(match.get("metric"), 100), short(match.get("value"), 30)) for match in series[:_SHOWN]]
    values += [f"+{len(series) - _SHOWN} more"] if len(series) > _SHOWN else []
    texts = {"summary": short(body.get("message")), "description": ", ".join(values)}
    return {name: value for name, value in texts.items() if value}


def _value(metric: str, value: str) -> str:
    return f"{metric}={value}" if value else metric  # the query itself had no value: metric is then `NoData`
