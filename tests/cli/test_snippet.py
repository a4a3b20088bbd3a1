"""`alertsms config …`: what is printed is taken by the programs it is for, and tells no secret."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
import yaml

from alertsms.web.guard import ACCESS, PathAccess
from tests.cli.house import write

SERVERS = {
    "nothing": "",
    "bearer": 'server: {listen: "0.0.0.0:9095", bearer_token: s3cret-bearer}\n',
    "basic": "server: {basic_auth: {username: 'am\"1', password: s3cret-basic}}\n",
    "hmac": "server: {hmac: {secret: s3cret-hmac, timestamp_header: X-Stamp}}\n",
}


@pytest.fixture(params=SERVERS)
def server(request, tmp_path) -> tuple[str, str]:
    file = tmp_path / "config.yaml"
    write(tmp_path)
    text = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in text if not line.startswith("server:")) + SERVERS[request.param])
    return request.param, str(file)


def test_alertmanager_takes_what_is_printed_for_it(run, server, tmp_path):
    result = run("config", "alertmanager", "--config", server[1])
    assert result.exit_code == 0
    assert "s3cret" not in result.stdout
    printed = tmp_path / "alertmanager.yml"
    printed.write_text(result.stdout)
    if not shutil.which("amtool"):
        pytest.skip("amtool is not installed here")
    done = subprocess.run(["amtool", "check-config", printed], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, "SUCCESS" in done.stdout) == (0, True), done.stdout + done.stderr


ALERTMANAGER = {
    "nothing": {},
    "bearer": {
        "http_config": {"authorization": {"type": "Bearer", "credentials_file": "/etc/alertmanager/alertsms_token"}}
    },
    "basic": {
        "http_config": {"basic_auth": {"username": 'am"1', "password_file": "/etc/alertmanager/alertsms_password"}}
    },
    "hmac": {},
}


def test_alertmanager_pages_soon_and_tells_of_everything(run, server):
    printed = yaml.safe_load(run("config", "alertmanager", "-c", server[1], "--url", "https://p.example.org/").stdout)
    assert printed["route"] == {
        "receiver": "alertsms",
        "group_by": ["alertname"],
        "group_wait": "5s",
        "group_interval": "30s",
        "repeat_interval": "4h",
    }
    assert printed["receivers"] == [
        {
            "name": "alertsms",
            "webhook_configs": [
                {"url": "https://p.example.org/webhook", "send_resolved": True, "max_alerts": 0}
                | ALERTMANAGER[server[0]],
            ],
        },
    ]


BEATS = """
heartbeats:
  - {name: prometheus, matchers: ['alertname="Watchdog"', 'cluster=~"a|b"'], every: 1m, grace: 4m}
  - {name: backup, every: 1d, grace: 2h}
  - {name: grafana, matchers: ['__source__="grafana"', alertname=Alive], every: 5m, grace: 10m}
"""


def test_alertmanager_posts_what_refreshes_a_heartbeat_as_often_as_it_is_to_come(run, tmp_path):
    file = write(tmp_path, more=BEATS)
    result = run("config", "alertmanager", "-c", file)
    assert yaml.safe_load(result.stdout)["route"]["routes"] == [
        {
            "receiver": "alertsms",
            "matchers": ['alertname="Watchdog"', 'cluster=~"a|b"'],
            "group_wait": "0s",
            "group_interval": "1m",
            "repeat_interval": "50s",
        },
    ]
    printed = tmp_path / "alertmanager.yml"
    printed.write_text(result.stdout)
    if not shutil.which("amtool"):
        pytest.skip("amtool is not installed here")
    done = subprocess.run(["amtool", "check-config", printed], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, "SUCCESS" in done.stdout) == (0, True), done.stdout + done.stderr


def test_alertmanager_cannot_sign_and_is_told_so(run, tmp_path):
    write(tmp_path, more="")
    file = tmp_path / "config.yaml"
    file.write_text(file.read_text().replace("server: {", "server: {hmac: {secret: s3cret}, "))
    assert "Alertmanager cannot sign" in run("config", "alertmanager", "-c", str(file)).stdout


GRAFANA = {
    "nothing": {},
    "bearer": {"authorization_scheme": "Bearer", "authorization_credentials": "$ALERTSMS_TOKEN"},
    "basic": {"username": 'am"1', "password": "$ALERTSMS_PASSWORD"},
    "hmac": {
        "hmacConfig": {
            "secret": "$ALERTSMS_HMAC_SECRET",
            "header": "X-Grafana-Alerting-Signature",
            "timestampHeader": "X-Stamp",
        }
    },
}


def test_grafana_gets_a_contact_point(run, server):
    result = run("config", "grafana", "-c", server[1], "--url", "https://p.example.org/webhook")
    assert "s3cret" not in result.stdout
    assert "By hand: " in result.stdout
    settings = {"url": "https://p.example.org/webhook", "httpMethod": "POST", "maxAlerts": 0} | GRAFANA[server[0]]
    assert yaml.safe_load(result.stdout) == {
        "apiVersion": 1,
        "contactPoints": [
            {
                "orgId": 1,
                "name": "alertsms",
                "receivers": [
                    {"uid": "alertsms", "type": "webhook", "disableResolveMessage": False, "settings": settings},
                ],
            },
        ],
    }


@pytest.mark.parametrize("name", ["alertmanager", "grafana"])
def test_without_a_configuration_it_is_the_usual_address(run, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert '"http://127.0.0.1:9095/webhook"' in run("config", name).stdout


def test_the_address_is_the_one_that_others_reach(run, tmp_path):
    outside = tmp_path / "config.yaml"
    write(tmp_path)
    outside.write_text(outside.read_text().replace("server: {", "server: {external_url: https://pager.example.org, "))
    assert '"https://pager.example.org/webhook"' in run("config", "grafana", "-c", str(outside)).stdout
    outside.write_text(
        outside.read_text()
        .replace("external_url: https://pager.example.org", "bearer_token: x")
        .replace("127.0.0.1:0", ":9095")
    )
    printed = run("config", "alertmanager", "-c", str(outside)).stdout
    assert "0.0.0.0" not in printed
    assert ":9095/webhook" in printed


def test_an_address_that_is_none_is_a_mistake_of_writing(run):
    result = run("config", "grafana", "--url", "pager")
    assert result.exit_code == 2
    assert "is no web address" in result.stderr


def test_the_schema_is_json(run):
    printed = json.loads(run("config", "schema").stdout)
    assert {"ovh", "people", "teams", "route"} <= set(printed["properties"])


def proxied(run, tmp_path, settings: str) -> str:
    file = tmp_path / "config.yaml"
    write(tmp_path)
    file.write_text(file.read_text().replace("server: {", f"server: {{{settings}, ").replace("127.0.0.1:0", ":9095"))
    return run("config", "proxy", "nginx", "-c", str(file)).stdout


def passed_on(printed: str) -> list[str]:
    """Where each location leads."""
    return re.findall(r"proxy_pass http://127\.0\.0\.1:9095(\S*);", printed)


NEEDED = ["/webhook", "/alert", "/heartbeat", "/a/", "/style.css", "/ovh/receipt/"]


def test_nginx_gets_what_phones_senders_and_ovhcloud_need(run, tmp_path):
    printed = proxied(run, tmp_path, "external_url: https://p.example.org, bearer_token: s3cret")
    assert passed_on(printed) == NEEDED
    assert "s3cret" not in printed
    assert (printed.count("access_log off;"), printed.count("error_log /dev/null emerg;")) == (3, 3)
    for line in (
        "listen 443 ssl;",
        "server_name p.example.org;",
        "proxy_set_header Host p.example.org;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_http_version 1.1;",
        "client_max_body_size 128m;",
        "return 301 https://p.example.org$request_uri;",
        "ssl_certificate /etc/letsencrypt/live/p.example.org/fullchain.pem;",
        "# Without server.login the pages for people are left out; with it print this again.",
    ):
        assert line in printed
    assert "until then whatever is posted" not in printed
    assert "# Set server.trusted_proxies: [127.0.0.1]: until then all who come by this proxy count as" in printed


def test_nginx_whose_word_is_believed_is_not_told_to_be(run, tmp_path):
    """Where it is not, strangers behind it share ten passwords, and few connections, with everybody else behind it."""
    printed = proxied(run, tmp_path, "external_url: https://p.example.org, trusted_proxies: [127.0.0.0/8]")
    assert "trusted_proxies" not in printed


def test_nginx_gets_the_pages_too_where_there_is_a_login(run, tmp_path):
    login = "bearer_token: s3cret, login: {username: alice, password: a}"
    printed = proxied(run, tmp_path, f"external_url: 'https://p.example.org:8443/sms', {login}")
    assert passed_on(printed) == [*NEEDED, "/", "/on-call", "/incidents/", "/login", "/logout"]
    for line in ("listen 8443 ssl;", "location ^~ /sms/a/ {", "location = /sms/ {", "Host p.example.org:8443;"):
        assert line in printed
    assert "return 301" not in printed


def test_nginx_without_a_configuration_says_what_to_write(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = run("config", "proxy", "nginx").stdout
    assert "# Write the address that others use in the place of https://pager.example.org" in printed
    assert "# Set server.bearer_token: until then whatever is posted through this proxy is answered 401." in printed


def test_what_is_printed_for_nginx_is_of_the_table_that_the_guard_goes_by(run, tmp_path):
    """A path that is for nobody elsewhere is not passed on; whatever is for them is."""
    login = "bearer_token: s3cret, login: {username: alice, password: a}"
    places = passed_on(proxied(run, tmp_path, f"external_url: https://p.example.org, {login}"))
    for rule, access in ACCESS.items():
        fixed = rule.partition("<")[0]
        there = [place for place in places if fixed == place or (place != "/" and fixed.startswith(place))]
        outside = access in (PathAccess.SENDER, PathAccess.LINK, PathAccess.RECEIPT, PathAccess.LOGIN)
        assert bool(there) == outside, rule
