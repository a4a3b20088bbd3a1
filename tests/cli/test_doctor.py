"""`alertsms doctor` against the served sandbox: what somebody reads whose pager just failed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alertsms.machine.state import good_path
from alertsms.sandbox import Fault, FaultKind
from alertsms.store.answers import confirm
from alertsms.store.engine import Store
from tests.cli.house import serving, until, write
from tests.ovh.peer import Peer, http
from tests.support.alertmanager import FakeAlertmanager, served
from tests.support.ports import free_port

CHANNELS = 'fallback: {channels: "json://127.0.0.1:9"}\n'


@pytest.fixture
def file(tmp_path, sandbox) -> str:
    return write(
        tmp_path, endpoint=sandbox.url, port=free_port(), more=f"ping_url: {sandbox.url}/auth/time\n" + CHANNELS
    )


@pytest.fixture
def peer():
    made = Peer(time=None)
    yield made
    made.stop()


def lines(result) -> list[str]:
    return result.stdout.splitlines()


def test_a_house_that_is_well(run, file, sandbox):
    with serving(file) as app:
        app.store.transact(lambda tx: confirm(tx, "+33612345678", "alice", app.context.clock()))
        result = run("doctor", "--config", file)
    host, port = sandbox.url.split("/")[2], app.config.server.port
    assert lines(result) == [
        f"ok    configuration: {file} is right",
        "warn  answers: nobody can answer from a phone",
        "      -> set server.external_url, or virtual_number",
        "ok    channels: json configured; --tell posts a test to each",
        f"ok    store: {Path(file).parent}/alertsms.db is writable",
        "ok    key: the alertsms command and the server have the same one",
        f"ok    last good file: it is kept as {good_path(app.config.store, file)}",
        f"ok    webhooks: 127.0.0.1:{port} is reached from this machine only",
        f"ok    server: the one at http://127.0.0.1:{port} takes alerts and sends",
        f"ok    ovh reach: {host} answers",
        "ok    ovh clock: this machine's clock agrees with OVHcloud's",
        "ok    ovh keys: they work, and have no end",
        "ok    ovh rights: the keys have every right that alertsms uses",
        "ok    ovh account: sms-xx00000-1 is enabled",
        "ok    ovh credits: 1000 left",
        "ok    ovh receipts: they are polled; with server.external_url OVHcloud could call them back",
        "ok    ovh sender: ACME is validated",
        "ok    ovh STOP list: nobody who can be paged is on it",
        "ok    numbers: each was confirmed by whoever has the phone",
        "Nothing fails; 1 of 18 could be better.",
    ]
    assert result.exit_code == 0
    assert sandbox.sandbox.accepted == []


def test_a_folder_that_others_may_write_to_is_a_warning(run, file, tmp_path):
    tmp_path.chmod(0o777)
    result = run("doctor", "--config", file)
    found = lines(result).index(
        f"warn  key: every user of this machine may write to {tmp_path}, and so put a key of theirs there"
    )
    assert lines(result)[found + 1] == f"      -> `chmod o-w {tmp_path}`"


def test_a_number_that_nobody_confirmed_is_a_warning(run, file):
    with serving(file):
        result = run("doctor", "--config", file)
    assert result.exit_code == 0
    assert lines(result)[-3:] == [
        "warn  numbers: nobody has confirmed alice (+33*******78) for ACME",
        "      -> `alertsms send NAME --confirm` asks; any answer of theirs confirms a number too",
        "Nothing fails; 2 of 18 could be better.",
    ]


def test_a_trouble_ends_with_1_and_names_its_fix_on_the_next_line(run, file, sandbox):
    sandbox.sandbox.account.credits = 0.0
    result = run("doctor", "--config", file)
    assert result.exit_code == 1
    at = lines(result).index("FAIL  ovh credits: 0 left: no SMS leaves")
    fix = "buy credits in the OVHcloud manager (Web Cloud, SMS), and let it top itself up (automatic recredit)"
    assert lines(result)[at + 1] == f"      -> {fix}"
    assert lines(result)[-1] == ("2 of 15 FAIL. Start with the first: what follows may come of it.")


def test_a_server_that_does_not_run_fails_and_so_does_what_runs_in_its_place(run, file, sandbox, tmp_path):
    result = run("doctor", "--config", file)
    assert result.exit_code == 1
    assert "      -> start `alertsms serve`, and look at its log if it does not stay" in lines(result)
    assert lines(result)[-1] == "1 of 15 FAIL. Start with the first: what follows may come of it."
    other = write(tmp_path, endpoint=sandbox.url, port=sandbox.port, more=CHANNELS)
    result = run("doctor", "--config", other)
    assert f"FAIL  server: what answers at http://127.0.0.1:{sandbox.port} is no alertsms" in lines(result)
    assert result.exit_code == 1


def test_a_server_that_is_not_ready_says_why(run, file):
    with serving(file) as app:
        app.watch.readiness.stopping = True
        result = run("doctor", "--config", file)
        app.watch.readiness.stopping = False
    port = app.config.server.port
    assert f"FAIL  server: the one at http://127.0.0.1:{port} is not ready: it is stopping" in lines(result)


def test_what_is_wrong_outside_is_a_warning_with_its_fix(run, file):
    with serving(file) as app:
        app.context.config.refused = "the last reload was refused (a mistake): the configuration before it is in force"
        result = run("doctor", "--config", file)
    where = f"the one at http://127.0.0.1:{app.config.server.port}"
    at = lines(result).index(f"ok    server: {where} takes alerts and sends")
    assert lines(result)[at + 1 : at + 3] == [
        f"warn  server: {where} says: {app.context.config.refused}",
        "      -> `alertsms check FILE` names every mistake; mend them and reload",
    ]


def test_a_store_with_two_names_is_not_opened(run, file, tmp_path):
    Store(f"sqlite:///{tmp_path}/alertsms.db").close()
    (tmp_path / "second.db").hardlink_to(tmp_path / "alertsms.db")
    result = run("doctor", "--config", file)
    assert f"FAIL  store: {tmp_path}/alertsms.db has 2 names (hard links), and is not opened" in lines(result)


def test_every_mistake_of_the_file_has_its_fix(run, tmp_path):
    file = Path(write(tmp_path, more="retention: 1h\nteam: {}\n"))
    result = run("doctor", "--config", str(file))
    assert result.exit_code == 1
    assert lines(result) == [
        f'FAIL  configuration: {file} line 13, retention: "1h" is out of bounds',
        "      -> write 1d to 10y",
        f'FAIL  configuration: {file} line 14, team: "team" is no key here',
        "      -> write teams",
        "2 of 2 FAIL. Start with the first: what follows may come of it.",
    ]


def test_a_warning_beside_a_mistake_is_a_warning(run, tmp_path):
    file = Path(write(tmp_path, more="team: {}\n"))
    file.write_text(file.read_text().replace("server: {", 'server: {external_url: "http://pager.example.org", '))
    said = [one.partition(": ")[0] for one in lines(run("doctor", "-c", str(file))) if " configuration" in one]
    assert sorted(set(said)) == ["FAIL  configuration", "warn  configuration"]


def test_what_is_missing_from_the_whole_file_is_named_without_a_place_in_it(run, tmp_path):
    file = write(tmp_path)
    assert (
        "warn  configuration: line 1: nobody is told when SMS fail,"
        ' write fallback: {channels: ["mailto://user:password@example.org"]}'
    ) in lines(run("doctor", "-c", file))


def test_the_test_of_a_persons_own_channel_says_what_that_gets(run, tmp_path, peer):
    also = f'{{phone: "+33612345678", also: ["json://127.0.0.1:{peer.port}/HIDDEN"]}}'
    file = Path(write(tmp_path))
    file.write_text(file.read_text().replace('alice: "+33612345678"', f"alice: {also}"))
    peer.answers(http(200, {}))
    assert "ok    channels: json of people.alice took a test" in lines(run("doctor", "-c", str(file), "--tell"))
    assert json.loads(peer.last.body)["message"] == (
        "Somebody ran `alertsms doctor --tell`: this channel gets every page of alice."
    )


def test_a_store_without_a_folder(run, file, tmp_path):
    path = Path(file)
    path.write_text(path.read_text().replace(f"{tmp_path}/alertsms.db", f"{tmp_path}/away/alertsms.db"))
    result = run("doctor", "--config", file)
    at = lines(result).index(f"FAIL  store: the folder {tmp_path}/away is not there")
    assert lines(result)[at + 1] == f"      -> mkdir -p {tmp_path}/away, and give it to the user that runs alertsms"


def test_a_store_that_is_no_database(run, file, tmp_path):
    (tmp_path / "alertsms.db").write_bytes(b"no database at all" * 100)
    result = run("doctor", "--config", file)
    assert f"FAIL  store: {tmp_path}/alertsms.db cannot be read: file is not a database" in lines(result)


def test_a_postgresql_that_does_not_answer_is_named_without_its_password(run, file):
    path = Path(file)
    path.write_text(
        "\n".join(
            ["store: postgresql+psycopg://alertsms:HIDDEN@127.0.0.1:1/alertsms", *path.read_text().splitlines()[1:]]
        )
    )
    result = run("doctor", "--config", file)
    at = next(index for index, line in enumerate(lines(result)) if line.startswith("FAIL  store: "))
    assert "Connection refused" in lines(result)[at]
    assert lines(result)[at + 1] == "      -> start PostgreSQL, and check host, user and password of `store`"
    assert "HIDDEN" not in result.output


def test_programs_read_json(run, file, sandbox):
    sandbox.sandbox.account.senders["ACME"] = "waitingValidation"
    result = run("doctor", "--config", file, "--json")
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert said["ok"] is False
    (sender,) = [one for one in said["findings"] if one["about"] == "ovh sender"]
    assert (sender["level"], sender["says"]) == ("fail", "ACME waits for OVHcloud's validation")
    assert "sender_for_response: true" in sender["fix"]


def test_unblock_takes_our_people_off_the_list_and_nobody_else(run, file, sandbox):
    for number in ("+33612345678", "+33799999999"):
        sandbox.sandbox.account.receive(number, "STOP", "", 0.0)
    with serving(file):
        assert run("doctor", "--config", file).exit_code == 1
        result = run("doctor", "--config", file, "--unblock")
    assert "ok    ovh STOP list: alice (+33*******78) was taken off it" in lines(result)
    assert result.exit_code == 0
    assert list(sandbox.sandbox.account.blacklist) == ["+33799999999"]


def test_unblock_without_the_right_to_says_so(run, file, sandbox):
    keys = sandbox.sandbox.keys
    mine = keys.consumers["sandbox-consumer"]
    mine.rules = tuple(rule for rule in mine.rules if rule.method != "DELETE")
    sandbox.sandbox.account.receive("+33612345678", "STOP", "", 0.0)
    result = run("doctor", "--config", file, "--unblock")
    assert result.exit_code == 1
    assert "FAIL  ovh STOP list: blacklist_delete: 403 NOT_GRANTED_CALL" in result.stdout


def test_it_shows_no_secret(run, file, sandbox):
    sandbox.sandbox.keys.consumers.clear()
    shown = run("doctor", "--config", file).output + run("doctor", "--config", file, "--json").output
    for secret in ("sandbox-key", "sandbox-secret", "sandbox-consumer", "33612345678"):
        assert secret not in shown


def test_what_check_warns_of_is_there_too(run, file):
    path = Path(file)
    idle = 'time_intervals: [{name: nights, time_intervals: [{times: [{start_time: "22:00", end_time: "24:00"}]}]}]'
    path.write_text(f"{path.read_text()}{idle}\n")
    line = path.read_text().splitlines().index(idle) + 1
    said = lines(run("doctor", "-c", file))
    assert any(each.startswith(f"warn  configuration: line {line}, time_intervals") for each in said), said


def test_the_standby_is_looked_over_like_the_first(run, file, sandbox):
    path = Path(file)
    standby = (
        f"  standby: {{endpoint: {sandbox.url}, application_key: sandbox-key, application_secret: sandbox-secret,"
        " consumer_key: other, service_name: sms-yy00000-1, sender: ACME}\n"
    )
    path.write_text(path.read_text().replace("people:", standby + "people:"))
    result = run("doctor", "--config", file)
    assert result.exit_code == 1
    assert "ok    ovh sender: ACME is validated" in lines(result)
    assert [one.partition(" answers ")[0] for one in lines(result) if one.startswith("FAIL")][1:] == [
        f"FAIL  ovh.standby keys: {sandbox.url.split('/')[2]}"
    ]


def test_tell_posts_a_test_to_each_channel_and_names_those_that_fail(run, file, sandbox, peer):
    """The URL is a secret: only its scheme is shown."""
    path = Path(file)
    mine = f'"json://127.0.0.1:{peer.port}/HIDDEN"'
    path.write_text(
        path.read_text().replace(CHANNELS, f'fallback: {{channels: [{mine}, "json://127.0.0.1:9/HIDDEN"]}}\n')
    )
    peer.answers(http(200, {}))
    result = run("doctor", "--config", file, "--tell")
    assert result.exit_code == 1
    assert "ok    channels: json of fallback took a test" in lines(result)
    assert "FAIL  channels: json of fallback took no test: " in result.stdout
    assert "      -> mend that URL, or what it leads to, and try again" in lines(result)
    assert json.loads(peer.last.body)["message"] == (
        "Somebody ran `alertsms doctor --tell`: this channel is told when SMS fail."
    )
    assert "HIDDEN" not in result.output


def test_alertmanagers_are_asked_too_and_one_that_is_down_fails_nothing(run, file):
    with served(FakeAlertmanager(lambda: datetime.now(UTC))) as url:
        path = Path(file)
        path.write_text(f'{path.read_text()}alertmanager: {{urls: ["{url}", "http://127.0.0.1:1"]}}\n')
        with serving(file):
            result = run("doctor", "--config", file)
    assert result.exit_code == 0
    at = lines(result).index(f"ok    alertmanager: {url} answers: version 0.34.0, up for 30 d, alone, 0 alerts")
    assert lines(result)[at + 1].startswith("warn  alertmanager: http://127.0.0.1:1 does not answer (ConnectionRefused")
    assert lines(result)[at + 2].startswith("      -> start it, or correct alertmanager.urls: ")


def reached(file: str) -> str:
    """The same configuration with an address from outside."""
    path = Path(file)
    more = 'server: {external_url: "https://pager.example.org", bearer_token: let-me-in, '
    path.write_text(path.read_text().replace("server: {", more))
    return file


def test_an_address_for_others_without_a_secret_fails(run, file):
    """And the server says what else is wrong to whoever may read its store, although others may reach it."""
    reached(file)
    Path(file).write_text(Path(file).read_text().replace("bearer_token: let-me-in, ", ""))
    with serving(file):
        result = run("doctor", "--config", file)
    assert result.exit_code == 1
    assert any(
        line.startswith("FAIL  webhooks: others reach 127.0.0.1:")
        and line.endswith(" by https://pager.example.org, and are answered 401: no secret is set")
        for line in lines(result)
    )
    assert any(" says: server.external_url lets others reach it" in line for line in lines(result))


def test_set_callback_tells_ovhcloud_where_this_server_is(run, file, sandbox):
    with serving(reached(file)) as app:
        secret = app.keys.receipt_secret
        before = lines(run("doctor", "--config", file))
        assert any(line.startswith("warn  ovh receipts: OVHcloud calls none back") for line in before)
        result = run("doctor", "--config", file, "--set-callback")
    assert result.exit_code == 0
    assert "ok    ovh receipts: OVHcloud was told where to call them back" in lines(result)
    assert "ok    ovh receipts: OVHcloud calls them back at https://pager.example.org/…" in lines(result)
    assert sandbox.sandbox.account.settings["callBack"] == f"https://pager.example.org/ovh/receipt/{secret}"
    assert secret not in result.output


@pytest.mark.parametrize("outside", [True, False], ids=["no secret yet", "no address"])
def test_without_an_address_no_callback_can_be_set(run, file, outside):
    result = run("doctor", "--config", reached(file) if outside else file, "--set-callback")
    assert result.exit_code == 1
    at = lines(result).index("FAIL  ovh receipts: there is no address to be called back at")
    assert lines(result)[at + 1] == (
        "      -> set server.external_url, and start `alertsms serve` once: it makes the key of which the address is"
        " made"
    )


def test_a_sender_that_operators_drop_was_told_before_nobody_saw_a_page(run, file, sandbox):
    """OVHcloud validated the name, takes the SMS and says delivered: `check` and `doctor` are all that says so."""
    sandbox.sandbox.account.senders["ALERT"] = "enable"
    path = Path(file)
    path.write_text(path.read_text().replace("sender: ACME", "sender: ALERT"))
    said = "may not reach alice (+33*******78): operators of France block or replace names that anybody could have"
    checked, looked = run("check", "--strict", file), run("doctor", "--config", file)
    assert (checked.exit_code, looked.exit_code) == (1, 1)
    assert f'"ALERT" {said}' in checked.stdout
    assert f"FAIL  ovh sender: ALERT {said}" in looked.stdout
    sandbox.sandbox.faults.add(Fault(kind=FaultKind.BLOCKED, sender="ALERT", receiver="+33"))
    with serving(file):
        run("send", "alice", "--config", file)
    (sent,) = sandbox.sandbox.accepted
    assert not sent.shown
    assert sent.receipt(sent.at + 60).delivery.name == "DELIVERED"


@pytest.mark.parametrize(
    ("sender", "said"),
    [
        ("sender_for_response: true", "ok    phones: 2 SMS are on the way to alice: see that it rings"),
        ("sender: ACME", "warn  phones: an SMS is on the way to alice: see that it rings; 1 more were not tried"),
    ],
)
def test_tell_with_a_name_tries_each_way_of_that_person(run, file, sandbox, peer, sender, said):
    path = Path(file)
    also = f'{{phones: ["+33612345678", "+33756789012"], also: ["json://127.0.0.1:{peer.port}/HIDDEN"]}}'
    path.write_text(path.read_text().replace('alice: "+33612345678"', f"alice: {also}").replace("sender: ACME", sender))
    peer.answers(http(200, {}))
    with serving(file):
        shown = lines(run("doctor", "--config", file, "--tell", "alice"))
        assert said in shown
        until(lambda: len(sandbox.sandbox.accepted) == (2 if said.startswith("ok") else 1))
    assert "ok    channels: json of people.alice took a test" in shown
    assert not any("json of fallback" in line for line in shown)


def test_tell_with_a_name_that_is_none_or_without_a_server_fails(run, file):
    assert "      -> write one of alice" in lines(run("doctor", "--config", file, "--tell", "bob"))
    said = lines(run("doctor", "--config", file, "--tell", "alice"))
    assert any(line.startswith("FAIL  phones: no test SMS to alice: no alertsms answers at ") for line in said)
