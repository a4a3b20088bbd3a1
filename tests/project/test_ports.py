"""Servers of tests that run side by side: no two of them take each other's for their own."""

from __future__ import annotations

import random
import socket
import subprocess
import sys

from tests.support.ports import free_port


def test_a_port_that_was_given_is_given_to_nobody_else(monkeypatch):
    """Though nobody listens on it yet, and whichever process asks."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    drawn = [free_port(), free_port(), free]
    monkeypatch.setattr(random.SystemRandom, "randrange", lambda *_: drawn.pop(0))
    assert free_port() == free
    assert drawn == []


def test_it_is_free_again_once_its_process_has_ended(monkeypatch):
    asked = "from tests.support.ports import free_port; print(free_port())"
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60)
    port = int(ended.stdout)
    drawn = [port]
    monkeypatch.setattr(random.SystemRandom, "randrange", lambda *_: drawn.pop(0))
    assert free_port() == port
