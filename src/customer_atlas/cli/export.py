"""`atlas export`: members, features, their history and the model, and personas for people."""

from __future__ import annotations

from dataclasses import asdict
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from customer_atlas.cli.output import (
    AsJson,
    ProjectPath,
    SegmentationName,
    emit,
    emit_json,
    telling,
)
from customer_atlas.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="Export members, features, their history, the model or personas to files.",
)

_Output = Annotated[
    Path,
    typer.Option("--output", "-o", help="The file to write: .parquet, .csv, .tsv or .jsonl."),
]


@app.command()
def members(
    output: _Output,
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    rules: Annotated[
        bool,
        typer.Option("--rules", help="Add a row for each rule segment that a customer is in."),
    ] = False,
    json: AsJson = False,
) -> None:
    """Write one row per customer and level: the segment, and how sure it is."""
    from customer_atlas.project import Atlas

    _checked(output)
    with Atlas.open(project) as atlas:
        published = atlas.published(segmentation)
        table = published.members_and_rules() if rules else published.members()
        _write(table, output, json=json)


@app.command()
def features(
    output: _Output,
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            help="Look at nothing from then on: 2026-05-31 or 2026-05-31T18:00; "
            "default: just after the last event.",
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Write one row per customer: every declared feature, as of any time; it needs no run."""
    from customer_atlas.project import Atlas

    _checked(output)
    with telling(quiet=json) as told, Atlas.open(project) as atlas:
        table = atlas.features(segmentation, told).table(as_of)
    _write(table, output, json=json)


@app.command()
def history(
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="The file to write: .parquet, .csv, .tsv or .jsonl; or a new folder, for a panel "
            "that is larger than memory.",
        ),
    ],
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    cutoffs: Annotated[
        str, typer.Option("--cutoffs", help="Dates that rise: 2024-01-01,2024-02-01.")
    ] = "",
    every: Annotated[
        str, typer.Option("--every", help="Or: day, week, month, quarter or year, with the next.")
    ] = "",
    first: Annotated[str, typer.Option("--from", help="The first date of --every.")] = "",
    last: Annotated[str, typer.Option("--to", help="The last date of --every, included.")] = "",
    json: AsJson = False,
) -> None:
    """Write a panel: every declared feature of everybody known at each of many cutoffs."""
    from customer_atlas.project import Atlas

    moments = _moments(cutoffs, every, first, last)
    if output.suffix:
        _checked(output)
    with telling(quiet=json) as told, Atlas.open(project) as atlas:
        asked = atlas.features(segmentation, told)
        if output.suffix:
            _write(asked.history(moments), output, json=json)
        else:
            _say_folder(asked.history(moments, output), output, json=json)


@app.command()
def model(
    onnx: Annotated[
        Path,
        typer.Option("--onnx", "--output", "-o", help="The ONNX file to write: .onnx."),
    ],
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Write what serves as one ONNX file: raw features in, segments out, without Atlas."""
    from customer_atlas.pipeline import write_onnx
    from customer_atlas.project import Atlas

    with Atlas.open(project) as atlas:
        written = write_onnx(atlas.published(segmentation), onnx)
    if json:
        emit_json(asdict(written))
    else:
        emit(
            f"Wrote {written.path}, {written.bytes / 1e3:,.0f} kB: generation "
            f"{written.generation} of '{written.segmentation}'",
            f"It takes {', '.join(written.inputs)}",
            f"and gives {', '.join(written.outputs)}.",
        )


@app.command()
def personas(
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="The page to write: .html; or a folder, for one page more a segment.",
        ),
    ],
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Write a persona card per segment, to print and hang up: who, when, what, do and don't."""
    from customer_atlas.project import Atlas
    from customer_atlas.report import write_personas

    with Atlas.open(project) as atlas:
        written = write_personas(atlas.published(segmentation), output)
    if json:
        emit_json(asdict(written))
    else:
        cards = "1 card" if written.segments == 1 else f"{written.segments} cards"
        emit(f"Wrote {cards} to {output}: open {written.paths[0]} in any browser, or print it.")


def _moments(cutoffs: str, every: str, first: str, last: str) -> list[str]:
    """Return the cutoffs that are named one by one, or by a step and two ends."""
    from datetime import date

    from customer_atlas.pipeline import EVERY
    from customer_atlas.pipeline import every as stepped

    named = [one.strip() for one in cutoffs.split(",") if one.strip()]
    if bool(named) == bool(every) or (named and (first or last)):
        raise UsageError("Name the cutoffs by --cutoffs, or by --every with --from and --to.")
    if named:
        return named
    if every not in EVERY:
        raise UsageError(f"Found --every '{every}'; it may be {', '.join(EVERY)}.")
    try:
        ends = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise UsageError(
            f"--every needs --from and --to as dates such as 2024-01-01; found '{first}' and "
            f"'{last}'."
        ) from None
    if ends[0] > ends[1]:
        raise UsageError(f"Found --from {first} after --to {last}.")
    return [day.isoformat() for day in stepped(every, *ends)]


def _say_folder(paths: list[Path], output: Path, *, json: bool) -> None:
    import pyarrow.parquet

    rows = sum(pyarrow.parquet.read_metadata(path).num_rows for path in paths)
    if json:
        names = pyarrow.parquet.read_schema(paths[0]).names
        files = [str(path) for path in paths]
        emit_json({"path": str(output), "files": files, "rows": rows, "columns": names})
    else:
        count = "1 file" if len(paths) == 1 else f"{len(paths):,} files"
        emit(f"Wrote {rows:,} rows to {count} in {output}")


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
        pyarrow.csv.write_csv(_flat(table), path, options)


def _flat(table: pa.Table) -> pa.Table:
    """Return the table with its lists as JSON: these files know none."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            texts = [None if one is None else dumps(one) for one in table[place].to_pylist()]
            table = table.set_column(place, field.name, pa.array(texts, pa.string()))
    return table
