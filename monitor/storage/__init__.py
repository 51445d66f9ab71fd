"""The database: one gate (``engine.Database``), the tables, and plain functions over a connection.

Nothing is imported here, so that pure parts (``indexing``) can be used without loading SQLAlchemy.
"""
