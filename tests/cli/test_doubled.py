"""Alerts that come by two names of the webhook: what `doctor` and the printed configurations say of them."""

from __future__ import annotations

from datetime import UTC, datetime

from alertsms.cli.config_snippets import alertmanager, grafana
from alertsms.cli.local_checks import doubled
from alertsms.config import ServerConfig
from tests.support.house import NIGHT, alert


def test_the_doctor_says_so_for_a_day(house):
    assert list(doubled(house.app.config)) == []
    moved = (datetime.now(UTC) - NIGHT).total_seconds()
    for name in ("paris", "lyon"):
        house.clock.advance(moved if name == "paris" else 1)
        house.post(alert(start=house.clock()), path=f"/webhook/{name}")
    (found,) = doubled(house.app.config)
    assert found.says.startswith(
        "HighCPU came by /webhook/lyon and by /webhook/paris: each name is a source of its own"
    )
    assert found.fix.startswith("Unless those are two clusters, let the sender post to one URL")


def test_whoever_pastes_a_configuration_reads_it_before():
    url = "http://pager:9095/webhook"
    assert "No template in it" in alertmanager(ServerConfig(), url)
    assert "/webhook/NAME is a source of its own for each NAME" in grafana(ServerConfig(), url)
