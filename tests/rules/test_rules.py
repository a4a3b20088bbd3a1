"""The alert rules that are shipped: promtool takes them, and proves when each fires and when it stays silent."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

import alertsms
from alertsms.cli import COMMANDS
from tests.rules.series import KNOWN, asked_for

FILE = Path(alertsms.__file__).parent / "data" / "rules.yaml"
STORIES = sorted(Path(__file__).parent.glob("*.yaml"))
GROUPS = {group["name"]: group["rules"] for group in yaml.safe_load(FILE.read_text(encoding="utf-8"))["groups"]}
RULES = {rule["alert"]: rule for rules in GROUPS.values() for rule in rules}


def promtool(*words: object) -> None:
    """Run it and show what it says where it is not content."""
    program = shutil.which("promtool")
    if not program and os.environ.get("ALERTSMS_REQUIRE_ALL") == "1":
        pytest.fail("promtool is not installed (Debian: prometheus)")
    if not program:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_what_is_printed(run, tmp_path):
    printed = tmp_path / "alertsms.yml"
    printed.write_text(run("config", "prometheus").stdout, encoding="utf-8")
    promtool("check", "rules", printed)
    job = tmp_path / "prometheus.yml"
    job.write_text(run("config", "prometheus", "--scrape").stdout + f"rule_files: [{printed}]\n", encoding="utf-8")
    promtool("check", "config", job)


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_each_rule_fires_when_it_should_and_only_then(story):
    promtool("test", "rules", story)


def proven() -> tuple[set[str], set[str]]:
    """The alerts that some story sees firing, and those that some story sees silent."""
    firing, silent = set(), set()
    for story in STORIES:
        for test in yaml.safe_load(story.read_text(encoding="utf-8"))["tests"]:
            for each in test.get("promql_expr_test", ()):
                (name,) = re.findall(r'alertname="(\w+)", alertstate="firing"', each["expr"])
                (firing if each["exp_samples"] else silent).add(name)
    return firing, silent


def test_no_rule_is_without_its_stories():
    assert proven() == (set(RULES), set(RULES))


def test_no_rule_is_without_its_text():
    texts = yaml.safe_load((Path(__file__).parent / "texts.yaml").read_text(encoding="utf-8"))
    assert [each["alertname"] for test in texts["tests"] for each in test["alert_rule_test"]] == list(RULES)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_asks_only_for_series_that_exist(name):
    named = asked_for(RULES[name]["expr"])
    assert named | ({"up"} if name == "AlertsmsDown" else set())
    assert named <= KNOWN


@pytest.mark.parametrize("name", [name for name in RULES if name not in ("AlertsmsDown", "AlertsmsAbsent")])
def test_a_rule_wants_no_job_or_instance_of_a_certain_name(name):
    assert not re.search(r"\b(job|instance)\b", RULES[name]["expr"])


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_how_bad_it_is_and_what_to_do(name):
    rule = RULES[name]
    night = rule in GROUPS["alertsms-at-night"]
    assert rule["labels"] == {"severity": "critical" if night else "warning"}
    assert "for" in rule
    assert 20 < len(rule["annotations"]["summary"]) <= 120
    assert 150 < len(rule["annotations"]["description"]) < 800
    if night:  # by steps: nobody reads prose at three in the morning
        assert rule["annotations"]["description"].count("1. ") == 1


@pytest.mark.parametrize("name", RULES)
def test_an_sms_keeps_the_whole_name(name):
    """A text keeps the first 24 characters of an alert's name."""
    assert name.startswith("Alertsms")
    assert len(name) <= 24


def test_the_commands_that_are_advised_exist():
    advised = set(re.findall(r"`alertsms (\w+)", FILE.read_text(encoding="utf-8")))
    assert {"check", "doctor", "send", "login"} <= advised <= set(COMMANDS)
