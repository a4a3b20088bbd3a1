"""One queue: what channels are given are rows of `pages`, a row a channel, in the place of `posts`.

No migration knows the configuration. A post that waits goes to the destination "", and moves from there to the channels
of its recipient that lack it; those that have it are rows of their own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ONCE = ["incident_id", "person", "kind", "episode", "round", "step", "nth", "phone"]


def upgrade() -> None:
    op.drop_index("pages_due", "pages")
    with op.batch_alter_table("pages", table_kwargs={"sqlite_autoincrement": True}) as pages:
        pages.add_column(sa.Column("destination", sa.String(16), nullable=False, server_default="sms"))
        pages.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        pages.add_column(sa.Column("lease_until", sa.BigInteger()))
        pages.add_column(sa.Column("error", sa.Text(), nullable=False, server_default=sa.text("''")))
        pages.drop_constraint("pages_once", type_="unique")
        pages.create_unique_constraint("pages_once", [*ONCE, "destination"])
    _partial("pages_due", ["priority", "due_at", "id"], "state = 'queued' AND destination = 'sms'")
    _partial("pages_posted", ["due_at", "id"], "state = 'queued' AND destination <> 'sms'")
    _partial("pages_given", ["created_at"], "state <> 'queued' AND destination <> 'sms'")
    _carry_over()
    op.drop_table("posts")


def _partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "pages", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _carry_over() -> None:
    store = op.get_bind()
    posts, pages = (sa.Table(name, sa.MetaData(), autoload_with=store) for name in ("posts", "pages"))
    kept = sa.select(posts).where(posts.c.state.in_(["queued", "sent"])).order_by(posts.c.id)
    for post in store.execute(kept).mappings().all():
        same = ("incident_id", "kind", "episode", "nth", "created_at", "due_at", "attempts")
        values = {name: post[name] for name in same} | {"person": post["target"], "note": post["text"], "team": ""}
        values |= {"priority": 0, "round": 0, "step": 0, "phone": 0, "plain": False, "lease_until": None, "error": ""}
        have = dict.fromkeys(post["took"].split())
        rows = [values | {"destination": mark, "state": "sent"} for mark in have]
        if post["state"] == "queued" or not have:
            waits = {name: post[name] for name in ("state", "lease_until", "error")}
            rows.append(values | waits | {"destination": ""})
        store.execute(sa.insert(pages), rows)
