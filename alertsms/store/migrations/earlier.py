"""Carries a store from before 1.0.0 over to the first tables. Version 0 is revision 0002; no other was released."""

from __future__ import annotations

from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, MetaData, RowMapping, String, Table, UniqueConstraint, insert, inspect, select, text


def carry_over(store: Connection, first: MetaData, revision: str) -> None:
    """Bring a store of any earlier revision to the tables `first`, which are of `revision`. Whoever calls commits.

    1. Tables and columns that it lacks are added, and columns that are too short made longer.
    2. What waited for channels moves from `posts` into the one queue, `pages`.
    3. Indexes that it lacks are made.
    """
    op = Operations(MigrationContext.configure(store))
    for table in first.sorted_tables:
        if inspect(store).has_table(table.name):
            _expand(op, table)
        else:
            table.create(store)
    if inspect(store).has_table("posts"):
        _one_queue(op, first.tables["pages"])
        _move_posts(store, first.tables["pages"])
        op.drop_table("posts")
    for table in first.sorted_tables:
        known = {index["name"] for index in inspect(store).get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in known:
                index.create(store)
    store.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def _expand(op: Operations, table: Table) -> None:
    known = {column["name"]: column["type"] for column in inspect(op.get_bind()).get_columns(table.name)}
    for column in table.columns:
        if column.name not in known:
            op.add_column(table.name, column)
        elif isinstance(column.type, String) and column.type.length != getattr(known[column.name], "length", None):
            with op.batch_alter_table(table.name) as batch:
                batch.alter_column(column.name, type_=column.type)


def _one_queue(op: Operations, pages: Table) -> None:
    """One incident may be queued for a person's phone and for each channel."""
    [once] = [constraint for constraint in pages.constraints if isinstance(constraint, UniqueConstraint)]
    op.drop_index("pages_due", "pages")  # it is to hold those by SMS alone
    with op.batch_alter_table("pages", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint("pages_once", type_="unique")
        batch.create_unique_constraint("pages_once", once.columns.keys())


def _move_posts(store: Connection, pages: Table) -> None:
    """Queue what waits for channels, and keep what left: it tells which channels learn of the end.

    No migration knows the configuration. A post that waits goes to the destination "", and moves from there to the
    channels of its recipient that lack it; those that have it are rows of their own.
    """
    posts = Table("posts", MetaData(), autoload_with=store)
    kept = select(posts).where(posts.c.state.in_(["queued", "sent"])).order_by(posts.c.id)
    rows = [row for post in store.execute(kept).mappings() for row in _rows(post)]
    if rows:
        store.execute(insert(pages), rows)


def _rows(post: RowMapping) -> list[dict[str, Any]]:
    same = ("incident_id", "kind", "episode", "nth", "created_at", "due_at", "attempts")
    values = {name: post[name] for name in same} | {"person": post["target"], "note": post["text"], "team": ""}
    values |= {"priority": 0, "round": 0, "step": 0, "phone": 0, "plain": False, "lease_until": None, "error": ""}
    marks = dict.fromkeys(post.get("took", "").split())  # of the channels that have it; version 0 did not keep them
    rows = [values | {"destination": mark, "state": "sent"} for mark in marks]
    if post["state"] == "queued" or not marks:
        waits = {name: post[name] for name in ("state", "lease_until", "error")}
        rows.append(values | waits | {"destination": ""})
    return rows
