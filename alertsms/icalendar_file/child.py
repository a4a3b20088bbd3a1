"""The process that reads one calendar: `python -m alertsms.icalendar_file.child MEMORY SECONDS`, fed by stdin.

A few bytes of a calendar can ask for hours of work. It is done here, by a process that has no secret, no thread and
little memory, and ends itself when its processor time is over.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from functools import partial
from types import FrameType
from typing import NoReturn

from alertsms.icalendar_file.protocol import IcsError, OutOfTime

GRACE = 2  # seconds of processor time to say whose fault it was


def limit(memory: int, seconds: int) -> None:
    """Bound the address space and the processor time of this process, once and for all."""
    signal.signal(signal.SIGXCPU, partial(_out_of_time, seconds))
    for kind, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + GRACE),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        allowed = resource.getrlimit(kind)[1]
        most = hard if allowed == resource.RLIM_INFINITY else min(hard, allowed)
        resource.setrlimit(kind, (min(soft, most), most))


def _out_of_time(seconds: int, _signal: int, _frame: FrameType | None) -> NoReturn:
    raise OutOfTime(f"{seconds} s of processor time are over")


def main() -> None:
    """Answer the request, or say what is wrong with the calendar."""
    limit(*map(int, sys.argv[1:]))
    try:
        from alertsms.icalendar_file.events import answer  # after the limits: they bound its libraries too

        reply: object = answer(sys.stdin.buffer.read())
    except IcsError as problem:
        reply = {"error": str(problem)}
    except OutOfTime as problem:
        reply = {"error": f"takes too long to read ({problem}): export fewer events"}
    sys.stdout.write(json.dumps(reply))


if __name__ == "__main__":
    main()
