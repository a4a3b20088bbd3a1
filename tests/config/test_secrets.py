"""Where secrets come from, and that nothing shows them."""

from __future__ import annotations

import pytest

from alertsms.config import ConfigError, Hmac, Secret, load, read
from tests.config.sample import AFTER, KEYS, LINES, accepted, changed, refusal


def keys(config) -> tuple[str, str, str]:
    given = config.ovh.credentials
    return given.application_key, given.application_secret, given.consumer_key


def test_keys_come_from_the_usual_variables_when_the_file_has_none():
    assert keys(accepted("\n".join(LINES))) == ("ak", "as", "ck")


def test_keys_of_the_file_win_over_the_variables():
    text = changed(
        3, "  sender: ACME\n  application_key: k1\n  application_secret: ${MINE}\n  consumer_key_file: secrets/one"
    )
    assert keys(accepted(text, KEYS | {"MINE": "k2"})) == ("k1", "k2", "s3cret")


def test_a_variable_may_stand_anywhere_in_a_value():
    config = accepted(changed(AFTER, "store: 'sqlite:////${DIR}/$$a$b.db'"), KEYS | {"DIR": "var/lib"})
    assert config.store == "sqlite:////var/lib/$a$b.db"


def test_what_a_variable_holds_is_not_read_again():
    config = accepted(changed(AFTER, "server: {bearer_token: '${T}'}"), KEYS | {"T": "a: ${T} # $$"})
    assert config.server.bearer_tokens == ("a: ${T} # $$",)


def test_the_endpoint_may_come_from_the_environment():
    assert accepted("\n".join(LINES)).ovh.base_url == "https://eu.api.ovh.com/1.0"
    config = accepted("\n".join(LINES), KEYS | {"OVH_ENDPOINT": "soyoustart-eu"})
    assert config.ovh.base_url == "https://eu.api.soyoustart.com/1.0"


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        ("bearer_token: one", ("one",)),
        ("bearer_token: [one, two]", ("one", "two")),
        ("bearer_token_file: secrets/two", ("old", "new")),
        ("bearer_token_file: [secrets/one, secrets/windows]", ("s3cret", "s3cret")),
        ("bearer_token: one, bearer_token_file: secrets/two", ("one", "old", "new")),
    ],
)
def test_several_tokens_are_valid_while_one_replaces_another(written, tokens):
    assert accepted(changed(AFTER, f"server: {{{written}}}")).server.bearer_tokens == tokens


def test_users_and_signatures_take_one_or_a_list():
    one = accepted(
        changed(AFTER, "server: {basic_auth: {username: a, password: x}, hmac: {secret_file: secrets/one}}")
    ).server
    assert (one.basic, one.hmac) == ((("a", "x"),), (Hmac(secret=Secret("s3cret")),))
    two = accepted(
        changed(
            AFTER,
            "server:\n"
            "  basic_auth: [{username: a, password: x}, {username: b, password_file: secrets/one}]\n"
            "  hmac: [{secret: x, header: X-Sig, timestamp_header: X-Time, require_timestamp: yes}, {secret: y}]",
        )
    ).server
    assert two.basic == (("a", "x"), ("b", "s3cret"))
    assert two.hmac[0] == Hmac(secret=Secret("x"), header="X-Sig", timestamp_header="X-Time", require_timestamp=True)
    assert two.hmac[1].secret == "y"


def test_no_secret_shows_in_the_config_or_in_mistakes():
    text = changed(
        AFTER,
        "store: postgresql+psycopg://me:hidden1@db/alertsms\n"
        "server: {bearer_token: hidden2, basic_auth: {username: a, password: hidden3}, hmac: {secret: hidden4}}",
    )
    environ = {"OVH_APPLICATION_KEY": "hidden5", "OVH_APPLICATION_SECRET": "hidden6", "OVH_CONSUMER_KEY": "hidden7"}
    assert "hidden" not in repr(accepted(text, environ))
    assert "***" in repr(accepted(text, environ))
    wrong = text.replace("postgresql+psycopg", "mysql").replace("bearer_token", "bearer_tokens")
    wrong = wrong.replace("password: hidden3", "password: [hidden3]").replace(
        "hmac: {secret: hidden4}", "hmac: hidden4"
    )
    assert "hidden" not in refusal(wrong, environ)


def test_without_secrets_neither_variables_nor_files_are_read():
    text = changed(
        AFTER,
        "server: {listen: 10.0.0.1:80, bearer_token_file: none, basic_auth: {username: a, password: '${NONE}'}}\n"
        "store: postgresql+psycopg://me:${NONE}@db/alertsms",
    )
    config = accepted(text, {}, secrets=False)
    assert config.server.bearer_tokens == ("***",)
    assert config.roster.teams["ops"].people[0].name == "alice"


def test_paths_of_secrets_start_beside_the_configuration(tmp_path):
    (tmp_path / "token").write_text("s3cret\n", encoding="utf-8")
    file = tmp_path / "config.yaml"
    file.write_text(changed(AFTER, "server: {bearer_token_file: token}"), encoding="utf-8")
    assert load(file, KEYS).server.bearer_tokens == ("s3cret",)


def test_a_secret_that_is_a_folder_or_endless_is_refused(tmp_path):
    file = tmp_path / "config.yaml"
    (tmp_path / "big").write_text("x" * 70_000, encoding="utf-8")
    file.write_text(changed(AFTER, "server: {bearer_token_file: [., big]}"), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(file, KEYS)
    assert str(refused.value) == (
        f'{file} line 10, server.bearer_token_file[0]: "." cannot be read: it is a directory, write the path of a'
        " file\n"
        f'{file} line 10, server.bearer_token_file[1]: "big" cannot be read: it is larger than 64 KiB'
    )


KEYED = "\n".join([*LINES, "server: {key_file: root.key}", ""])


def written(folder, text: str = KEYED, key: bytes | None = bytes(32)) -> str:
    (folder / "config.yaml").write_text(text)
    if key is not None:
        (folder / "root.key").write_bytes(key)
    return str(folder / "config.yaml")


def test_a_key_file_lies_beside_the_configuration_unless_its_path_says_otherwise(tmp_path):
    assert load(written(tmp_path), KEYS).server.key_file == tmp_path / "root.key"
    text = KEYED.replace("root.key", f"{tmp_path}/root.key")
    assert load(written(tmp_path, text), KEYS).server.key_file == tmp_path / "root.key"
    assert load(written(tmp_path, "\n".join(LINES)), KEYS).server.key_file is None


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (None, "there is no {}: write a key into it, `openssl rand -base64 32` prints one"),
        (b"secret", "the key {} cannot be used: it holds no key of 32 bytes: `openssl rand -base64 32` prints one"),
    ],
)
def test_a_key_file_that_holds_no_key_is_a_mistake(tmp_path, key, says):
    file = written(tmp_path, key=key)
    with pytest.raises(ConfigError) as refused:
        load(file, KEYS)
    assert [mistake.message for mistake in refused.value.mistakes] == [says.format(tmp_path / "root.key")]
    assert load(file, KEYS, secrets=False).server.key_file == tmp_path / "root.key"


def test_the_last_good_file_starts_without_its_key(tmp_path):
    file = written(tmp_path, key=None)
    config = read(KEYED, file=file, environ=KEYS, lenient=True)
    assert config.server.key_file == tmp_path / "root.key"
    assert "server.key_file" in [warning.path for warning in config.warnings]


def test_replicas_on_postgresql_are_told_to_share_a_key(tmp_path):
    def warned(text: str) -> list[str]:
        warnings = load(written(tmp_path, text), KEYS).warnings
        return [warning.message for warning in warnings if warning.path == "store"]

    shared = "\nstore: 'postgresql+psycopg://alertsms@db/alertsms'\n"
    says = "replicas on PostgreSQL need the same key, write server.key_file with its path"
    assert warned("\n".join(LINES) + shared) == [f"{says} (`openssl rand -base64 32` prints one)"]
    assert warned(KEYED + shared) == []
    assert warned("\n".join(LINES)) == []
