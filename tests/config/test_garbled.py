"""Whatever a file holds, reading it ends in a Config or in mistakes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from alertsms.config import Config, ConfigError
from tests.config.sample import AFTER, KEYS, LINES, accepted

HERE = Path(__file__).parent
KEYS_OF_FILES = """
    ovh people teams route server store severity page team routes matchers time_intervals name phones sender << hmac log
    bearer_token times start_time steps level storm location weekdays basic_auth
"""
NOISE = st.sampled_from(["", "\t", "\n", ":", "- ", "[", "{", "'", '"', "&a ", "*a", "$", "\0", "é"])
KEY = st.sampled_from(KEYS_OF_FILES.split())
VALUE = st.recursive(
    st.sampled_from(["", "~", "no", "17:00", "ops", "alice", "'${X}'", "'$${'", "${Y}", "30m", "a=b", "+33612345678"])
    | st.text(max_size=8).map(lambda text: '"' + text.replace("\\", "").replace('"', "") + '"'),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(KEY, inner, max_size=4).map(
            lambda d: "{" + ", ".join(f"{k}: {v}" for k, v in d.items()) + "}"
        )
    ),
    max_leaves=12,
)


def read_or_refused(text: str) -> None:
    try:
        said = accepted(text, KEYS | {"X": "x"})
    except ConfigError as refused:
        said = refused
    assert isinstance(said, Config) or any(not mistake.warning for mistake in said.mistakes)


@settings(max_examples=200, deadline=None)
@given(st.text())
@example("\ud800")
@example('a: "\\U99999999"')
@example("a: &a [*a]")
@example("%YAML 999999999999999999999999.1\n--- a")
@example("? " * 2000)
@example("[" * 5000)
def test_no_text_makes_reading_fail_in_another_way_than_by_mistakes(text):
    read_or_refused(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(1, AFTER), KEY, VALUE), min_size=1, max_size=4))
def test_no_value_at_any_place_makes_reading_fail_in_another_way_than_by_mistakes(changes):
    lines = [*LINES, ""]
    for line, key, value in changes:
        indent = " " * (2 * lines[line - 1].startswith(" "))
        lines[line - 1] = f"{indent}{key}: {value}"
    read_or_refused("\n".join(lines))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_garbled_file_makes_reading_fail_in_another_way_than_by_mistakes(data):
    text = list((HERE.parents[1] / "config.example.yaml").read_text(encoding="utf-8"))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at] = data.draw(
            st.sampled_from(["", "\t", "\n", ":", "- ", "[", "{", "'", '"', "&a ", "*a", "$", "\0", "é"])
        )
    read_or_refused("".join(text))
