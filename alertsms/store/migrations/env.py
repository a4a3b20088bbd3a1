"""Runs the steps on the connection that store/opening.py hands over."""

from __future__ import annotations

from alembic import context

from alertsms.store.schema import metadata

given = context.config.attributes
context.configure(connection=given["connection"], target_metadata=metadata, on_version_apply=given.get("applied"))
with context.begin_transaction():
    context.run_migrations()
