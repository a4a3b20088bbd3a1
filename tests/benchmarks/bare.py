"""A floor: threads that do nothing but `Session.send` a prepared request.

Run as `python -m tests.benchmarks.bare PORT THREADS COUNT`.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from itertools import count

import requests

JOB = {
    "message": "CRITICAL Load0000000 web-01: more than 90 % busy for five minutes #1",
    "receivers": ["+33600000000"],
    "charset": "UTF-8",
    "priority": "high",
    "tag": "0123456789abcdef",
    "validityPeriod": 30,
    "noStopClause": True,
    "sender": "ACME",
}


def post(url: str, numbers: count[int], total: int) -> None:
    with requests.Session() as session:
        prepared = session.prepare_request(requests.Request("POST", url, json=JOB))
        while next(numbers) < total:
            session.send(prepared, timeout=(3, 10), allow_redirects=False).raise_for_status()


def run(port: int, threads: int, total: int) -> None:
    url = f"http://127.0.0.1:{port}/1.0/sms/sms-xx00000-1/jobs"
    numbers = count()
    running = [threading.Thread(target=post, args=(url, numbers, total)) for _ in range(threads)]
    for each in running:
        each.start()
    for each in running:
        each.join()


if __name__ == "__main__":
    signal.alarm(600)
    run(*(int(word) for word in sys.argv[1:]))
    print(json.dumps(None))
