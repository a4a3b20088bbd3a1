"""`python -m alertsms` is `alertsms`."""

from __future__ import annotations

from alertsms.cli import main

main()
