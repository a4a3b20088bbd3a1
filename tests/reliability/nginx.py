"""A real nginx in front of alertsms, as Debian has it, and strangers who write to it what no library would."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.reliability.process import Process
from tests.support.ports import free_port

PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
NAME = "pager.test"
# As people write it who do not know what a proxy has to say of its senders.
BARE = "server {{ listen 127.0.0.1:{port}; {more} location / {{ proxy_pass http://127.0.0.1:{upstream}; }} }}"
NAIVE = {
    "naive": "",  # HTTP/1.0, no header, and our own address as Host
    "naive, HTTP/1.1": "proxy_http_version 1.1;",
    "naive, kept open": 'proxy_http_version 1.1; proxy_set_header Connection "";',
    "with the name": "proxy_http_version 1.1; proxy_set_header Host $http_host;",
    "with the address": "proxy_set_header X-Real-IP $remote_addr;",
    "appending": "proxy_http_version 1.1; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
}


ANY_CERTIFICATE = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ANY_CERTIFICATE.check_hostname, ANY_CERTIFICATE.verify_mode = False, ssl.CERT_NONE


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Nginx:
    """One nginx with one file of ours."""

    def __init__(self, folder: Path, text: str, port: int, *, tls: bool = False) -> None:
        self.port, self._tls, self._folder = port, tls, folder
        folder.mkdir(exist_ok=True)
        (folder / "alertsms.conf").write_text(text, encoding="utf-8")
        self._file = folder / "nginx.conf"
        self._file.write_text(_whole(folder), encoding="utf-8")
        self.process = Process((str(PROGRAM), "-p", str(folder), "-c", str(self._file)), folder / "nginx.log")

    def start(self) -> None:
        """Check its file and start it."""
        tried = subprocess.run(
            [str(PROGRAM), "-t", "-p", str(self._folder), "-c", str(self._file)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert tried.returncode == 0, tried.stderr
        self.process.start()
        self.process.until(self._listens)

    @property
    def logs(self) -> str:
        """All that it logged."""
        return "".join(file.read_text(encoding="utf-8") for file in self._folder.glob("*.log"))

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
        except OSError:
            return False
        return True

    def ask(
        self, path: str, method: str = "GET", body: bytes | str = b"", *, host: str = NAME, **headers: str
    ) -> Answer:
        """One request with the path and the headers as they are written here."""
        if self._tls:
            line: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=10, context=ANY_CERTIFICATE
            )
        else:
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        raw = body.encode() if isinstance(body, str) else body
        try:
            line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            given = {"Host": host, "Content-Length": str(len(raw))} | {
                name.replace("_", "-"): value for name, value in headers.items()
            }
            for name, value in given.items():
                line.putheader(name, value)
            line.endheaders(raw)
            answer = line.getresponse()
            text = answer.read().decode(errors="replace")
            return Answer(status=answer.status, text=text, headers=dict(reversed(answer.getheaders())))
        finally:
            line.close()


def naive(folder: Path, upstream: int, how: str) -> Nginx:
    """One that somebody wrote by hand."""
    port = free_port()
    return Nginx(folder, BARE.format(port=port, upstream=upstream, more=NAIVE[how]), port)


def printed(folder: Path, text: str, port: int) -> Nginx:
    """One with the file that `alertsms config proxy nginx` prints, with a certificate of its own."""
    folder.mkdir()
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
        key,
        "-out",
        certificate,
        "-days",
        "2",
        "-subj",
        f"/CN={NAME}",
    ]
    subprocess.run(command, check=True, capture_output=True)
    there = f"/etc/letsencrypt/live/{NAME}"
    assert there in text
    text = text.replace(f"{there}/fullchain.pem", str(certificate)).replace(f"{there}/privkey.pem", str(key))
    if not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists():
        text = "\n".join(line for line in text.splitlines() if "listen [::]" not in line)
    return Nginx(folder, text, port, tls=True)


def _whole(folder: Path) -> str:
    """The file around ours: Debian's, in a folder of our own and in the foreground."""
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    return f"""\
daemon off; {user} worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{ {places} access_log {folder}/access.log; include {folder}/alertsms.conf; }}
"""
