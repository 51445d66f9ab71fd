"""The database: one gate (``engine.Database``), the tables, and plain functions over a connection."""
