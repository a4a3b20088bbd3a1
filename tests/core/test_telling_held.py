"""What holds an incident, or a whole team, back is said where its story is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from alertsms.core.incidents.incident import Chronicle, IncidentReason, IncidentState
from alertsms.core.routing.roster import Pause
from alertsms.core.text import timeline
from tests.core.test_escalation import PAGED

NOW = PAGED.opened_at + timedelta(minutes=30)
CLOCK = timeline.TimeFormat(zone=ZoneInfo("UTC"), now=NOW)
HELD = replace(PAGED, id=42, state=IncidentState.HELD, reason=IncidentReason.SUPPRESSED)
PAUSE = Pause(team=HELD.team, begins_at=PAGED.opened_at, ends_at=NOW + timedelta(hours=1), by="bob")


def test_what_alertmanager_silences_is_held():
    assert timeline.standing(HELD, CLOCK).startswith("held: Alertmanager silences or inhibits it, paged when that ends")


def test_a_pause_of_its_team_stands_in_the_story_and_below_the_list():
    story = Chronicle(incident=HELD)
    said = f"{PAUSE.words('UTC')}; {PAUSE.resume}"
    assert any(said in line for line in timeline.whole(story, CLOCK, [PAUSE]))
    assert any(said in line for line in timeline.listing([story], [], CLOCK, [PAUSE]))


def test_the_list_tells_a_test_from_what_is_over():
    over = replace(PAGED, id=7, state=IncidentState.CLOSED, reason=IncidentReason.TEST, closed_at=NOW)
    assert "  test  " in timeline.line(Chronicle(incident=over), CLOCK)
    gone = replace(over, reason=IncidentReason.RESOLVED)
    assert "  resolved after 30 min  " in timeline.line(Chronicle(incident=gone), CLOCK)
