"""A small configuration that pages, and what reading it takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from alertsms.config import Config, ConfigError, read
from alertsms.config.fields import ReadingPurpose

LINES = (
    "ovh:",
    "  service_name: sms-ab12345-1",
    "  sender: ACME",
    "people:",
    '  alice: "+33612345678"',
    "teams:",
    "  ops: {page: [alice]}",
    "route:",
    "  team: ops",
)
AFTER = len(LINES) + 1
KEYS = {"OVH_APPLICATION_KEY": "ak", "OVH_APPLICATION_SECRET": "as", "OVH_CONSUMER_KEY": "ck"}
FILES = {
    "secrets/one": b"s3cret\n",
    "secrets/windows": b"s3cret\r\n",
    "secrets/two": b"old\nnew\n",
    "secrets/empty": b"\n",
    "secrets/binary": b"\xff",
}


def changed(line: int, text: str) -> str:
    """The small configuration with `text` in the place of a line, or after the last one."""
    lines = list(LINES)
    lines[line - 1 : line] = [text]
    return "\n".join(lines) + "\n"


def opened(path: Path) -> str:
    if str(path) not in FILES:
        raise FileNotFoundError(2, "No such file or directory", str(path))
    return FILES[str(path)].decode()


def accepted(
    text: str,
    environ: Mapping[str, str] = KEYS,
    *,
    secrets: bool = True,
    now: datetime | None = None,
    thorough: bool = False,
) -> Config:
    purpose = ReadingPurpose(secrets=secrets, now=now, thorough=thorough)
    return read(text, file="config.yaml", environ=environ, open_file=opened, purpose=purpose)


def refusal(text: str, environ: Mapping[str, str] = KEYS, *, thorough: bool = False) -> str:
    """Everything said of a file that is refused."""
    with pytest.raises(ConfigError) as refused:
        accepted(text, environ, thorough=thorough)
    return str(refused.value)
