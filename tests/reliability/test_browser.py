"""The phone page in a real browser: what a new user of the demo sees."""

from __future__ import annotations

import subprocess
from pathlib import Path

import requests

from tests.reliability.alertmanager import program
from tests.reliability.conftest import missing

# Headless, and silent towards the network: a test machine may have none.
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--virtual-time-budget=3000")  # fmt: skip


def dom(url: str, folder: Path) -> str:
    """The page as the browser has it after its scripts ran."""
    browser = program("chromium", "chromium-browser", "google-chrome")
    if not browser:
        missing("Chromium is not installed (Debian: chromium)")
    command = [str(browser), *FLAGS, f"--user-data-dir={folder}/profile", "--dump-dom", url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def test_the_phone_shows_what_arrived_and_nothing_of_it_as_markup(build, phones, tmp_path):
    house = build(people=1)
    house.start()
    labels = {"alertname": "A00007", "instance": "<b>web-01</b>"}
    sent = {"alerts": [{"status": "firing", "labels": labels, "annotations": {"summary": "CPU & memory"}}]}
    assert requests.post(f"{house.url}/webhook", json=sent, timeout=10).status_code == 202
    assert house.settled(quiet=0.0)
    page = dom(f"{phones.url}/", tmp_path)
    assert "CRITICAL A00007 &lt;b&gt;web-01&lt;/b&gt;: CPU &amp; memory #1" in page
    assert house.numbers["person0"] in page
