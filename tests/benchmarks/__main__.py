"""Measures alertsms against floors taken in the same run: `python -m tests.benchmarks`, or `python tests/benchmarks`.

Everything runs on 127.0.0.1 and ends by itself. A machine drifts by tens of percent within an hour: ratios and limits
of one run can be compared with another run's, bare figures cannot.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

if not __package__:  # run as a folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.benchmarks import machine, rota, scenes
from tests.benchmarks.book import Book, Line
from tests.benchmarks.process import Talker

PARTS = ("answers", "drain", "storm", "schedules", "full")
DRAINS = [(32, scenes.FAR), (64, scenes.FAR), (32, 0.0), (64, 0.0)]  # in flight, seconds that OVHcloud takes

LINES = [
    Line(name="floor: fdatasync 4 KiB, p50", ours="sync p50", unit="ms"),
    Line(name="floor: bare answer, p50", ours="bare answer p50", unit="ms"),
    Line(name="floor: bare answer, p99", ours="bare answer p99", unit="ms"),
    Line(name="floor: answer after a commit, p50", ours="committed answer p50", unit="ms"),
    Line(name="floor: answer after a commit, p99", ours="committed answer p99", unit="ms"),
    Line(name="floor: python starts", ours="python", unit="s"),
    Line(name="P1 answer, OVH 50 ms, p50", ours="answer well p50", floor="committed answer p50", unit="ms", most=2.5),
    Line(name="P1 answer, OVH 50 ms, p99", ours="answer well p99", floor="committed answer p99", unit="ms", most=6),
    Line(name="P1 answer, OVH hangs, p50", ours="answer hang p50", floor="answer well p50", unit="ms"),
    Line(name="P1 answer, OVH hangs, p99", ours="answer hang p99", floor="answer well p99", unit="ms", most_ratio=1.2),
    Line(name="P1 answer, OVH down, p50", ours="answer down p50", floor="answer well p50", unit="ms"),
    Line(name="P1 answer, OVH down, p99", ours="answer down p99", floor="answer well p99", unit="ms", most_ratio=1.2),
    Line(name="P1 not answered 202, OVH 50 ms", ours="answer well lost", unit="bodies", most=0),
    Line(name="P1 not answered 202, OVH hangs", ours="answer hang lost", unit="bodies", most=0),
    Line(name="P1 not answered 202, OVH down", ours="answer down lost", unit="bodies", most=0),
    Line(name="P2 SMS leaves, p50", ours="leaves p50", floor="committed answer p50", unit="ms", most=3),
    Line(name="P2 SMS leaves, p99", ours="leaves p99", floor="committed answer p99", unit="ms", most=8),
    Line(name="P2 not left", ours="leaves lost", unit="SMS", most=0),
    Line(name="P2 left twice", ours="leaves doubled", unit="SMS", most=0),
    Line(name="processor time a page", ours="processor", unit="ms"),
    *(
        Line(
            name=f"P4 drain, {threads} in flight, 50 ms, of what is possible",
            ours=f"drain {threads} {scenes.FAR}",
            floor=f"possible {threads} {scenes.FAR}",
            unit="SMS/s",
            least_ratio=0.9,
        )
        for threads in (32, 64)
    ),
    *(
        Line(
            name=f"P4 drain, {threads} in flight, {delay * 1000:.0f} ms, of Session.send",
            ours=f"drain {threads} {delay}",
            floor=f"bare {threads} {delay}",
            unit="SMS/s",
            least_ratio=None if delay else 0.85,
        )
        for threads, delay in DRAINS
    ),
    Line(name="P6 storm, first SMS", ours="storm first", unit="ms", most=10),
    Line(name="P6 storm, answer, p50", ours="storm p50", unit="ms"),
    Line(name="P6 storm, answer, p99", ours="storm p99", unit="ms", most=50),
    Line(name="P6 storm, not answered 202", ours="storm lost", unit="bodies", most=0),
    Line(name="P6 storm, SMS a person", ours="storm each", unit="SMS", most=30),
    Line(name="P7 memory at rest", ours="at rest", unit="MB", most=80),
    Line(name="P7 memory, {rows} queued", ours="full", unit="MB", most=120),
    Line(name="P8 start to the first 202, of its imports", ours="start", floor="imports", unit="s", most=0.8),
    Line(name="P10 /metrics over HTTP", ours="scrape", floor="bare answer p50", unit="ms", most=1),
    Line(name="P10 /metrics, {rows} queued", ours="full scrape", floor="scrape", unit="ms", most_ratio=1.2),
    Line(name="P10 series", ours="series", unit="", most=149),
    Line(name="10 years of Europe/Paris, each minute", ours="walk", floor="zone walk", unit="s"),
    Line(name="who is on call at a minute", ours="on call", unit="us"),
    Line(name="10 years of Europe/Paris as shifts", ours="shifts", unit="ms"),
]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="about a minute: 2 rounds, short ones")
    parser.add_argument("--rounds", type=int, help="default 5, with --quick 2")
    parser.add_argument("--rows", type=int, default=100_000, help="queued pages for P7 (default 100000, goal 1000000)")
    parser.add_argument("--rate", type=float, default=200.0, help="bodies a second; the goals are for 200, the default")
    parser.add_argument("--only", action="append", choices=PARTS, help="a part (and its floors)")
    parser.add_argument("--dir", type=Path, help="where stores are made: the disk that is measured")
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (2 if chosen.quick else 5)
    return chosen


def one_round(stage: scenes.Stage, parts: list[str]) -> None:
    """Floors beside what is compared with them."""
    if "answers" in parts:
        scenes.sync_floor(stage)
        scenes.answer_floors(stage)
        for mode in ("well", "hang", "down"):
            scenes.start_floor(stage)
            scenes.answers(stage, mode)
    if "drain" in parts:
        for threads, delay in DRAINS:
            scenes.bare_sends(stage, threads, delay)
            scenes.drain(stage, threads, delay)


def main() -> None:
    chosen = options()
    parts = chosen.only or list(PARTS)
    book, began = Book(), time.monotonic()
    print(f"alertsms  {scenes.commit()}\n{machine.describe()}")
    with (
        tempfile.TemporaryDirectory(prefix="alertsms-benchmark-", dir=chosen.dir) as folder,
        Talker("provider") as provider,
    ):
        stage = scenes.Stage(
            book=book,
            folder=Path(folder),
            provider=provider,
            numbers=scenes.numbers(),
            rate=chosen.rate,
            seconds=2.0 if chosen.quick else 10.0,
            messages=400 if chosen.quick else 2000,
        )
        for number in range(chosen.rounds):
            one_round(stage, parts)
            print(f"round {number + 1} of {chosen.rounds} after {time.monotonic() - began:.0f} s", file=sys.stderr)
        if "storm" in parts:
            scenes.storm(stage, seconds=20.0 if chosen.quick else 60.0)
        if "schedules" in parts:
            rota.walk(book, years=1 if chosen.quick else rota.YEARS)
        if "full" in parts:
            scenes.full(stage, chosen.rows)
    if chosen.rounds < 5:
        print("quick     fewer and shorter rounds: good for finding a fall, not for a figure to quote")
    if chosen.rate != 200:
        print(f"rate      {chosen.rate:g} bodies a second: P1 and P2 have their goals for 200")
    print(f"rounds    {chosen.rounds}, floors and ours in turn, {time.monotonic() - began:.0f} s in all\n")
    print(book.table(LINES).replace("{rows}", f"{chosen.rows:,}"))


if __name__ == "__main__":
    main()
