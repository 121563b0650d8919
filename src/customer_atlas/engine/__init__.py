"""Where queries run: one door to each engine, failures wrapped once."""

from __future__ import annotations

from customer_atlas.engine.duckdb import Connection, DuckDB
from customer_atlas.engine.sql import literal, quoted, sql_type

__all__ = ["Connection", "DuckDB", "literal", "quoted", "sql_type"]
