"""Run the full counts and the benchmarks, and write the dated page of what they showed."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from scripts import bench
from scripts.verdict import ROOT

__all__ = ["PAGE", "Trial", "main", "page_text", "read_trials", "run_trials"]

PAGE = ROOT / "docs" / "proof.md"
_LIBRARIES = ("customer-atlas", "deltalake", "duckdb", "numpy", "pyarrow", "scikit-learn", "scipy")


@dataclass(frozen=True)
class Trial:
    """One test that ran its full count."""

    name: str
    verdict: str
    seconds: float
    figures: tuple[tuple[str, str], ...]


def run_trials(arguments: Sequence[str] = ()) -> list[Trial]:
    """Run the tests marked ``proof`` with their full counts."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-m", "proof", f"--junitxml={results}"),
                *("-o", "junit_family=xunit1", *arguments),
            ],
            env={**os.environ, "ATLAS_PROOF": "1"},
            cwd=ROOT,
            check=False,
        )
        return read_trials(results) if results.exists() else []


def read_trials(results: Path) -> list[Trial]:
    """The trials of a JUnit file."""
    # The file was written by the process started above: it is no stranger's XML.
    cases = ElementTree.parse(results).getroot().iter("testcase")
    return sorted((_trial(case) for case in cases), key=lambda trial: trial.name)


def _trial(case: ElementTree.Element) -> Trial:
    found = {child.tag for child in case}
    verdict = (
        "failed" if found & {"failure", "error"} else ("skipped" if "skipped" in found else "holds")
    )
    place = case.get("classname", "").removeprefix("tests.")
    figures = tuple(
        (str(entry.get("name")), str(entry.get("value"))) for entry in case.iter("property")
    )
    return Trial(f"{place}.{case.get('name')}", verdict, float(case.get("time", 0)), figures)


def page_text(trials: Sequence[Trial], outcomes: Sequence[bench.Outcome]) -> str:
    """The page, as Markdown."""
    return "\n".join(
        [
            "# Proof",
            "",
            "Written by `make proof`: the tests that count trials with their full counts, and the",
            "benchmarks with their full sizes. A ratio of 1 or less holds its limit.",
            "",
            *_circumstances(),
            "",
            "## Benchmarks",
            "",
            "| benchmark | case | median | of | limit | against | ratio | |",
            "| --- | --- | ---: | ---: | --- | --- | ---: | --- |",
            *_benchmark_rows(outcomes),
            "",
            "## Trials",
            "",
            "| test | figures | seconds | |",
            "| --- | --- | ---: | --- |",
            *(_trial_row(trial) for trial in trials),
            "",
        ]
    )


def _circumstances() -> Iterator[str]:
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    python = f"Python {platform.python_version()}"
    yield f"* Date: {today}"
    yield f"* Machine: {_processor()}, {os.cpu_count()} cores, {_memory()}, {platform.system()}"
    yield f"* Versions: {', '.join([python, *(f'{n} {version(n)}' for n in _LIBRARIES)])}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):
        return "memory unknown"
    return f"{size / 2**30:.0f} GiB"


def _benchmark_rows(outcomes: Sequence[bench.Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        for figure in outcome.figures:
            yield (
                f"| {figure.benchmark} | {figure.case} | {figure.value:.4g} {figure.unit} "
                f"| {figure.repeats} | {figure.bound} {figure.limit:.4g} {figure.unit} "
                f"| {figure.against} | {figure.ratio:.2f} | {_word(figure.holds)} |"
            )
        if outcome.failure and not outcome.figures:
            yield f"| {outcome.name} | | | | | | | **failed**: {outcome.failure} |"


def _trial_row(trial: Trial) -> str:
    figures = "; ".join(f"{name}: {value}" for name, value in trial.figures)
    verdict = trial.verdict if trial.verdict != "failed" else "**failed**"
    return f"| `{trial.name}` | {figures} | {trial.seconds:.1f} | {verdict} |"


def _word(holds: bool) -> str:
    return "holds" if holds else "**does not hold**"


def main() -> None:
    """Run all of it and write the page; arguments are handed to pytest."""
    trials = run_trials(sys.argv[1:])
    outcomes = [bench.run(name) for name in bench.names()]
    PAGE.write_text(page_text(trials, outcomes), encoding="utf-8")
    failures = [trial.name for trial in trials if trial.verdict == "failed"]
    failures += [f"{outcome.name}: {outcome.failure}" for outcome in outcomes if outcome.failure]
    if not trials:
        failures.append("no test is marked 'proof', or pytest could not start")
    print("\n".join([*failures, f"written: {PAGE.relative_to(ROOT)}"]))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
