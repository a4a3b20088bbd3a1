"""Two alertsms that watch each other: the ping of one is the heartbeat of the other, as docs/operations.md has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from alertsms.delivery.alarm import Ping
from tests.cli.house import serving, write
from tests.support.ports import free_port

SITE_B = "heartbeats: [{name: site-a, every: 1m, grace: 4m}]\n"


@pytest.mark.parametrize(
    ("password", "said"), [("s3cret", []), ("wrong", ["ping_url cannot be fetched: it answers 401"])]
)
def test_a_ping_with_the_others_password_is_heard_there(tmp_path, password, said):
    port = free_port()
    file = Path(write(tmp_path, port=port, more=SITE_B))
    guarded = "server: {external_url: 'https://b.example.org', basic_auth: {username: site-a, password: s3cret}, "
    file.write_text(file.read_text().replace("server: {", guarded))
    ping = Ping(url=lambda: f"http://site-a:{password}@127.0.0.1:{port}/heartbeat/site-a", troubles=list)
    with serving(str(file)):
        ping.step()
    assert [trouble.says for trouble in ping.troubles()] == said
