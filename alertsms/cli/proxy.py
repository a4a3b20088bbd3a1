"""`alertsms config proxy nginx`: a file for the proxy in front, of the table of paths that the guard goes by."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from alertsms.cli.terminal import own_url
from alertsms.config import ServerConfig
from alertsms.web.admission import MAX_BODY, SMALL
from alertsms.web.guard import ACCESS, PathAccess
from alertsms.web.peer import read, trusts
from alertsms.web.request_parser import MOST_READ

PLACEHOLDER = "https://pager.example.org"
CERTIFICATES = "/etc/letsencrypt/live"
CONNECTIONS = 64  # of one address at a time: an Alertmanager of a large house has a dozen
_SECRET = frozenset({PathAccess.LINK, PathAccess.RECEIPT})  # who reads such an address in a log may use it


def nginx(server: ServerConfig) -> str:
    """A file to be put into /etc/nginx/conf.d."""
    public, upstream = urlsplit(server.external_url or PLACEHOLDER), own_url(server.host, server.port)
    passed = [rule for rule, access in ACCESS.items() if _passed(access, server)]
    locations = "\n".join(_locations(passed, public.path, upstream))
    return f"""\
# nginx in front of alertsms: /etc/nginx/conf.d/alertsms.conf, then `nginx -t` and `systemctl reload nginx`.
# It passes on what phones, senders and OVHcloud need, and nothing else: not /metrics, /-/ready, /api/ nor /-/reload.
# The first certificate, before this file is there: certbot certonly --standalone -d HOST (port 80 free, nginx stopped).
{_advice(server)}limit_conn_zone $binary_remote_addr zone=alertsms:1m;

{_plain(public)}server {{
{_listening(public)}
    server_tokens off;

    # Whoever is slow has so long for the head, and for each part of a body and an answer.
    client_header_timeout 10s;
    client_body_timeout 10s;
    send_timeout 10s;
    keepalive_timeout 30s;
    large_client_header_buffers 4 8k;
    limit_conn alertsms {CONNECTIONS};

    # HTTP/1.0, which nginx speaks to servers unless told otherwise, is taken for a stranger's.
    proxy_http_version 1.1;
    # Set here and not added to: what a stranger writes into these headers does not arrive.
    proxy_set_header Host {public.netloc};
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host "";
    proxy_set_header X-Real-IP "";
    proxy_set_header Forwarded "";
    proxy_connect_timeout 3s;
    proxy_send_timeout 10s;
    proxy_read_timeout 30s;
    proxy_redirect off;
    client_max_body_size {SMALL // 1024}k;

{locations}
    location / {{
        return 404;
    }}
}}
"""


def _passed(access: PathAccess, server: ServerConfig) -> bool:
    """Whether somebody elsewhere needs it."""
    return access in {PathAccess.SENDER, *_SECRET} or (access is PathAccess.LOGIN and bool(server.login))


def _advice(server: ServerConfig) -> str:
    lines = []
    if not server.external_url:
        lines.append(
            f"Write the address that others use in the place of {PLACEHOLDER}, and as server.external_url too."
        )
    if not server.guarded:
        lines.append("Set server.bearer_token: until then whatever is posted through this proxy is answered 401.")
    near = urlsplit(own_url(server.host, server.port)).hostname or ""  # by the same address nginx comes to it
    if not trusts(read(near), server.trusted_proxies):
        lines.append(
            f"Set server.trusted_proxies: [{near}]: until then all who come by this proxy count as one address."
        )
    if not server.login:
        lines.append("Without server.login the pages for people are left out; with it print this again.")
    return "".join(f"# {line}\n" for line in lines) + "\n"


def _plain(public: SplitResult) -> str:
    """Who comes by http:// is sent to TLS, where that is at its usual port."""
    if public.scheme != "https" or public.port:
        return ""
    return f"""\
server {{
    listen 80;
    listen [::]:80;
    server_name {public.hostname};
    return 301 https://{public.hostname}$request_uri;
}}

"""


def _listening(public: SplitResult) -> str:
    tls = public.scheme == "https"
    port, how = public.port or (443 if tls else 80), " ssl" if tls else ""
    lines = [f"listen {port}{how};", f"listen [::]:{port}{how};", f"server_name {public.hostname};"]
    if tls:
        lines += [
            f"ssl_certificate {CERTIFICATES}/{public.hostname}/fullchain.pem;",
            f"ssl_certificate_key {CERTIFICATES}/{public.hostname}/privkey.pem;",
            "ssl_protocols TLSv1.2 TLSv1.3;",
        ]
    return "\n".join(f"    {line}" for line in lines)


def _locations(passed: list[str], prefix: str, upstream: str) -> Iterator[str]:
    """One for each beginning; what nginx found (decoded, without .. and //) is what alertsms gets."""
    kinds: dict[tuple[str, str], PathAccess] = {}
    for rule in passed:
        kinds.setdefault(_location(rule), ACCESS[rule])
    for (how, where), access in kinds.items():
        yield f"    location {how} {prefix}{where} {{"
        for line in (*_special(access), f"proxy_pass {upstream}{where};"):
            yield f"        {line}"
        yield "    }"


def _location(rule: str) -> tuple[str, str]:
    """How nginx finds it. What is near a webhook's address is let through: alertsms reports bad senders."""
    fixed = rule.partition("<")[0]  # `/a/` of `/a/<token>`
    if ACCESS[rule] is PathAccess.SENDER:
        return "^~", "/" + fixed.strip("/").partition("/")[0]
    return ("^~" if "<" in rule else "=", fixed)


def _special(access: PathAccess) -> Iterator[str]:
    if access is PathAccess.SENDER:
        yield f"# alertsms tells people of bodies above its {MAX_BODY >> 20} MiB; nginx would refuse them in silence."
        yield f"client_max_body_size {MOST_READ >> 20}m;"
        yield "proxy_request_buffering off;"
    if access in _SECRET:
        yield "# Whoever reads such an address may use it: no log shall hold it, that of errors neither."
        yield "access_log off;"
        yield "error_log /dev/null emerg;"
