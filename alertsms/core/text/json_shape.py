"""Shapes of JSON objects: a field is declared once, and gives both the answer and its JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar

Schema = dict[str, Any]
Json = dict[str, Any]
T = TypeVar("T")
U = TypeVar("U")


def _same(value: T) -> T:
    return value


@dataclass(frozen=True, slots=True)
class JsonField(Generic[T]):
    """One field of an object that shows a T."""

    schema: Schema
    read: Callable[[T], Any] | None = None  # what it shows of the T; None: the attribute of the field's name
    write: Callable[[Any], Any] = _same  # makes JSON of that


@dataclass(frozen=True, slots=True)
class Shape(Generic[T]):
    """A JSON object that shows a T. It has exactly these fields."""

    fields: Mapping[str, JsonField[T]]
    name: str = ""  # of its schema in the OpenAPI document; "": the schema stands wherever it is used
    words: str = ""

    def json(self, value: T) -> Json:
        """The object that shows a value."""
        return self.of(**{name: (field.read or attrgetter(name))(value) for name, field in self.fields.items()})

    def of(self, **values: object) -> Json:
        """The object with these values, one a field."""
        return {name: field.write(values[name]) for name, field in self.fields.items()}

    def inside(self, part: Callable[[U], T]) -> dict[str, JsonField[U]]:
        """These fields for an object that shows a U, of which the T is a part."""
        return {
            name: JsonField(field.schema, _composed(field.read or attrgetter(name), part), field.write)
            for name, field in self.fields.items()
        }

    @property
    def schema(self) -> Schema:
        """Its JSON Schema."""
        described = {
            "type": "object",
            "properties": {name: field.schema for name, field in self.fields.items()},
            "required": list(self.fields),
            "additionalProperties": False,
        }
        return described | ({"description": self.words} if self.words else {})

    @property
    def ref(self) -> Schema:
        """Its schema as other schemas use it."""
        return {"$ref": f"#/components/schemas/{self.name}"} if self.name else self.schema


def _composed(read: Callable[[T], Any], part: Callable[[U], T]) -> Callable[[U], Any]:
    return lambda value: read(part(value))


@dataclass(frozen=True, slots=True)
class Kind:
    """Makes fields of one kind: from what a field says, and from how it is read."""

    schema: Schema
    write: Callable[[Any], Any] = _same

    def __call__(self, words: str = "", read: Callable[[T], Any] | None = None, **more: object) -> JsonField[T]:
        """Make a field; `more` are keywords of JSON Schema."""
        return JsonField(self.schema | ({"description": words} if words else {}) | more, read, self.write)


def stamp(at: datetime) -> str:
    """A time in ISO 8601, UTC."""
    return at.isoformat().replace("+00:00", "Z")


text = Kind({"type": "string"}, str)
whole, number, flag = Kind({"type": "integer"}), Kind({"type": "number"}), Kind({"type": "boolean"})
moment = Kind({"type": "string", "format": "date-time"}, stamp)
local = Kind({"type": "string", "format": "date-time"}, datetime.isoformat)  # with the offset that it has
texts = Kind({"type": "object", "additionalProperties": {"type": "string"}}, dict)
names = Kind({"type": "array", "items": {"type": "string"}}, list)
numbers = Kind({"type": "array", "items": {"type": "integer"}}, list)


def many(shape: Shape[U], words: str, read: Callable[[T], Iterable[U]] | None = None) -> JsonField[T]:
    """Any number of objects."""
    schema = {"type": "array", "items": shape.ref, "description": words}
    return JsonField(schema, read, lambda values: [shape.json(value) for value in values])


def maybe(field: JsonField[T]) -> JsonField[T]:
    """A field that may be null."""
    schema = field.schema | {"type": [field.schema["type"], "null"]}
    return replace(field, schema=schema, write=lambda value: None if value is None else field.write(value))


def one_or_null(shape: Shape[U], words: str, read: Callable[[T], U | None] | None = None) -> JsonField[T]:
    """An object, or null."""
    schema = {"anyOf": [shape.ref, {"type": "null"}], "description": words}
    return JsonField(schema, read, lambda value: None if value is None else shape.json(value))
