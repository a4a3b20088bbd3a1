"""Markdown as plain text: Grafana and chats render it, a phone shows its marks."""

from __future__ import annotations

import re

_MARKS = frozenset("*_`[#>~<|")
_RULES = (
    (re.compile(r"```\w*"), ""),
    (re.compile(r"!?\[([^\]]*)\]\((?:[^()\s]|\([^()\s]*\))*\)"), r"\1"),  # a link is told by its words
    (re.compile(r"<(https?://[^>|\s]+)(?:\|([^>]*))?>"), r"\2"),  # as Slack writes one
    (re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>+[ \t]?|[*+][ \t]+)", re.MULTILINE), ""),
    (re.compile(r"</?(?:b|i|u|em|strong|code|pre|br|p)[ \t]*/?>", re.IGNORECASE), " "),
    (re.compile(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w/])_(?=\S)([^_\n]+)(?<=\S)_(?![\w/])"), r"\1"),
    (re.compile(r"`([^`\n]*)`"), r"\1"),
)
LONGEST = 4_096  # characters that are looked at


def without_marks(text: str) -> str:
    """The text without headings, emphasis, code marks and the addresses of links; on one line."""
    if _MARKS.isdisjoint(text):
        return " ".join(text.split())
    text = text[:LONGEST]
    for rule, words in _RULES:
        text = rule.sub(words, text)
    return " ".join(text.split())
