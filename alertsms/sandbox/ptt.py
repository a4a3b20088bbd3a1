"""The status codes of the REST API ("PTT"), from OVHcloud's guide to SMS users; the texts are our own."""

from __future__ import annotations

PTT: dict[int, tuple[str, str]] = {
    1: ("Phone side problem, being retried", "temporary"),
    2: ("Operator side problem, being retried", "temporary"),
    3: ("Accepted by the operator", "temporary"),
    4: ("Delivered", "permanent"),
    5: ("Not delivered, no details", "indeterminated"),
    6: ("The operator gave no final status", "indeterminated"),
    8: ("Expired at the operator", "permanent"),
    20: ("Undeliverable in this form", "permanent"),
    21: ("Subscriber has no credit", "temporary"),
    23: ("Wrong, invalid or barred number", "permanent"),
    24: ("Subscriber absent", "temporary"),
    25: ("Temporary problem in the operator's network", "temporary"),
    26: ("Temporary problem of the phone", "temporary"),
    27: ("Phone permanently incompatible", "permanent"),
    28: ("Rejected as spam", "permanent"),
    29: ("Content not allowed", "permanent"),
    33: ("Parental lock", "permanent"),
    39: ("New operator failed", "indeterminated"),
    73: ("Ported number unreachable", "temporary"),
    74: ("Ported number roaming", "temporary"),
    76: ("Ported number blocked for this client", "permanent"),
    202: ("Ported number blocked, contact support", "permanent"),
    1999: ("No approved template for the United States", "permanent"),
}
"""code -> (what happened, how long it will stay so in OVHcloud's words)"""
