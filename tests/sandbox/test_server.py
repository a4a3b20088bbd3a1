from __future__ import annotations

import socket
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

import ovh
import ovh.client
import pytest
import requests

from alertsms.sandbox import Fault, FaultKind, Sandbox, SandboxAccount, receipts
from alertsms.sandbox.server import SandboxServer


@pytest.fixture
def server():
    with SandboxServer(Sandbox(account=SandboxAccount(fate=receipts(0.05)))) as server:
        yield server


@pytest.fixture
def client(server, monkeypatch):
    monkeypatch.setitem(ovh.client.ENDPOINTS, "sandbox", server.url)
    keys = server.sandbox.credentials
    made = ovh.Client("sandbox", keys.application_key, keys.application_secret, keys.consumer_key, timeout=5)
    yield made
    made._session.close()


def post(client, **changes):
    body = {"message": "défaut à Orléans", "receivers": ["+33612345678"], "noStopClause": True, "sender": "ACME"}
    return client.post("/sms/sms-xx00000-1/jobs", **(body | changes))


def test_ovhclouds_own_client_is_at_home_here(server, client):
    assert abs(client.time_delta) <= 2
    assert client.get("/sms") == ["sms-xx00000-1"]
    assert post(client, tag="t 1")["ids"] == [100001]
    assert client.get("/sms/sms-xx00000-1/outgoing", tag="t 1", receiver="+33612345678") == [100001]
    assert server.sandbox.accepted[0].text == "défaut à Orléans"
    assert client.put("/sms/sms-xx00000-1", callBack=None) is None


def test_ovhclouds_own_client_reads_our_errors(client):
    with pytest.raises(ovh.exceptions.NotGrantedCall):
        client.get("/sms/")
    with pytest.raises(ovh.exceptions.BadParametersError, match="Received not described parameters: \\(colour\\)"):
        post(client, colour="red")
    with pytest.raises(ovh.exceptions.APIError, match="Sms sender NOBODY does not exists"):
        post(client, sender="NOBODY")
    client._consumer_key = "nobody"
    with pytest.raises(ovh.exceptions.NotCredential):
        client.get("/sms")
    client._application_key = "nobody"
    with pytest.raises(ovh.exceptions.InvalidKey):
        client.get("/sms")


def test_ovhclouds_own_client_can_ask_for_a_key(client):
    wanted = client.new_consumer_key_request()
    wanted.add_recursive_rules(["GET"], "/sms")
    made = wanted.request()
    with pytest.raises(ovh.exceptions.InvalidCredential):
        client.get("/sms")
    assert requests.get(made["validationUrl"], timeout=5).status_code == 200
    assert client.get("/sms") == ["sms-xx00000-1"]


@pytest.mark.parametrize(("kind", "accepted"), [(FaultKind.RESET_BEFORE, 0), (FaultKind.RESET_AFTER, 1)])
def test_a_reset_is_a_reset_of_the_tcp_connection(server, client, kind, accepted):
    assert client.time_delta is not None
    server.sandbox.faults.replace([Fault(kind=kind)])
    with pytest.raises(ovh.exceptions.HTTPError) as caught:
        post(client)
    assert isinstance(caught.value.__cause__ or caught.value.__context__, requests.ConnectionError)
    assert len(server.sandbox.accepted) == accepted
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(b"GET /1.0/auth/time HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            raw.recv(100)


def test_a_hang_closes_without_a_byte(server):
    server.sandbox.faults.replace([Fault(kind=FaultKind.HANG, seconds=0.05)])
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(b"GET /1.0/auth/time HTTP/1.1\r\nHost: x\r\n\r\n")
        assert raw.recv(100) == b""


def test_a_client_that_loses_patience_leaves_an_accepted_message(server, client):
    assert client.time_delta is not None
    server.sandbox.faults.replace([Fault(kind=FaultKind.HANG_AFTER, seconds=60)])
    client._timeout = 0.1
    with pytest.raises(ovh.exceptions.HTTPError):
        post(client)
    assert server.sandbox.wait_for(1, timeout=5)


def test_one_connection_carries_many_requests(server):
    asked = b"GET /1.0/auth/time HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        for _ in range(3):
            raw.sendall(asked)
            assert raw.recv(1000).startswith(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n")
        raw.sendall(asked.replace(b"Host: x", b"Host: x\r\nConnection: close"))
        assert raw.recv(1000)
        assert raw.recv(1000) == b""


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\r\n\r\n",
        b"GET http://x/ HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused_and_the_connection_closed(server, sent):
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(sent)
        assert raw.recv(1000).startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert raw.recv(1000) == b""


def test_a_body_that_breaks_off_is_not_carried_out(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(b"POST /sandbox/faults HTTP/1.1\r\nContent-Length: 100\r\n\r\n[]")
        raw.shutdown(socket.SHUT_WR)
        assert raw.recv(1000) == b""
    assert server.sandbox.counts == {}


def ended(connection: socket.socket) -> bool:
    """Whether the other side has gone; one that was not yet accepted is reset."""
    try:
        return connection.recv(1000) == b""
    except ConnectionResetError:
        return True


def test_closing_ends_connections_and_faults_that_wait(server):
    idle = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    waiting = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    server.sandbox.faults.replace([Fault(kind=FaultKind.HANG, seconds=60)])
    with idle, waiting:
        idle.sendall(b"GET /sandbox/counts HTTP/1.1\r\n\r\n")
        assert idle.recv(1000)
        waiting.sendall(b"GET /1.0/auth/time HTTP/1.1\r\n\r\n")
        before = time.monotonic()
        server.close()
        assert ended(waiting)
        assert ended(idle)
        assert time.monotonic() - before < 5
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)


class Listener(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.heard.put(dict(parse_qsl(urlsplit(self.path).query)))
        self.send_response(self.server.answers)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def listener():
    listener = HTTPServer(("127.0.0.1", 0), Listener)
    listener.heard, listener.answers = Queue(), 200
    thread = Thread(target=listener.serve_forever, args=(0.02,))
    thread.start()
    yield listener
    listener.shutdown()
    thread.join()
    listener.server_close()


def callbacks(server, outcome, count):
    deadline = time.monotonic() + 5
    while server.sandbox.counts["callback"][outcome] < count and time.monotonic() < deadline:
        server.sandbox.callbacks.wait(time.time(), 0.01)
    return server.sandbox.counts["callback"][outcome]


@pytest.mark.parametrize("answers", [200, 500])
def test_receipts_are_called_back_over_http(server, client, listener, answers):
    listener.answers = answers
    client.put("/sms/sms-xx00000-1", callBack=f"http://127.0.0.1:{listener.server_port}/receipt")
    post(client)
    heard = [listener.heard.get(timeout=5) for _ in range(2)]  # in any order: several couriers carry them
    assert sorted((call["id"], call["ptt"], call["description"]) for call in heard) == [
        ("100001", "3", "4"),
        ("100001", "4", "1"),
    ]
    assert callbacks(server, str(answers), 2) == 2


def test_a_callback_that_nobody_answers_is_counted(server, client, listener):
    client.put("/sms/sms-xx00000-1", callBack="http://127.0.0.1:1/receipt")
    post(client)
    assert callbacks(server, "failed", 2) == 2


def test_an_address_that_is_taken_is_an_error(server):
    with pytest.raises(OSError, match="in use"):
        SandboxServer(Sandbox(), "127.0.0.1", server.port)
