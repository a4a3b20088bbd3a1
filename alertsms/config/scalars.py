"""The kinds of single values: texts, flags, numbers, durations, secrets; and `${VARIABLE}` inside them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from alertsms.config.error import Place, Secret, one_of, quote
from alertsms.config.fields import Got, Reading, Schema, Section, wrong_shape
from alertsms.config.yaml import Node, Scalar
from alertsms.core.routing.duration import no_unit, parse_duration

VARIABLE = r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"
_REFERENCE = re.compile(r"\$\$|\$\{([^}]*)(\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def fill_in(node: Node, at: Place, reading: Reading, wanted: str) -> str | None:
    """Give the text of a scalar with its variables filled in; `$$` is one `$`. None after noting a mistake."""
    if not isinstance(node, Scalar) or node.null:
        wrong_shape(node, at, wanted, reading.report)
        return None
    wrong = False

    def value(reference: re.Match[str]) -> str:
        nonlocal wrong
        name, closed = reference.groups()
        if name is None:
            return "$"
        if not closed or not _NAME.fullmatch(name):
            wrong = True
            reading.report.error(at, 'this "${" names no variable, write ${NAME}, or $${ for a plain ${')
        elif name not in reading.environ:
            wrong = True
            reading.report.error(
                at, f"the environment has no {name}, set it or write the value itself", found=reference[0]
            )
        return reading.environ.get(name, "")

    text = _REFERENCE.sub(value, node.text)
    if not wrong and not text.strip():
        reading.report.error(at, f"this is empty, write {wanted}", found=node.text)
        wrong = True
    return None if wrong else text


class ParsedText(Protocol):
    """A kind of value that a text becomes."""

    @property
    def wanted(self) -> str:
        """What to write, as a noun."""

    def parse(self, text: str) -> Any:  # noqa: ANN401 - the kind decides
        """Give the value. Raises ValueError with a whole sentence."""


class TextReader:
    """Reads what `parse` makes of a text whose variables are filled in."""

    __slots__ = ()

    def read(self: ParsedText, node: Node, at: Place, reading: Reading) -> Got | None:
        """Read the text and parse it."""
        text = fill_in(node, at, reading, self.wanted)
        if text is None:
            return None
        try:
            return Got(value=self.parse(text), at=at, found=text)
        except ValueError as problem:
            reading.report.error(at, str(problem), found=text)
            return None


def or_variable(pattern: str) -> str:
    """Let a pattern of the schema accept a text with a variable too."""
    return f"^(?:{pattern})$|{VARIABLE}"


@dataclass(frozen=True, slots=True)
class Text:
    """A text that `parse` turns into the value; it raises ValueError with a whole sentence."""

    wanted: str
    parse: Callable[[str], Any] = str
    pattern: str = ""  # for editors
    show: Callable[[str], str] = str  # how a mistake shows it
    hidden: bool = False  # may hold a password: never shown, and left as it is when secrets are not read

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Read the text and parse it."""
        if self.hidden and not reading.secrets and "${" in getattr(node, "text", ""):
            return Got(value=getattr(node, "text", ""), at=at)
        text = fill_in(node, at, reading, self.wanted)
        if text is None:
            return None
        found = "" if self.hidden else self.show(getattr(node, "text", ""))
        try:
            return Got(value=self.parse(text), at=at, found=found)
        except ValueError as problem:
            reading.report.error(at, str(problem), found=found)
            return None

    def schema(self) -> Schema:
        """Describe it: numbers are taken as the text that they are."""
        return (
            {"type": "string", "pattern": or_variable(self.pattern)} if self.pattern else {"type": ["string", "number"]}
        )


@dataclass(frozen=True, slots=True)
class Flag(TextReader):
    """True or false."""

    wanted: str = "true or false"

    def parse(self, text: str) -> bool:
        """Take any of YAML's spellings. Raises ValueError."""
        if text.lower() not in _FLAGS:
            raise ValueError(f"{quote(text)} is neither true nor false, write one of them")
        return _FLAGS[text.lower()]

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Number(TextReader):
    """A number between two bounds, both allowed."""

    low: float
    high: float
    fraction: bool = False

    @property
    def wanted(self) -> str:
        """The bounds."""
        return f"{'a' if self.fraction else 'a whole'} number from {self.low} to {self.high}"

    def parse(self, text: str) -> float:
        """Take plain decimal digits only: 1e3 and 0x10 are slips of the finger here. Raises ValueError."""
        form = r"[0-9]{1,9}(\.[0-9]{1,9})?" if self.fraction else r"[0-9]{1,9}"
        value = (float(text) if "." in text else int(text)) if re.fullmatch(form, text, re.ASCII) else None
        if value is None or not self.low <= value <= self.high:
            raise ValueError(f"{quote(text)} is not {self.wanted}, write one")
        return value

    def schema(self) -> Schema:
        """Describe it, a variable being a text."""
        number = {"type": "number" if self.fraction else "integer", "minimum": self.low, "maximum": self.high}
        return {"anyOf": [number, {"type": "string", "pattern": VARIABLE}]}


@dataclass(frozen=True, slots=True)
class Duration(TextReader):
    """A duration in Alertmanager's spelling, between two bounds, both allowed."""

    example: str
    low: str = "1s"
    high: str = "10y"
    step: timedelta = timedelta(0)  # what it must be a multiple of
    zero: bool = False  # 0 says "off"

    @property
    def wanted(self) -> str:
        """The form."""
        return f"a duration such as {self.example}"

    def parse(self, text: str) -> timedelta:
        """Read the duration and hold it against the bounds. Raises ValueError."""
        if re.fullmatch("[0-9]+", text, re.ASCII) and text != "0":
            raise ValueError(no_unit(text, lambda value: self._within(value) and not (self.step and value % self.step)))
        value = parse_duration(text)
        if self.zero and not value:
            return value
        if not self._within(value):
            bounds = f"{self.low} to {self.high}" + (" or 0" if self.zero else "")
            raise ValueError(f"{quote(text)} is out of bounds, write {bounds}")
        if self.step and value % self.step:
            units = "hours" if self.step == timedelta(hours=1) else "minutes"
            raise ValueError(f"{quote(text)} is not a whole number of {units}, write for example {self.example}")
        return value

    def _within(self, value: timedelta) -> bool:
        return parse_duration(self.low) <= value <= parse_duration(self.high)

    def schema(self) -> Schema:
        """Describe it; `0` is the one duration that needs no unit."""
        units = "".join(f"(?:[0-9]+{unit})?" for unit in ("y", "w", "d", "h", "m", "s", "ms"))
        text = {"type": "string", "pattern": or_variable(f"(?=.){units}|0")}
        return {"anyOf": [text, {"const": 0}]} if self.zero else text


@dataclass(frozen=True, slots=True)
class OneOf(TextReader):
    """One of a few words."""

    words: type[StrEnum]

    @property
    def wanted(self) -> str:
        """The words."""
        return one_of(self.words)

    def parse(self, text: str) -> StrEnum:
        """Take the word in any case. Raises ValueError."""
        if text.lower() not in list(self.words):
            raise ValueError(f"{quote(text)} is not known here, write {self.wanted}")
        return self.words(text.lower())

    def schema(self) -> Schema:
        """Describe it."""
        return {"enum": list(map(str, self.words))}


@dataclass(frozen=True, slots=True)
class SecretText:
    """A secret written here or, better, taken from a variable; it is never shown."""

    wanted: str = "the secret, or ${VARIABLE}"

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Read the secret."""
        if not reading.secrets:
            return Got(value=Secret("***"), at=at)
        text = fill_in(node, at, reading, self.wanted)
        return None if text is None else Got(value=Secret(text), at=at)

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": ["string", "number"], "minLength": 1}


@dataclass(frozen=True, slots=True)
class SecretFile:
    """The path of a file that holds one secret, or with `lines` one a line. It reads as a tuple of secrets.

    Relative paths start beside the configuration. The line feed that editors put at the end is no part of a secret.
    """

    lines: bool = False
    wanted: str = field(default="the path of a file that holds the secret")

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Open the file and read what it holds."""
        if not reading.secrets:
            return Got(value=(Secret("***"),), at=at)
        name = fill_in(node, at, reading, self.wanted)
        if name is None:
            return None
        try:
            return Got(value=self.split(_opened(name, reading)), at=at, found=name)
        except ValueError as problem:
            reading.report.error(at, f"{quote(name)} {problem}", found=name)
            return None

    def split(self, text: str) -> tuple[Secret, ...]:
        """Give the secrets of a file's text. Raises ValueError when there are none, or too many."""
        secrets = tuple(Secret(line) for line in (part.removesuffix("\r") for part in text.split("\n")) if line.strip())
        if not secrets:
            raise ValueError("is empty, write the secret into it")
        if len(secrets) > 1 and not self.lines:
            raise ValueError(f"has {len(secrets)} lines, keep the one with the secret")
        return secrets

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "string", "minLength": 1}


def _opened(name: str, reading: Reading) -> str:
    """Give the text of a secret's file. Raises ValueError with the reason why not."""
    try:
        return reading.open_file(reading.folder / name)
    except UnicodeDecodeError:
        raise ValueError("cannot be read: it is no UTF-8 text") from None  # the exception holds the secret
    except (OSError, ValueError) as problem:
        raise ValueError(f"cannot be read: {getattr(problem, 'strerror', None) or problem}") from problem


FLAG = Flag()
SECRET = SecretText()
SECRET_FILE = SecretFile()


def secret(section: Section, key: str, reading: Reading, *, variable: str = "") -> Secret:
    """Give the secret of `key`, of `key`_file or of a variable; an empty one after noting that it is not so."""
    in_file = f"{key}_file"
    if key in section and in_file in section:
        reading.report.error(section.place(in_file), f"{key} stands here too, keep one of them")
    elif key in section:
        return section.value(key) or Secret()
    elif in_file in section:
        return (section.value(in_file) or (Secret(),))[0]
    elif reading.environ.get(variable):
        return Secret(reading.environ[variable])
    elif reading.secrets and section.lacks(key, in_file):
        instead = f"{key}: ${{{variable}}}" if variable else key
        reading.report.error(section.at, f"{key} is missing, write {instead} or {in_file}")
    return Secret()
