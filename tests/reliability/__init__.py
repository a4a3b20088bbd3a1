"""Drills that decide whether this pager can be trusted: processes are killed, OVHcloud fails, Alertmanagers are real.

    pytest tests/reliability                     everything, some twenty minutes
    pytest tests/reliability --short             smaller, as CI runs it
    pytest tests/reliability/test_failing.py --rounds 10 --seed 7

Everything runs on 127.0.0.1 with processes of its own, which end with the test. A table at the end has a row for each
drill: alerts, SMS expected, how many of them were lost, doubled or late, and how long it took.
"""
