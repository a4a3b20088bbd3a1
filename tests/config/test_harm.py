"""What is suggested does no harm when it is followed, and what may be meant just so is a note."""

from __future__ import annotations

import pytest

from alertsms.config import Config
from alertsms.config.scalars import duration
from alertsms.core.routing.duration import DurationError, parse_duration
from alertsms.core.routing.time_interval import IntervalError, parse_location
from tests.config.sample import LINES, accepted, refusal

OFFICE = """\
time_intervals:
  - name: office
    time_intervals: [{times: [{start_time: "09:00", end_time: "18:00"}]}]
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("900", '"900" has no unit, write 15m if seconds were meant, 15h if minutes'),
        ("300", '"300" has no unit, write 5m if seconds were meant, 5h if minutes'),
        ("00", '"00" has no unit, write for example 5m'),
        ("9999999999", '"9999999999" has no unit, write for example 5m'),
    ],
)
def test_a_number_without_a_unit_is_read_both_ways(text, said):
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (duration("90d", "1d"), "90", '"90" has no unit, write 3d18h if hours were meant, 90d if days'),
        (duration("30m", "1m", "1d"), "30", '"30" has no unit, write 30m if minutes were meant'),
        (duration("2m", "10s", "1h"), "99999", '"99999" has no unit, write for example 5m'),
    ],
)
def test_no_unit_is_suggested_that_would_be_refused(kind, text, said):
    with pytest.raises(ValueError, match="has no unit") as caught:
        kind.parse(text)
    assert str(caught.value) == said


@pytest.mark.parametrize("zone", ["CEST", "PST", "BST", "IST", "MSK", "America/Boston"])
def test_no_zone_is_guessed_from_an_abbreviation_or_from_another_city(zone):
    with pytest.raises(IntervalError, match="write a name such as Europe/Paris, or UTC or Local"):
        parse_location(zone)


@pytest.mark.parametrize(("text", "meant"), [("Paris", "Europe/Paris"), ("Europe/Pari", "Europe/Paris")])
def test_a_city_or_a_slip_of_the_finger_is_understood(text, meant):
    with pytest.raises(IntervalError, match=f"write {meant}"):
        parse_location(text)


def named(zone: str, intervals: str = OFFICE) -> str:
    route = '  routes: [{matchers: [a="b"], active_time_intervals: [office]}]'
    return "\n".join([*LINES, route, f"time_zone: {zone}", intervals])


def of_intervals(config: Config) -> list[str]:
    return [note for note in config.notes if "time_intervals" in note]


def test_intervals_are_read_in_the_zone_of_the_file_and_that_is_noted():
    """Alertmanager reads them in UTC: what was copied from there would hold an hour or two off."""
    config = accepted(named("Europe/Paris"))
    (route,) = config.roster.route.routes
    assert str(route.active_time_intervals[0].intervals[0].location) == "Europe/Paris"
    (note,) = of_intervals(config)
    expected = (
        '[0].name: 09:00 in "office" is 09:00 in Europe/Paris; write location: UTC below it if it came from'
        " Alertmanager"
    )
    assert note.endswith(expected)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris"])
def test_where_there_is_one_reading_nothing_is_noted(zone):
    written = OFFICE.replace("[{times", "[{location: Europe/Paris, times")
    assert of_intervals(accepted(named(zone, written))) == []
    assert of_intervals(accepted(named("UTC"))) == []


@pytest.mark.parametrize("url", ["http://localhost:9095", "https://127.0.0.1"])
def test_an_address_that_no_phone_can_open_is_warned_of(url):
    said = [str(each) for each in accepted("\n".join([*LINES, f"server: {{external_url: {url}}}"])).warnings]
    assert any("only this machine can open it, and no phone" in each for each in said)


def test_an_endpoint_without_its_version_is_warned_of():
    text = "\n".join(LINES).replace("ovh:\n", "ovh:\n  endpoint: https://eu.api.ovh.com\n", 1)
    said = [str(each) for each in accepted(text).warnings]
    assert any(
        '"https://eu.api.ovh.com" names no version of the API, write https://eu.api.ovh.com/1.0' in each
        for each in said
    )


def test_refusal_is_still_one_sentence():
    assert "write 15m if seconds were meant, 15h if minutes" in refusal("\n".join([*LINES, "flap_window: 900"]))
