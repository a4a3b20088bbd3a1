"""The dashboard that is shipped: Grafana 8 to 13 can take its shape, and it asks only for series that exist."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest

import alertsms
from tests.rules.series import KNOWN, asked_for

DASHBOARD = json.loads((Path(alertsms.__file__).parent / "data" / "dashboard.json").read_text(encoding="utf-8"))
PANELS = DASHBOARD["panels"]
UNITS = {"s", "none", "reqps"}
each_panel = pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])


def test_it_can_be_imported_anywhere():
    # Before schema 33 (Grafana 8.3) a data source is a string; newer Grafanas turn that into what they have instead.
    assert DASHBOARD["schemaVersion"] == 30
    assert (DASHBOARD["uid"], DASHBOARD["title"], "id" in DASHBOARD) == ("alertsms", "alertsms", False)
    source, instance = DASHBOARD["templating"]["list"]
    assert (source["name"], source["type"], source["query"]) == ("datasource", "datasource", "prometheus")
    assert (instance["name"], instance["datasource"]) == ("instance", "${datasource}")
    assert instance["definition"] == instance["query"]["query"] == "label_values(alertsms_build_info, instance)"


def test_panels_have_a_number_a_title_and_a_place_of_their_own():
    for what in ("id", "title"):
        assert len({panel[what] for panel in PANELS}) == len(PANELS)
    for one, other in combinations((panel["gridPos"] for panel in PANELS), 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in PANELS)


@each_panel
def test_a_panel_says_what_it_shows(panel):
    assert panel["type"] in ("stat", "timeseries")  # both since Grafana 8
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    assert panel["datasource"] == "${datasource}"


@each_panel
def test_a_panel_asks_for_series_that_exist(panel):
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0
    for target in panel["targets"]:
        named = asked_for(target["expr"])
        assert named
        assert named <= KNOWN
        assert target["expr"].count('instance=~"$instance"') == len(named)
        assert target["datasource"] == "${datasource}"


def test_whether_it_pages_is_seen_first():
    first = [panel["title"] for panel in PANELS if panel["gridPos"]["y"] == 0]
    assert first[:3] == ["Oldest page waiting", "Does OVHcloud take SMS by each account?", "Delivery receipts"]
