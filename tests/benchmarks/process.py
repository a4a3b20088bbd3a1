"""Processes of our own: started here, ended here by their own handle, never by a name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
END_SECONDS = 12.0


def spawn(*words: object, **options: Any) -> subprocess.Popen[str]:
    """Start this interpreter with some words, in the root of the checkout."""
    command = [sys.executable, *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, text=True, **options)


def run(module: str, *words: object, seconds: float = 120.0) -> Any:
    """Run one of our programs to its end and return what it printed."""
    child = spawn("-m", f"tests.benchmarks.{module}", *words, stdout=subprocess.PIPE)
    try:
        printed, _ = child.communicate(timeout=seconds)
    finally:
        end(child)
    if child.returncode:
        raise RuntimeError(f"{module} ended with {child.returncode}")
    return json.loads(printed)


def end(child: subprocess.Popen[str], *, at_once: bool = False) -> None:
    """Ask it to end, and make it."""
    if child.poll() is None:
        child.kill() if at_once else child.terminate()
        try:
            child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    for stream in (child.stdin, child.stdout):
        if stream:
            stream.close()


class Talker:
    """A program of ours that answers each line on its stdin by a line of JSON; the first one it prints is its port."""

    def __init__(self, module: str, *words: object) -> None:
        self._child = spawn("-m", f"tests.benchmarks.{module}", *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self._hear())

    def _hear(self) -> Any:
        return json.loads(self._child.stdout.readline())

    def ask(self, *words: object) -> Any:
        self._child.stdin.write(" ".join(map(str, words)) + "\n")
        self._child.stdin.flush()
        return self._hear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        end(self._child)
