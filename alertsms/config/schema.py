"""The configuration as JSON Schema, so that editors complete keys and mark mistakes."""

from __future__ import annotations

from alertsms.config.fields import Schema
from alertsms.config.keys import DEFINITIONS, ROOT


def schema() -> Schema:
    """Give the JSON Schema (draft 2020-12) of a configuration file.

    It cannot look names up nor read phone numbers: `alertsms check` finds more.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "alertsms configuration",
        **ROOT.schema(),
        "$defs": {name: kind.schema() for name, kind in DEFINITIONS.items()},
    }
