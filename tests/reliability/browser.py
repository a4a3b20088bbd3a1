"""A real browser driven by W3C WebDriver: Debian's chromedriver speaks it, and its few calls need no library."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from tests.reliability.alertmanager import program
from tests.reliability.conftest import missing
from tests.reliability.process import Process
from tests.support.ports import free_port

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # https://www.w3.org/TR/webdriver2/#elements
# Headless, and silent towards the network: a test machine may have none.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
)
PATIENCE = 20.0  # seconds to wait for what a page is to show
PHONE = {"width": 390, "height": 844, "pixelRatio": 1.0}


class Browser:
    """One window, as wide as a phone or as a desk's."""

    def __init__(self, folder: Path, *, phone: bool = False) -> None:
        """Skips where Chromium or its driver is not installed."""
        driver, chromium = program("chromedriver"), program("chromium", "chromium-browser", "google-chrome")
        if not driver or not chromium:
            missing("Chromium or its driver is not installed (Debian: chromium, chromium-driver)")
        port = free_port()
        folder.mkdir()
        self._process = Process((str(driver), f"--port={port}"), folder / "chromedriver.log")
        self._url = f"http://127.0.0.1:{port}"
        self._process.start()
        self._process.until(lambda: requests.get(f"{self._url}/status", timeout=2).ok)
        options: dict[str, Any] = {"binary": chromium, "args": [*FLAGS, f"--user-data-dir={folder}/profile"]}
        if phone:
            options["mobileEmulation"] = {"deviceMetrics": PHONE}
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        self._session = f"{self._url}/session/{self._call('POST', f'{self._url}/session', wanted)['sessionId']}"

    def close(self) -> None:
        """End it."""
        try:
            self._call("DELETE", self._session)
        finally:
            self._process.stop()

    def open(self, url: str) -> None:
        """Load a page."""
        self._call("POST", f"{self._session}/url", {"url": url})

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self._call("GET", f"{self._session}/url"))

    def text(self, css: str = "body") -> str:
        """What somebody reads in the first element that fits."""
        return str(self._element("GET", css, "text"))

    def property(self, css: str, name: str) -> Any:
        """A property of the first element that fits."""
        return self._element("GET", css, f"property/{name}")

    def click(self, css: str) -> None:
        """Press it."""
        self._element("POST", css, "click", {})

    def write(self, css: str, text: str) -> None:
        """Type into it."""
        self._element("POST", css, "value", {"text": text})

    def until(self, css: str, words: str) -> str:
        """Wait until these words stand there; returns all that does."""
        deadline = time.monotonic() + PATIENCE
        while words not in (found := self._read(css)):
            assert time.monotonic() < deadline, f"{words!r} never came: {found}"
            time.sleep(0.1)
        return found

    def look(self, file: Path) -> None:
        """Take a picture of the window."""
        file.write_bytes(base64.b64decode(self._call("GET", f"{self._session}/screenshot")))

    def _read(self, css: str) -> str:
        """The text, "" while there is no such element."""
        try:
            return str(self._at_once("GET", css, "text"))
        except LookupError:
            return ""

    def _element(self, method: str, css: str, what: str, body: Mapping[str, object] | None = None) -> Any:
        """One command on the first element that fits, once there is one that stays: pages draw theirs anew."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._at_once(method, css, what, body)
            except LookupError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def _at_once(self, method: str, css: str, what: str, body: Mapping[str, object] | None = None) -> Any:
        found = self._call("POST", f"{self._session}/element", {"using": "css selector", "value": css})
        return self._call(method, f"{self._session}/element/{found[ELEMENT]}/{what}", body)

    def _call(self, method: str, url: str, body: Mapping[str, object] | None = None) -> Any:
        """One command. Raises LookupError for an element that is not there (any more)."""
        answer = requests.request(method, url, json=body, timeout=30)
        value = answer.json()["value"]
        if answer.status_code == 404 and value["error"] in ("no such element", "stale element reference"):
            raise LookupError(value["message"])
        assert answer.ok, value
        return value
