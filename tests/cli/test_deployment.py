"""`alertsms config systemd|compose|kubernetes`: what is printed is taken by what it is for, and runs alertsms."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from alertsms import __version__
from alertsms.cli.deployment import FILE, unit
from alertsms.config import Config, read
from alertsms.web.guard import ACCESS
from tests.cli.house import PATIENCE, until, write
from tests.support.confined import settings
from tests.support.ports import free_port

STOPS_WITHIN = 10  # seconds: docs/operations.md
SHOWN = ["store", "key", "webhook", "ovh_application_key", "ovh_application_secret", "ovh_consumer_key"]
PLAN = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {steps: [{page: [alice], wait: 5m}, {page: [bob], wait: 5m}]}}
route: {team: ops}
"""


def printed_unit(run, file: str | Path = FILE) -> dict[str, list[str]]:
    result = run("config", "systemd", "--config", str(file))
    assert result.exit_code == 0, result.output
    return settings(result.stdout)


def test_systemd_takes_the_unit_and_finds_it_shut_in(run, tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed here")
    printed = run("config", "systemd").stdout
    file = tmp_path / "alertsms.service"
    file.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", printed))  # that one is there
    words = ["systemd-analyze", "verify", "--man=no", str(file)]
    verified = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    words = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(file)]  # 0 is shut, 100 open
    judged = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert judged.returncode == 0, judged.stdout


def test_the_unit_starts_it_again_however_often_it_ends_and_keeps_its_things_in_one_place(run):
    got = printed_unit(run)
    assert (got["StartLimitIntervalSec"], got["Restart"]) == (["0"], ["always"])
    assert got["StateDirectory"] == ["alertsms"]
    assert "ALERTSMS_STATE=/var/lib/alertsms" in got["Environment"][0].split()
    assert int(got["TimeoutStopSec"][0]) > STOPS_WITHIN
    assert got["ExecStart"][0].endswith(f"/alertsms serve --config {FILE}")
    assert "ReadWritePaths" not in got
    assert "AmbientCapabilities" not in got


def test_a_store_elsewhere_may_be_written_to(run, tmp_path):
    assert printed_unit(run, write(tmp_path))["ReadWritePaths"] == [str(tmp_path)]


def test_a_port_of_the_system_may_be_listened_on(run, tmp_path):
    got = printed_unit(run, write(tmp_path, port=443))
    assert (got["AmbientCapabilities"], got["CapabilityBoundingSet"]) == (["CAP_NET_BIND_SERVICE"],) * 2


def test_a_file_of_a_home_can_be_read(run):
    assert printed_unit(run, "/home/alice/config.yaml")["ProtectHome"] == ["read-only"]


def test_a_path_is_written_as_a_unit_has_it():
    text = unit(Path("/etc/on call/100%.yaml"), Path("/opt/alertsms/1.0.0/bin/alertsms"))
    assert settings(text)["ExecStart"] == ['/opt/alertsms/1.0.0/bin/alertsms serve --config "/etc/on call/100%%.yaml"']


def test_it_pages_behind_the_doors_of_the_unit(run, url, sandbox, tmp_path):
    """The unit's filter of system calls and its ban on code in writable memory, kept by the kernel."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed here")
    shut = tmp_path / "alertsms.service"
    shut.write_text(run("config", "systemd").stdout)
    (tmp_path / "key").write_text("00" * 32)
    (tmp_path / "turns.ics").write_text(CALENDAR)
    port = free_port()
    file = Path(write(tmp_path, endpoint=sandbox.url, port=port, more="schedules: {turns: {ics: turns.ics}}"))
    text = (
        file.read_text()
        .replace(f"sqlite:///{tmp_path}/alertsms.db", f'"{url}"')
        .replace("page: [alice]", "page: [turns]")
    )
    file.write_text(text.replace("server: {", "server: {key_file: key, "))
    words = ["-m", "tests.support.confined", str(shut), sys.executable, "-m", "alertsms", "serve", "-c", str(file)]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen([sys.executable, *words], stderr=log) as server:
        try:
            until(lambda: ready(port) or server.poll() is not None, PATIENCE * 3)
            assert ready(port), (tmp_path / "log").read_text()
            alert = {"status": "firing", "labels": {"alertname": "Down", "severity": "critical"}}
            posted = requests.post(f"http://127.0.0.1:{port}/webhook", json={"alerts": [alert]}, timeout=PATIENCE)
            assert posted.status_code == 202
            until(lambda: sandbox.sandbox.account.messages)
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE) == 0


CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//alertsms//tests//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART:20260101T000000Z
DTEND:20991231T000000Z
SUMMARY:alice
END:VEVENT
END:VCALENDAR
"""


def ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=1).status_code == 200
    except requests.RequestException:
        return False


def shown_config(text: str, folder: Path, place: str) -> Config:
    """The configuration that a file shows, read with secrets of a test in the place of its own."""
    folder.mkdir(exist_ok=True)
    for name in SHOWN:
        (folder / name).write_text(
            {"store": "postgresql+psycopg://alertsms:s@db/alertsms", "key": "00" * 32}.get(name, "x")
        )
    return read(text.replace(place, str(folder)), file=FILE, environ={})


def test_compose_runs_two_that_share_a_database_and_secrets(run, tmp_path):
    text = run("config", "compose").stdout
    printed = yaml.safe_load(text)
    services = printed["services"]
    replicas = [services[name] for name in ("alertsms-1", "alertsms-2")]
    assert {one["image"] for one in replicas} == {f"alertsms:{__version__}"}
    for one in replicas:
        assert one["restart"] == "always"
        assert one["healthcheck"]["test"] == ["CMD", "alertsms", "healthy"]
        assert int(one["stop_grace_period"].removesuffix("s")) > STOPS_WITHIN
        assert (one["read_only"], one["cap_drop"], one["user"]) == (True, ["ALL"], "10095:10095")
        assert one["secrets"] == SHOWN
    assert len({one["ports"][0] for one in replicas} | {one["volumes"][1] for one in replicas}) == 4
    used = {name for service in services.values() for name in service["secrets"]}
    assert printed["secrets"] == {name: {"file": f"./secrets/{name}"} for name in used}
    assert "ports" not in services["postgres"]
    shown = text.partition("# config.yaml, beside")[2].partition("\n")[2].partition("\n#\n")[0]
    lines = "\n".join(line.removeprefix("#   ") for line in shown.splitlines())
    config = shown_config(f"{lines}\n  service_name: sms-xx00000-1\n  sender: ACME\n{PLAN}", tmp_path, "/run/secrets")
    assert (config.store, config.server.host) == ("postgresql+psycopg://alertsms:s@db/alertsms", "0.0.0.0")


@pytest.fixture
def objects(run) -> dict[str, Any]:
    """What is printed for Kubernetes, by kind."""
    text = run("config", "kubernetes").stdout
    found = {one["kind"]: one for one in yaml.safe_load_all(text)}
    assert len(found) == text.count("\n---\n") + 1
    return found


@pytest.fixture
def pod(objects) -> dict[str, Any]:
    return objects["Deployment"]["spec"]["template"]["spec"]


def test_kubernetes_gets_a_configuration_that_works(run, objects, tmp_path):
    text = objects["ConfigMap"]["data"]["config.yaml"]
    config = shown_config(text, tmp_path / "secrets", "/run/secrets/alertsms")
    assert config.server.public_metrics
    named = set(re.findall(r"_file: /run/secrets/alertsms/(\S+)", text))
    said = run("config", "kubernetes").stdout.partition("create secret generic")[2].partition("\n#\n")[0]
    assert named == set(re.findall(r"--from-file=(\S+)", said)) == set(SHOWN)


def test_kubernetes_restarts_it_for_what_a_restart_mends_and_asks_it_nothing_when_it_cannot_answer(pod):
    (container,) = pod["containers"]
    asked = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    assert asked == {"startup": "/-/healthy", "liveness": "/-/healthy", "readiness": "/-/ready"}
    assert set(asked.values()) <= set(ACCESS)
    waits = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    readiness = container["readinessProbe"]
    assert readiness["failureThreshold"] * readiness["periodSeconds"] <= STOPS_WITHIN
    assert pod["terminationGracePeriodSeconds"] > waits + STOPS_WITHIN


def test_kubernetes_keeps_one_while_nodes_and_versions_change(objects, pod):
    spec = objects["Deployment"]["spec"]
    assert spec["replicas"] == 2 > objects["PodDisruptionBudget"]["spec"]["minAvailable"]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert pod["topologySpreadConstraints"][0]["topologyKey"] == "kubernetes.io/hostname"
    labels = spec["template"]["metadata"]["labels"]
    selected = [
        spec["selector"]["matchLabels"],
        objects["Service"]["spec"]["selector"],
        objects["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        objects["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
        *(spread["labelSelector"]["matchLabels"] for spread in pod["topologySpreadConstraints"]),
    ]
    assert selected == [labels] * len(selected)
    assert {one["metadata"].get("namespace", "alertsms") for one in objects.values()} == {"alertsms"}


def test_kubernetes_shuts_it_in(objects, pod):
    """What the standard `restricted` of Pod Security wants, a root that cannot be written to, and limits."""
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    own = pod["securityContext"]
    assert (own["runAsNonRoot"], own["runAsUser"], own["fsGroup"]) == (True, 10095, 10095)
    assert own["seccompProfile"] == {"type": "RuntimeDefault"}
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
    assert set(container["resources"]["limits"]) == {"memory"}  # whose processor is held back pages late
    mounted = {mount["name"]: mount for mount in container["volumeMounts"]}
    assert set(mounted) == {volume["name"] for volume in pod["volumes"]}
    assert mounted["state"]["mountPath"] == "/var/lib/alertsms"
    secret = next(volume["secret"] for volume in pod["volumes"] if volume["name"] == "secrets")
    assert secret == {"secretName": "alertsms", "defaultMode": 0o440}
    policy = objects["NetworkPolicy"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert [port["port"] for rule in policy["ingress"] for port in rule["ports"]] == ["http"]


@pytest.mark.parametrize("name", ["compose", "kubernetes"])
def test_no_placeholder_of_ours_is_left(run, name):
    assert "VERSION" not in run("config", name).stdout
