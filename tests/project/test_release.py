"""What a release needs: a section in CHANGELOG.md, a store that later ones are upgraded from, and kept promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alertsms import __version__
from alertsms.config import read
from tests.support.promises import promises
from tests.support.stores import FOLDER, RELEASES

ROOT = Path(__file__).parents[2]
SAME_MAJOR = [release for release in RELEASES if release.split(".")[0] == __version__.split(".")[0]]


def test_the_changelog_has_the_version():
    headings = re.findall(r"(?m)^## \[(.+?)\](.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    [(version, date)] = [heading for heading in headings if heading[0] != "Unreleased"][:1]
    assert version == __version__
    assert re.fullmatch(r" - 20\d\d-[01]\d-[0-3]\d", date)


def test_the_store_of_the_version_is_kept():
    """`python -m tests.support.stores.make` writes it; `tests/reliability/test_upgrade.py` upgrades from it."""
    assert __version__ in RELEASES
    assert all(
        (FOLDER / f"{release}.{kind}").is_file()
        for release in RELEASES
        for kind in ("yaml", "example.yaml", "promised")
    )


@pytest.mark.parametrize("release", SAME_MAJOR)
def test_what_a_release_promised_is_still_there(release, tmp_path):
    """docs/upgrade.md: keys, commands, paths, fields and metrics stay until the next major version."""
    promised = (FOLDER / f"{release}.promised").read_text(encoding="utf-8").splitlines()
    assert len(promised) > 500
    assert sorted(set(promised) - set(promises(tmp_path))) == []


@pytest.mark.parametrize("release", SAME_MAJOR)
def test_a_file_with_every_key_of_a_release_is_taken(release):
    text = (FOLDER / f"{release}.example.yaml").read_text(encoding="utf-8")
    assert read(text, file="config.yaml", environ=dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "https://a.test/b"))
