"""`alertsms doctor` in each situation that keeps pages from somebody: named, with a fix that can be followed."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from alertsms.sandbox import Fault, FaultKind, Sandbox
from alertsms.sandbox.keys import AccessRule
from alertsms.store.engine import Store
from alertsms.store.opening import migrate
from tests.cli.house import serving, write
from tests.ovh.peer import Peer, http
from tests.support.ports import free_port

KEYS = "make new keys with `alertsms login`, write all three into the configuration and reload"
UNTIL_THEN = "until then write a validated one, or sender_for_response: true (a short number, French phones only)"
NOWHERE = "/proc"  # a folder in which nobody can make a file, root neither


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """What is wrong, and what `doctor` says of it: everything of its level, so that nothing else is to blame."""

    name: str
    about: str
    says: str
    fix: str
    fails: bool = True
    account: Callable[[Sandbox], object] = lambda _: None
    file: tuple[str, str] = ("", "")  # what stands in the configuration, and what instead
    more: str = ""  # a line of the configuration
    words: tuple[str, ...] = ()  # of the command
    during: Callable[[str], AbstractContextManager[object]] = serving


def rights(*granted: str) -> Callable[[Sandbox], None]:
    """Let the key have these rights and no others."""

    def take(box: Sandbox) -> None:
        rules = tuple(AccessRule(method=method, path=path) for method, path in (one.split(" ") for one in granted))
        box.keys.consumers["sandbox-consumer"].rules = rules

    return take


def all_but_sending(box: Sandbox) -> None:
    key = box.keys.consumers["sandbox-consumer"]
    key.rules = tuple(rule for rule in key.rules if rule.method != "POST")


def expired(box: Sandbox) -> None:
    box.keys.consumers["sandbox-consumer"].expires_at = time.time() - 1


@contextmanager
def refusing(file: str) -> Iterator[None]:
    """A channel whose owner has taken its access away."""
    peer = Peer(time=None)
    peer.answers(http(403, b"forbidden"))
    path = Path(file)
    path.write_text(path.read_text().replace("127.0.0.1:9/", f"127.0.0.1:{peer.port}/HIDDEN"))
    try:
        with serving(file):
            yield
    finally:
        peer.stop()


SITUATIONS = [
    Situation(
        name="wrong application key",
        file=("sandbox-key", "somebodys-key"),
        about="ovh keys",
        says="403 INVALID_KEY: This application key is invalid",
        fix=f"application_key is wrong, or of another region: {KEYS}",
    ),
    Situation(
        name="wrong application secret",
        file=("sandbox-secret", "somebodys-secret"),
        about="ovh keys",
        says="400 INVALID_SIGNATURE",
        fix="application_secret is not that of application_key: write the right one, without quotes or spaces",
    ),
    Situation(
        name="wrong consumer key",
        file=("sandbox-consumer", "somebodys-consumer"),
        about="ovh keys",
        says="403 NOT_CREDENTIAL",
        fix=f"consumer_key is wrong: {KEYS}",
    ),
    Situation(
        name="missing right",
        account=all_but_sending,
        about="ovh rights",
        says="the keys lack POST /sms/sms-xx00000-1/jobs",
        fix=f"rights cannot be added: {KEYS}",
    ),
    Situation(
        name="a right is missing without which pages leave",  # so it fails nothing
        account=rights("GET /*", "POST /*", "PUT /*"),
        fails=False,
        about="ovh rights",
        says="the keys lack DELETE /sms/sms-xx00000-1/blacklists/*: doctor --unblock does not work",
        fix=f"rights cannot be added: {KEYS}",
    ),
    Situation(
        name="dead credential",
        account=expired,
        about="ovh keys",
        says="403 INVALID_CREDENTIAL",
        fix=f"consumer_key expired, was withdrawn or never validated: {KEYS}; choose an unlimited validity",
    ),
    Situation(
        name="clock off",  # signatures go by OVHcloud's clock, so that SMS leave: it fails nothing
        account=lambda box: box.faults.add(Fault(kind=FaultKind.CLOCK_JUMP, seconds=300)),
        fails=False,
        about="ovh clock",
        says="this machine's clock is 5 min behind OVHcloud's",
        fix="set it, `timedatectl set-ntp true`: SMS leave all the same, but times in texts, intervals and the ends of"
        " signatures are wrong",
    ),
    Situation(
        name="unknown service, and keys for another one",
        file=("sms-xx00000-1", "sms-yy00000-9"),
        about="ovh account",
        says="the keys are for sms-xx00000-1, not for sms-yy00000-9",
        fix=f"service_name: write that one, or {KEYS}",
    ),
    Situation(
        name="unknown service, and keys for all",
        account=rights("GET /*", "POST /*", "PUT /*", "DELETE /*"),
        file=("sms-xx00000-1", "sms-yy00000-9"),
        about="ovh account",
        says="sms-yy00000-9 is no SMS account of these keys",
        fix="service_name: write sms-xx00000-1",
    ),
    Situation(
        name="no credits",
        account=lambda box: setattr(box.account, "credits", 0.0),
        about="ovh credits",
        says="0 left: no SMS leaves",
        fix="buy credits in the OVHcloud manager (Web Cloud, SMS), and let it top itself up (automatic recredit)",
    ),
    Situation(
        name="sender pending",
        account=lambda box: box.account.senders.update(ACME="waitingValidation"),
        about="ovh sender",
        says="ACME waits for OVHcloud's validation",
        fix="OVHcloud takes up to 72 hours, and may ask for documents in the OVHcloud manager (Web Cloud, SMS),"
        f" Senders; {UNTIL_THEN}",
    ),
    Situation(
        name="sender blocked by country",
        account=lambda box: box.account.senders.update(ALERT="enable"),
        file=("sender: ACME", "sender: ALERT"),
        about="ovh sender",
        says="ALERT may not reach alice (+33*******78): operators of France block or replace names",
        fix="write one that is yours, such as a company's",
    ),
    Situation(
        name="STOP",
        account=lambda box: box.account.receive("+33612345678", "STOP", "", 0.0),
        about="ovh STOP list",
        says="alice (+33*******78) answered STOP once: OVHcloud sends this phone nothing",
        fix="with that person's consent `alertsms doctor --unblock` takes the number off OVHcloud's list",
    ),
    Situation(
        name="server down",
        during=nullcontext,
        about="server",
        says="no alertsms answers at http://127.0.0.1:",
        fix="start `alertsms serve`, and look at its log if it does not stay",
    ),
    Situation(
        name="proxy without secret",
        file=("server: {", 'server: {external_url: "https://pager.example.org", '),
        about="webhooks",
        says=" by https://pager.example.org, and are answered 401: no secret is set",
        fix="set server.bearer_token, and give it to the senders",
    ),
    Situation(
        name="channel refused",
        words=("--tell",),
        during=refusing,
        about="channels",
        says="json of fallback took no test: Failed to send JSON POST notification: error=403.",
        fix="mend that URL, or what it leads to, and try again",
    ),
    Situation(
        name="Alertmanager unreachable",  # pages come by its webhook all the same: it fails nothing
        more='alertmanager: {urls: ["http://127.0.0.1:1"]}\n',
        fails=False,
        about="alertmanager",
        says="http://127.0.0.1:1 does not answer (ConnectionRefusedError",
        fix="start it, or correct alertmanager.urls: the address must answer to this machine, not only to somebody's"
        " browser; until then what it silences pages, and what ends unseen stays open",
    ),
]


@pytest.fixture
def file(tmp_path, sandbox) -> str:
    more = f'ping_url: {sandbox.url}/auth/time\nfallback: {{channels: "json://127.0.0.1:9/"}}\n'
    return write(tmp_path, endpoint=sandbox.url, port=free_port(), more=more)


def looked(run, file: str, *words: str) -> tuple[int, list[dict[str, str]]]:
    """How doctor ends, and what it finds."""
    result = run("doctor", "--config", file, "--json", *words)
    return result.exit_code, json.loads(result.stdout)["findings"]


def of(level: str, findings: list[dict[str, str]]) -> list[tuple[str, str]]:
    """What was found at one level. Nobody has answered a page yet, nor could by a name."""
    return [
        (one["about"], one["says"])
        for one in findings
        if one["level"] == level and one["about"] not in {"numbers", "answers"}
    ]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
def test_each_situation_is_named_with_its_fix(run, file, sandbox, situation):
    path = Path(file)
    path.write_text(path.read_text().replace(*situation.file) + situation.more)
    situation.account(sandbox.sandbox)
    with situation.during(file):
        code, findings = looked(run, file, *situation.words)
    assert code == situation.fails
    ((about, says),) = of("fail" if situation.fails else "warn", findings)
    assert about == situation.about
    assert situation.says in says
    assert [one["fix"] for one in findings if one["says"] == says] == [situation.fix]


def test_a_server_of_another_state_is_named_first_and_nothing_is_said_of_this_ones(run, file, monkeypatch, tmp_path):
    """Whoever mended what lies here would make a second store beside the one that pages."""
    path, state = Path(file), tmp_path / "state of the server"
    path.write_text("\n".join(path.read_text().splitlines()[1:]))
    state.mkdir()
    monkeypatch.setenv("ALERTSMS_STATE", str(state))
    with serving(file) as app:
        monkeypatch.setenv("ALERTSMS_STATE", f"{tmp_path}/not there")
        code, findings = looked(run, file)
        where = f"http://127.0.0.1:{app.config.server.port} uses the store {state}/alertsms.db"
        ((about, says),) = of("fail", findings)
        assert (code, about) == (1, "server")
        assert where in says
        assert not {"store", "key", "state", "numbers"} & {one["about"] for one in findings}
        (fix,) = [one["fix"] for one in findings if one["says"] == says]
        variable, _, value = fix.removeprefix("run this with its own file, and ").partition("=")
        monkeypatch.setenv(variable, value)
        assert looked(run, file)[0] == 0


def test_a_store_that_lies_elsewhere_is_named_with_the_move(run, file, monkeypatch, tmp_path):
    """An older version kept it in the folder in which it was started."""
    path, before = Path(file), tmp_path / "where it was started"
    path.write_text("\n".join(path.read_text().splitlines()[1:]))
    before.mkdir()
    monkeypatch.chdir(before)
    store = Store("sqlite:///alertsms.db")
    migrate(store)
    store.close()
    code, findings = looked(run, file)
    says, fix = next((one["says"], one["fix"]) for one in findings if one["about"] == "store")
    assert code == 1
    assert f"no store {tmp_path}/alertsms.db, but one of an older version at {before}/alertsms.db" in says
    subprocess.run(shlex.split(fix.split("`")[1]), check=True)
    with serving(file):
        assert looked(run, file)[0] == 0


def test_a_state_folder_that_cannot_be_written_takes_the_store_with_it(run, file, monkeypatch):
    path = Path(file)
    path.write_text("\n".join(path.read_text().splitlines()[1:]))
    monkeypatch.setenv("ALERTSMS_STATE", NOWHERE)
    code, findings = looked(run, file)
    assert code == 1
    (about, says), (other, _) = of("fail", findings)
    assert (about, other) == ("store", "server")
    assert says.startswith(f"{NOWHERE} cannot be written by this user: ")
    (fix,) = [one["fix"] for one in findings if one["says"] == says]
    assert fix == (
        "run this as the user that runs alertsms: sudo -u USER alertsms doctor …. If it was, give the place to that"
        f" user: chown USER {NOWHERE}, or write another store"
    )


def test_a_state_folder_that_cannot_be_written_beside_a_store_that_can_is_a_warning(run, file, monkeypatch):
    """Pages leave; but the next start has neither this key nor the last good file. Starting it again mends nothing."""
    with serving(file):
        pass
    monkeypatch.setenv("ALERTSMS_STATE", NOWHERE)
    with serving(file):
        code, findings = looked(run, file)
    assert code == 0
    (says, fix) = next((one["says"], one["fix"]) for one in findings if one["about"] == "state")
    assert says.startswith(f"nothing can be kept in {NOWHERE} (")
    assert fix == (
        "set ALERTSMS_STATE to a folder that the user who runs alertsms can write to, for the server and for this"
    )
    assert "start `alertsms serve`" not in " ".join(one["fix"] for one in findings)
