"""The scenes of a round: each measures floors or alertsms and notes what it found."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from statistics import median

from tests.benchmarks.book import Book, quantile
from tests.benchmarks.process import ROOT, Talker, end, run, spawn
from tests.benchmarks.seed import seed
from tests.benchmarks.server import Server

TEAMS = 5
FAR = 0.050  # seconds that OVHcloud takes, seen from a server in Europe
STORM, STRUCK = 10_000, 3  # alerts in a minute, and people whom they page
PEOPLE = 40  # of a drain: four under way each, so that 64 find numbers enough
IMPORTS = "import flask, waitress.server, sqlalchemy, requests, prometheus_client, yaml, click, re2, phonenumbers"


@dataclass(kw_only=True)
class Stage:
    """What every scene needs."""

    book: Book
    folder: Path
    provider: Talker
    seconds: float  # of load in each scene
    rate: float  # bodies a second
    messages: int  # of a drain
    numbers: Iterator[int]  # of alerts, each one once

    @contextmanager
    def place(self) -> Iterator[Path]:
        """A folder of its own, on the disk that is measured."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder)

    def load(self, port: int, *, teams: int = TEAMS) -> list[tuple[int, float, float | None]]:
        """Post bodies at the pace; numbers are never used twice."""
        first = next(self.numbers)
        for _ in range(int(self.rate * self.seconds)):
            next(self.numbers)
        return run("load", port, self.rate, self.seconds, first, teams)

    def latencies(self, name: str, results: list[tuple[int, float, float | None]]) -> None:
        """Note quantiles in milliseconds, and how many were not answered 202."""
        taken = [seconds * 1000 for _, _, seconds in results if seconds is not None]
        self.book.note(f"{name} p50", quantile(taken, 0.5))
        self.book.note(f"{name} p99", quantile(taken, 0.99))
        self.book.note(f"{name} lost", len(results) - len(taken))


def numbers() -> Iterator[int]:
    """Alerts are numbered from here on: lower ones are those of seeded stores."""
    return count(1_000)


def sync_floor(stage: Stage) -> None:
    """Write and sync 4 KiB, as a commit does."""
    with stage.place() as folder:
        file = os.open(folder / "sync", os.O_RDWR | os.O_CREAT)
        times = []
        for at in range(200):
            began = time.monotonic()
            os.pwrite(file, bytes(4096), at * 4096)
            os.fdatasync(file)
            times.append((time.monotonic() - began) * 1000)
        os.close(file)
    stage.book.note("sync p50", quantile(times, 0.5))
    stage.book.note("sync p99", quantile(times, 0.99))


def answer_floors(stage: Stage) -> None:
    """The same load on a server that only answers, and on one that commits first."""
    with Talker("answer") as server:
        stage.latencies("bare answer", stage.load(server.port))
    with stage.place() as folder, Talker("answer", folder / "bodies.db") as server:
        stage.latencies("committed answer", stage.load(server.port))


def start_floor(stage: Stage) -> None:
    """An interpreter, and the packages that alertsms imports at its start."""
    for name, words in (("python", "pass"), ("imports", IMPORTS)):
        began = time.monotonic()
        child = spawn("-c", words)
        try:
            child.wait(60)
        finally:
            end(child)
        stage.book.note(name, time.monotonic() - began)


def bare_sends(stage: Stage, threads: int, delay: float) -> None:
    """`Session.send` and nothing else."""
    stage.provider.ask("delay", delay)
    stage.provider.ask("forget")
    run("bare", stage.provider.port, threads, stage.messages)
    stage.book.note(f"bare {threads} {delay}", pace(stage.provider.ask("report")))


def pace(arrived: list[tuple[int | None, float]]) -> float:
    """SMS a second, of the middle eight tenths."""
    times = sorted(at for _, at in arrived)
    low, high = len(times) // 10, len(times) * 9 // 10
    return (high - low) / (times[high] - times[low])


def answers(stage: Stage, mode: str) -> None:
    """P1, P2, P8, P10: a server on a store that exists, OVHcloud well, hanging or down."""
    with stage.place() as folder:
        stage.provider.ask("well")
        stage.provider.ask("delay", FAR)
        with Server(folder, provider=stage.provider.port, teams=TEAMS) as server:
            server.first_answer(next(stage.numbers))
            server.stop()
        with Server(folder, provider=stage.provider.port, teams=TEAMS) as server:
            stage.book.note("start", server.first_answer(next(stage.numbers)))
            time.sleep(0.5)
            stage.book.note("at rest", server.resident())
            stage.provider.ask(mode)
            stage.provider.ask("forget")
            before = server.processor()
            results = stage.load(server.port)
            stage.latencies(f"answer {mode}", results)
            if mode == "well":
                stage.book.note("processor", (server.processor() - before) / len(results) * 1000)
                leaving(stage, results)
                seconds, series = server.metrics(50)
                stage.book.note("scrape", median(seconds) * 1000)
                stage.book.note("series", series)
        stage.provider.ask("well")


def leaving(stage: Stage, results: list[tuple[int, float, float | None]]) -> None:
    """From when the webhook was due to when OVHcloud had the SMS."""
    time.sleep(0.5)
    came: dict[int, float] = {}
    arrived = stage.provider.ask("report")
    for mark, at in arrived:
        came.setdefault(mark, at)
    times = [(came[number] - due) * 1000 for number, due, _ in results if number in came]
    stage.book.note("leaves p50", quantile(times, 0.5))
    stage.book.note("leaves p99", quantile(times, 0.99))
    stage.book.note("leaves lost", len(results) - len(times))
    stage.book.note("leaves doubled", len(arrived) - len(came))


def drain(stage: Stage, threads: int, delay: float) -> None:
    """P4: a store with queued pages, from the first SMS to the last."""
    with stage.place() as folder:
        seed(folder, teams=PEOPLE, rows=stage.messages)
        stage.provider.ask("delay", delay)
        stage.provider.ask("forget")
        with Server(folder, provider=stage.provider.port, teams=PEOPLE, in_flight=threads):
            until = time.monotonic() + 60
            wanted = stage.messages // PEOPLE * PEOPLE
            while stage.provider.ask("count") < wanted:
                if time.monotonic() > until:
                    raise RuntimeError("the drain did not end")
                time.sleep(0.1)
    stage.book.note(f"drain {threads} {delay}", pace(stage.provider.ask("report")))
    stage.book.note(f"possible {threads} {delay}", threads / delay if delay else 0.0)


def storm(stage: Stage, seconds: float) -> None:
    """P6: 10,000 alerts a minute for three people, by the default rules of storms."""
    stage = replace(stage, rate=STORM / 60, seconds=seconds)
    with stage.place() as folder:
        stage.provider.ask("delay", FAR)
        stage.provider.ask("forget")
        with Server(folder, provider=stage.provider.port, teams=STRUCK, storms=True) as server:
            server.first_answer(next(stage.numbers))
            time.sleep(0.5)
            stage.provider.ask("forget")
            results = stage.load(server.port, teams=STRUCK)
            stage.latencies("storm", results)
            arrived = stage.provider.ask("report")
    due = {number: at for number, at, _ in results}
    first = min((at, mark) for mark, at in arrived if mark in due)
    stage.book.note("storm first", (first[0] - due[first[1]]) * 1000)
    stage.book.note("storm each", len(arrived) / STRUCK)


def full(stage: Stage, rows: int) -> None:
    """P7: a store with very many queued pages, while OVHcloud hangs so that they stay."""
    with stage.place() as folder:
        seed(folder, teams=PEOPLE, rows=rows)
        stage.provider.ask("hang")
        with Server(folder, provider=stage.provider.port, teams=PEOPLE) as server:
            server.first_answer(next(stage.numbers))
            time.sleep(3.0)  # the housekeeper's first round counts the rows
            stage.book.note("full", server.resident())
            stage.book.note("full scrape", median(server.metrics(20)[0]) * 1000)
        stage.provider.ask("well")


def commit() -> str:
    """Which alertsms this is."""
    try:
        words = ["git", "describe", "--always", "--dirty"]
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
