from __future__ import annotations

import pytest

from alertsms.core.place import places


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [
        ([], []),
        ([{"alertname": "A"}], [""]),
        ([{"alertname": "A", "instance": "web-01:9100", "job": "node"}], ["web-01:9100"]),
        ([{"alertname": "A", "job": "node", "pod": "api-5d", "namespace": "shop"}], ["api-5d"]),
        ([{"alertname": "A", "namespace": "shop", "cluster": "eu"}], ["eu"]),
        ([{"alertname": "A", "instance": "a"}, {"alertname": "A", "instance": "b"}], ["a", "b"]),
        (
            [{"instance": "web-01", "mountpoint": mount, "job": "node"} for mount in ("/var", "/home")],
            ["web-01 /var", "web-01 /home"],
        ),
        (
            [{"instance": "web-01", "alertname": "A", "severity": "x"}, {"instance": "web-01", "alertname": "B"}],
            ["web-01", "web-01"],
        ),
        (
            [{"alertname": "A", "job": "j", "zone": zone, "prometheus": zone, "__x__": zone * 2} for zone in "ab"],
            ["a", "b"],
        ),
        ([{"host": "h", "instance": "h", "device": d} for d in ("sda", "sdb")], ["h sda", "h sdb"]),
        ([{"job": "j", "queue": "in"}, {"job": "j", "queue": "in"}], ["j", "j"]),
        ([{"instance": "a"}, {"job": "j"}], ["a", "j"]),
        ([{"instance": "two\n  lines"}], ["two lines"]),
        ([{"instance": "i" * 200}], ["i" * 80]),
        ([{"host": "h" * 50, "pod": "p" * 40, "x": x} for x in "ab"], ["h" * 50 + " a", "h" * 50 + " b"]),
    ],
)
def test_the_place_tells_an_alert_from_its_siblings(alerts, expected):
    assert places(alerts) == expected


def test_a_place_that_grows_too_long_ends_at_a_whole_value():
    alerts = [{"host": "h" * 50 + x, "pod": "p" * 40 + x} for x in "ab"]
    assert places(alerts) == ["h" * 50 + "a", "h" * 50 + "b"]
