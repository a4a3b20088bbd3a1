"""What Apprise really posts, to a small HTTP server of ours; and that nothing of a URL shows."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from alertsms import apprise_channels
from alertsms.apprise_channels import ChannelError
from alertsms.core.messages.notification import Channel
from alertsms.machine.bounded import BoundedSession, BoundedSMTP
from tests.config.sample import AFTER, KEYS, accepted, changed

CHANNELS = "fallback: {channels: ['json://127.0.0.1', 'nosuch://hidden@example.org']}"


class Receiver(HTTPServer):
    """Keeps what is posted to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.timeout = 5
        self.status = 200
        self.bodies: list[dict[str, object]] = []

    def channel(self) -> Channel:
        return Channel(url=f"json://me:hidden-password@127.0.0.1:{self.server_port}/hidden-topic")


class Answer(BaseHTTPRequestHandler):
    server: Receiver
    timeout = 5

    def do_POST(self) -> None:
        length = min(int(self.headers["Content-Length"]), 100_000)
        self.server.bodies.append(json.loads(self.rfile.read(length)))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


@pytest.fixture
def without_apprise(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)


def test_a_post_arrives_as_it_was_written(receiver):
    apprise_channels.post(receiver.channel(), "CRITICAL HighCPU #1", "first <line>\nsecond & last")
    (body,) = receiver.bodies
    assert (body["title"], body["message"]) == ("CRITICAL HighCPU #1", "first <line>\nsecond & last")


def test_a_post_rings_for_nobody_but_its_readers(receiver):
    """Whatever an alert says: chats would ring for all their members, terminals obey."""
    apprise_channels.post(
        receiver.channel(), "CRITICAL @everyone\x1b[2J #1", "disk <!channel>\u2028full\n  answer: @here"
    )
    (body,) = receiver.bodies
    assert (body["title"], body["message"]) == (
        "CRITICAL @ everyone [2J #1",
        "disk <! channel> full\n  answer: @ here",
    )


def test_a_refusal_says_why_and_shows_nothing_of_the_url(receiver, caplog):
    receiver.status = 503
    with caplog.at_level(logging.INFO), pytest.raises(ChannelError) as refused:
        apprise_channels.post(receiver.channel(), "title", "text")
    assert "503" in str(refused.value)
    assert "hidden" not in str(refused.value)
    assert "hidden" not in caplog.text


ENDLESS = {
    "body": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "refusal": b"HTTP/1.1 500 Oh\r\n\r\n",
    "elsewhere": b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n",
    "packed": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
    "mail": b"220 hello\r\n",
}
MEGABYTE = 1024 * 1024


class Fountain(threading.Thread):
    """Answers whoever connects without end, or until there is nobody who reads it: at most 64 MB."""

    def __init__(self, kind: str) -> None:
        super().__init__(daemon=True)
        self.kind = kind
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.listening.settimeout(10)
        self.port = self.listening.getsockname()[1]
        self.start()

    def run(self) -> None:
        with self.listening, suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                with connection, suppress(OSError):
                    connection.settimeout(10)
                    self.answer(connection)

    def answer(self, connection: socket.socket) -> None:
        connection.sendall(ENDLESS[self.kind])
        connection.recv(65536)
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        for _ in range(64):
            match self.kind:
                case "mail":
                    connection.sendall(b"250-more\r\n" * (MEGABYTE // 10))
                case "chunks":
                    connection.sendall(b"%x\r\n" % MEGABYTE + b"x" * MEGABYTE + b"\r\n")
                case "packed":
                    connection.sendall(packer.compress(b"x" * MEGABYTE) + packer.flush(zlib.Z_SYNC_FLUSH))
                case _:
                    connection.sendall(b"x" * MEGABYTE)


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_endless_answer_of_a_channel_takes_little_memory_and_is_a_refusal(kind):
    """Whoever runs the far end, or sits in between, may answer a post with gigabytes."""
    fountain = Fountain(kind)
    scheme, rest = ("mailto", "?from=a@example.org&to=b@example.org") if kind == "mail" else ("json", "")
    channel = Channel(url=f"{scheme}://127.0.0.1:{fountain.port}/{rest}")
    apprise_channels.known(channel.url)  # which loads Apprise
    tracemalloc.start()
    try:
        with pytest.raises(ChannelError):
            apprise_channels.post(channel, "title", "text")
        assert tracemalloc.get_traced_memory()[1] < 12 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_every_plug_in_that_asks_by_http_or_mail_reads_bounded_answers(receiver):
    apprise_channels.post(receiver.channel(), "title", "text")
    loaded = [module for name, module in sys.modules.items() if name.startswith("apprise.")]
    found = [module.requests for module in loaded if hasattr(module, "requests")]
    assert len(found) > 100
    assert {module.Session for module in found} == {BoundedSession}
    assert next(module.smtplib.SMTP for module in loaded if hasattr(module, "smtplib")) is BoundedSMTP


def test_whatever_a_plug_in_says_no_piece_of_the_url_is_shown():
    said = "Failed to post to http://me@ntfy.test/pages-7f3a: error=403"
    shown = apprise_channels._scrubbed(said, "ntfy://me:pass%2Fword@ntfy.test/pages-7f3a?tags=a")
    assert shown == "Failed to post to http://me@***/***: error=403"


def test_a_server_that_is_not_there_is_a_refusal():
    with Receiver() as gone:
        url = gone.channel()
    with pytest.raises(ChannelError) as refused:
        apprise_channels.post(url, "title", "text")
    assert "hidden" not in str(refused.value)


def test_a_url_that_apprise_does_not_know_is_a_refusal():
    with pytest.raises(ChannelError, match="does not know such a URL"):
        apprise_channels.post(Channel(url="nosuch://hidden"), "title", "text")


@pytest.mark.usefixtures("without_apprise")
def test_without_apprise_a_post_says_what_to_install():
    with pytest.raises(ChannelError, match=r"not installed: pip install -r requirements.txt"):
        apprise_channels.post(Channel(url="json://127.0.0.1"), "title", "text")


@pytest.mark.usefixtures("without_apprise")
def test_without_apprise_a_configuration_with_channels_is_warned_of():
    warnings = accepted(changed(AFTER, CHANNELS)).warnings
    assert [(warning.path, warning.message) for warning in warnings] == [
        (
            "fallback.channels",
            "Apprise, which posts to channels, is not installed: pip install -r requirements.txt",
        )
    ]


def test_check_asks_apprise_and_a_start_does_not(monkeypatch):
    said = [str(mistake) for mistake in thorough(changed(AFTER, CHANNELS))]
    assert said == [
        "config.yaml line 10, fallback.channels[1]: Apprise knows no such URL, look it up at https://appriseit.com/services/"
    ]
    monkeypatch.setattr(apprise_channels, "known", lambda url: pytest.fail(f"a start looked at {url}"))
    assert len(accepted(changed(AFTER, CHANNELS)).roster.fallback.channels) == 2


def thorough(text: str):
    from alertsms.config import ConfigError, read
    from alertsms.config.fields import ReadingPurpose

    with pytest.raises(ConfigError) as refused:
        read(text, file="config.yaml", environ=KEYS, purpose=ReadingPurpose(thorough=True))
    return refused.value.mistakes


def test_channels_come_from_variables_and_show_nowhere():
    text = changed(5, '  alice: {phone: "+33612345678", also: "ntfy://${TOPIC}"}')
    config = accepted(text + "fallback: {channels: ['mailto://me:${TOPIC}@example.org']}\n", KEYS | {"TOPIC": "hidden"})
    assert config.roster.people["alice"].also == (Channel(url="ntfy://hidden"),)
    assert config.roster.teams["ops"].fallback.channels == (Channel(url="mailto://me:hidden@example.org"),)
    assert "hidden" not in repr(config)
    assert config.roster.fallback.channels[0].scheme == "mailto"


def test_a_team_takes_from_the_fallback_of_all_what_its_own_lacks():
    text = changed(
        7,
        "  ops: {page: [alice]}\n"
        "  db: {page: [alice], fallback: {team: ops}}\n"
        "  web: {page: [alice], fallback: {channels: 'json://web'}}",
    )
    teams = accepted(text + "fallback: {team: db, channels: 'json://all'}\n").roster.teams
    told = {
        name: (team.fallback.team, [each.url for each in team.fallback.channels], team.fallback.target)
        for name, team in teams.items()
    }
    assert told == {
        "ops": ("db", ["json://all"], "global"),
        "db": ("ops", ["json://all"], "global"),
        "web": ("db", ["json://web"], "team:web"),
    }
