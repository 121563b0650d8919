"""`atlas export`: members and features as files that other programs read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from customer_atlas.cli.output import AsJson, ProjectPath, SegmentationName, emit, emit_json
from customer_atlas.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Export members or features to a file.")

_Output = Annotated[
    Path,
    typer.Option("--output", "-o", help="The file to write: .parquet, .csv, .tsv or .jsonl."),
]


@app.command()
def members(
    output: _Output,
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Write one row per customer: the segment, and how sure it is."""
    from customer_atlas.project import Atlas

    _checked(output)
    with Atlas.open(project) as atlas:
        _write(atlas.members(segmentation), output, json=json)


@app.command()
def features(
    output: _Output,
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Write one row per customer: the features behind the segments."""
    from customer_atlas.project import Atlas

    _checked(output)
    with Atlas.open(project) as atlas:
        _write(atlas.features(segmentation), output, json=json)


_FORMATS = (".parquet", ".csv", ".tsv", ".jsonl")


def _checked(output: Path) -> None:
    if output.suffix.lower() not in _FORMATS:
        raise UsageError(
            f"Found the file name '{output.name}'; it may end in {', '.join(_FORMATS)}."
        )
    if output.is_dir():
        raise UsageError(f"{output} is a folder; name a file in it.")
    if not output.absolute().parent.is_dir():
        raise UsageError(f"The folder {output.absolute().parent} does not exist.")


def _write(table: pa.Table, output: Path, *, json: bool) -> None:
    """Write beside the file and rename, so that a reader never sees half of it."""
    beside = output.with_name(f".{output.name}.partial")
    try:
        _write_as(table, beside, output.suffix.lower())
        beside.replace(output)
    finally:
        beside.unlink(missing_ok=True)
    if json:
        emit_json({"path": str(output), "rows": table.num_rows, "columns": table.column_names})
    else:
        emit(f"Wrote {table.num_rows:,} rows to {output}")


def _write_as(table: pa.Table, path: Path, suffix: str) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    if suffix == ".parquet":
        pyarrow.parquet.write_table(table, path, compression="zstd")
    elif suffix == ".jsonl":
        from customer_atlas.engine import DuckDB, literal

        with DuckDB().connect() as connection:
            connection.register("exported", table)
            connection.run(
                f"COPY exported TO {literal(str(path))} (FORMAT json)", step="write the export"
            )
    else:
        delimiter = "\t" if suffix == ".tsv" else ","
        options = pyarrow.csv.WriteOptions(delimiter=delimiter)
        pyarrow.csv.write_csv(table, path, options)
