"""The store's URL in a file of its own, so that its password stands nowhere else."""

from __future__ import annotations

import re

import pytest

from alertsms.cli.server import store_of, written_store
from alertsms.config import ConfigError, load
from tests.config.sample import KEYS

URL = "postgresql+psycopg://alertsms:HIDDEN@db/alertsms"
PLAN = """\
ovh: {service_name: sms-xx00000-1, sender: ACME}
people: {alice: "+33612345678"}
teams: {ops: {page: [alice]}}
route: {team: ops}
server: {key_file: key}
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "key").write_text("00" * 32)
    (tmp_path / "store").write_text(f"{URL}\n")
    path = tmp_path / "config.yaml"
    path.write_text(f"store_file: store\n{PLAN}")
    return path


def refused(file) -> str:
    with pytest.raises(ConfigError) as refusal:
        load(file, KEYS)
    return str(refusal.value)


def test_it_is_the_store_of_the_server_and_of_each_command(file):
    assert load(file, KEYS).store == URL
    assert load(file, KEYS, secrets=False).store == URL
    assert store_of(str(file)) == URL


def test_a_file_with_a_mistake_elsewhere_still_names_it(file):
    file.write_text(file.read_text() + "people: [\n")
    assert written_store(str(file)) == URL


def test_both_are_one_too_many(file):
    file.write_text(f"store: sqlite:///a.db\n{file.read_text()}")
    assert "line 2, store_file: store stands here too, keep one of them" in refused(file)


def test_replicas_are_reminded_of_the_same_key(file):
    file.write_text(file.read_text().replace("server: {key_file: key}\n", ""))
    (warning,) = [each for each in load(file, KEYS).warnings if "same key" in each.message]
    assert (warning.line, warning.path) == (1, "store_file")


def test_what_cannot_be_read_is_a_mistake_and_nothing_of_its_text_is_shown(file):
    store = file.with_name("store")
    store.write_text("mysql://me:HIDDEN@db/alertsms")
    says = refused(file)
    assert re.search(r'store_file: "store" this is no known store, write sqlite:///PATH or postgresql', says)
    store.unlink()
    says += refused(file)
    assert 'store_file: "store" cannot be read: No such file or directory' in says
    assert "HIDDEN" not in says


def test_where_no_secret_is_read_it_need_not_be_there(file):
    file.with_name("store").unlink()
    assert load(file, KEYS, secrets=False).store.startswith("postgresql+psycopg://")
