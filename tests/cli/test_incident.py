"""`alertsms why` and `alertsms log` beside a running server, after it, and without one."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import requests

from alertsms.cli.terminal import own_url
from alertsms.store.schema import event_table
from tests.cli.house import serving, until, write
from tests.support.ports import free_port

BODY = {"alerts": [{"status": "firing", "labels": {"alertname": "HighCPU", "instance": "web-01"}}]}


@pytest.fixture
def served(tmp_path, sandbox, logging_kept):
    """A server that paged alice, and its configuration."""
    port = free_port()
    file = write(tmp_path, endpoint=sandbox.url, port=port, more="time_zone: Europe/Paris\n")
    with serving(file) as app:
        requests.post(f"{own_url('127.0.0.1', port)}/webhook", json=BODY, timeout=10).raise_for_status()
        until(
            lambda: app.store.read(
                lambda tx: [row for row in tx.execute(event_table.select()) if row.kind == "attempt"]
            )
        )
        yield file


def test_why_and_log_read_the_store_while_the_server_runs(run, served):
    shown = run("why", "42", "--config", served)
    assert (shown.exit_code, shown.stderr) == (
        1,
        "Error: there is no #42: the newest incident is #1. `alertsms log` lists the latest.\n",
    )
    story = run("why", "#1", "--config", served)
    assert story.exit_code == 0
    assert story.stdout.startswith("#1 CRITICAL HighCPU web-01\n  fires since ")
    assert "paged, it is new: alice (team ops, root route)\n" in story.stdout
    assert story.stdout.endswith("All times are Europe/Paris.\n")
    assert run("why", "1", "--zone", "UTC", "--config", served).stdout.endswith("All times are UTC.\n")
    line = run("log", "--config", served).stdout.splitlines()[0]
    assert line.startswith("#1 ")
    assert "  ops: CRITICAL HighCPU web-01; alice " in line


def test_programs_get_json(run, served):
    story = json.loads(run("why", "1", "--json", "-c", served).stdout)
    assert (story["id"], story["state"], story["pages"][0]["message"]["number"]) == (1, "open", "+33*******78")
    assert [event["reason"] for event in story["events"]] == ["firing", "accepted"]
    assert datetime.fromisoformat(story["opened_at"]).tzinfo == UTC
    assert json.loads(run("log", "--json", "-c", served).stdout) == [story]


def test_a_file_with_a_mistake_still_leads_to_its_store(run, served):
    with open(served, "a") as file:
        file.write("nonsense: 1\n")
    assert run("why", "1", "--config", served).stdout.endswith("All times are UTC.\n")


def test_a_store_that_nobody_has_used_and_a_file_that_is_not_there(run, tmp_path):
    file = write(tmp_path)
    assert run("log", "--config", file).stderr == (
        f"Error: store: there is no {tmp_path}/alertsms.db yet: start `alertsms serve`\n"
    )
    missing = run("why", "1", "--config", f"{tmp_path}/none.yaml")
    assert (missing.exit_code, missing.stderr) == (1, f"{tmp_path}/none.yaml: there is no such file.\n")


def test_a_store_without_an_incident(run, tmp_path):
    file = write(tmp_path)
    run("db", "upgrade", "--config", file)
    assert run("log", "--config", file).stdout.startswith("No alert has opened an incident yet.\n")
    assert run("why", "1", "--config", file).stderr == "Error: there is no #1: no alert has opened an incident yet.\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("why", "web-01"), '"web-01" is no number of an incident, write 42 for #42'),
        (("why", "1", "--zone", "Paris"), '"Paris" is no time zone, write for example Europe/Paris or UTC'),
        (("log", "--last", "0"), "0 is not in the range"),
    ],
)
def test_what_was_written_wrong_is_named(run, tmp_path, words, why):
    shown = run(*words, "--config", write(tmp_path))
    assert shown.exit_code == 2
    assert why in shown.stderr
