"""What users write, call and read of this alertsms, a line each: all of it stays in 1.x (docs/upgrade.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from prometheus_client import CollectorRegistry

from alertsms.app import App
from alertsms.cli import main
from alertsms.config import read
from alertsms.metrics import Metrics
from alertsms.web.api.openapi import document
from tests.support.house import OVH, PLAN

KEYS = Path(__file__).parents[2] / "docs" / "configuration.md"  # a test compares it with the schema


def promises(folder: Path) -> list[str]:
    """All of them, in order; `folder` has room for a store."""
    app = App(read(f"store: sqlite:///{folder}/promises.db\n{OVH}{PLAN}", file="promises.yaml", environ={}))
    return sorted({*_keys(), *_commands(main, "alertsms"), *_paths(app), *_fields(document()), *_metrics()})


def _keys() -> Iterator[str]:
    for key in re.findall(r"(?m)^\| `([^`]+)` \|", KEYS.read_text(encoding="utf-8")):
        yield f"key {key}"


def _commands(command: click.Command, path: str) -> Iterator[str]:
    """Each command with its arguments and the names of its options."""
    yield f"command {path}"
    for param in command.params:
        for name in [param.human_readable_name] if isinstance(param, click.Argument) else param.opts:
            yield f"command {path} {name}"
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            assert member
            yield from _commands(member, f"{path} {name}")


def _paths(app: App) -> Iterator[str]:
    for rule in app.wsgi.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield f"path {method} {re.sub('<[^>]*>', '<>', rule.rule)}"


def _fields(api: Mapping[str, Any]) -> Iterator[str]:
    """Each field of the JSON that the API answers with, and what it may be."""
    for name, schema in api["components"]["schemas"].items():
        for field, kind in schema["properties"].items():
            yield f"json {name}.{field} {json.dumps(_kind(kind), sort_keys=True)}"


def _kind(schema: Mapping[str, Any]) -> object:
    """The type of a field, without the words and values that may grow."""
    if reference := schema.get("$ref"):
        return str(reference).rpartition("/")[2]
    if items := schema.get("items"):
        return [_kind(items)]
    if choices := schema.get("oneOf") or schema.get("anyOf"):
        return {"any": [_kind(choice) for choice in choices]}
    return schema.get("type", "any")


def _metrics() -> Iterator[str]:
    registry = CollectorRegistry()
    Metrics(registry)
    for metric in registry.collect():
        collector = registry._names_to_collectors[metric.name]
        yield f"metric {metric.type} {metric.name}{{{','.join(getattr(collector, '_labelnames', ()))}}}"
