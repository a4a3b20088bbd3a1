"""What is posted to other channels than SMS, with nothing in it that a chat or a terminal would obey.

Labels and annotations are their senders' words: they are to be read, and shall not ring the phones of a whole chat.
"""

from __future__ import annotations

import re

# C0 and C1 controls, and the lines and paragraphs of Unicode; a line feed is what our own texts are made with.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")
# What rings for everybody in Slack, Discord, Mattermost, Matrix, Teams and Zulip, a role's or a group's name included.
_ALL = re.compile(r"([@!])(?=[*_]*(?:everyone|here|(?:all|channel|room|subteam)\b)|&\d)", re.IGNORECASE)


def harmless(text: str) -> str:
    """The same words: controls other than a line feed become spaces, and `@everyone` is `@ everyone`."""
    return _ALL.sub(r"\1 ", _CONTROLS.sub(" ", text))


def on_one_line(text: str) -> str:
    """The same for a title."""
    return " ".join(harmless(text).split())
