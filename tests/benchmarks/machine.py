"""What a figure was measured on: without it the figure says nothing."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("flask", "werkzeug", "waitress", "sqlalchemy", "requests", "urllib3", "prometheus-client")


def describe() -> str:
    """Machine, versions and how busy the machine is already."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = "  ".join(f"{value:.2f}" for value in os.getloadavg())
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return "\n".join(
        [
            f"machine   {platform.platform()}, {_processor()}, {os.cpu_count()} processors, {_memory():.0f} GB",
            f"versions  {python}, SQLite {sqlite3.sqlite_version}, {packages}",
            f"load      {load} before the run (1, 5, 15 minutes)",
        ]
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
