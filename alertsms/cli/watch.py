"""What watches alertsms itself: a job for Prometheus with the alert rules, and a dashboard for Grafana."""

from __future__ import annotations

import json
from importlib.resources import files
from urllib.parse import urlsplit

from alertsms.config import ServerConfig
from alertsms.config.parsers import is_loopback, loopback

_NEAR = "    # alertsms listens on loopback: Prometheus must run on the same machine.\n"
_SHUT = """\
    # alertsms answers this with 403 until its configuration has server.public_metrics: true, or the job shows
    # one of its tokens: authorization: {credentials_file: /etc/prometheus/alertsms_token}
"""


def prometheus(server: ServerConfig, url: str) -> str:
    """A file of alert rules, the job that they need in its first lines; `url` is alertsms' own address."""
    job = "".join(f"#   {line}".rstrip() + "\n" for line in scrape(server, url).splitlines())
    return f"""\
# Put this file where rule_files of prometheus.yml looks, and reload Prometheus. Check it by: promtool check rules FILE
# Prometheus must ask alertsms too (`alertsms config prometheus --scrape` prints this part alone):
#
{job}#
{data("rules.yaml")}"""


def scrape(server: ServerConfig, url: str) -> str:
    """The job for prometheus.yml."""
    parts = urlsplit(url)
    scheme = "" if parts.scheme == "http" else f"\n    scheme: {parts.scheme}"
    path = f"\n    metrics_path: {json.dumps(parts.path + '/metrics')}" if parts.path else ""
    return f"""\
scrape_configs:
  - job_name: alertsms{scheme}{path}
    # An outage should not be a minute old before anybody can see it.
    scrape_interval: 15s
{_who_may_ask(server, url)}    static_configs:
      - targets: [{json.dumps(parts.netloc)}]
"""


def _who_may_ask(server: ServerConfig, url: str) -> str:
    alone = is_loopback(server.host)
    notes = _NEAR if alone and loopback(url) else ""
    return notes + (_SHUT if (server.external or not alone) and not server.public_metrics else "")


def data(name: str) -> str:
    """A file of the package's data."""
    return (files("alertsms") / "data" / name).read_text(encoding="utf-8")
