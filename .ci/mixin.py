# ruff: noqa: INP001, T201 - a check that prints
"""Says for each alert of a file whether its texts name what it is about.

    python .ci/mixin.py FILE.json

FILE.json is a list of objects with `labels` and `annotations`. Which label is the object was written down here by
reading the alerts, before any text was looked at. Each is composed four times, firing and over, with and without a
link, once as it stands and once with the labels of a scraping target. Exits 1 below 95 of 100 texts.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.core.field import Fielded, target
from tests.core.fielded import misses, texts

OBJECTS = {  # machine:object, "" for none
    "KubePersistentVolumeFillingUp": "persistentvolumeclaim",
    "KubePersistentVolumeInodesFillingUp": "persistentvolumeclaim",
    "KubeletTooManyPods": "node",
    "KubeletPlegDurationHigh": "node",
    "KubeNodePressure": "node",
    "KubeNodeEviction": "node",
    "KubePodNotReady": "pod",
    "KubeDeploymentRolloutStuck": "deployment",
    "KubeletClientCertificateExpiration": "node",
    "KubeletServerCertificateExpiration": "node",
    "KubeletServerCertificateRenewalErrors": "node",
    "KubeJobNotCompleted": "job_name",
    "KubePodCrashLooping": "pod",
    "KubeMemoryQuotaOvercommit": "",
    "KubeCPUOvercommit": "",
    "KubeMemoryOvercommit": "",
    "KubePdbNotEnoughHealthyPods": "poddisruptionbudget",
    "KubeHpaMaxedOut": "horizontalpodautoscaler",
    "KubeQuotaAlmostFull": "resourcequota",
    "KubeQuotaExceeded": "resourcequota",
    "KubeAPIDown": "job",
    "KubeletDown": "",
    "KubeControllerManagerDown": "job",
    "KubeAPIInstanceUnreachable": "instance",
    "KubeSchedulerInstanceUnreachable": "instance",
    "KubeProxyInstanceUnreachable": "instance",
    "etcdInsufficientMembers": "job",
    "etcdMembersDown": "job",
    "etcdExcessiveDatabaseGrowth": "instance",
    "CephOSDVersionMismatch": "",
    "CephMonHighNumberOfLeaderChanges": "hostname:ceph_daemon",
    "CephClusterErrorState": "job",
    "CephClusterCriticallyFull": "",
    "CephDataRecoveryTakingTooLong": "",
    "CephOSDDiskNotResponding": "host:device",
    "CephMdsMissingReplicas": "",
    "ThanosSidecarNoConnectionToStartedPrometheus": "instance",
    "ThanosNoRuleEvaluations": "instance",
}
_EXPORTERS = {"Kube": "kube-state-metrics", "Ceph": "ceph-exporter"}


def main(argv: list[str]) -> int:
    """Exit code 0: at least 95 of 100 are right; 1: fewer; 2: called wrongly."""
    if len(argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    alerts = [_fielded(alert["labels"], alert["annotations"]) for alert in json.loads(Path(argv[1]).read_text("utf-8"))]
    exporters = [
        (alert, next((by for name, by in _EXPORTERS.items() if alert.name.startswith(name)), "")) for alert in alerts
    ]
    right = sum([_check(alert) for alert in alerts])
    cluster = [target(alert, by) for alert, by in exporters if by and alert.object not in ("", "job")]
    right_there = sum([_check(alert) for alert in cluster])
    print(
        f"{right} of {4 * len(alerts)} texts as they stand, {right_there} of {4 * len(cluster)} with a target's labels"
    )
    return 0 if right >= 3.8 * len(alerts) and right_there >= 3.8 * len(cluster) else 1


def _fielded(labels: dict[str, str], annotations: dict[str, str]) -> Fielded:
    machine, _, thing = OBJECTS[labels["alertname"]].rpartition(":")
    return Fielded(labels=labels, annotations=annotations, object=thing, machine=machine)


def _check(alert: Fielded) -> int:
    """How many of its texts are right; prints them all."""
    judged = [(text, misses(alert, text)) for text in texts(alert)]
    for text, why in judged:
        print(f"{f'FAIL {why}' if why else 'ok'}: {text}")
    return sum(not why for _, why in judged)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
