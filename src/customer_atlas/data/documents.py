"""JSON documents: one a line or in one array, their keys as columns of raw text in Parquet."""

from __future__ import annotations

import json
from pathlib import Path

from customer_atlas.data.delimited import unique_names
from customer_atlas.data.files import file_literal
from customer_atlas.engine import Connection, literal, quoted
from customer_atlas.errors import SourceError

__all__ = ["stage_json"]

_LARGEST = 256 << 20


def stage_json(
    connection: Connection, path: Path, target: Path, ragged: Path
) -> tuple[list[str], int, int]:
    """Write the objects of a UTF-8 JSON file to `target` (Parquet), the rest to `ragged`.

    Numbers and words become their text, nested values JSON text. What is no object (a broken
    line, a bare number) is ragged.

    Returns:
        The column names in order of appearance, the count of rows, and of ragged rows.

    Raises:
        SourceError: an array that is cut off.
    """
    source = _source(path)
    connection.run(
        f"CREATE OR REPLACE TEMP TABLE atlas_documents AS SELECT json, "
        f"row_number() OVER () AS line FROM {source}",
        step=f"read {path.name}",
    )
    keys = [
        row[0]
        for row in connection.rows(
            "SELECT key FROM (SELECT line, unnest(json_keys(json)) AS key, "
            "generate_subscripts(json_keys(json), 1) AS place FROM atlas_documents "
            "WHERE json_type(json) = 'OBJECT') GROUP BY key ORDER BY min(line), "
            "arg_min(place, line)",
            step="find keys",
        )
    ]
    rows = _write_objects(connection, keys, target) if keys else 0
    lost = connection.rows(
        "COPY (SELECT line::BIGINT AS line, 'not a JSON object' AS found, "
        "coalesce(json::VARCHAR, '') AS record FROM atlas_documents "
        f"WHERE {_NOT_A_ROW} ORDER BY line) TO {literal(str(ragged))} (FORMAT parquet)",
        step="keep ragged rows",
    )[0][0]
    connection.run("DROP TABLE atlas_documents", step="forget documents")
    return list(unique_names(keys)), int(rows), int(lost)


_NOT_A_ROW = "(json IS NULL OR json_type(json) <> 'OBJECT' OR json::VARCHAR = '{}')"


def _write_objects(connection: Connection, keys: list[str], target: Path) -> int:
    named = [key for key in keys if key]
    shape = literal(json.dumps(dict.fromkeys(named, "VARCHAR")))
    columns = ", ".join(
        # A struct's fields are numbered from 1; names may differ by case alone, and none is empty.
        f"struct_extract_at(document, {named.index(key) + 1}) AS {quoted(name)}"
        if key
        else f"json_extract_string(json, '/') AS {quoted(name)}"
        for key, name in zip(keys, unique_names(keys), strict=True)
    )
    copied = connection.rows(
        f"COPY (SELECT {columns} FROM (SELECT json, from_json(json, {shape}) AS document "
        f"FROM atlas_documents WHERE NOT {_NOT_A_ROW} ORDER BY line)) "
        f"TO {literal(str(target))} (FORMAT parquet, COMPRESSION lz4_raw)",
        step="read documents",
    )
    return int(copied[0][0])


def _source(path: Path) -> str:
    first, last = _ends(path)
    if first == b"[":
        if last != b"]":
            raise SourceError(
                f"{path.name} is cut off: its array has no end. Copy it again from where it came."
            )
        layout = "format = 'array'"
    elif _is_by_line(path):
        layout = "format = 'newline_delimited', ignore_errors = true"
    else:
        layout = "format = 'unstructured'"
    return f"read_json_objects({file_literal(path)}, {layout}, maximum_object_size = {_LARGEST})"


def _ends(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as stream:
        head = stream.read(4096).removeprefix(b"\xef\xbb\xbf").strip()
        stream.seek(max(0, path.stat().st_size - 4096))
        return head[:1], stream.read().strip()[-1:]


def _is_by_line(path: Path) -> bool:
    """Say whether lines are whole documents: judged by the first ones."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        lines = [line for line in stream.readlines(1 << 16)[:20] if line.strip()]
    return sum(map(_is_document, lines)) * 2 >= len(lines)


def _is_document(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except RecursionError:
        return line.lstrip().startswith("{")
    except ValueError:
        return False
