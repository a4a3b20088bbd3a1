"""What a running alertsms really exports, minute after minute, given to the rules: a good night wakes nobody, a bad one
somebody.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from tests.rules.test_rules import FILE, promtool
from tests.support.house import PLAN, House, page

EVERY = 15  # seconds between two scrapes
# The simulated clock stands in another year than the real one, with which calls are signed.
LEFT_OUT = {"alertsms_clock_offset_seconds"}


class Prometheus:
    """Scrapes a house while time passes, and says at the end which rules fired when."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.file = house, folder / "night.yaml"
        self.scrapes = 0
        self.series: dict[str, list[str]] = defaultdict(list)
        self.expected: list[dict[str, object]] = []
        house.reload(PLAN)  # as a start does, it says that the configuration was taken

    def watch(self, minutes: float) -> None:
        """Let time pass."""
        for _ in range(int(minutes * 60 / EVERY)):
            self.house.run(EVERY, hop=5)
            self.scrape()

    def scrape(self) -> None:
        for family in self.house.app.context.metrics.registry.collect():
            for name, labels, value, *_ in family.samples:
                if name not in LEFT_OUT:
                    values = self.series[written(name, labels)]
                    values += ["_"] * (self.scrapes - len(values)) + [repr(value).replace("nan", "NaN")]
        self.series['up{job="alertsms"}'].append("1")
        self.scrapes += 1

    def quiet(self) -> None:
        """At the last scrape nothing fires."""
        self._expect('count(ALERTS{alertstate="firing"})')

    def wakes(self, name: str = ".+") -> None:
        """At the last scrape this, or something at least, fires and is critical."""
        self._expect(f'count(ALERTS{{alertstate="firing", severity="critical", alertname=~"{name}"}}) > bool 0', 1)

    def warns(self, name: str) -> None:
        """At the last scrape this fires, and nothing critical."""
        self._expect(f'count(ALERTS{{alertstate="firing", alertname="{name}"}})', 1)
        self._expect('count(ALERTS{alertstate="firing", severity="critical"})')

    def _expect(self, expr: str, *values: int) -> None:
        samples = [{"labels": "{}", "value": value} for value in values]
        self.expected.append({"eval_time": f"{(self.scrapes - 1) * EVERY}s", "expr": expr, "exp_samples": samples})

    def judge(self) -> None:
        """Let promtool say whether it was so."""
        series = [{"series": name, "values": " ".join(values)} for name, values in self.series.items()]
        night = {"interval": f"{EVERY}s", "input_series": series, "promql_expr_test": self.expected}
        story = {"rule_files": [str(FILE)], "evaluation_interval": f"{EVERY}s", "tests": [night]}
        self.file.write_text(yaml.safe_dump(story, width=10**6), encoding="utf-8")
        promtool("test", "rules", self.file)


def written(name: str, labels: dict[str, str]) -> str:
    pairs = {"job": "alertsms", "instance": "pager:9095"} | labels
    return f"{name}{{{', '.join(f'{key}={json.dumps(value)}' for key, value in pairs.items())}}}"


@pytest.fixture
def prometheus(house, tmp_path, monkeypatch) -> Prometheus:
    monkeypatch.setattr("alertsms.readiness.READY_SECONDS", 0.0)  # a second is nothing in the house's own time
    house.seem_to_run()
    return Prometheus(house, tmp_path)


@pytest.mark.one_store
def test_nothing_happens_and_nothing_fires(prometheus):
    prometheus.watch(25)
    prometheus.quiet()
    prometheus.judge()


@pytest.mark.one_store
def test_a_night_of_pages_wakes_nobody_for_the_pager(prometheus, house):
    prometheus.watch(3)
    for number in range(4):
        house.fire(f"web-{number}")
        prometheus.watch(2)
        house.resolve(f"web-{number}")
        prometheus.watch(1)
        prometheus.quiet()
    house.fault("429", times=3)
    house.fire("db-1")
    prometheus.watch(6)
    prometheus.quiet()
    assert page("db-1", 5) in house.texts
    prometheus.judge()


@pytest.mark.one_store
def test_ovhcloud_takes_nothing_for_a_while(prometheus, house):
    house.fire("web-01")
    prometheus.watch(6)
    house.fault("429")
    house.fire("web-02")
    prometheus.watch(0.5)
    prometheus.quiet()
    prometheus.watch(3.5)
    prometheus.wakes()
    house.sandbox.faults.clear()
    prometheus.watch(3)
    assert len(house.texts) == 2
    prometheus.quiet()
    prometheus.judge()


@pytest.mark.one_store
def test_answers_to_sms_are_lost_one_after_the_other(prometheus, house):
    """A message is given up after three copies and its incident paged anew, so that no page ever looks old."""
    house.reload(PLAN.replace("page: [alice]", "page: [alice], rounds: 3"))
    house.fire("web-01")
    prometheus.watch(6)
    house.fault("503")
    house.fire("web-02")
    prometheus.watch(4)  # one SMS failed, and its fallback was told: the next round follows
    for _ in range(3):
        prometheus.watch(4)
        prometheus.wakes()
    prometheus.judge()


def test_the_account_has_no_credits_left(prometheus, house):
    prometheus.watch(3)
    prometheus.quiet()
    house.fault("no_credits")
    house.fire()
    prometheus.watch(3)
    prometheus.wakes("AlertsmsNoWayOut")
    prometheus.judge()


def test_a_number_that_ovhcloud_refuses_can_wait_until_the_morning(prometheus, house):
    prometheus.watch(3)
    house.fault("invalid_receiver")
    house.fire()
    prometheus.watch(5)
    prometheus.warns("AlertsmsSmsFailed")
    prometheus.judge()
