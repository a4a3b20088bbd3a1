"""The kinds of single values: texts, flags, numbers, durations, secrets; and `${VARIABLE}` inside them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from alertsms.config.error import Place, Secret, one_of, quote
from alertsms.config.fields import Got, Reading, Schema, Section, wrong_shape
from alertsms.config.yaml import Node, Scalar
from alertsms.core.routing.duration import no_unit, parse_duration

VARIABLE = r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"
REFERENCE = re.compile(r"\$\$|\$\{([^}]*)(\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def fill_in(node: Node, at: Place, reading: Reading, wanted: str) -> str | None:
    """Give the text of a scalar with its variables filled in; `$$` is one `$`. None after noting a mistake."""
    if not isinstance(node, Scalar) or node.null:
        wrong_shape(node, at, wanted, reading.report)
        return None
    filled = True
    for reference in REFERENCE.finditer(node.text):
        name, closed = reference.groups()
        if name is not None and not (closed and _NAME.fullmatch(name)):
            filled = False
            reading.report.error(at, 'this "${" names no variable, write ${NAME}, or $${ for a plain ${')
        elif name is not None and name not in reading.environ:
            filled = False
            reading.report.error(
                at, f"the environment has no {name}, set it or write the value itself", found=reference[0]
            )
    text = REFERENCE.sub(
        lambda reference: "$" if reference[1] is None else reading.environ.get(reference[1], ""), node.text
    )
    if filled and not text.strip():
        reading.report.error(at, f"this is empty, write {wanted}", found=node.text)
        return None
    return text if filled else None


_ANY_TEXT: Schema = {"type": ["string", "number"]}  # numbers are taken as the text that they are
PATH: Schema = {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Text:
    """A text that `parse` turns into the value; it raises ValueError with a whole sentence."""

    wanted: str
    parse: Callable[[str], Any] = str
    shape: Schema = field(default_factory=lambda: _ANY_TEXT)  # for editors
    show: Callable[[str], str] = str  # how a mistake shows it
    hidden: bool = False  # may hold a password: never shown, and left as it is when secrets are not read
    filled: bool = False  # a mistake shows it with its variables filled in

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Read the text and parse it."""
        written = getattr(node, "text", "")
        if self.hidden and not reading.secrets and "${" in written:
            return Got(value=written, at=at)
        text = fill_in(node, at, reading, self.wanted)
        if text is None:
            return None
        found = "" if self.hidden else self.show(text if self.filled else written)
        try:
            return Got(value=self.parse(text), at=at, found=found)
        except ValueError as problem:
            reading.report.error(at, str(problem), found=found)
            return None


def shaped(pattern: str) -> Schema:
    """The schema of a text of this pattern, or with a variable."""
    return {"type": "string", "pattern": f"^(?:{pattern})$|{VARIABLE}"}


def _flag(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise ValueError(f"{quote(text)} is neither true nor false, write one of them")
    return _FLAGS[text.lower()]


FLAG = Text("true or false", _flag, {"type": "boolean"}, filled=True)


def number(low: float, high: float, *, fraction: bool = False) -> Text:
    """A number between two bounds, both allowed: decimal digits only, 1e3 and 0x10 are slips of the finger here."""
    wanted = f"{'a' if fraction else 'a whole'} number from {low} to {high}"
    form = r"[0-9]{1,9}(\.[0-9]{1,9})?" if fraction else r"[0-9]{1,9}"

    def parse(text: str) -> float:
        value = (float(text) if "." in text else int(text)) if re.fullmatch(form, text, re.ASCII) else None
        if value is None or not low <= value <= high:
            raise ValueError(f"{quote(text)} is not {wanted}, write one")
        return value

    shape = {"type": "number" if fraction else "integer", "minimum": low, "maximum": high}
    return Text(wanted, parse, {"anyOf": [shape, {"type": "string", "pattern": VARIABLE}]}, filled=True)


def duration(
    example: str, low: str = "1s", high: str = "10y", *, step: timedelta = timedelta(0), zero: bool = False
) -> Text:
    """A duration in Alertmanager's spelling, between two bounds, both allowed, a multiple of `step`; `zero`: or 0."""
    least, most = parse_duration(low), parse_duration(high)

    def fits(value: timedelta) -> bool:
        return least <= value <= most and not (step and value % step)

    def parse(text: str) -> timedelta:
        if re.fullmatch("[0-9]+", text, re.ASCII) and text != "0":
            raise ValueError(no_unit(text, fits))
        value = parse_duration(text)
        if fits(value) or (zero and not value):
            return value
        if least <= value <= most:
            units = "hours" if step == timedelta(hours=1) else "minutes"
            raise ValueError(f"{quote(text)} is not a whole number of {units}, write for example {example}")
        raise ValueError(f"{quote(text)} is out of bounds, write {low} to {high}" + (" or 0" if zero else ""))

    units = "".join(f"(?:[0-9]+{unit})?" for unit in ("y", "w", "d", "h", "m", "s", "ms"))
    shape = shaped(f"(?=.){units}|0")  # 0 is the one duration that needs no unit
    return Text(
        f"a duration such as {example}", parse, {"anyOf": [shape, {"const": 0}]} if zero else shape, filled=True
    )


def word(words: type[StrEnum]) -> Text:
    """One of a few words, in any case."""
    wanted = one_of(words)

    def parse(text: str) -> StrEnum:
        if text.lower() not in list(words):
            raise ValueError(f"{quote(text)} is not known here, write {wanted}")
        return words(text.lower())

    return Text(wanted, parse, {"enum": list(map(str, words))}, filled=True)


@dataclass(frozen=True, slots=True)
class SecretText(Text):
    """A secret written here or, better, taken from a variable; it is never shown."""

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Read the secret."""
        return Text.read(self, node, at, reading) if reading.secrets else Got(value=Secret("***"), at=at)


@dataclass(frozen=True, slots=True)
class SecretFile(Text):
    """The path of a file that holds one secret, or with `lines` one a line. It reads as a tuple of secrets.

    Relative paths start beside the configuration. The line feed that editors put at the end is no part of a secret.
    """

    lines: bool = False

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Open the file and read what it holds."""
        if not reading.secrets:
            return Got(value=(Secret("***"),), at=at)
        path = Text.read(self, node, at, reading)
        if path is None:
            return None
        try:
            return replace(path, value=self.split(opened(path.value, reading)))
        except ValueError as problem:
            reading.report.error(at, f"{quote(path.value)} {problem}", found=path.found)
            return None

    def split(self, text: str) -> tuple[Secret, ...]:
        """Give the secrets of a file's text. Raises ValueError when there are none, or too many."""
        secrets = tuple(Secret(line) for line in (part.removesuffix("\r") for part in text.split("\n")) if line.strip())
        if not secrets:
            raise ValueError("is empty, write the secret into it")
        if len(secrets) > 1 and not self.lines:
            raise ValueError(f"has {len(secrets)} lines, keep the one with the secret")
        return secrets


def opened(name: str, reading: Reading) -> str:
    """What a file named by the configuration holds. Raises ValueError, with words that go on behind its name."""
    try:
        return reading.open_file(reading.folder / name)
    except UnicodeDecodeError:
        raise ValueError("cannot be read: it is no UTF-8 text") from None  # the exception holds the secret
    except (OSError, ValueError) as problem:
        raise ValueError(f"cannot be read: {getattr(problem, 'strerror', None) or problem}") from problem


SECRET = SecretText("the secret, or ${VARIABLE}", Secret, {**_ANY_TEXT, "minLength": 1}, hidden=True)
SECRET_FILE = SecretFile("the path of a file that holds the secret", shape=PATH, filled=True)


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
