"""`alertsms on-call`: what somebody looks at before a holiday, and at night."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.routing.roster import Pause
from alertsms.store import pauses
from alertsms.store.engine import Store
from alertsms.store.opening import migrate

FILE = """\
ovh: {service_name: sms-xx00000-1, sender: ACME}
people: {alice: "+33612345678", bob: "+33698765432", carol: {phone: "+33756789012", email: carol@example.org}}
schedules:
  primary:
    time_zone: Europe/Paris
    rotations: [{people: [alice, bob], every: 1w, from: "2026-01-05 09:00"}]
    overrides: [{person: carol, from: "2026-03-28 09:00", to: "2026-03-29 09:00"}]
  office:
    time_zone: America/New_York
    rotations:
      - people: carol
        from: "2026-01-05 00:00"
        to: "2026-03-19 09:00"
        during: {weekdays: ["monday:friday"], times: [{start_time: "09:00", end_time: "18:00"}]}
teams:
  ops: {steps: [{page: primary}, {page: [primary, bob]}]}
  day: {page: office}
  quiet: {record_only: true}
route: {team: ops, routes: [{matchers: [team=day], team: day}, {matchers: [severity=info], team: quiet}]}
fallback: {channels: "json://127.0.0.1:9"}
"""
TUESDAY = "2026-03-17T12:00"  # in UTC


@pytest.fixture
def told(run, tmp_path):
    """What the command prints."""
    path = tmp_path / "config.yaml"
    path.write_text(FILE)
    return lambda *words: run("on-call", "--config", str(path), "--at", TUESDAY, *words)


def test_a_calendar_says_who_is_on_call_and_shouts_about_gaps(told):
    assert (
        told("--weeks", "2").stdout
        == """\
primary: alice until Mon 23 Mar 09:00, then bob (times of Europe/Paris)
  week 12, Mon 16 Mar 2026
    Tue 17 Mar 13:00  alice
  week 13, Mon 23 Mar 2026
    still             alice
    Mon 23 Mar 09:00  bob
    Sat 28 Mar 09:00  carol
    Sun 29 Mar 09:00  bob
  week 14, Mon 30 Mar 2026
    still             bob
    Mon 30 Mar 09:00  alice

office: !!! NOBODY !!! until Tue 17 Mar 09:00, then carol (times of America/New_York)
!!! NOBODY !!! is on call 3 times in these weeks
  week 12, Mon 16 Mar 2026
    Tue 17 Mar 08:00  !!! NOBODY !!! for 1 h, until Tue 17 Mar 09:00
    Tue 17 Mar 09:00  carol
    Tue 17 Mar 18:00  !!! NOBODY !!! for 15 h, until Wed 18 Mar 09:00
    Wed 18 Mar 09:00  carol
    Wed 18 Mar 18:00  !!! NOBODY !!! to the end of these weeks
  week 13, Mon 23 Mar 2026
    still             !!! NOBODY !!! to the end of these weeks
  week 14, Mon 30 Mar 2026
    still             !!! NOBODY !!! to the end of these weeks

teams:
  ops: alice; then alice, bob
  day: !!! NOBODY !!!
  quiet: records only
"""
    )


def test_one_schedule_alone(told):
    assert (
        told("primary", "--weeks", "1").stdout
        == """\
primary: alice until Mon 23 Mar 09:00, then bob (times of Europe/Paris)
  week 12, Mon 16 Mar 2026
    Tue 17 Mar 13:00  alice
  week 13, Mon 23 Mar 2026
    still             alice
    Mon 23 Mar 09:00  bob
"""
    )


def test_a_schedule_that_is_over_says_so(told):
    assert told("office", "--at", "2026-04-01", "--weeks", "1").stdout.splitlines()[0] == (
        "office: !!! NOBODY !!!, and no hand-off in sight (times of America/New_York)"
    )


def test_a_schedule_that_is_not_there_is_named_with_those_that_are(told):
    refused = told("primray")
    assert refused.exit_code == 2
    assert '"primray" is no schedule of the configuration, which has: office, primary' in refused.stderr


def test_programs_get_json(told):
    assert json.loads(told("primary", "--weeks", "1", "--json").stdout) == {
        "at": "2026-03-17T12:00:00+00:00",
        "schedules": [
            {
                "name": "primary",
                "time_zone": "Europe/Paris",
                "people": ["alice"],
                "since": "2026-03-16T09:00:00+01:00",
                "until": "2026-03-23T09:00:00+01:00",
                "next": ["bob"],
                "shifts": [
                    {"from": "2026-03-17T13:00:00+01:00", "to": "2026-03-23T09:00:00+01:00", "people": ["alice"]},
                    {"from": "2026-03-23T09:00:00+01:00", "to": "2026-03-24T13:00:00+01:00", "people": ["bob"]},
                ],
            }
        ],
        "teams": [],
        "pauses": [],
    }


def test_what_is_paused_stands_above_everything_until_it_ends(told, tmp_path):
    """As a server has written it into the store, which this reads beside it."""
    url = f"sqlite:///{tmp_path}/alertsms.db"
    file = tmp_path / "config.yaml"
    file.write_text(f"store: {url}\n{FILE}")
    begins = datetime(2026, 3, 17, 11, tzinfo=UTC)
    ops = Pause(team="ops", begins_at=begins, ends_at=begins + timedelta(hours=2), by="alice", reason="cables")
    store = Store(url)
    migrate(store)
    store.transact(lambda tx: pauses.begin(tx, [ops, replace(ops, team="")], begins))
    store.close()
    assert told("--weeks", "1").stdout.splitlines()[:4] == [
        "!!! every team is paused until Tue 17 Mar 13:00 by alice: cables (UTC). `alertsms resume --all` ends it.",
        "!!! ops is paused until Tue 17 Mar 13:00 by alice: cables (UTC). `alertsms resume --team ops` ends it.",
        "",
        "primary: alice until Mon 23 Mar 09:00, then bob (times of Europe/Paris)",
    ]
    assert [one["team"] for one in json.loads(told("--json").stdout)["pauses"]] == ["", "ops"]
    assert "paused" not in told("--at", "2026-03-17T13:00").stdout
    assert told("--ics").stdout.startswith("BEGIN:VCALENDAR")


def test_a_database_that_does_not_answer_keeps_nobody_from_the_calendar(told, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(f"store: postgresql+psycopg://alertsms:HIDDEN@127.0.0.1:1/alertsms\n{FILE}")
    assert told("--weeks", "1").stdout.startswith("primary: alice until Mon 23 Mar 09:00, then bob")


def test_another_calendar_can_take_it_in(told):
    lines = told("office", "--weeks", "1", "--ics").stdout_bytes.decode().split("\r\n")
    assert [line for line in lines if not line.startswith("DTSTAMP:2")] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//alertsms//on-call//EN",
        "BEGIN:VEVENT",
        "UID:20260317T130000Z-carol-office@alertsms",
        "DTSTART:20260317T130000Z",
        "DTEND:20260317T220000Z",
        "SUMMARY:carol on call (office)",
        'ATTENDEE;CN="carol":mailto:carol@example.org',
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:20260318T130000Z-carol-office@alertsms",
        "DTSTART:20260318T130000Z",
        "DTEND:20260318T220000Z",
        "SUMMARY:carol on call (office)",
        'ATTENDEE;CN="carol":mailto:carol@example.org',
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
