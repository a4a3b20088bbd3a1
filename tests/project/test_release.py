"""What a release needs: its section in CHANGELOG.md, and a store of its own that later ones are upgraded from."""

from __future__ import annotations

import re
from pathlib import Path

from alertsms import __version__
from tests.support.stores import FOLDER, RELEASES

ROOT = Path(__file__).parents[2]


def test_the_changelog_has_the_version():
    headings = re.findall(r"(?m)^## \[(.+?)\](.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    [(version, date)] = [heading for heading in headings if heading[0] != "Unreleased"][:1]
    assert version == __version__
    assert re.fullmatch(r" - 20\d\d-[01]\d-[0-3]\d", date)


def test_the_store_of_the_version_is_kept():
    """`python -m tests.support.stores.make` writes it; `tests/reliability/test_upgrade.py` upgrades from it."""
    assert __version__ in RELEASES
    assert all((FOLDER / f"{release}.yaml").is_file() for release in RELEASES)
