"""The key and the last good configuration: for the eyes of the user that runs alertsms, and said where they are not."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import pytest

from alertsms.machine.files import KEY, exposed, mend
from alertsms.machine.keyring import for_run
from alertsms.machine.state import good_path, keep_good


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def where(tmp_path) -> tuple[str, str]:
    return f"sqlite:///{tmp_path}/a.db", str(tmp_path / "config.yaml")


@pytest.mark.parametrize("wrong", [0o644, 0o666, 0o640])
def test_a_start_mends_the_modes_of_what_it_made(tmp_path, where, caplog, wrong):
    made = for_run(None, *where)
    keep_good(*where, "people: {}")
    for path in (tmp_path / KEY, good_path(*where)):
        path.chmod(wrong)
    with caplog.at_level(logging.WARNING):
        assert for_run(None, *where).raw == made.raw
        keep_good(*where, "people: {}")
    assert (mode(tmp_path / KEY), mode(good_path(*where))) == (0o600, 0o600)
    assert [record.message for record in caplog.records] == ["others could use a file of ours: not any more"] * 2


def test_a_key_that_somebody_named_is_left_as_it_is(tmp_path, where):
    for_run(None, *where)
    (tmp_path / KEY).chmod(0o644)
    for_run(tmp_path / KEY, *where)
    assert mode(tmp_path / KEY) == 0o644


def test_what_may_stand_there_to_have_us_change_another_file_is_left_alone(tmp_path, caplog, monkeypatch):
    public = tmp_path / "public"
    public.write_text("for all")
    public.chmod(0o644)
    (tmp_path / "link").symlink_to(public)
    mend(tmp_path / "link", "")
    os.link(public, tmp_path / "name")
    mend(tmp_path / "name", "")
    (tmp_path / "name").unlink()
    mend(tmp_path, "")
    mend(tmp_path / "nothing", "")
    monkeypatch.setattr(os, "geteuid", lambda: public.stat().st_uid + 1)
    mend(public, "")
    assert (mode(public), caplog.records) == (0o644, [])


@pytest.mark.parametrize(
    ("key", "folder", "said"),
    [
        (0o600, 0o755, []),
        (0o640, 0o770, []),
        (0o644, 0o755, ["may read the key"]),
        (0o606, 0o1777, ["may read and write the key", "may write to"]),
    ],
)
def test_others_are_those_outside_of_the_group(tmp_path, key, folder, said):
    (tmp_path / KEY).write_text("x")
    (tmp_path / KEY).chmod(key)
    tmp_path.chmod(folder)
    found = list(exposed(tmp_path / KEY, tmp_path))
    assert len(found) == len(said)
    for (says, fix), words in zip(found, said, strict=True):
        assert words in says
        assert fix.startswith("`chmod o")


def test_before_the_first_start_there_is_nothing_to_say(tmp_path):
    assert list(exposed(tmp_path / "none" / KEY, tmp_path / "none")) == []
