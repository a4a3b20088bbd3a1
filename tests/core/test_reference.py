from __future__ import annotations

import pytest

from alertsms.core.alerts.alert import kept, references, references_text


@pytest.mark.parametrize(
    ("entry", "annotations"),
    [
        (
            {"generatorURL": "http://p/g", "panelURL": "https://g/p"},
            {"__source_url__": "http://p/g", "__panel_url__": "https://g/p"},
        ),
        ({"generatorURL": "?orgId=1", "dashboardURL": None, "panelURL": "javascript:alert(1)"}, {}),
        ({"generatorURL": f"http://{'x' * 2000}", "dashboardURL": "https://g/a b"}, {}),
    ],
)
def test_addresses_that_a_browser_opens_are_kept(entry, annotations):
    assert kept(entry) == annotations


def test_each_address_is_told_once_by_what_it_is():
    annotations = {
        "Runbook_URL": " https://r/1 ",
        "dashboard": "https://g/1",
        "__dashboard_url__": "https://g/2",
        "__panel_url__": "https://g/1",
        "__source_url__": "http://p/g",
        "summary": "x",
    }
    assert references(annotations) == {"runbook": "https://r/1", "dashboard": "https://g/1", "source": "http://p/g"}
    assert list(references_text(annotations)) == ["Runbook_URL", "dashboard", "summary"]
    assert references({"runbook": "call bob"}) == {}
