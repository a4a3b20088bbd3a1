"""Every key of a configuration as a table for people, made from what the reader is made from."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from alertsms.config.fields import Again, Either, FieldType, Listing, Named, Table
from alertsms.config.keys import ROOT
from alertsms.config.parsers import Address
from alertsms.core.routing.duration import canonical_duration

HEAD = ("| key | what it is for | default |", "|---|---|---|")


def reference() -> str:
    """The table, in Markdown: each key with what it is for and its default."""
    return "\n".join([*HEAD, *_rows(ROOT)]) + "\n"


def _rows(kind: FieldType, path: str = "", inside: tuple[FieldType, ...] = ()) -> list[str]:
    """One line for each key below a kind: path, what it is for, default."""
    if isinstance(kind, Again):
        kind = kind.kind()
    if kind in inside:
        return []  # a route's routes
    if isinstance(kind, Table):
        found: list[str] = []
        for field in kind.fields:
            here = f"{path}.{field.key}" if path else field.key
            default = "**required**" if field.required else _shown(field.default)
            found.append(f"| `{here}` | {field.doc} | {default} |")
            found += _rows(field.kind, here, (*inside, kind))
        return found
    if isinstance(kind, Either):
        return _rows(kind.long, path, inside)
    if isinstance(kind, Named):
        return _rows(kind.kind, f"{path}.NAME", inside)
    return _rows(kind.kind, f"{path}[]", inside) if isinstance(kind, Listing) else []


def _shown(default: object) -> str:
    if default is None or default in ("", ()):
        return ""
    if isinstance(default, timedelta):
        return f"`{canonical_duration(default)}`"
    if isinstance(default, Address):
        return f"`{default.host}:{default.port}`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default.value if isinstance(default, StrEnum) else default}`"
