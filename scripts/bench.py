"""Run the benchmarks and show each figure beside the limit that it must hold."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scripts.verdict import ROOT

__all__ = ["Figure", "Outcome", "main", "names", "run", "table"]

FOLDER = ROOT / "benchmarks"


@dataclass(frozen=True)
class Figure:
    """One line of a benchmark's answer; benchmarks/README.md says what each field means."""

    benchmark: str
    case: str
    value: float
    unit: str
    limit: float
    bound: str
    repeats: int
    against: str
    ratio: float
    holds: bool


@dataclass(frozen=True)
class Outcome:
    """What a benchmark printed, and why it failed if it did."""

    name: str
    figures: tuple[Figure, ...]
    failure: str | None


def names(folder: Path = FOLDER) -> list[str]:
    """The benchmarks there are."""
    return sorted(path.stem for path in folder.glob("*.py") if not path.name.startswith("_"))


def run(name: str, folder: Path = FOLDER) -> Outcome:
    """Run one benchmark in a process of its own."""
    process = subprocess.run(
        [sys.executable, str(folder / f"{name}.py"), "--json"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    try:
        figures = tuple(Figure(**json.loads(line)) for line in process.stdout.splitlines() if line)
    except (TypeError, ValueError) as error:
        return Outcome(name, (), f"its output does not follow the protocol: {error}")
    return Outcome(name, figures, _failure(figures, process.returncode))


def _failure(figures: Sequence[Figure], code: int) -> str | None:
    broken = [figure.case for figure in figures if not figure.holds]
    if broken:
        return f"the limit does not hold: {', '.join(broken)}"
    if code:
        return f"it ended with exit code {code}"
    return None if figures else "it reported no figure"


def table(outcomes: Sequence[Outcome]) -> Table:
    """The figures for a terminal."""
    shown = Table(title="Benchmarks", caption="A ratio of 1 or less holds the limit.")
    for column in ("benchmark", "case", "median", "of", "limit", "against", "ratio"):
        shown.add_column(column, justify="right" if column in {"median", "of", "ratio"} else "left")
    for figure in _figures(outcomes):
        shown.add_row(
            figure.benchmark,
            figure.case,
            f"{figure.value:.4g} {figure.unit}",
            str(figure.repeats),
            f"{figure.bound} {figure.limit:.4g} {figure.unit}",
            figure.against,
            f"{figure.ratio:.2f}",
            style=None if figure.holds else "bold red",
        )
    return shown


def _figures(outcomes: Sequence[Outcome]) -> Iterator[Figure]:
    for outcome in outcomes:
        yield from outcome.figures


def main() -> None:
    """Run the benchmarks named on the command line, or all."""
    outcomes = [run(name) for name in sys.argv[1:] or names()]
    Console().print(table(outcomes))
    failures = [f"{outcome.name}: {outcome.failure}" for outcome in outcomes if outcome.failure]
    print("\n".join(failures) or "every limit holds")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
