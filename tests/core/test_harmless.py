"""Words of alerts in posts: nothing in them rings for a whole chat, or is a command to a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertsms.core.text.channel import harmless, on_one_line


@pytest.mark.parametrize(
    ("text", "posted"),
    [
        ("CPU above 90%, ask ops@example.org or @alice #1\n  answer: https://p.example.org/a/x7Kq5MdPbR4", None),
        ("Größe, 東京, 🚨: all here in this room!", None),
        ("<!channel> <!here|here> <!everyone>", "<! channel> <! here|here> <! everyone>"),
        ("<!subteam^S012345>", "<! subteam^S012345>"),
        ("@everyone @Here @channel @all @room @**all**", "@ everyone @ Here @ channel @ all @ room @ **all**"),
        ("x@everyone, @everyones", "x@ everyone, @ everyones"),
        ("<@channel> <@&123456>", "<@ channel> <@ &123456>"),
        ("a\x1b[31mb\x9b2Jc\x07\td", "a [31mb 2Jc d"),
        ("one\r\ntwo\x85three\u2028four\u2029five\x0bsix", "one \ntwo three four five six"),
        ("\x1b@\x00everyone", " @ everyone"),
    ],
)
def test_what_chats_and_terminals_would_obey_is_only_read(text, posted):
    assert harmless(text) == (text if posted is None else posted)


def test_a_title_is_one_line():
    assert on_one_line("alertsms:\n@here \x9b2J") == "alertsms: @ here 2J"


@given(st.text(st.sampled_from("@!<>&1*_ \n\x1b\x85\u2028aelhnrvyo") | st.characters()))
def test_whatever_it_holds_saying_it_twice_changes_nothing(text):
    assert harmless(harmless(text)) == harmless(text)
    assert len(harmless(text).splitlines()) <= text.count("\n") + 1
