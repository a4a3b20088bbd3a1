"""Which series there are to ask for: those of the registry, under the names that Prometheus gives them."""

from __future__ import annotations

import re

from prometheus_client import CollectorRegistry

from alertsms.metrics import Metrics

SUFFIXES = {"counter": ("_total",), "gauge": ("",), "info": ("_info",), "histogram": ("_bucket", "_sum", "_count")}
# Written down in the documents, not in the registry yet.
ANNOUNCED = {
    "alertsms_delivery_seconds_bucket",
    "alertsms_notices_total",
    "alertsms_receipts_working",
}
KNOWN = ANNOUNCED | {
    family.name + suffix
    for family in Metrics(CollectorRegistry()).registry.collect()
    for suffix in SUFFIXES[family.type]
}


def asked_for(query: str) -> set[str]:
    """The series of alertsms that a query names."""
    return set(re.findall(r"\balertsms_\w+", query))
