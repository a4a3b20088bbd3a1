"""The README's table of keys is the table that the reader is made from."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from alertsms.config.field import Again, Either, Kind, Listing, Named, Table
from alertsms.config.table import ROOT
from alertsms.config.value import Address
from alertsms.core.duration import canonical_duration

README = Path(__file__).parents[2] / "README.md"


def rows(kind: Kind, path: str = "", inside: tuple[Kind, ...] = ()) -> list[str]:
    """One line for each key below a kind: path, what it is for, default."""
    if isinstance(kind, Again):
        kind = kind.kind()
    if kind in inside:
        return []  # a route's routes
    if isinstance(kind, Table):
        found = []
        for field in kind.fields:
            here = f"{path}.{field.key}" if path else field.key
            default = "**required**" if field.required else shown(field.default)
            found.append(f"| `{here}` | {field.doc} | {default} |")
            found += rows(field.kind, here, (*inside, kind))
        return found
    if isinstance(kind, Either):
        return rows(kind.long, path, inside)
    if isinstance(kind, Named):
        return rows(kind.kind, f"{path}.NAME", inside)
    return rows(kind.kind, f"{path}[]", inside) if isinstance(kind, Listing) else []


def shown(default: object) -> str:
    if default is None or default == "" or default == ():
        return ""
    if isinstance(default, timedelta):
        return f"`{canonical_duration(default)}`"
    if isinstance(default, Address):
        return f"`{default.host}:{default.port}`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default.value if isinstance(default, StrEnum) else default}`"


def test_the_readme_has_every_key_with_what_it_is_for_and_its_default():
    table = "\n".join(["| key | what it is for | default |", "|---|---|---|", *rows(ROOT)])
    assert table in README.read_text(encoding="utf-8")
