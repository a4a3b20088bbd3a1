"""Stores from before 1.0.0, made by the very steps that made them then. Version 0 is revision 0002."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from alertsms.store.engine import Store

FOLDER = Path(__file__).parent
REVISIONS = ("0001", "0002", "0004", "0005", "0006", "0007")


def upgrade_to(store: Store, revision: str) -> None:
    """Give an empty database the tables of a revision."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
