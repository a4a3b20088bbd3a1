"""Pauses: whose pages they hold back, until when, and how people read of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertsms.core.routing.roster import EVERYBODY, Pause, holding
from tests.support.house import NIGHT

TWO_HOURS = Pause(team="ops", begins_at=NIGHT, ends_at=NIGHT + timedelta(hours=2), by="alice", reason="new switches")
AN_HOUR = Pause(team=EVERYBODY, begins_at=NIGHT, ends_at=NIGHT + timedelta(hours=1))


@pytest.mark.parametrize(
    ("team", "minutes", "held"),
    [
        ("ops", -1, None),
        ("ops", 0, TWO_HOURS),
        ("ops", 30, TWO_HOURS),  # the one that ends last
        ("ops", 119, TWO_HOURS),
        ("ops", 120, None),
        ("db", 0, AN_HOUR),
        ("db", 59, AN_HOUR),
        ("db", 60, None),
    ],
)
def test_a_pause_holds_its_team_from_its_begin_until_its_end(team, minutes, held):
    assert holding([AN_HOUR, TWO_HOURS], team, NIGHT + timedelta(minutes=minutes)) == held


def test_it_reads_as_a_sentence_in_the_readers_zone():
    assert TWO_HOURS.words("UTC") == "ops is paused until Tue 3 Mar 04:10 by alice: new switches"
    assert TWO_HOURS.words("Europe/Paris") == "ops is paused until Tue 3 Mar 05:10 by alice: new switches"
    assert AN_HOUR.words("UTC") == "every team is paused until Tue 3 Mar 03:10"
    assert (TWO_HOURS.resume, AN_HOUR.resume) == ("alertsms resume --team ops", "alertsms resume --all")
