"""Alerts as exporters and their rules write them, and the label that says what each is about.

Whoever wrote this list chose the labels by reading the alerts, before any text was looked at. `machine` is the label of
the machine where the object is a part of one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

_SEVERITIES = {"c": "critical", "w": "warning", "i": "info"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fielded:
    """One alert; `object` names the label, "" where nothing but the name can be said."""

    labels: dict[str, str]
    annotations: dict[str, str]
    object: str = ""
    machine: str = ""
    exporter: tuple[str, ...] = field(default=())  # values that name who measured it

    @property
    def name(self) -> str:
        return self.labels["alertname"]


def _alert(
    name: str, severity: str, about: str, labels: dict[str, str], summary: str = "", description: str = "", **more: str
) -> Fielded:
    """`about` is `object` or `machine:object`."""
    machine, _, thing = about.rpartition(":")
    texts = {"summary": summary, "description": description, **more}
    return Fielded(
        labels={"alertname": name, "severity": _SEVERITIES[severity], **labels},
        annotations={key: text for key, text in texts.items() if text},
        object=thing,
        machine=machine,
    )


def target(alert: Fielded, exporter: str, job: str = "") -> Fielded:
    """The same alert as kube-prometheus' target labels make it: the exporter's pod, container, service and endpoint."""
    pod = f"{exporter}-6f7d9c5b8d-k2x4q"
    own = {
        "job": job or exporter,
        "pod": pod,
        "container": exporter,
        "service": exporter,
        "endpoint": "metrics",
        "namespace": "monitoring",
        "instance": "10.244.3.17:9999",
        "prometheus": "monitoring/k8s",
    }
    # What the rule or the metric itself says wins over the target.
    return replace(alert, labels={**own, **alert.labels}, exporter=(pod, exporter))


_NODE = {"job": "node", "instance": "web-01:9100"}
NODE = (
    _alert(
        "NodeFilesystemAlmostFull",
        "c",
        "instance:mountpoint",
        _NODE | {"device": "/dev/sda2", "mountpoint": "/var", "fstype": "ext4"},
        "Less than 3% of a filesystem is free.",
        "Filesystem on /dev/sda2, mounted on /var, at web-01:9100 has only 2.10% free.",
    ),
    _alert(
        "DiskWillFill",
        "w",
        "instance:mountpoint",
        _NODE | {"device": "/dev/sdb1", "mountpoint": "/srv"},
        "Full within four hours at this rate",
    ),
    _alert(
        "NodeNetworkReceiveErrs",
        "w",
        "instance:device",
        _NODE | {"device": "eth1"},
        "An interface counts many errors.",
        "web-01:9100 interface eth1 had 31 errors in two minutes.",
    ),
    _alert("NodeClockSkew", "w", "instance", _NODE, "The clock is off.", "The clock of web-01:9100 is off by 0.31s."),
    _alert("HighLoad", "c", "instance", _NODE, "Load above 40 for ten minutes"),
    _alert("HighCPU", "c", "instance", _NODE | {"team": "web", "env": "prod"}, "CPU above 90% for 5 min"),
    _alert(
        "NodeRAIDDegraded",
        "c",
        "instance:device",
        _NODE | {"device": "md0"},
        "An array lost a disk.",
        "RAID array 'md0' at web-01:9100 is degraded: a disk failed and no spare is left.",
    ),
    _alert(
        "SystemdUnitFailed",
        "w",
        "instance:name",
        _NODE | {"name": "backup.service", "state": "failed"},
        "A unit failed.",
        "Unit backup.service has failed at web-01:9100.",
    ),
    _alert("CpuStuck", "w", "instance:cpu", _NODE | {"cpu": "17", "mode": "system"}, "A core spends all in the kernel"),
    _alert(
        "HostOutOfMemory",
        "w",
        "instance",
        _NODE,
        "Host out of memory (instance web-01:9100)",
        "Memory is filling up\n  VALUE = 4.2\n  LABELS = map[__name__:x instance:web-01:9100 job:node]",
    ),
)

_PG = {"job": "postgres", "instance": "db-1:9187"}
POSTGRES = (
    _alert(
        "PostgresTooManyConnections",
        "c",
        "instance:datname",
        _PG | {"datname": "orders"},
        "Nearly all connections are in use.",
        "Database orders on db-1:9187 uses 97% of its connections.",
    ),
    _alert("PostgresDeadlocks", "w", "instance:datname", _PG | {"datname": "billing"}, "Deadlocks happen"),
    _alert(
        "PostgresReplicationSlotLag",
        "c",
        "instance:slot_name",
        _PG | {"slot_name": "standby_paris", "slot_type": "physical"},
        "A slot keeps much WAL.",
        "Slot standby_paris on db-1:9187 keeps 41 GB of WAL.",
    ),
    _alert(
        "PostgresTableBloat",
        "w",
        "instance:relname",
        _PG | {"datname": "orders", "schemaname": "public", "relname": "line_items"},
        "Much of a table is dead rows.",
        "68% of line_items is dead.",
    ),
    _alert("PostgresDown", "c", "instance", _PG, "PostgreSQL does not answer."),
    _alert(
        "PostgresSlotIdle",
        "w",
        "instance:slot_name",
        _PG | {"slot_name": "standby_lyon", "slot_type": "physical"},
        "A slot is not in use.",
        "db-1:9187 keeps WAL for a slot that nobody reads.",
    ),
    _alert(
        "PostgresDeadRows",
        "w",
        "instance:relname",
        _PG | {"datname": "orders", "schemaname": "public", "relname": "returns"},
        "Postgres dead rows (instance db-1:9187)",
        "Autovacuum does not keep up\n  VALUE = 0.6180339887498949\n  LABELS = map[relname:returns]",
    ),
    _alert(
        "PostgresNotReplicating",
        "c",
        "server",
        {"job": "postgres", "server": "db-2.example.org:5432"},
        "Replication stands still on db-2.example.org:5432",
    ),
)

_MY = {"job": "mysql", "instance": "db-7:9104"}
MYSQL = (
    _alert("MySQLDown", "c", "instance", _MY, "MySQL is down.", "MySQL on db-7:9104 has not answered for a minute."),
    _alert(
        "MySQLReplicationLag",
        "w",
        "instance:channel_name",
        _MY | {"channel_name": "paris", "master_host": "db-6"},
        "The replica lags.",
        "Channel paris on db-7:9104 is 412 seconds behind.",
    ),
    _alert(
        "MySQLTableFull",
        "c",
        "instance:table",
        _MY | {"schema": "shop", "table": "sessions"},
        "A table is nearly full.",
        "Table sessions holds 98% of the keys it can.",
    ),
    _alert("MySQLSlowQueries", "i", "instance", _MY, "Slow queries pile up"),
)

BLACKBOX = (
    _alert(
        "ProbeFailed",
        "c",
        "instance",
        {"job": "blackbox", "instance": "https://shop.example.org/"},
        "A probe fails.",
        "https://shop.example.org/ has not answered for 3 minutes.",
    ),
    _alert(
        "CertificateExpires",
        "w",
        "instance",
        {"job": "blackbox", "instance": "mail.example.org:465"},
        "A certificate ends soon",
        "Six days are left.",
    ),
    _alert(
        "ProbeSlow",
        "w",
        "target",
        {"job": "probe", "instance": "blackbox-exporter:9115", "target": "https://api.example.org/health"},
        "A probe takes more than 2 seconds",
    ),
    _alert(
        "PingLoss",
        "c",
        "target",
        {"job": "ping", "instance": "probe-paris", "target": "10.8.0.1"},
        "More than half of the pings are lost",
    ),
)

_SNMP = {"job": "snmp", "instance": "sw-core-2"}
SNMP = (
    _alert(
        "InterfaceDown",
        "c",
        "instance:ifName",
        _SNMP | {"ifName": "Gi1/0/24", "ifIndex": "24", "ifDescr": "GigabitEthernet1/0/24", "ifAlias": "uplink"},
        "An uplink is down.",
        "Gi1/0/24 (uplink) of sw-core-2 is down.",
    ),
    _alert(
        "InterfaceErrors",
        "w",
        "instance:ifDescr",
        _SNMP | {"ifDescr": "xe-0/0/3", "ifIndex": "503"},
        "Errors on xe-0/0/3",
    ),
    _alert("SwitchUnreachable", "c", "instance", _SNMP, "A switch does not answer."),
    _alert("UPSOnBattery", "c", "instance", {"job": "snmp", "instance": "ups-2"}, "On battery", "ups-2 has 11 min."),
)

_KAFKA = {"job": "kafka", "instance": "kafka-2:9308"}
KAFKA = (
    _alert(
        "KafkaConsumerLag",
        "c",
        "consumergroup",
        _KAFKA | {"consumergroup": "mailer", "topic": "orders", "partition": "3"},
        "A consumer lags.",
        "Group mailer is 81200 messages behind on orders.",
    ),
    _alert(
        "KafkaTopicUnderReplicated",
        "c",
        "topic",
        _KAFKA | {"topic": "payments", "partition": "0"},
        "A topic has too few replicas",
    ),
    _alert("KafkaBrokerDown", "c", "instance", _KAFKA, "A broker is gone.", "kafka-2:9308 does not answer."),
    _alert(
        "QueueGrows",
        "w",
        "queue",
        {"job": "rabbitmq", "instance": "mq-1:15692", "queue": "invoices", "vhost": "/"},
        "More comes in than goes out",
    ),
)

# Labels of their own names, which few rules quote.
OTHERS = (
    _alert(
        "BalancerServerDown",
        "c",
        "instance:server",
        {"job": "haproxy", "instance": "lb-1:8405", "proxy": "be_shop", "server": "app-3"},
        "A server is down (instance lb-1:8405)",
        "HAProxy took it out.",
    ),
    _alert(
        "BalancerServerFlaps",
        "w",
        "instance:server",
        {"job": "haproxy", "instance": "lb-1:8405", "proxy": "be_shop", "server": "app-4"},
        "A server flaps.",
        "Checks of app-4 at lb-1:8405 come and go.",
    ),
    _alert(
        "ExchangeSilent",
        "w",
        "instance:exchange",
        {"job": "rabbitmq", "instance": "mq-1:9419", "exchange": "orders", "vhost": "/"},
        "Nothing is published",
    ),
    _alert(
        "WindowsDriveFull",
        "c",
        "instance:volume",
        {"job": "windows", "instance": "win-3:9182", "volume": "D:"},
        "Windows drive full (instance win-3:9182)",
        "Less than 3% is free",
    ),
    _alert(
        "WindowsServiceStopped",
        "c",
        "instance:name",
        {"job": "windows", "instance": "win-3:9182", "name": "mssqlserver", "status": "ok"},
        "A service stopped",
    ),
    _alert(
        "ContainerGone",
        "w",
        "instance:name",
        {"job": "cadvisor", "instance": "web-01:8080", "id": "/docker/4f1a", "name": "shop-web"},
        "It is gone",
    ),
    _alert(
        "PoolDegraded",
        "c",
        "instance:zpool",
        {"job": "node", "instance": "nas-1:9100", "zpool": "tank", "state": "degraded"},
        "A pool is degraded",
    ),
    _alert(
        "HypervisorAgentDown",
        "c",
        "instance:hostname",
        {"job": "cloud", "instance": "cloud-a", "hostname": "comp-7"},
        "An agent is down: comp-7 of cloud-a",
    ),
)

# As kube-state-metrics, the kubelet and others in a cluster describe it; `instance` is theirs.
_KSM = {"job": "kube-state-metrics", "instance": "10.244.0.5:8443", "cluster": "prod-eu"}
_KUBELET = {"job": "kubelet", "instance": "10.0.2.15:10250", "cluster": "prod-eu", "metrics_path": "/metrics"}
CLUSTER = (
    _alert(
        "KubePersistentVolumeFillingUp",
        "c",
        "persistentvolumeclaim",
        _KUBELET | {"namespace": "shop", "persistentvolumeclaim": "data-orders-db-0", "node": "worker-3"},
        "PersistentVolume is filling up.",
        "The claim data-orders-db-0 in namespace shop is 98% full.",
    ),
    _alert(
        "KubePodCrashLooping",
        "w",
        "pod",
        _KSM
        | {
            "namespace": "shop",
            "pod": "checkout-7cc77d965f-cgsdv",
            "container": "checkout",
            "reason": "CrashLoopBackOff",
        },
        "Pod is crash looping.",
        'Pod shop/checkout-7cc77d965f-cgsdv (checkout) waits: "CrashLoopBackOff".',
    ),
    _alert("KubePodNotReady", "w", "pod", _KSM | {"namespace": "shop", "pod": "cart-0"}, "A pod is not ready"),
    _alert(
        "PodRestarts",
        "w",
        "exported_pod",
        {
            "job": "kube-state-metrics",
            "instance": "10.244.0.5:8443",
            "namespace": "monitoring",
            "pod": "kube-state-metrics-b894d84cc-d6htw",
            "container": "kube-state-metrics",
            "exported_namespace": "shop",
            "exported_pod": "cart-1",
            "exported_container": "cart",
        },
        "A pod restarts",
    ),
    _alert(
        "KubeDeploymentReplicasMismatch",
        "w",
        "deployment",
        _KSM | {"namespace": "shop", "deployment": "web"},
        "Deployment has not matched the expected number of replicas.",
    ),
    _alert(
        "KubeStatefulSetGeneration",
        "w",
        "statefulset",
        _KSM | {"namespace": "shop", "statefulset": "orders-db"},
        "An update failed and was not rolled back.",
        "It does not match its generation.",
    ),
    _alert(
        "KubeDaemonSetStuck",
        "w",
        "daemonset",
        _KSM | {"namespace": "kube-system", "daemonset": "cilium"},
        "DaemonSet rollout is stuck.",
    ),
    _alert("KubeCronJobSuspended", "i", "cronjob", _KSM | {"namespace": "shop", "cronjob": "nightly"}, "Suspended"),
    _alert(
        "KubeJobFailed",
        "w",
        "job_name",
        _KSM | {"namespace": "shop", "job_name": "migrate-41"},
        "Job failed to complete.",
    ),
    _alert(
        "KubeHpaMaxedOut",
        "w",
        "horizontalpodautoscaler",
        _KSM | {"namespace": "shop", "horizontalpodautoscaler": "web"},
        "HPA runs at its most replicas",
    ),
    _alert(
        "KubePdbNotEnough",
        "w",
        "poddisruptionbudget",
        _KSM | {"namespace": "shop", "poddisruptionbudget": "web"},
        "Too few healthy pods.",
    ),
    _alert(
        "KubeQuotaExceeded",
        "w",
        "resourcequota",
        _KSM | {"namespace": "shop", "resourcequota": "small", "resource": "requests.cpu"},
        "A quota is used up.",
        "Namespace shop uses 120% of its requests.cpu.",
    ),
    _alert(
        "KubeNodeNotReady",
        "c",
        "node",
        _KSM | {"node": "worker-3", "condition": "Ready", "status": "true"},
        "Node is not ready.",
        "worker-3 has been unready for more than 15 minutes.",
    ),
    _alert(
        "KubernetesNodeUnready",
        "c",
        "node",
        _KSM | {"node": "worker-2", "condition": "Ready", "status": "true"},
        "Kubernetes node unready (instance 10.244.0.5:8443)",
        "It is worker-2.",
    ),
    _alert(
        "CertificateUnready",
        "c",
        "name",
        {"exported_namespace": "shop", "namespace": "cert-manager", "name": "shop-tls", "condition": "False"},
        "The certificate `shop-tls` cannot be used.",
    ),
    _alert(
        "SearchClusterRed",
        "c",
        "cluster",
        {"job": "search", "instance": "search-exporter:9114", "cluster": "logs", "color": "red"},
        "All is red",
    ),
    _alert(
        "DatabaseLocks",
        "w",
        "server",
        {"job": "pg-exporter", "instance": "10.244.3.17:9187", "server": "db-1.example.org:5432"},
        "Too many locks",
        "10.244.3.17:9187 holds 9000 locks.",
    ),
    _alert(
        "VirtualMachineSwaps",
        "w",
        "vm_name",
        {"job": "vm-exporter", "instance": "10.244.3.18:9272", "vm_name": "erp-1"},
        "10.244.3.18:9272 swaps",
    ),
    _alert(
        "KubeletPlegSlow",
        "w",
        "node",
        _KUBELET | {"node": "worker-1", "quantile": "0.99"},
        "The kubelet relists slowly",
    ),
    _alert(
        "CPUThrottlingHigh",
        "i",
        "pod",
        {"namespace": "shop", "pod": "search-5b6c-x9", "container": "solr", "cluster": "prod-eu"},
        "Processes are throttled.",
        "63% throttling in namespace shop for container solr in pod search-5b6c-x9.",
    ),
    _alert("KubeAPIDown", "c", "job", {"job": "kube-apiserver"}, "A target is gone from discovery."),
    _alert(
        "KubeAPIErrorBudgetBurn",
        "c",
        "cluster",
        {"cluster": "prod-eu", "long": "1h", "short": "5m"},
        "The API server burns its error budget.",
    ),
    _alert("etcdMembersDown", "c", "job", {"job": "etcd"}, "Members are down.", 'etcd cluster "etcd": 1 member down.'),
    _alert(
        "etcdHighFsync",
        "w",
        "instance",
        {
            "job": "etcd",
            "instance": "10.0.0.7:2379",
            "pod": "etcd-cp-1",
            "namespace": "kube-system",
            "endpoint": "http",
        },
        "Slow disk",
        "Slow fsync on etcd instance 10.0.0.7:2379.",
    ),
    _alert(
        "CephOSDDown",
        "w",
        "hostname:ceph_daemon",
        {"job": "rook-ceph-mgr", "ceph_daemon": "osd.3", "hostname": "stor-2.example.org"},
        message="An OSD is down",
        description="Ceph OSD osd.3 on host stor-2.example.org is down.",
    ),
    _alert(
        "CephDiskNotResponding",
        "c",
        "host:device",
        {"ceph_daemon": "osd.0", "device": "sdf", "disk": "0", "host": "stor-1.example.org"},
        message="Disk not responding",
        description="Disk sdf does not respond, on host stor-1.example.org.",
    ),
    _alert(
        "ThanosCompactHalted",
        "w",
        "instance",
        {"job": "thanos-compact", "instance": "thanos-compact-0"},
        "Compaction has halted.",
        "Thanos Compact thanos-compact-0 has failed and is halted.",
    ),
    _alert(
        "PrometheusRuleFailures",
        "c",
        "pod",
        {
            "job": "prometheus-k8s",
            "namespace": "monitoring",
            "pod": "prometheus-k8s-0",
            "container": "prometheus",
            "endpoint": "web",
            "service": "prometheus-k8s",
            "instance": "10.244.1.8:9090",
            "rule_group": "/etc/prometheus/rules/shop.yaml;shop",
        },
        "Prometheus fails to evaluate rules.",
        "Prometheus monitoring/prometheus-k8s-0 failed 12 rules in 5m.",
    ),
    _alert(
        "AlertmanagerFailedToSend",
        "w",
        "integration",
        {
            "job": "alertmanager-main",
            "namespace": "monitoring",
            "pod": "alertmanager-main-0",
            "integration": "email",
            "instance": "10.244.1.9:9093",
            "service": "alertmanager-main",
            "container": "alertmanager",
        },
        "Notifications fail.",
        "Alertmanager monitoring/alertmanager-main-0 failed 40% of those by email.",
    ),
    _alert(
        "IngressErrors",
        "c",
        "ingress",
        {
            "job": "ingress-nginx-controller-metrics",
            "exported_namespace": "shop",
            "ingress": "storefront",
            "namespace": "ingress-nginx",
            "pod": "ingress-nginx-controller-58c-7fz",
            "instance": "10.244.2.4:10254",
        },
        "Every tenth request fails",
        "9.8% of the requests to storefront fail.",
    ),
    _alert(
        "SQSOldMessages",
        "w",
        "dimension_QueueName",
        {
            "job": "aws",
            "instance": "cloudwatch-exporter:9106",
            "dimension_QueueName": "payments-dead",
            "account_id": "123456789012",
        },
        "Messages wait in payments-dead",
    ),
    _alert(
        "LokiRequestErrors",
        "c",
        "route",
        {"job": "loki/distributor", "cluster": "prod-eu", "namespace": "loki", "route": "loki_api_v1_push"},
        "Requests fail.",
        "loki/distributor loki_api_v1_push has 14% errors.",
    ),
    _alert("ReplicaLost", "c", "resource_id", {"resource_id": "postgres-primary"}),
    _alert(
        "TargetDown",
        "w",
        "job",
        {"job": "node-exporter", "namespace": "monitoring", "service": "node-exporter"},
        "Targets are down.",
        "12% of the node-exporter targets in monitoring are down.",
    ),
    _alert("KubeMemoryOvercommit", "w", "", {}, "More memory is requested than there is."),
)

PLAIN = (*NODE, *POSTGRES, *MYSQL, *BLACKBOX, *SNMP, *KAFKA, *OTHERS, *CLUSTER)
WITH_TARGET = (
    *[target(alert, "node-exporter") for alert in NODE],
    *[target(alert, "postgres-exporter") for alert in POSTGRES],
    *[target(alert, "mysqld-exporter") for alert in MYSQL],
    *[target(alert, "blackbox-exporter") for alert in BLACKBOX],
    *[target(alert, "snmp-exporter") for alert in SNMP],
    *[target(alert, "kafka-exporter") for alert in KAFKA],
    *[target(alert, "some-exporter") for alert in OTHERS],
)
