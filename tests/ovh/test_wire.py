"""What each way of failing says of the request, against real sockets."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from alertsms.ovh.client import ApiCall
from alertsms.ovh.error import Certainty, OvhError, Scope
from alertsms.ovh.wire import Timed
from tests.ovh.peer import Peer, close, drips, hang, http, reset, says

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def failure(client, method="POST") -> OvhError:
    with pytest.raises(OvhError) as caught:
        client.answer(ApiCall(name="send", method=method, path="/jobs"))
    assert caught.value.scope is Scope.MESSAGE
    assert caught.value.call == "send"
    return caught.value


@pytest.fixture
def hasty(peer, client_of):
    """A client that waits 0.3 s for an answer and has the time already."""
    client = client_of(peer.url, timeout=(3.0, 0.3))
    peer.answers(http(200))
    client.get("/warm", call="warm")
    return client


UNANSWERED = {
    "closed after the request": close,
    "reset after the request": reset,
    "nothing in time": hang,
    "garbage": says(b"\x16\x03\x01 what is this\r\n\r\n"),
    "half a status line": says(b"HTTP/1."),
    "half the body": says(HEAD + b"Content-Length: 100\r\n\r\n{"),
    "half a chunked body": says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"),
    "a body that is not the gzip it says": says(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"),
    "dripping headers": drips(b"HTTP/1.1 200 OK\r\nX: "),
    "a dripping body": drips(HEAD + b"Content-Length: 1000000\r\n\r\n"),
    "a dripping chunked body": drips(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", drop=b"1\r\nx\r\n"),
    "a body that begins and hangs": drips(HEAD + b"Content-Length: 9\r\n\r\n{", every=60),
}


@pytest.mark.parametrize("way", UNANSWERED)
def test_a_request_that_may_have_arrived_is_unknown(peer, hasty, way):
    peer.answers(UNANSWERED[way])
    began = time.monotonic()
    error = failure(hasty)
    assert (error.certainty, error.code, error.status) == (Certainty.UNKNOWN, "unanswered", None)
    assert peer.targets() == ["GET /1.0/warm", "POST /1.0/jobs"]
    assert time.monotonic() - began < 3  # a drop each 20 ms would go on for ever


def test_a_get_changes_nothing_so_it_can_always_be_asked_again(peer, hasty):
    peer.answers(close)
    assert failure(hasty, "GET").certainty is Certainty.TEMPORARY


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_put_and_delete_are_unknown_like_post(peer, hasty, method):
    peer.answers(close)
    assert failure(hasty, method).certainty is Certainty.UNKNOWN


UNREADABLE = {
    "HTML with 200": http(200, b"<html>Maintenance</html>", kind="text/html"),
    "truncated JSON": http(200, b'{"ids": [1'),
    "JSON too deep": http(200, b"[" * 200_000),
    "more than a mebibyte": http(200, b"[" + b" " * (1 << 20) + b"1]"),
}


@pytest.mark.parametrize("way", UNREADABLE)
def test_an_answer_that_cannot_be_read_is_unknown(peer, hasty, way):
    peer.answers(UNREADABLE[way])
    error = failure(hasty)
    assert (error.certainty, error.status, error.code) == (Certainty.UNKNOWN, 200, "unreadable")


def test_a_gateways_page_is_unknown_and_is_described_rather_than_quoted(peer, hasty):
    peer.answers(http(504, b"<html>Gateway Time-out</html>", kind="text/html", X_Ovh_QueryID="EU.ext-1.ab"))
    error = failure(hasty)
    assert (error.certainty, error.status) == (Certainty.UNKNOWN, 504)
    assert str(error) == "send: 504: 29 characters (text/html) that are no answer of the API (query EU.ext-1.ab)"


EMPTY = [http(200, b""), http(204, b""), http(200, b" \n"), says(b"HTTP/1.1 200 OK\r\nContent-Le")]


@pytest.mark.parametrize("answer", EMPTY)
def test_an_empty_answer_has_no_value(peer, hasty, answer):
    peer.answers(answer)
    assert hasty.change("POST", "/jobs", call="send") is None


def test_a_connection_that_died_in_the_pool_is_opened_anew(peer, hasty):
    """Closed by the other side while idle, and seen so before anything is sent: no reason for an unknown."""
    peer.answers(http(200, {"n": 1}), http(200, {"n": 2}))
    hasty.change("POST", "/jobs", call="send")
    peer._open[-1].shutdown(socket.SHUT_RDWR)
    time.sleep(0.05)
    assert hasty.change("POST", "/jobs", call="send") == {"n": 2}


def test_an_endless_answer_is_read_no_further_than_a_mebibyte(peer, client_of):
    client = client_of(peer.url, timeout=(3.0, 5.0))
    peer.answers(drips(HEAD + b"Content-Length: 1000000000000\r\n\r\n", drop=b" " * 65536 + b"x", every=0.0))
    assert failure(client).code == "unreadable"


def test_each_read_has_only_the_time_that_is_left():
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb", buffering=0) as raw:
        theirs.sendall(b"well")
        ours.settimeout(5.0)
        with Timed(raw, ours) as timed:
            assert timed.read(4) == b"well"
        assert ours.gettimeout() < 5.0


def test_time_that_ran_out_between_two_reads_is_noticed_before_the_next():
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb", buffering=0) as raw:
        theirs.sendall(b"late")
        ours.settimeout(1e-9)
        with Timed(raw, ours) as timed, pytest.raises(TimeoutError, match=r"^the answer took too long$"):
            timed.read(4)


# Nothing left


def unreachable(error: OvhError) -> str:
    assert (error.certainty, error.code, error.status) == (Certainty.TEMPORARY, "unreachable", None)
    return error.message


def moved(client, base_url: str, **options):
    """The client's place taken by another address, the time being known."""
    client.base_url = base_url
    return client


def test_a_refused_connection_left_nothing(hasty):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    error = failure(moved(hasty, f"http://127.0.0.1:{port}/1.0"))
    assert unreachable(error) == "ConnectionRefusedError: [Errno 111] Connection refused"


def test_a_name_that_does_not_resolve_left_nothing(hasty, monkeypatch):
    def unknown(*_args, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failure(moved(hasty, "http://api.example.test/1.0"))
    assert unreachable(error) == "gaierror: [Errno -2] Name or service not known"


def test_a_connection_that_is_not_taken_in_time_left_nothing(peer, client_of):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        client = client_of(peer.url, timeout=(0.2, 5.0))
        peer.answers(http(200))
        client.get("/warm", call="warm")
        error = failure(moved(client, f"http://127.0.0.1:{full.getsockname()[1]}/1.0"))
        for filler in fillers:
            filler.close()
    assert "timed out" in unreachable(error)


def test_tls_to_a_server_that_speaks_none_left_nothing(peer, hasty):
    other = Peer(greet=says(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    try:
        error = failure(moved(hasty, f"https://127.0.0.1:{other.port}/1.0"))
    finally:
        other.stop()
    unreachable(error)


def test_a_server_that_closes_during_the_handshake_left_nothing(hasty):
    other = Peer(greet=close)
    try:
        error = failure(moved(hasty, f"https://127.0.0.1:{other.port}/1.0"))
    finally:
        other.stop()
    unreachable(error)


def test_a_proxy_that_cannot_be_reached_left_nothing_and_its_password_stays_unsaid(client_of, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    monkeypatch.setenv("http_proxy", f"http://user:pa55@127.0.0.1:{port}")
    client = client_of("http://api.example.test/1.0")
    with pytest.raises(OvhError) as caught:
        client.get("/sms", call="x")
    assert unreachable(caught.value) == "ConnectionRefusedError: [Errno 111] Connection refused"


CONNECT = {
    "refuses": says(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
    "closes": close,
    "hangs": hang,
    "drips": drips(b"HTTP/1.1 200 OK\r\nX: "),
}


@pytest.mark.parametrize("way", CONNECT)
def test_a_proxy_that_opens_no_tunnel_left_nothing(client_of, monkeypatch, way):
    """What is said to the proxy is not the request: that would only follow inside the tunnel."""

    def tunnel(peer: Peer, sock: socket.socket) -> None:
        sock.recv(4096)
        CONNECT[way](peer, sock)

    proxy = Peer(greet=tunnel)
    monkeypatch.setenv("https_proxy", f"http://user:pa55@127.0.0.1:{proxy.port}")
    try:
        client = client_of("https://api.example.test/1.0", timeout=(0.3, 5.0))
        with pytest.raises(OvhError) as caught:
            client.get("/sms", call="x")
    finally:
        proxy.stop()
    assert "pa55" not in unreachable(caught.value)


@pytest.mark.parametrize("proxy", ["http://", "http://:80", "socks9://user:pa55@127.0.0.1:1"])
def test_a_proxy_that_is_none_left_nothing(client_of, monkeypatch, proxy):
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(OvhError) as caught:
        client_of("http://api.example.test/1.0").get("/sms", call="x")
    assert "pa55" not in unreachable(caught.value)


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1, made for this run."""
    folder = tmp_path_factory.mktemp("tls")
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem"
    more = "-days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*words.split(), *more.split()], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def secure(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    peer = Peer(tls=context)
    yield peer
    peer.stop()


def test_a_certificate_that_nobody_vouches_for_left_nothing(secure, client_of):
    with pytest.raises(OvhError) as caught:
        client_of(secure.url).get("/sms", call="x")
    assert "certificate verify failed" in unreachable(caught.value)
    assert secure.seen == []


def test_the_environments_certificate_bundle_is_trusted(secure, client_of, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "cert.pem"))
    secure.answers(http(200, ["sms-a"]))
    assert client_of(secure.url).get("/sms", call="x") == ["sms-a"]


def test_a_certificate_bundle_that_is_not_there_left_nothing(secure, client_of, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
    with pytest.raises(OvhError) as caught:
        client_of(secure.url).get("/sms", call="x")
    assert "/nowhere/bundle.pem" in unreachable(caught.value)


BROKEN = b"\x17\x03\x03\x00\x20" + b"?" * 32  # a TLS record that cannot be decrypted


@pytest.mark.parametrize("start", [b"", HEAD + b"Content-Length: 9\r\n\r\n{"])
def test_tls_that_breaks_after_the_request_is_unknown(secure, client_of, certificate, monkeypatch, start):
    """requests raises one and the same SSLError for this and for a handshake that failed."""

    def corrupt(_peer: Peer, sock: ssl.SSLSocket) -> None:
        if start:
            sock.sendall(start)
        with socket.socket(fileno=sock.detach()) as bare:
            bare.sendall(BROKEN)
            bare.settimeout(5)
            bare.recv(4096)

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "cert.pem"))
    secure.answers(corrupt)
    error = failure(client_of(secure.url))
    assert (error.certainty, error.code) == (Certainty.UNKNOWN, "unanswered")
    assert re.match(r"SSLError: .*(DECRYPTION|BAD_RECORD|bad record)", error.message)


# A Session of one's own


class Failing(BaseAdapter):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def send(self, request, **_options):
        if request.url.endswith("/auth/time"):
            answer = requests.Response()
            answer.status_code, answer._content, answer._content_consumed = 200, b"1700000000", True
            return answer
        raise self.error

    def close(self):
        pass


@pytest.mark.parametrize(
    ("error", "certainty"),
    [
        (requests.ConnectTimeout("slow"), Certainty.TEMPORARY),
        (requests.exceptions.ProxyError("no"), Certainty.TEMPORARY),
        (requests.exceptions.SSLError("no"), Certainty.TEMPORARY),
        (
            requests.ConnectionError(MaxRetryError(None, "/jobs", NewConnectionError(None, "refused"))),
            Certainty.TEMPORARY,
        ),
        (requests.ConnectionError(ProtocolError("aborted", ConnectionResetError(104, "reset"))), Certainty.UNKNOWN),
        (requests.ReadTimeout("slow"), Certainty.UNKNOWN),
        (requests.exceptions.ChunkedEncodingError("cut"), Certainty.UNKNOWN),
        (ProtocolError("aborted"), Certainty.UNKNOWN),
        (requests.exceptions.InvalidProxyURL("http://user:pa55@"), Certainty.UNKNOWN),
    ],
)
def test_another_adapters_errors_are_told_apart_by_their_kind(client_of, error, certainty):
    def session():
        made = requests.Session()
        made.mount("http://", Failing(error))
        return made

    raised = failure(client_of("http://api.example.test/1.0", session_factory=session))
    assert raised.certainty is certainty
    assert "pa55" not in raised.message


def test_another_session_follows_no_redirect_either(peer, client_of):
    peer.answers(http(307, b"", Location="/1.0/elsewhere"))
    with pytest.raises(OvhError) as caught:
        client_of(peer.url, session_factory=requests.Session).change("POST", "/jobs", call="send", body={})
    assert (caught.value.status, peer.targets()) == (307, ["POST /1.0/jobs"])


def test_many_threads_that_start_together_ask_for_the_time_once(peer, client):
    peer.answers(*[http(200, []) for _ in range(8)])
    start = threading.Barrier(8)

    def one():
        start.wait(5)
        client.get("/sms", call="x")

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [seen.target for seen in peer.seen].count("/1.0/auth/time") == 1
    assert len(peer.targets()) == 8
