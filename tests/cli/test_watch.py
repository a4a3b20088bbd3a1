"""`alertsms config prometheus` and `… dashboard`: files to put in place as they are printed."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.cli.house import write

NEAR = "    # alertsms listens on loopback: Prometheus must run on the same machine.\n"
REFUSED = """\
    # alertsms answers this with 403 until its configuration has server.public_metrics: true, or the job shows
    # one of its tokens: authorization: {credentials_file: /etc/prometheus/alertsms_token}
"""


def job(target: str, *, note: str = "", more: str = "") -> str:
    return f"""\
scrape_configs:
  - job_name: alertsms{more}
    # An outage should not be a minute old before anybody can see it.
    scrape_interval: 15s
{note}    static_configs:
      - targets: ["{target}"]
"""


JOBS = {
    '"127.0.0.1:9095"': job("127.0.0.1:9095", note=NEAR),
    '"[::1]:9095"': job("[::1]:9095", note=NEAR),
    '"192.0.2.7:9095", bearer_token: s3cret': job("192.0.2.7:9095", note=REFUSED),
    '"192.0.2.7:9095", bearer_token: s3cret, public_metrics: true': job("192.0.2.7:9095"),
    '"127.0.0.1:9095", external_url: "https://pager.example.org/sms"': job("127.0.0.1:9095", note=NEAR + REFUSED),
    '"127.0.0.1:9095", external_url: "https://p.example.org", public_metrics: true': job("127.0.0.1:9095", note=NEAR),
}


@pytest.mark.parametrize("listen", JOBS)
def test_the_job_has_the_address_of_the_configuration(run, tmp_path, listen):
    file = write(tmp_path)
    text = (tmp_path / "config.yaml").read_text().replace('"127.0.0.1:0"', listen)
    (tmp_path / "config.yaml").write_text(text)
    assert run("config", "prometheus", "--scrape", "-c", file).stdout == JOBS[listen]


def test_the_address_can_be_given(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = run("config", "prometheus", "--scrape", "--url", "http://pager.example.org:9095/webhook").stdout
    assert printed == job("pager.example.org:9095")


def test_the_rules_come_with_the_job_in_their_first_lines(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = run("config", "prometheus").stdout
    assert printed.startswith("""\
# Put this file where rule_files of prometheus.yml looks, and reload Prometheus. Check it by: promtool check rules FILE
# Prometheus must ask alertsms too (`alertsms config prometheus --scrape` prints this part alone):
#
#   scrape_configs:
#     - job_name: alertsms
#       # An outage should not be a minute old before anybody can see it.
#       scrape_interval: 15s
#       # alertsms listens on loopback: Prometheus must run on the same machine.
#       static_configs:
#         - targets: ["127.0.0.1:9095"]
#
# Alert rules for alertsms itself, """)
    assert [group["name"] for group in yaml.safe_load(printed)["groups"]] == [
        "alertsms-at-night",
        "alertsms-in-the-morning",
    ]


def test_the_dashboard_is_json_and_needs_no_configuration(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = json.loads(run("config", "dashboard").stdout)
    assert (printed["title"], len(printed["panels"]) > 10) == ("alertsms", True)
