from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from alertsms.cli import main
from alertsms.sandbox import Sandbox
from alertsms.sandbox.server import SandboxServer


@pytest.fixture
def run(monkeypatch) -> Callable[..., Result]:
    """Run a command in this process, in an environment that says nothing of alertsms and OVHcloud."""
    for name in (
        "ALERTSMS_CONFIG",
        "OVH_ENDPOINT",
        "OVH_APPLICATION_KEY",
        "OVH_APPLICATION_SECRET",
        "OVH_CONSUMER_KEY",
    ):
        monkeypatch.delenv(name, raising=False)

    def invoke(*words: str, **more: object) -> Result:
        result = CliRunner().invoke(main, words, prog_name="alertsms", **more)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def sandbox():
    with SandboxServer(Sandbox()) as server:
        yield server


@pytest.fixture
def logging_kept():
    """Put back how this process logs after a command has set it up."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
