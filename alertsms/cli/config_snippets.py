"""`alertsms config …`: what to paste into an editor, a monitoring or a unit. No secret is ever printed."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from alertsms.cli import deployment, watch
from alertsms.cli.terminal import HERE, checked, loaded, own_url
from alertsms.config import ServerConfig, schema
from alertsms.config.keys import reference
from alertsms.core.incidents.heartbeat import Heartbeat
from alertsms.core.routing.duration import canonical_duration

TOKEN_FILE = "/etc/alertmanager/alertsms_token"  # noqa: S105 - a path
PASSWORD_FILE = "/etc/alertmanager/alertsms_password"  # noqa: S105 - a path


@click.group()
def config() -> None:
    """Print the JSON Schema, or what to paste into your monitoring, the proxy in front, and what runs it.

    \b
    Example:  alertsms config alertmanager --config config.yaml
    """  # noqa: D301


@config.command("schema", short_help="JSON Schema of a configuration, for editors.")
def print_schema() -> None:
    """Print the JSON Schema of a configuration, for editors.

    \b
    Example:  alertsms config schema > alertsms.schema.json
    """  # noqa: D301
    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))


@config.command("keys", short_help="A table of every key, in Markdown.")
def print_keys() -> None:
    """Print a table of every key of a configuration, with what it is for and its default, in Markdown.

    \b
    Example:  alertsms config keys
    """  # noqa: D301
    click.echo(reference(), nl=False)


CONFIG = click.option(
    "--config",
    "-c",
    "file",
    metavar="FILE",
    envvar="ALERTSMS_CONFIG",
    help=f"Tells the address and the kind of secret; else ./{HERE} if there is one.",
)
URL = click.option("--url", default="", help="The address of alertsms as others reach it.")


@config.command("alertmanager", short_help="A whole configuration of Alertmanager.")
@CONFIG
@URL
def print_alertmanager(*, file: str | None, url: str) -> None:
    """Print a whole configuration of Alertmanager that pages through alertsms.

    \b
    Example:  alertsms config alertmanager --url http://pager.example.org:9095 > alertmanager.yml
    """  # noqa: D301
    server, beats = _chosen(file)
    click.echo(alertmanager(server, address(server, url), beats), nl=False)


@config.command("grafana", short_help="A contact point for Grafana's provisioning.")
@CONFIG
@URL
def print_grafana(*, file: str | None, url: str) -> None:
    """Print a contact point for Grafana's provisioning, and the same in steps by hand.

    \b
    Example:  alertsms config grafana > /etc/grafana/provisioning/alerting/alertsms.yaml
    """  # noqa: D301
    server, _ = _chosen(file)
    click.echo(grafana(server, address(server, url)), nl=False)


@config.command("prometheus", short_help="Alert rules for alertsms itself, and the job.")
@CONFIG
@URL
@click.option("--scrape", is_flag=True, help="Print only the job for prometheus.yml.")
def print_prometheus(*, file: str | None, url: str, scrape: bool) -> None:
    """Print alert rules that watch alertsms itself, and in their first lines the job that Prometheus needs.

    \b
    Example:  alertsms config prometheus > /etc/prometheus/rules/alertsms.yml
    """  # noqa: D301
    server, _ = _chosen(file)
    # A proxy for the address that others use passes no metrics on.
    own = address(replace(server, external_url=""), url).removesuffix("/webhook")
    click.echo(watch.scrape(server, own) if scrape else watch.prometheus(server, own), nl=False)


@config.command("dashboard", short_help="A dashboard to import into Grafana.")
def print_dashboard() -> None:
    """Print a dashboard for Grafana 8 or newer, as JSON; import it under Dashboards, New, Import.

    \b
    Example:  alertsms config dashboard > alertsms-dashboard.json
    """  # noqa: D301
    click.echo(watch.data("dashboard.json"), nl=False)


@config.group("proxy", short_help="A file for the proxy in front of alertsms.")
def print_proxy() -> None:
    """Print a file for the proxy in front of alertsms, with TLS, sizes and deadlines.

    \b
    Example:  alertsms config proxy nginx --config config.yaml
    """  # noqa: D301


@print_proxy.command("nginx", short_help="A server of nginx in front of alertsms.")
@CONFIG
def print_nginx(*, file: str | None) -> None:
    """Print a file for nginx: what phones, senders and OVHcloud need, by server.external_url and server.listen.

    \b
    Example:  alertsms config proxy nginx --config config.yaml > /etc/nginx/conf.d/alertsms.conf
    """  # noqa: D301
    from alertsms.cli.proxy import nginx  # the whole web: `config schema` needs none of it

    server, _ = _chosen(file)
    click.echo(nginx(server), nl=False)


for command in (deployment.systemd, deployment.compose, deployment.kubernetes):
    config.add_command(command)


def _chosen(file: str | None) -> tuple[ServerConfig, Collection[Heartbeat]]:
    chosen = file or (HERE if Path(HERE).exists() else "")
    if not chosen:
        return ServerConfig(), ()
    config = loaded(chosen)
    return config.server, config.roster.heartbeats.values()


def address(server: ServerConfig, url: str) -> str:
    """Where the sender posts to: `url` if given, else what the configuration says."""
    if url:
        return checked(url).removesuffix("/webhook") + "/webhook"
    own = server.external_url or own_url(server.host, server.port)
    if not server.external_url and server.host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        own = f"http://{os.uname().nodename}:{server.port}"
    return f"{own}/webhook"


def alertmanager(server: ServerConfig, url: str, beats: Collection[Heartbeat] = ()) -> str:
    """A complete alertmanager.yml, with a route for each heartbeat that Alertmanager knows by its labels."""
    routes = "".join(map(_beating, beats))
    return f"""\
# Alertmanager pages through alertsms. Take it whole, or its receiver and route into your own file.
# Check it with: amtool check-config alertmanager.yml
route:
  receiver: alertsms
  # One post for each of these; alertsms makes one SMS of each alert however they are grouped.
  group_by: [alertname]
  # Wait so long for alerts that fire together: each second counts before a page.
  group_wait: 5s
  # An alert that joins a group that was posted already, or its end, waits at most so long.
  group_interval: 30s
  # Posts again what still fires. It pages nobody again (reminders are alertsms' own), but what alertsms missed
  # comes this way, and what nobody mentions for its stale_after (3 days) it closes: stay well below that.
  repeat_interval: 4h
{f"  routes:{chr(10)}{routes}" if routes else ""}receivers:
  - name: alertsms
    webhook_configs:
      # No template in it (Alertmanager 0.31 and newer take one): /webhook/NAME is a source of its own for each NAME,
      # so an alert that comes by two of them pages twice, and its end by a third closes neither.
      - url: {json.dumps(url)}
        # Without it nobody hears that it is over, and the incident stays open.
        send_resolved: true
        # 0 is no limit: with one Alertmanager leaves alerts out, and not the least important ones.
        # alertsms takes bodies of 16 MiB, more than ten thousand alerts.
        max_alerts: 0
{_alertmanager_secret(server)}"""


def _beating(beat: Heartbeat) -> str:
    if not beat.matchers or any(matcher.name.startswith("__") for matcher in beat.matchers):
        return ""  # only its own URL refreshes it, or labels that alertsms alone knows
    every = canonical_duration(beat.every)
    # Alertmanager looks once a group_interval, and posts again what it posted longer than repeat_interval ago.
    repeat = canonical_duration(timedelta(seconds=beat.every.total_seconds() * 5 // 6))
    return f"""\
    # The heartbeat {beat.name}: posted again every {every}, so that its absence says that something is broken.
    - receiver: alertsms
      matchers: {json.dumps([str(matcher) for matcher in beat.matchers], ensure_ascii=False)}
      group_wait: 0s
      group_interval: {every}
      repeat_interval: {repeat}
"""


def _alertmanager_secret(server: ServerConfig) -> str:
    if server.bearer_tokens:
        return f"""        http_config:
          authorization:
            type: Bearer
            # Write the token of server.bearer_token into this file, readable by Alertmanager alone.
            credentials_file: {TOKEN_FILE}
"""
    if server.basic:
        return f"""        http_config:
          basic_auth:
            username: {json.dumps(server.basic[0][0])}
            # Write the password of server.basic_auth into this file, readable by Alertmanager alone.
            password_file: {PASSWORD_FILE}
"""
    if server.hmac:
        return (
            "        # alertsms takes only bodies that Grafana signed, and Alertmanager cannot sign: write\n"
            "        # server.bearer_token too and print this again.\n"
        )
    return f"        # {_asks_for_none(server)}\n"


def _asks_for_none(server: ServerConfig) -> str:
    if server.unguarded:
        return "alertsms has no secret to ask for, and answers 401: write server.bearer_token, and print this again."
    return "alertsms asks for no secret. With server.bearer_token it does: print this again then."


def grafana(server: ServerConfig, url: str) -> str:
    """A provisioning file with a contact point."""
    return f"""\
# A contact point of Grafana that pages through alertsms: put it into provisioning/alerting/ and restart Grafana.
#
# By hand: Alerting, Contact points, Add contact point. Integration: Webhook; URL and HTTP method as below;
# {_by_hand(server)}
# Leave "Disable resolved message" off and "Max alerts" at 0. Test sends one SMS that is marked TEST.
#
# Then point a notification policy at it: Alerting, Notification policies, Default policy, Contact point: alertsms,
# with a group wait of 5s, a group interval of 30s and a repeat interval of 4h. A provisioned policy would replace
# the whole tree of policies, so this file holds none.
apiVersion: 1
contactPoints:
  - orgId: 1
    name: alertsms
    receivers:
      - uid: alertsms
        type: webhook
        # Without it nobody hears that it is over, and the incident stays open.
        disableResolveMessage: false
        settings:
          # One URL for all: /webhook/NAME is a source of its own for each NAME, and an end by another closes nothing.
          url: {json.dumps(url)}
          httpMethod: POST
          # 0 is no limit: with one Grafana leaves alerts out, and not the least important ones.
          maxAlerts: 0
{_grafana_secret(server)}"""


def _by_hand(server: ServerConfig) -> str:
    if server.bearer_tokens:
        return "under its optional settings, Authorization Header: Bearer and the token of server.bearer_token."
    if server.basic:
        return "under its optional settings, Basic Authentication: user and password of server.basic_auth."
    if server.hmac:
        return "under its optional settings, HMAC Signature: the secret and the headers of server.hmac."
    return "no secret is needed: alertsms asks for none."


def _grafana_secret(server: ServerConfig) -> str:
    if server.bearer_tokens:
        return """          authorization_scheme: Bearer
          # Set this variable in Grafana's environment to the token of server.bearer_token.
          authorization_credentials: $ALERTSMS_TOKEN
"""
    if server.basic:
        return f"""          username: {json.dumps(server.basic[0][0])}
          # Set this variable in Grafana's environment to the password of server.basic_auth.
          password: $ALERTSMS_PASSWORD
"""
    if server.hmac:
        signed = server.hmac[0]
        stamp = (
            f"            timestampHeader: {json.dumps(signed.timestamp_header)}\n" if signed.timestamp_header else ""
        )
        return f"""          hmacConfig:
            # Set this variable in Grafana's environment to the secret of server.hmac. Grafana 12 or newer.
            secret: $ALERTSMS_HMAC_SECRET
            header: {json.dumps(signed.header)}
{stamp}"""
    return f"          # {_asks_for_none(server)}\n"
