"""A real PgBouncer in front of PostgreSQL, in transaction mode: each transaction may have another session."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url

from tests.support.ports import free_port

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
MISSING = "PgBouncer is not installed (Debian: pgbouncer)"
_FILE = """\
[databases]
{database} = host={host} port={port} dbname={database} user={user}{password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 500
"""


class Pooler:
    """One PgBouncer with as many sessions as it is told, for all who connect to it."""

    def __init__(self, folder: Path, url: str, *, sessions: int = 20) -> None:
        """Start it in front of the database at `url`; `self.url` leads through it."""
        real, port = make_url(url), free_port()
        folder.mkdir(exist_ok=True)
        file = folder / "pgbouncer.ini"
        file.write_text(
            _FILE.format(
                database=real.database,
                host=real.host or real.query.get("host", "/var/run/postgresql"),
                port=real.port or 5432,
                user=real.username,
                password=f" password={real.password}" if real.password else "",
                own=port,
                sessions=sessions,
            )
        )
        self.url = real.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)
        text = file.read_bytes()
        # It refuses to run as root, and another user may not read our folders: it reads its file from what it inherits.
        descriptor = os.memfd_create("pgbouncer.ini", 0)
        os.write(descriptor, text)
        self._process = subprocess.Popen(
            [str(PROGRAM), "-q", f"/proc/self/fd/{descriptor}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(descriptor,),
            cwd="/",
            user="nobody" if os.getuid() == 0 else None,
        )
        os.close(descriptor)
        until = time.monotonic() + 10
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PgBouncer did not start: {self._process.poll()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)
