"""YAML as a tree of texts, each with its line. Nothing is turned into something else: `17:00`, `no`, `0123` stay text.

The tree is built from PyYAML's events, not by its composer: that one recurses (a deep file would end the process),
keeps the last of two equal keys in silence and lets a few aliases grow into gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

import yaml

from alertsms.config.error import MistakeReport, Place, quote

DEPTH = 64  # levels; a route tree of 20 levels needs 40
ALIASED = 100_000  # values that aliases may add to those written out

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads ten times faster, where it is built in
_STANDARD_TAG = "tag:yaml.org,2002:"
# YAML 1.1, section 4.1.1: what is not c-printable.
_UNPRINTABLE = re.compile("[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Scalar:
    """One value, as it is written; `null` when nothing is (an empty value, `~` or `null`)."""

    line: int
    text: str
    null: bool = False
    size: int = 1


@dataclass(kw_only=True, slots=True)
class Sequence:
    """A list."""

    line: int
    items: list[Node] = field(default_factory=list)
    size: int = 1  # values in it, aliases counted as often as they stand


@dataclass(kw_only=True, slots=True)
class Mapping:
    """Keys, each once, with the line of the key and its value."""

    line: int
    entries: dict[str, tuple[int, Node]] = field(default_factory=dict)
    size: int = 1


Node: TypeAlias = "Scalar | Sequence | Mapping"


class _StopError(Exception):
    """The rest of the file cannot be read."""


def parse(text: str, report: MistakeReport) -> Node | None:
    """Read one YAML document; None when it is empty or unreadable. Mistakes are noted in `report`."""
    try:
        return _Composer(text, report).document()
    except _StopError:
        return None
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else 1
        report.error(Place(line=line), _syntax(text, line, problem))
    except (yaml.YAMLError, UnicodeError, ValueError, OverflowError) as problem:  # an escape such as "\U99999999"
        line, reason = _unreadable(text, problem)
        report.error(Place(line=line), reason)
    return None


def _syntax(text: str, line: int, problem: yaml.MarkedYAMLError) -> str:
    """Say what the parser stumbled over, in words for who edits the file."""
    lines = text.splitlines()
    here = lines[line - 1] if line <= len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())] or "'\\t'" in str(problem.problem):
        return "a tab stands where YAML wants spaces: indent with spaces"
    reason = " ".join(part for part in (problem.context, problem.problem) if part)
    if problem.context_mark and problem.context_mark.line + 1 < line:
        reason += f" (it begins in line {problem.context_mark.line + 1})"
    return f"this is not YAML: {reason}; look at the indentation, quotes and brackets of this line and the one above"


def _unreadable(text: str, problem: Exception) -> tuple[int, str]:
    """Find the character that no YAML file may hold, and its line."""
    if character := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, character.start()) + 1
        return line, f"the character U+{ord(character[0]):04X} may not stand in a YAML file: remove it"
    return 1, f"this is not YAML: {' '.join(str(problem).split())}"


class _Composer:
    def __init__(self, text: str, report: MistakeReport) -> None:
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=_Loader))
        self.report = report
        self.anchors: dict[str, Node | None] = {}  # None while the node is being built
        self.aliased = 0

    def document(self) -> Node | None:
        """Read the first document and refuse a second."""
        root = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self.stop(event, "a second document starts here (---): one file holds one configuration")
                root = self.node(next(self.events), 0, Place(line=1))
        return root

    def stop(self, event: Any, message: str) -> NoReturn:  # noqa: ANN401 - PyYAML's events are untyped
        self.report.error(Place(line=_line(event)), message)
        raise _StopError

    def node(self, event: Any, depth: int, at: Place) -> Node:  # noqa: ANN401
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        if depth > DEPTH:
            self.stop(event, f"this is nested more than {DEPTH} levels deep")
        if event.tag and event.tag != "!" and not event.tag.startswith(_STANDARD_TAG):
            self.report.error(at, f"tags are not read here: remove {quote(event.tag)}", found=event.tag)
        if event.anchor:
            self.anchors[event.anchor] = None
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            plain = event.style is None or event.style == ""
            node = Scalar(line=_line(event), text=event.value, null=plain and not event.tag and event.value in _NULL)
        else:
            read = self.sequence if isinstance(event, yaml.SequenceStartEvent) else self.mapping
            node = read(event, depth, at)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def alias(self, event: Any) -> Node:  # noqa: ANN401
        """Find what `*name` stands for, within bounds."""
        name = event.anchor
        if name not in self.anchors:
            self.stop(event, f"*{name} is used here, but no &{name} stands above it")
        node = self.anchors[name]
        if node is None:
            self.stop(event, f"*{name} stands inside its own &{name}")
        self.aliased += node.size
        if self.aliased > ALIASED:
            self.stop(event, f"aliases (*) add more than {ALIASED} values to this file")
        return node

    def sequence(self, event: Any, depth: int, at: Place) -> Sequence:  # noqa: ANN401
        sequence = Sequence(line=_line(event))
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            item = self.node(event, depth + 1, at.item(len(sequence.items), _line(event)))
            sequence.items.append(item)
            sequence.size += item.size
        return sequence

    def mapping(self, event: Any, depth: int, at: Place) -> Mapping:  # noqa: ANN401
        """Read a mapping to its end; the merge key `<<` adds what is not written out."""
        mapping = Mapping(line=_line(event))
        merged: list[Node] = []
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1, at)
            name = key.text if isinstance(key, Scalar) else ""
            here = at.key(name, key.line)
            value = self.node(next(self.events), depth + 1, here)
            mapping.size += value.size
            if not isinstance(key, Scalar):
                at_key = Place(line=key.line, path=at.path)
                self.report.error(at_key, "a list or mapping cannot be a key: write a text")
            elif name == "<<":
                merged += value.items if isinstance(value, Sequence) else [value]
            elif name in mapping.entries:
                first = mapping.entries[name][0]
                self.report.error(here, f"this key stands twice, it is already in line {first}: keep one", found=name)
            else:
                mapping.entries[name] = (key.line, value)
        for extra in merged:
            self.merge(mapping, extra)
        return mapping

    def merge(self, mapping: Mapping, extra: Node) -> None:
        """Take over the keys of a `<<` that the mapping does not have."""
        if not isinstance(extra, Mapping):
            self.report.error(
                Place(line=extra.line), "<< takes in another mapping: write an alias of one, such as *name"
            )
            return
        for name, entry in extra.entries.items():
            mapping.entries.setdefault(name, entry)


def _line(event: Any) -> int:  # noqa: ANN401
    return int(event.start_mark.line) + 1
