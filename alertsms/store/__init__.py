"""What is kept: incidents, pages and messages, on SQLite or PostgreSQL, with SQLAlchemy Core."""
