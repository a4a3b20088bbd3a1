"""`alertsms render`: the same texts as the server's, with what they take, and nothing sent."""

from __future__ import annotations

import json

import pytest

from tests.cli.test_offline import FILE, NIGHT, ROTA, WORK


@pytest.fixture
def file(tmp_path) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(FILE)
    return str(path)


def alert(name: str, status: str = "firing", summary: str = "", **labels: str) -> dict[str, object]:
    return {"status": status, "labels": {"alertname": name, **labels}, "annotations": {"summary": summary}}


def body(*alerts: object) -> str:
    return json.dumps({"version": "4", "status": "firing", "receiver": "sms", "alerts": alerts})


def test_each_sms_is_shown_with_what_it_takes(run, file, tmp_path):
    posted = tmp_path / "body.json"
    posted.write_text(
        body(
            alert("DiskFull", instance="db-01", severity="critical", summary="/var is 97% full"),
            alert("Lag", instance="db-02", service="postgres", severity="warning", summary="延迟"),
        )
    )
    result = run("render", file, str(posted), "--at", WORK)
    assert result.exit_code == 0
    assert (
        result.stdout
        == """\
alice +33*******78, GSM-7, 44 of 160 septets, 1 segment:
  CRITICAL DiskFull db-01: /var is 97% full #1

bob +33*******32, UCS-2, 24 of 70 units, 1 segment:
  WARNING Lag db-02: 延迟 #2

alice +33*******78, UCS-2, 24 of 70 units, 1 segment:
  WARNING Lag db-02: 延迟 #2

3 SMS for 2 alerts.
"""
    )


def rendered(run, file, text: str, *words: str) -> dict[str, object]:
    result = run("render", file, "-", "--json", *words, input=text)
    assert result.exit_code == 0
    return json.loads(result.stdout)


def test_the_same_alert_twice_is_one_and_a_person_in_two_teams_hears_once(run, file):
    twice = alert("Lag", service="postgres")
    said = rendered(run, file, body(twice, twice), "--at", WORK)
    assert [(each["person"], each["team"], each["incident"]) for each in said["messages"]] == [
        ("bob", "db", 1),
        ("alice", "db", 1),
    ]


def test_what_causes_no_sms_is_counted(run, file):
    sent = body(
        alert("Lag", service="postgres"),
        alert("Note", severity="info"),
        alert("Watchdog"),
        alert("Gone", status="resolved"),
        {"status": "firing", "labels": {}, "annotations": {"summary": "lost"}},
    )
    said = rendered(run, file, sent, "--at", NIGHT)
    assert [each["text"] for each in said.pop("messages")] == [
        "CRITICAL Lag postgres #1",
        "ALERT SKIPPED from alertmanager, no labels: lost #4",
    ]
    assert said == {
        "alerts": 4,
        "muted": 1,
        "recorded": 1,
        "resting": 1,
        "heartbeat": 0,
        "resolved": 1,
        "skipped": 1,
        "truncated": 0,
    }
    plain = run("render", file, "-", "--at", NIGHT, input=sent).stdout
    assert "2 SMS for 4 alerts (1 muted, 1 recorded, 1 resting, 1 resolved, 1 skipped)." in plain


def test_what_refreshes_a_heartbeat_is_counted_and_pages_nobody(run, tmp_path):
    path = tmp_path / "beats.yaml"
    path.write_text(FILE + "heartbeats: [{name: a, matchers: [alertname=Watchdog], every: 1m, grace: 4m}]\n")
    said = run("render", str(path), "-", input=body(alert("Watchdog")))
    assert said.stdout == "0 SMS for 1 alert (1 heartbeat).\n"


def test_one_alert_is_not_spoken_of_as_several(run, file):
    assert run("render", file, "-", input=body(alert("Disk"))).stdout.endswith("\n\n1 SMS for 1 alert.\n")


def test_whole_numbers_only_when_asked(run, file):
    text = body(alert("Disk"))
    assert rendered(run, file, text)["messages"][0]["receivers"] == ["+33*******78"]
    assert rendered(run, file, text, "--show-numbers")["messages"][0]["receivers"] == ["+33612345678"]


def test_a_program_is_told_septets_of_gsm7_and_units_of_ucs2(run, file):
    said = rendered(run, file, body(alert("DiskFull [x]"), alert("延迟")))["messages"]
    assert [(each["encoding"], each.get("septets"), each.get("units"), each["segments"]) for each in said] == [
        ("GSM-7", 26, None, 1),
        ("UCS-2", None, 14, 1),
    ]


def test_a_template_that_fails_is_told_beside_the_text_that_would_go_out(run, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(FILE.replace("ops: {page: [alice]}", "ops: {page: [alice], template: '{{ 1 // 0 }}'}"))
    result = run("render", str(path), "-", input=body(alert("Disk")))
    assert "CRITICAL Disk" in result.stdout
    assert "(the team's template was not used: " in result.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "a server answers 422 to this body: This is no alert body"),
        ("{", "a server answers 400 to this body: The body is not JSON"),
    ],
)
def test_a_body_that_a_server_refuses_is_refused_here(run, file, text, said):
    result = run("render", file, "-", input=text)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "  WEBHOOK REFUSED 4" in result.stdout


def test_what_a_refused_body_causes_is_shown(run, file):
    broken = '{"alerts": [{"labels": {"alertname": "Memory"}, "annotations": {"summary": "volume "data" is full"}}]}'
    result = run("render", file, "-", "--at", WORK, input=broken)
    assert (result.exit_code, result.stdout) == (
        1,
        """\
alice +33*******78, GSM-7, 69 of 160 septets, 1 segment:
  WEBHOOK REFUSED 400 from its sender: Memory: volume "data" is full #1

""",
    )
    said = json.loads(run("render", file, "-", "--json", input=broken).stdout)
    assert (said["refused"], len(said["messages"])) == (400, 1)


def test_a_body_that_is_not_there_is_a_mistake_of_writing(run, file):
    result = run("render", file, "nowhere.json")
    assert result.exit_code == 2
    assert "nowhere.json cannot be read: No such file or directory" in result.stderr


def test_a_short_numbers_texts_are_shown_without_links(run, file, tmp_path):
    from pathlib import Path

    short = Path(file).read_text().replace("sender: ACME", "sender_for_response: true")
    assert "sender_for_response" in short
    Path(file).write_text(short)
    said = rendered(run, file, body(alert("Lag", service="postgres", summary="see https://wiki.example.org/lag")))
    assert {each["text"] for each in said["messages"]} == {"CRITICAL Lag postgres: see #1"}


def test_a_step_in_which_nobody_is_on_call_is_passed_over(run, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(ROTA.replace("2026-", "2020-"))
    receivers = [
        one["person"] for one in rendered(run, str(path), body(alert("HighCPU"), {"status": "firing"}))["messages"]
    ]
    assert receivers == ["alice", "bob"] * 2  # the alert, and the one without labels
