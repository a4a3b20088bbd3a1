"""What a table of the configuration's fields is made of.

Each kind of value reads itself, and says what to write. Fields and kinds take their arguments by position, so that a
table reads as one.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from alertsms.config.error import MistakeReport, Place, one_of, quote
from alertsms.config.yaml import Mapping, Node, Scalar, Sequence

Schema = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingPurpose:
    """What a file is read for."""

    # True: as `check` reads. Apprise reads its URLs, which takes half a second to import, and what would run all the
    # same, shut to strangers, is a mistake.
    thorough: bool = False
    now: datetime | None = None  # as of when gaps are looked for; None: they are not
    secrets: bool = True  # False: secrets are left unread, for commands that need none


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading(ReadingPurpose):
    """What one reading of a file needs beside the file."""

    report: MistakeReport
    environ: MappingABC[str, str]
    open_file: Callable[[Path], str]
    folder: Path  # where relative paths of secrets start: beside the configuration
    lenient: bool = False  # True: a calendar or a template that cannot be used is left out, so that the rest can start


@dataclass(frozen=True, kw_only=True, slots=True)
class Got:
    """A value that was read, and where it stands."""

    value: Any
    at: Place
    found: str = ""  # as written, before variables were filled in; "" for a secret


class FieldType(Protocol):
    """One kind of value."""

    @property
    def wanted(self) -> str:
        """What to write, as a noun: `a duration such as 30m`."""

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Give the value, or None after noting what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a section."""

    key: str
    kind: FieldType
    doc: str
    default: Any = None
    required: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A mapping that was read: what is right in it, and where everything stands."""

    at: Place
    fields: MappingABC[str, Field]
    got: dict[str, Got] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)  # of every known key written, right or wrong
    meant: set[str] = field(default_factory=set)  # known keys that unknown ones were likely meant to be

    def __contains__(self, key: str) -> bool:
        """Tell whether the key is written, right or wrong."""
        return key in self.places

    def lacks(self, *keys: str) -> bool:
        """Tell whether none of the keys is written, nor one that was meant to be it (which has been noted)."""
        return not any(key in self.places or key in self.meant for key in keys)

    def value(self, key: str) -> Any:  # noqa: ANN401 - the field's kind decides
        """Give the value, or the field's default when it is missing or wrong."""
        return self.got[key].value if key in self.got else self.fields[key].default

    def items(self, key: str) -> list[Got]:
        """Give the items of a list; none when it is missing or wrong."""
        return list(self.got[key].value) if key in self.got else []

    def section(self, key: str) -> Section:
        """Give the section below `key`; one of defaults when it is missing or wrong."""
        if key in self.got:
            return cast("Section", self.got[key].value)
        return Section(at=self.at, fields=cast("Table", self.fields[key].kind).keys)

    def place(self, key: str) -> Place:
        """Where the key stands, or where it would."""
        return self.places.get(key, self.at)


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping with known keys; it reads as a Section."""

    wanted: str
    fields: tuple[Field, ...]
    later: frozenset[str] = frozenset()  # keys of later versions: understood, and refused by name
    hints: MappingABC[str, str] = field(default_factory=dict)  # other tools' keys, and what to write here
    extra: Schema = field(default_factory=dict)  # rules between keys, for the schema

    @property
    def keys(self) -> dict[str, Field]:
        """The fields by their keys."""
        return {field.key: field for field in self.fields}

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Read each key by its field; note unknown and missing ones."""
        if not isinstance(node, Mapping):
            wrong_shape(node, at, self.wanted, reading.report)
            return None
        known = self.keys
        section = Section(at=at, fields=known)
        for key, (line, value) in node.entries.items():
            here = at.key(key, line)
            if key not in known:
                message = self.unknown(key)
                section.meant.add(message.rpartition("write ")[2])
                reading.report.error(here, message, found=key)
                continue
            section.places[key] = here
            if got := known[key].kind.read(value, here, reading):
                section.got[key] = got
        for missing in self.fields:
            if missing.required and section.lacks(missing.key):
                reading.report.error(at, f"{missing.key} is missing, write {missing.kind.wanted}")
        return Got(value=section, at=at)

    def unknown(self, key: str) -> str:
        """Say why a key is not taken, and which was likely meant."""
        if key in self.hints:
            return f"{quote(key)} is no key here, {self.hints[key]}"
        if key in self.later:
            return f"{quote(key)} is not in this version yet, leave it out"
        instead = one_of(get_close_matches(key[:64].lower(), self.keys, n=1) or self.keys)
        return f"{quote(key)} is no key here, write {instead}"


@dataclass(frozen=True, slots=True)
class Named:
    """A mapping of freely chosen names; it reads as a dict of Got."""

    wanted: str
    kind: FieldType

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Read each name's value; what is wrong is left out."""
        if not isinstance(node, Mapping):
            wrong_shape(node, at, self.wanted, reading.report)
            return None
        if not node.entries:
            reading.report.error(at, f"this is empty, write {self.wanted}")
        values: dict[str, Got | None] = {}
        for name, (line, value) in node.entries.items():
            here = at.key(name, line)
            if not name.strip() or not name.isprintable() or len(name) > 100:
                reading.report.error(here, f"{quote(name)} is no name, write 1 to 100 visible characters", found=name)
            values[name] = self.kind.read(value, here, reading)
        return Got(value=values, at=at)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of one kind; it reads as a list of Got. With `single`, one item may stand without the list."""

    wanted: str
    kind: FieldType
    single: bool = False
    empty: bool = False  # an empty list says something

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Read each item; what is wrong is left out."""
        if self.single and not isinstance(node, Sequence) and not (isinstance(node, Scalar) and node.null):
            got = self.kind.read(node, at, reading)
            return Got(value=[got], at=at) if got else None
        if not isinstance(node, Sequence):
            wrong_shape(node, at, self.wanted, reading.report)
            return None
        if not node.items and not self.empty:
            reading.report.error(at, f"this list is empty, write {self.wanted}")
            return None
        items = (self.kind.read(item, at.item(index, item.line), reading) for index, item in enumerate(node.items))
        return Got(value=[got for got in items if got], at=at)


@dataclass(frozen=True, slots=True)
class Either:
    """A short form on one line, or the long one as a mapping."""

    short: FieldType
    long: FieldType

    @property
    def wanted(self) -> str:
        """Both forms."""
        return f"{self.short.wanted} or {self.long.wanted}"

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Read whichever form is written."""
        if isinstance(node, Mapping):
            return self.long.read(node, at, reading)
        if isinstance(node, Scalar) and not node.null:
            return self.short.read(node, at, reading)
        wrong_shape(node, at, self.wanted, reading.report)
        return None


@dataclass(frozen=True, slots=True)
class Again:
    """A kind that stands inside itself: a route's routes."""

    kind: Callable[[], FieldType]

    @property
    def wanted(self) -> str:
        """What the kind itself wants."""
        return self.kind().wanted

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Read it as the kind itself."""
        return self.kind().read(node, at, reading)


def resolve(got: Got, known: MappingABC[str, T], thing: str, reading: Reading) -> T | None:
    """Find what a name stands for; None, and a mistake, where the file has no such thing.

    Where it has none at all, that is the mistake, and it has been noted.
    """
    if known and got.value not in known:
        reading.report.error(got.at, no_such(thing, got.value, known), found=got.found)
    return known.get(got.value)


def no_such(thing: str, name: str, known: MappingABC[str, object]) -> str:
    """Say that a name is not defined, and which ones are."""
    instead = one_of(get_close_matches(name[:64], known, n=1) or known) if known else "it first"
    return f"{quote(name)} is no {thing} of this file, write {instead}"


def wrong_shape(node: Node, at: Place, wanted: str, report: MistakeReport) -> None:
    """Note a value of the wrong shape."""
    if isinstance(node, Scalar):
        shape = "nothing stands here" if node.null else "a single value stands here"
    else:
        shape = "a list stands here" if isinstance(node, Sequence) else "a mapping stands here"
    report.error(at, f"{shape}, write {wanted}")  # what it is may be a secret at the wrong place
