"""Delimited text: its delimiter, header and names, and its rows as raw text in Parquet."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from customer_atlas.data.files import file_literal
from customer_atlas.engine import Connection, literal, quoted

__all__ = ["Dialect", "detect_dialect", "safe_name", "stage_delimited", "unique_names"]

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 1 << 15
_LARGEST_LINE = 16 << 20
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# The names that a batch gives its own columns, see `batch.py`.
_INTERNAL = re.compile(
    r"__(?:file|row|verdict|found|record|\d+|raw_.*|[cmt]_.*)", re.IGNORECASE | re.DOTALL
)
_NAMED = re.compile(r'"?sep=(?P<mark>[^\r\n"])"?\s*?(?:\r\n|\r|\n)', re.IGNORECASE)
_TYPED = re.compile(r"\s*[-+(]?\W?\d[\d.,:/ T-]*\W?\)?\s*(?:[AaPp][Mm])?")


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written: delimiter, whether it has a header, and column names.

    `skipped` lines come before: ``sep=;``, by which a spreadsheet names the delimiter.
    """

    delimiter: str
    header: bool
    names: tuple[str, ...]
    skipped: int = 0


def detect_dialect(path: Path, delimiter: str | None = None) -> Dialect | None:
    """Detect the dialect of a UTF-8 file from its beginning; None where it holds nothing."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        text = stream.read(_SAMPLE)
        # A header of thousands of columns is longer than any usual sample.
        while text.count("\n") + text.count("\r") < 4 and len(text) < _LARGEST_LINE:
            more = stream.read(len(text) or 1)
            if not more:
                break
            text += more
        whole = not stream.read(1)
    if not text.strip():
        return None
    named = _NAMED.match(text)
    if named:
        delimiter, text = delimiter or named["mark"], text[named.end() :]
    lines = text if whole else text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    split = {mark: _rows(lines, mark) for mark in ([delimiter] if delimiter else _DELIMITERS)}
    chosen = max(split, key=lambda mark: _regularity(split[mark]))
    rows = split[chosen]
    if not rows:
        return None
    header = _has_header(rows)
    width = max(len(rows[0]), _usual_width(rows[1:]) if _pads(rows) else 0)
    given = rows[0] if header else []
    names = [given[index] if index < len(given) else "" for index in range(width)]
    return Dialect(chosen, header, unique_names(names), skipped=1 if named else 0)


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return names that differ without regard to case; an empty one becomes ``columnN``.

    >>> unique_names(["id", "", "ID"])
    ('id', 'column1', 'ID_2')
    """
    taken: set[str] = set()
    unique = []
    for index, name in enumerate(names):
        name = safe_name(name) or f"column{index}"
        candidate, number = name, 1
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{name}_{number}"
        taken.add(candidate.casefold())
        unique.append(candidate)
    return tuple(unique)


def safe_name(name: str) -> str:
    r"""Return a column's name without control characters, and no name that queries need.

    >>> safe_name(" net\x00 "), safe_name("__row"), safe_name("__index")
    ('net', '_row', '__index')
    """
    name = _CONTROL.sub("", name).strip()
    return name[1:] if _INTERNAL.fullmatch(name) else name


def stage_delimited(
    connection: Connection, path: Path, dialect: Dialect, target: Path, ragged: Path
) -> tuple[int, int]:
    """Write the rows as text to `target` (Parquet), and those that do not divide to `ragged`.

    Returns:
        The count of rows and of ragged rows. `ragged` has `line`, `found` and `record`.
    """
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in dialect.names)
    read = (
        f"read_csv({file_literal(path)}, auto_detect = false, columns = {{{columns}}}, "
        f"delim = {literal(dialect.delimiter)}, quote = '\"', escape = '\"', "
        f"header = {str(dialect.header).lower()}, skip = {dialect.skipped}, "
        "null_padding = false, nullstr = '', "
        f"max_line_size = {_LARGEST_LINE}, store_rejects = true, rejects_limit = 0, "
        "rejects_table = 'atlas_rejects', rejects_scan = 'atlas_scans')"
    )
    rows = connection.rows(
        f"COPY (SELECT * FROM {read}) TO {literal(str(target))} "
        "(FORMAT parquet, COMPRESSION lz4_raw)",
        step=f"read {path.name}",
    )[0][0]
    lost = 0
    if connection.rows("SELECT count(*) FROM atlas_rejects", step="count ragged rows")[0][0]:
        lost = connection.rows(
            f"COPY ({_REJECTS}) TO {literal(str(ragged))} (FORMAT parquet)",
            step="keep ragged rows",
        )[0][0]
    for table in ("atlas_rejects", "atlas_scans"):
        connection.run(f"DROP TABLE {quoted(table)}", step="forget ragged rows")
    return int(rows), int(lost)


# One row may be refused for several fields, and a line of blanks is no row.
# A quote that is never closed swallows lines: each of them is a row that could not be read.
_REJECTS = """
    WITH refused AS (
        SELECT min(line)::BIGINT AS line, arg_min(error_message, coalesce(column_idx, 0)) AS found,
            any_value(trim(csv_line, chr(13) || chr(10))) AS record,
            line_byte_position AS position, bool_or(error_type = 'UNQUOTED VALUE') AS swallows
        FROM atlas_rejects WHERE trim(csv_line, ' ' || chr(9) || chr(13) || chr(10)) <> ''
        GROUP BY line_byte_position
    ), divided AS (
        SELECT line, found, position, unnest(lines) AS record,
            generate_subscripts(lines, 1) - 1 AS below
        FROM (SELECT *, CASE WHEN swallows THEN string_split(record, chr(10)) ELSE [record] END
            AS lines FROM refused)
    )
    SELECT line + below AS line, found, trim(record, chr(13)) AS record FROM divided
    WHERE below = 0 OR trim(record, ' ' || chr(9) || chr(13)) <> '' ORDER BY position, below
"""


def _rows(text: str, delimiter: str) -> list[list[str]]:
    if len(delimiter) > 1:
        return [line.split(delimiter) for line in text.splitlines() if line.strip()]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    try:
        rows.extend(row for row in reader if any(cell.strip() for cell in row))
    except csv.Error:
        # A cell is longer than the reader takes: what came before it must do.
        return rows
    return rows


def _regularity(rows: list[list[str]]) -> tuple[float, int]:
    """Score a split: columns that most rows agree on; more is better, none is worst."""
    width = _usual_width(rows)
    if width < 2:
        return (0.0, 0)
    share = sum(len(row) == width for row in rows) / len(rows)
    return (round(share, 1), width) if share >= 0.5 else (share / 10, width)


def _usual_width(rows: list[list[str]]) -> int:
    widths = Counter(len(row) for row in rows)
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def _pads(rows: list[list[str]]) -> bool:
    """Say whether the rows end in delimiters that the header lacks."""
    wide = [row for row in rows[1:] if len(row) > len(rows[0])]
    empty = all(not cell.strip() for row in wide for cell in row[len(rows[0]) :])
    return bool(wide) and empty and len(wide) > len(rows) // 2


def _has_header(rows: list[list[str]]) -> bool:
    head, body = rows[0], rows[1:200]
    verdicts = []
    for index, cell in enumerate(head):
        values = [row[index] for row in body if index < len(row) and row[index].strip()]
        if values and cell.strip() and all(map(_TYPED.fullmatch, values)):
            verdicts.append(_TYPED.fullmatch(cell) is None)
    if verdicts:
        return any(verdicts)
    named = [cell.strip() for cell in head if cell.strip()]
    return len(set(named)) == len(named) and not any(map(_TYPED.fullmatch, named))
