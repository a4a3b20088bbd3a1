from __future__ import annotations

import tracemalloc

import pytest

from alertsms.core.alerts.location import places


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [
        ([], []),
        ([{"alertname": "A"}], [""]),
        ([{"alertname": "A", "instance": "web-01:9100", "job": "node"}], ["web-01:9100"]),
        ([{"alertname": "A", "job": "node", "pod": "api-5d", "namespace": "shop"}], ["shop/api-5d"]),
        ([{"alertname": "A", "namespace": "shop", "cluster": "eu"}], ["eu"]),
        ([{"alertname": "A", "namespace": "shop"}], ["shop"]),
        ([{"alertname": "A", "instance": "a"}, {"alertname": "A", "instance": "b"}], ["a", "b"]),
        (
            [{"instance": "web-01", "mountpoint": mount, "job": "node"} for mount in ("/var", "/home")],
            ["web-01:/var", "web-01:/home"],
        ),
        (
            [{"instance": "web-01", "alertname": "A", "severity": "x"}, {"instance": "web-01", "alertname": "B"}],
            ["web-01", "web-01"],
        ),
        (
            [{"alertname": "A", "job": "j", "zone": zone, "prometheus": zone, "__x__": zone * 2} for zone in "ab"],
            ["j zone=a", "j zone=b"],
        ),
        # Only alerts of one name that would be called the same are told apart.
        ([{"alertname": "A", "env": env} for env in ("prod", "test")], ["prod", "test"]),
        ([{"alertname": "A", "job": "api", "namespace": name} for name in ("shop", "blog")], ["api shop", "api blog"]),
        ([{"alertname": "A", "cluster": "eu", "long": hours} for hours in ("1h", "6h")], ["eu 1h", "eu 6h"]),
        ([{"alertname": "A", "instance": host, "site": host * 2} for host in ("a1", "b1")], ["a1", "b1"]),
        ([{"alertname": name, "instance": "a1", "site": name * 2} for name in "AB"], ["a1", "a1"]),
        (
            [{"alertname": "A", "tier": tier, "env": env} for tier, env in (("gold", "prod"), ("iron", "test"))],
            ["prod gold", "test iron"],
        ),
        ([{"instance": "web-01", "env": env} for env in ("prod", "test")], ["web-01 prod", "web-01 test"]),
        ([{"host": "h", "instance": "h", "device": d} for d in ("sda", "sdb")], ["h:sda", "h:sdb"]),
        ([{"instance": "web-01", "cpu": "3"}], ["web-01:cpu=3"]),
        ([{"job": "j", "queue": "in"}, {"job": "j", "queue": "in"}], ["in", "in"]),
        ([{"instance": "a"}, {"job": "j"}], ["a", "j"]),
        ([{"instance": "two\n  lines"}], ["two lines"]),
        ([{"instance": "i" * 200}], ["i" * 120]),
        ([{"host": "h" * 50, "pod": "p" * 90, "x": x} for x in "ab"], ["p" * 90 + " a", "p" * 90 + " b"]),
        # An address is worth less than a name, and an exporter's nothing at all.
        ([{"instance": "10.0.0.5:9187", "server": "db-1:5432", "datname": "shop"}], ["db-1:5432:shop"]),
        ([{"instance": "blackbox-exporter:9115", "job": "probe"}], ["probe"]),
        ([{"instance": "10.0.0.9:8443", "job": "kube-state-metrics"}], ["kube-state-metrics"]),
        ([{"job": "kube-state-metrics"}], ["kube-state-metrics"]),
        (
            [{"job": "mq", "pod": "mq-0", "namespace": "shop", "instance": "10.1.1.1:15692", "queue": "in"}],
            ["shop/mq-0:in"],
        ),
        (
            [{"job": "x-exporter", "service": "x", "pod": "x-1", "container": "x", "instance": "10.1.1.1:80"}],
            ["10.1.1.1:80"],
        ),
        ([{"pod": "cart-0", "container": "exporter", "namespace": "shop"}], ["shop/cart-0"]),
        ([{"instance": "[fe80::1]:9100", "nodename": "web-01"}], ["web-01"]),
        # Where nothing is known, whatever tells something.
        ([{"alertname": "A", "resource_id": "postgres-primary"}], ["resource_id=postgres-primary"]),
        ([{"alertname": "A", "job": "api", "verb": "LIST", "severity": "x", "team": "web"}], ["api verb=LIST"]),
        # A job, and an address that tells nothing, are of a cluster.
        ([{"job": "search", "cluster": "logs"}], ["search logs"]),
        ([{"job": "logs", "cluster": "logs"}], ["logs"]),
        ([{"instance": "10.0.0.7:2379", "cluster": "eu"}], ["10.0.0.7:2379 eu"]),
        ([{"instance": "web-01", "cluster": "eu"}], ["web-01"]),
        # Labels whose names end in `name`, and others of the field, are parts; not what tells of the scraping target.
        ([{"instance": "db-1", "slot_name": "paris"}], ["db-1:paris"]),
        ([{"instance": "mq-1", "exchange": "orders", "policy": "ha"}], ["mq-1:orders"]),
        ([{"instance": "db-1", "app_kubernetes_io_name": "db", "service_name": "x-exporter"}], ["db-1"]),
        ([{"instance": "lb-1", "proxy": "shop", "server": "app-3"}], ["lb-1:shop app-3"]),
        ([{"instance": "web-01", "cpu": "cpu-total", "db": "telegraf"}], ["web-01:cpu-total"]),
        ([{"instance": "db-1", "datname": "orders", "relname": "items", "table": "9"}], ["db-1:orders items"]),
        # Nothing that kube-state-metrics tells is about its own address.
        ([{"instance": "10.0.0.9:80", "job": "kube-state-metrics", "namespace": "shop", "code": "9"}], ["shop"]),
    ],
)
def test_the_place_tells_an_alert_from_its_siblings(alerts, expected):
    assert places(alerts) == expected


def test_a_place_that_grows_too_long_ends_at_a_whole_value():
    alerts = [{"host": "h" * 50, "site": "s" * 80 + x} for x in "ab"]
    assert places(alerts) == ["h" * 50, "h" * 50]


_IN_CLUSTER = {"instance": "10.244.0.5:8443", "pod": "ceph-mgr-a-1", "namespace": "rook", "job": "ceph-mgr"}


@pytest.mark.parametrize(
    ("labels", "summary", "expected"),
    [
        ({"instance": "db-1:9187", "relname": "items"}, "Table items is bloated", "db-1:9187:items"),
        ({"instance": "db-1:9187", "relname": "items"}, "A table is bloated", "db-1:9187:items"),
        ({"instance": "web-01:9100", "host": "web-01.example.org"}, "web-01 is slow", "web-01:9100"),
        # Half of a word, one letter and a bare number are no quotation.
        ({"instance": "a", "x": "item", "y": "s", "z": "12"}, "12 items are 12-fold, item-wise, pre_item", "a"),
        ({"instance": "a", "x": "item"}, "items, and one item", "a:item"),
        (_IN_CLUSTER | {"osd": "osd.3"}, "osd.3 is down", "osd.3"),
        (_IN_CLUSTER | {"pool": "rbd"}, "In rook pool rbd is full", "rook/rbd"),
        (_IN_CLUSTER | {"hostname": "stor-1", "osd": "osd.3"}, "osd.3 on stor-1 is down", "stor-1:osd.3"),
        ({"job": "loki", "route": "push"}, "loki push fails", "loki:push"),
        ({"job": "loki", "namespace": "logs"}, "loki of logs fails", "logs/loki"),
        ({"job": "aws-exporter", "QueueName": "dead"}, "dead grows", "dead"),
        ({"job": "aws-exporter", "service": "aws"}, "aws-exporter is silent", "aws"),
        ({"namespace": "shop", "pod": "cart-0", "container": "app"}, "app in cart-0 of shop waits", "shop/cart-0:app"),
        ({"namespace": "shop", "pod": "cart-0", "container": "cart"}, "cart waits", "shop/cart-0"),
        ({"namespace": "shop", "deployment": "shop/web", "resource": "cpu"}, "cpu of shop/web", "shop/web cpu"),
        (
            {"job": "postgres-exporter", "pod": "postgres-exporter-1", "instance": "10.0.0.7:9187", "slot_name": "par"},
            "Slot par lags",
            "10.0.0.7:9187:par",
        ),
        # Parts that he does not quote are left out beside those that he does, unless everybody knows them.
        (
            {"instance": "db-1", "relname": "items", "schemaname": "shop", "datname": "orders"},
            "items is bloated",
            "db-1:items orders",
        ),
        ({"instance": "lb-1", "proxy": "shop", "server": "app-3"}, "app-3 behind lb-1 fails", "lb-1:app-3"),
        # An instance in parentheses stands in every rule of a collection.
        (
            {"instance": "10.0.0.5:8443", "job": "kube-state-metrics", "node": "worker-3"},
            "Node not ready (instance 10.0.0.5:8443)",
            "worker-3",
        ),
        # Several machines are all named, but none twice.
        ({"instance": "cloud-a", "hostname": "comp-7"}, "comp-7 of cloud-a is down", "cloud-a:comp-7"),
        ({"instance": "web-01:9100", "hostname": "web-01.lan"}, "web-01:9100 (web-01.lan) is slow", "web-01:9100"),
        (
            {"namespace": "shop", "pod": "cart-0", "instance": "web-01", "node": "worker-3"},
            "cart-0 on worker-3 by web-01",
            "shop/cart-0",
        ),
        # An exporter's own address gives way to the name of what it measures, not of where it runs.
        ({"job": "x-exporter", "instance": "10.0.0.7:9", "server": "db-1:5432"}, "10.0.0.7:9 lags", "db-1:5432"),
        ({"job": "x-exporter", "instance": "10.0.0.7:9", "node": "worker-3"}, "10.0.0.7:9 lags", "10.0.0.7:9"),
        ({"instance": "os-1:9200", "cluster": "logs"}, "logs is red", "os-1:9200 logs"),
        ({"instance": "os-1:9200", "cluster": "logs"}, "os-1:9200 of logs is slow", "os-1:9200"),
        ({"namespace": "shop", "pod": "cart-0", "cluster": "eu"}, "A pod of eu waits", "shop/cart-0"),
        ({"namespace": "cortex", "cluster": "eu", "route": "push"}, "push in eu/cortex fails", "cortex/push"),
        ({"cluster": "eu", "namespace": "loki"}, "eu loki has two", "eu loki"),
        (
            {"job": "loki/querier", "namespace": "loki", "route": "push", "cluster": "eu"},
            "loki/querier push of loki fails",
            "loki/querier:push",
        ),
        ({"persistentvolume": "pvc-7", "namespace": "monitoring", "instance": "10.0.0.7:8443"}, "", "pvc-7"),
        # A dump of all labels quotes nothing.
        ({"instance": "a:1", "job": "node", "zone": "par"}, "x\n  LABELS = map[instance:a:1 zone:par]", "a:1"),
        (
            {"exported_pod": "cart-1", "exported_namespace": "shop", "pod": "ksm-1", "namespace": "mon"},
            "",
            "shop/cart-1",
        ),
        ({"exported_namespace": "shop", "namespace": "mon", "ingress": "web", "job": "i"}, "web fails", "shop/web"),
    ],
)
def test_what_the_author_quotes_is_what_is_broken(labels, summary, expected):
    assert places([labels], [{"Summary": summary}]) == [expected]


def test_long_names_of_labels_are_not_remembered():
    """A sender chooses them, and may have others in each body."""
    tracemalloc.start()
    try:
        for body in range(8):
            places([{f"{body}{number}{'n' * 4_000}": "x" for number in range(250)}], [{"summary": "x"}])
        assert tracemalloc.get_traced_memory()[0] < 4_000_000  # the names of the last body, perhaps, of 8 MB
    finally:
        tracemalloc.stop()
