"""Alembic's steps, from the first table on."""
