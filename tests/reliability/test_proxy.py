"""A stranger comes by a real nginx, with the printed file and with ones that say nothing of whom they speak for."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import requests

from alertsms.cli.proxy import nginx as print_nginx
from alertsms.config import load
from alertsms.machine.key import Purpose
from alertsms.web.guard import ACCESS, PathAccess
from tests.reliability.conftest import missing
from tests.reliability.house import House
from tests.reliability.nginx import NAIVE, NAME, PROGRAM, Answer, Nginx, naive, printed
from tests.support.ports import free_port

SECRET = "let-me-in"
LET_IN = {"Authorization": f"Bearer {SECRET}"}
FORM = {"Content_Type": "application/x-www-form-urlencoded"}
LOGIN = {"username": "person0", "password": "wonder"}
BODY = json.dumps({"alerts": [{"status": "firing", "labels": {"alertname": "Stranger", "instance": "web-01"}}]})
OWN = "OwnAlert"  # the name of the alert that a stranger must not read
PATIENCE = 30.0
# What speaks HTTP/1.1 and says nothing of whom it speaks for is like a program of this machine, as SECURITY.md says.
LETS_POST = frozenset({"naive, HTTP/1.1", "naive, kept open", "with the name"})
TRICKS = [
    "/a/../metrics",
    "/a/..%2fmetrics",
    "/a/%2e%2e/-/reload",
    "//metrics",
    "/webhook/../metrics",
    "/%6detrics",
    "/webhook/..%2F..%2Fincidents%2F1",
    "/METRICS",
    "/metrics/",
    "/metrics;x",
    "/metrics%00",
    "/./incidents/1",
    "/-/reload/",
    "http://127.0.0.1/metrics",
]


class Behind(House):
    """One as documented for proxies: on loopback, with an address for others."""

    more: dict[str, object]  # of its settings
    outer: int  # the port of the proxy

    def _configuration(self, folder: Path, phones, ovh: str) -> str:
        text = super()._configuration(folder, phones, ovh)
        server = {"listen": f"127.0.0.1:{self.port}", "external_url": f"https://{NAME}:{self.outer}"} | self.more
        return re.sub(r"(?m)^server: .*$", lambda _: f"server: {json.dumps(server)}", text)


@pytest.fixture
def begin(tmp_path, phones) -> Iterator[Callable[..., tuple[Behind, Callable[[str], Nginx]]]]:
    """Starts an alertsms, and proxies before it."""
    if not PROGRAM:
        missing("nginx is not installed (Debian: nginx-light)")
    ends = []

    def begin(**server: object) -> tuple[Behind, Callable[[str], Nginx]]:
        folder = tmp_path / f"house{len(ends)}"
        folder.mkdir()
        Behind.more, Behind.outer = server, free_port()
        house = Behind(folder, phones, people=1)
        ends.append(house.process.kill)
        house.start()

        def proxy(how: str) -> Nginx:
            place = tmp_path / f"nginx{len(ends)}"
            if how == "printed":
                text = print_nginx(load(folder / "alertsms.yaml").server)
                built = printed(place, text, house.outer)
            else:
                built = naive(place, house.port, how)
            ends.append(built.process.kill)
            built.start()
            return built

        return house, proxy

    yield begin
    for end in reversed(ends):
        end()


def fire(house: House, name: str = OWN, **headers: str) -> None:
    """An alert of this machine's own Alertmanager."""
    alert = {"status": "firing", "labels": {"alertname": name, "instance": "web-01"}}
    answer = requests.post(f"{house.url}/webhook", json={"alerts": [alert]}, headers=headers, timeout=10)
    assert answer.status_code == 202, answer.text


def texts(house: House, count: int) -> list[str]:
    """What phones got, once it is that many."""
    deadline = time.monotonic() + PATIENCE
    while len(house.phones.messages()) < count and time.monotonic() < deadline:
        time.sleep(0.1)
    return [sms.text for sms in house.phones.messages()]


def incidents(house: House) -> list[tuple[str, str]]:
    """Name and state of each."""
    with closing(sqlite3.connect(house.database)) as store:
        rows = store.execute("SELECT labels, state FROM incidents ORDER BY id").fetchall()
    return [(json.loads(labels)["alertname"], state) for labels, state in rows]


def stranger(proxy: Nginx) -> Iterator[tuple[str, str, Answer]]:
    """Everything that somebody tries who knows the source: each path, each way to write it, each way to seem near."""
    seeming = [{}, {"X_Forwarded_For": "127.0.0.1"}, {"host": "127.0.0.1"}, {"host": "localhost:9095"}]
    for rule, access in ACCESS.items():
        where = re.sub("<[^>]*>", "1", rule)
        for method in ("GET", "POST") if access is not PathAccess.SENDER else ("POST", "PUT"):
            for headers in seeming:
                yield rule, method, proxy.ask(where, method, BODY if method != "GET" else "", **headers)
    form = "act=resolve&by=person0"
    yield "/incidents/<int:number>", "POST", proxy.ask("/incidents/1", "POST", form, **FORM)
    for trick in TRICKS:
        for method in ("GET", "POST"):
            with suppress(ConnectionError):
                yield trick, method, proxy.ask(trick, method, "" if method == "GET" else "{}")


def test_a_stranger_behind_a_proxy_gets_nothing(begin, report, short):
    """Neither pages nor metrics, no reload, nothing resolved; nothing posted but what SECURITY.md says."""
    house, start = begin()
    fire(house)
    assert texts(house, 1)[0].startswith(f"CRITICAL {OWN}")
    for how in ("printed", *list(NAIVE)[: 2 if short else None]):
        began, before = time.monotonic(), incidents(house)
        posts, tries = visit(start(how))
        assert bool(posts) == (how in LETS_POST), how
        after = incidents(house)
        new = {name for name, _ in after[len(before) :]}
        assert new <= ({"Stranger", "WebhookRefused"} if how in LETS_POST else set()), how
        assert after[: len(before)] == before, how
        report.count(f"a stranger behind nginx: {how}, {tries} tries", posts, time.monotonic() - began)


def visit(proxy: Nginx) -> tuple[int, int]:
    """Try everything; how often something was posted, of how many tries. Nothing else may have been of use."""
    posts = tries = 0
    for rule, method, answer in stranger(proxy):
        tries += 1
        assert OWN not in answer.text, (rule, method)
        assert "alertsms_" not in answer.text, (rule, method)
        if answer.status == 202:
            assert rule in ("/webhook", "/webhook/<name>", "/alert"), (rule, method)
            posts += 1
        elif rule not in ("/-/healthy", "/-/ready", "/style.css"):
            assert answer.status in (303, 400, 401, 403, 404, 405, 413, 429), (rule, method, answer)
    return posts, tries


def test_by_the_printed_file_phones_senders_and_people_get_in(begin):
    """The link of an SMS opens and acknowledges, a sender with its secret pages, OVHcloud calls back, people log in."""
    house, start = begin(bearer_token=SECRET, login=LOGIN)
    proxy = start("printed")
    assert proxy.ask("/webhook", "POST", BODY).status == 401
    assert proxy.ask("/webhook", "POST", BODY.replace("Stranger", OWN), **LET_IN).status == 202
    (text,) = texts(house, 1)
    link = re.search(rf"https://{NAME}:{house.outer}(/a/\w+)", text)[1]
    press_button(house, proxy, link)
    assert incidents(house) == [(OWN, "acknowledged")]
    assert OWN in home(house, proxy)
    receipt = proxy.ask(f"/ovh/receipt/{house.secret(Purpose.RECEIPTS)}?id=1")
    assert (receipt.status, receipt.text) == (200, "ok\n")
    for path in ("/metrics", "/-/ready", "/-/healthy", "/api/v1/incidents", "/-/reload"):
        answer = proxy.ask(path, Authorization=f"Bearer {house.token}")
        assert (answer.status, "nginx" in answer.text) == (404, True), path  # its own, whatever is shown
    mistakes_are_heard_of(house, proxy)
    nobody_is_somebody_else(house, proxy)
    no_log_holds_a_link(house, proxy, link)


def press_button(house: Behind, proxy: Nginx, link: str) -> None:
    """As the browser of a phone does."""
    shown = proxy.ask(link)
    assert (shown.status, OWN in shown.text) == (200, True)
    assert proxy.ask("/style.css").status == 200
    token = re.search(r'name="token" value="([^"]+)"', shown.text)[1]
    form = FORM | {"Origin": f"https://{NAME}:{house.outer}"}
    assert proxy.ask(link, "POST", f"act=take&token={token}", **form).status == 303


def home(house: Behind, proxy: Nginx) -> str:
    """The page for people, to somebody who logs in."""
    assert proxy.ask("/").status == 303  # to the login
    form = FORM | {"Origin": f"https://{NAME}:{house.outer}"}
    welcome = proxy.ask("/login", "POST", "username=person0&password=wonder", **form)
    cookie = welcome.headers["Set-Cookie"]
    assert (welcome.status, cookie.startswith("__Host-alertsms=")) == (303, True)
    return proxy.ask("/", Cookie=cookie.partition(";")[0]).text


def mistakes_are_heard_of(house: Behind, proxy: Nginx) -> None:
    """A body that is too large, and a path beside the webhook's: nginx itself would refuse both in silence."""
    large = proxy.ask("/webhook", "POST", BODY + " " * 17 * 2**20, **LET_IN)
    assert (large.status, "at most 16777216 are taken" in large.text) == (413, True)
    assert proxy.ask("/webhooks", "POST", BODY, User_Agent="Alertmanager/0.28.0", **LET_IN).status == 404
    assert incidents(house)[1:] == [("WebhookRefused", "open")] * 2


def nobody_is_somebody_else(house: Behind, proxy: Nginx) -> None:
    """Wrong passwords are counted for the address that nginx saw."""
    lies = {"X_Forwarded_For": "192.0.2.66", "Forwarded": "for=192.0.2.67"}
    proxy.ask("/login", "POST", "username=a&password=b", **lies, **FORM)
    log = house.process.log.read_text(encoding="utf-8")
    assert "login refused" in log
    assert "192.0.2.6" not in log


def no_log_holds_a_link(house: Behind, proxy: Nginx, link: str) -> None:
    """Neither ours nor that of nginx, also when nobody is there to open it."""
    token = link.rpartition("/")[2]
    proxy.ask(link, "POST", "x" * 70_000, **FORM)
    requests.post(f"{house.url}/webhook{link}", data="x", headers=LET_IN, timeout=10)
    assert token not in house.process.log.read_text(encoding="utf-8")
    house.process.kill()
    assert (proxy.ask(link).status, proxy.ask("/webhook", "POST", BODY).status) == (502, 502)
    assert "Connection refused" in proxy.logs
    assert token not in proxy.logs
