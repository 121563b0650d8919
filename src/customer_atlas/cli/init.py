"""`atlas init`: from a folder of files to a commented project file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from customer_atlas.cli.output import AsJson, ProjectPath, emit, emit_json, telling
from customer_atlas.errors import SourceError, UsageError

if TYPE_CHECKING:
    from customer_atlas.discovery import Doubt, Proposal, ProposedSource

__all__ = ["init"]


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder with your files, or one file.")
    ] = Path(),
    project: ProjectPath = Path("atlas.yaml"),
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a project file that is there.")
    ] = False,
    interactive: Annotated[
        bool, typer.Option("--interactive", "-i", help="Ask where the files do not say.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Look at your files and write a project file that says what they are, and why."""
    from customer_atlas.discovery import look_at, project_name, project_text, propose

    if project.exists() and not force:
        raise UsageError(
            f"{project} is there already. Overwrite it with --force, or write another with "
            "--project PATH."
        )
    home = project.absolute().parent
    with telling(quiet=json) as progress:
        tables, left_out = look_at(folder, home, progress)
    name = project_name(folder)
    proposal = propose(name, tables, left_out, {})
    if interactive and not json:
        answers: dict[tuple[str, str], str] = {}
        while doubt := _open(proposal, answers):
            answers[doubt.table, doubt.question] = _asked(doubt)
            proposal = propose(name, tables, left_out, answers)
    if not proposal.sources:
        raise SourceError(_refusal(folder, proposal))
    _write(project, project_text(proposal))
    if json:
        emit_json(_document(project, proposal))
    else:
        _show(project, proposal)


def _write(project: Path, text: str) -> None:
    project.parent.mkdir(parents=True, exist_ok=True)
    beside = project.with_name(f".{project.name}.partial")
    beside.write_text(text, encoding="utf-8")
    beside.replace(project)


def _refusal(folder: Path, proposal: Proposal) -> str:
    if not proposal.left_out:
        return (
            f"There is no table in '{folder}': no csv, tsv, json, jsonl or parquet file, plain, "
            "gz or zip. Name the folder that has them."
        )
    reasons = "\n".join(f"  {one.path}: {one.reason}" for one in proposal.left_out)
    return (
        f"Nobody can be segmented by what is in '{folder}':\n{reasons}\n"
        "Atlas needs a table of customers, or of what they did and when."
    )


def _open(proposal: Proposal, answers: dict[tuple[str, str], str]) -> Doubt | None:
    return next(
        (
            doubt
            for doubt in proposal.doubts
            if doubt.choices and (doubt.table, doubt.question) not in answers
        ),
        None,
    )


def _asked(doubt: Doubt) -> str:
    """Ask a person to choose by number; Enter takes what was chosen."""
    typer.echo(f"\n{doubt.sentence}")
    for number, choice in enumerate(doubt.choices, start=1):
        typer.echo(f"  {number}. {choice}{'  (Enter)' if choice == doubt.chosen else ''}")
    usual = doubt.choices.index(doubt.chosen) + 1
    told = 0
    while not 1 <= told <= len(doubt.choices):
        told = typer.prompt(
            f"Which? 1 to {len(doubt.choices)}", default=usual, show_default=False, type=int
        )
    return doubt.choices[told - 1]


def _document(project: Path, proposal: Proposal) -> dict[str, Any]:
    return {
        "project": str(project),
        "sources": {source.name: _declared(source) for source in proposal.sources},
        "contact": dict(proposal.contact),
        "protected": dict(proposal.protected),
        "not_sure": [
            {"source": doubt.table, "question": doubt.question, "why": doubt.sentence}
            for doubt in proposal.doubts
        ],
        "left_out": [{"path": one.path, "reason": one.reason} for one in proposal.left_out],
    }


def _declared(source: ProposedSource) -> dict[str, Any]:
    return {
        "path": list(source.paths),
        "role": source.role.value,
        "rows": source.rows,
        "columns": dict(source.columns),
        "where": source.where,
        "labels": {label.name: label.column for label in source.labels},
        "scales": {scale.name: list(scale.items) for scale in source.scales},
        "reasons": dict(source.reasons),
        "notes": list(source.notes),
    }


def _show(project: Path, proposal: Proposal) -> None:
    emit(_sources(proposal))
    aside = {
        "Contact": (proposal.contact, "kept as keyed hashes only"),
        "Protected": (proposal.protected, "never features"),
        "Labels": (
            [label.column for source in proposal.sources for label in source.labels],
            "held aside, never features",
        ),
        "Scales": (
            [scale.name for source in proposal.sources for scale in source.scales],
            "surveys, scored over their items",
        ),
    }
    for title, (names, what) in aside.items():
        if names:
            emit(Text.assemble((f"{title}: ", "bold"), ", ".join(names), (f"  ({what})", "dim")))
    _list("Not sure", [doubt.sentence for doubt in proposal.doubts], "yellow")
    _list("Left out", [f"{one.path}: {one.reason}" for one in proposal.left_out], "dim")
    emit(
        Text.assemble("\nWrote ", (str(project), "bold"), ", with the reasons beside each line."),
        Text("Look it over, then: atlas run"),
    )


def _sources(proposal: Proposal) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_lines=False, pad_edge=False, expand=True)
    table.add_column("Source", style="bold", ratio=3, overflow="fold")
    table.add_column("What its rows are", ratio=4)
    table.add_column("Rows", justify="right", no_wrap=True)
    table.add_column("Columns", ratio=6)
    for source in proposal.sources:
        said = Text.assemble((source.role.value, "cyan"), "\n", (source.reasons["role"], "dim"))
        told = dict(source.columns) | ({"where": source.where} if source.where else {})
        wide = max(map(len, told), default=0)
        mapped = Text("\n").join(
            Text.assemble((f"{name:<{wide}}  ", "dim"), text) for name, text in told.items()
        )
        rows = f"{source.rows:,}" if source.rows is not None else "many"
        table.add_row(source.name, said, rows, mapped or Text("as they are", "dim"))
        table.add_section()
    return table


def _list(title: str, lines: list[str], style: str) -> None:
    if lines:
        emit(Text(f"\n{title}:", "bold"))
        emit(*(Padding(Text(f"- {' '.join(line.split())}", style), (0, 0, 0, 2)) for line in lines))
