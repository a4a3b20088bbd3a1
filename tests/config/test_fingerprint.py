"""The hash by which replicas compare their files: what people are paged by counts, what is a machine's own does not."""

from __future__ import annotations

import pytest

from alertsms.config import Config, read
from alertsms.config.fields import ReadingPurpose
from tests.config.sample import AFTER, KEYS, LINES, accepted, changed


def fingerprint(text: str, environ: dict[str, str] = KEYS) -> str:
    return accepted(text, environ).fingerprint


PLAIN = "\n".join(LINES)


def test_comments_and_the_order_of_keys_count_for_nothing():
    reordered = PLAIN.replace("ovh:", "# a word\novh:")
    assert fingerprint(reordered) == fingerprint(PLAIN)
    assert fingerprint(changed(AFTER, "storm: {after: 3, within: 1m}")) == fingerprint(
        changed(AFTER, "storm: {within: 1m, after: 3}")
    )


@pytest.mark.parametrize(
    "own",
    [
        "store: sqlite:////var/lib/other.db",
        "log: {level: debug}",
        "ping_url: https://ping.example/abc",
        "server: {listen: '127.0.0.1:9999'}",
        "server: {trusted_proxies: [10.0.0.7]}",
    ],
)
def test_what_is_a_replicas_own_counts_for_nothing(own):
    section = own.partition(":")[0]
    empty = "server: {}" if section == "server" else ""
    assert fingerprint(changed(AFTER, own)) == fingerprint(changed(AFTER, empty))


@pytest.mark.parametrize(
    "more", ["stale_after: 3d", "retention: 40d", "server: {external_url: 'https://pager.example'}"]
)
def test_what_people_are_paged_by_counts(more):
    assert fingerprint(changed(AFTER, more)) != fingerprint(PLAIN)


def test_what_a_variable_holds_counts():
    text = changed(AFTER, "server: {bearer_token: '${T}'}")
    assert fingerprint(text, KEYS | {"T": "one"}) != fingerprint(text, KEYS | {"T": "two"})


def test_what_the_file_of_a_secret_holds_counts_and_not_where_it_lies():
    def of(path: str, held: dict[str, str]) -> str:
        text = changed(AFTER, f"server: {{bearer_token_file: {path}}}")
        return read(text, file="/etc/a.yaml", environ=KEYS, open_file=lambda path: held[path.name]).fingerprint

    held = {"a": "s3cret", "b": "s3cret\n", "c": "other"}
    assert of("/run/a", held) == of("/etc/b", held)
    assert of("/run/a", held) != of("/run/c", held)


def test_where_secrets_are_left_unread_there_is_none():
    config: Config = read(PLAIN, file="a.yaml", environ={}, purpose=ReadingPurpose(secrets=False))
    assert config.fingerprint == ""


def test_a_secret_that_is_gone_leaves_a_last_good_configuration_its_hash():
    def gone(path: object) -> str:
        raise OSError("gone")

    text = changed(AFTER, "server: {key_file: /run/key}")
    assert len(read(text, file="a.yaml", environ=KEYS, open_file=gone, lenient=True).fingerprint) == 64
