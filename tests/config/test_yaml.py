"""YAML is read as texts with lines, within bounds."""

from __future__ import annotations

import time

import pytest

from alertsms.config.error import MistakeReport
from alertsms.config.yaml import Mapping, Scalar, Sequence, parse


def plain(node):
    """The tree without its lines; None for a null."""
    if isinstance(node, Mapping):
        return {key: plain(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return None if node.null else node.text


def tree(text: str):
    report = MistakeReport(file="config.yaml")
    node = parse(text, report)
    assert report.mistakes == []
    return plain(node)


def said(text: str) -> list[str]:
    report = MistakeReport(file="config.yaml")
    parse(text, report)
    return [str(mistake) for mistake in report.mistakes]


@pytest.mark.parametrize(
    "text",
    [
        "17:00",
        "24:00",
        "no",
        "on",
        "off",
        "yes",
        "true",
        "+33612345678",
        "0123",
        "0x1F",
        "1_000",
        "1e3",
        "2026-01-05",
        ".5",
    ],
)
def test_a_value_stays_the_text_that_it_is(text):
    assert tree(f"key: {text}") == {"key": text}
    assert tree(f"{text}: value") == {text: "value"}


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_told_from_an_empty_text(text):
    assert tree(f"key: {text}") == {"key": None}
    assert tree(f"key: '{text}'") == {"key": text}


def test_every_key_and_item_has_its_line():
    node = parse("a:\n  - x\n  - y: |\n      long\n      text\n    z: 1\n", MistakeReport(file="config.yaml"))
    line, items = node.entries["a"]
    assert (line, [item.line for item in items.items]) == (1, [2, 3])
    assert [line for line, _ in items.items[1].entries.values()] == [3, 6]


def test_an_alias_stands_for_its_anchor():
    assert tree("a: &one [x]\nb: *one\n") == {"a": ["x"], "b": ["x"]}


def test_a_merge_key_adds_what_is_not_written_out():
    assert tree("a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 5}\n")["c"] == {
        "x": "5",
        "y": "2",
        "z": "4",
    }


def test_a_quoted_text_may_carry_a_standard_tag():
    assert tree("a: !!str no\nb: !!str ~\nc: ! x\n") == {"a": "no", "b": "~", "c": "x"}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_file_is_no_tree_and_no_mistake(text):
    report = MistakeReport(file="config.yaml")
    node = parse(text, report)
    assert node is None or (isinstance(node, Scalar) and node.null)
    assert report.mistakes == []


LOOK = "; look at the indentation, quotes and brackets of this line and the one above"
REFUSED = [
    ("a:\n  b: 1\n\tc: 2\n", "line 3: a tab stands where YAML wants spaces: indent with spaces"),
    ("a:\n\tb: 1\n", "line 2: a tab stands where YAML wants spaces: indent with spaces"),
    ("a: 1\nb: 2\na: 3\n", "line 3, a: this key stands twice, it is already in line 1: keep one"),
    ("a:\n  - {b: 1, b: 2}\n", "line 2, a[0].b: this key stands twice, it is already in line 2: keep one"),
    ("a: *x\n", "line 1: *x is used here, but no &x stands above it"),
    ("a: &x\n  - *x\n", "line 2: *x stands inside its own &x"),
    ("<<: [1]\n", "line 1: << takes in another mapping: write an alias of one, such as *name"),
    ("a: 1\n---\nb: 2\n", "line 2: a second document starts here (---): one file holds one configuration"),
    ("a:\n  b: !include c\n", 'line 2, a.b: tags are not read here: remove "!include"'),
    ("a:\n  ? {b: c}\n  : d\n", "line 2, a: a list or mapping cannot be a key: write a text"),
    ("a: 1\nb: \x07\n", "line 2: the character U+0007 may not stand in a YAML file: remove it"),
    ("a: \ud800\n", "line 1: the character U+D800 may not stand in a YAML file: remove it"),
    ("a: " + "[" * 100 + "]" * 100, "line 1: this is nested more than 64 levels deep"),
]


@pytest.mark.parametrize(("text", "mistake"), REFUSED)
def test_what_cannot_be_meant_is_refused(text, mistake):
    assert said(text) == [f"config.yaml {mistake}"]


@pytest.mark.parametrize(
    ("text", "line", "begins"),
    [
        ("a: [1,\n  2\nb: 3\n", 3, 1),
        ("a: 1\nb: 'it\nc: 3\n", 4, 2),
        ("a: b: c\n", 1, None),
        ("a:\n  - b\n c: d\n", 3, 1),
    ],
)
def test_what_is_no_yaml_is_pointed_at(text, line, begins):
    """The parser's own words differ between libyaml and Python; the lines and the advice do not."""
    [mistake] = said(text)
    assert mistake.startswith(f"config.yaml line {line}: this is not YAML: ")
    assert mistake.endswith((f" (it begins in line {begins})" if begins else "") + LOOK)


def test_aliases_that_grow_without_end_are_stopped_at_once():
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    laughs += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30))
    started = time.monotonic()
    assert said(laughs) == ["config.yaml line 5: aliases (*) add more than 100000 values to this file"]
    assert time.monotonic() - started < 2
