"""Text of SQL that every engine needs: identifiers, strings and types."""

from __future__ import annotations

from customer_atlas.config import ColumnType

__all__ = ["literal", "quoted", "sql_type"]

_TYPES = {
    ColumnType.TEXT: "VARCHAR",
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.TIMESTAMP: "TIMESTAMP",
    ColumnType.BOOLEAN: "BOOLEAN",
}


def quoted(name: str) -> str:
    """Return `name` as an SQL identifier, whatever is in it.

    >>> print(quoted('a "net" amount'))
    "a ""net"" amount"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return `text` as an SQL string.

    >>> literal("Reilly's")
    "'Reilly''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def sql_type(column_type: ColumnType) -> str:
    """Return the SQL type that holds a lake type.

    >>> sql_type(ColumnType.NUMBER)
    'DOUBLE'
    """
    return _TYPES[column_type]
