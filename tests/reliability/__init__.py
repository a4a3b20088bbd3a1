"""Drills that decide whether this pager can be trusted: processes are killed, OVHcloud fails, Alertmanagers are real.

    pytest tests/reliability                     everything, some two hours
    pytest tests/reliability --short             smaller, as CI runs it
    pytest tests/reliability --report FILE       adds each drill's row to a file, in Markdown
    pytest tests/reliability/test_failing.py --rounds 10 --seed 7
    pytest tests/reliability/test_kill.py --short -n 3      those that mostly wait do it together

Everything runs on 127.0.0.1 with processes of its own, which end with the test; some drills need root, for a small disk
that they fill. Where hours must pass, one alertsms is driven on a simulated clock.

A table at the end has a row for each drill: alerts; SMS that the sandbox accepted; how many people were not told of an
alert (lost), or told the same twice (doubled); copies, which are SMS sent again because OVHcloud could not say whether
it had them; and how many were told late. An SMS may carry several pages: see `tally`.
"""
