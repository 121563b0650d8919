"""How long a fresh process needs to import the package, and to show the command's help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from _measure import Measure, full_counts, report, timed

__all__ = ["measures"]

_ATLAS = Path(sys.executable).with_name("atlas")


def _import() -> None:
    subprocess.run([sys.executable, "-c", "import customer_atlas"], check=True)


def _help() -> None:
    subprocess.run([_ATLAS, "--help"], check=True, stdout=subprocess.DEVNULL)


def measures() -> list[Measure]:
    """Medians over fresh processes; the time of the bare interpreter is part of each."""
    repeats = 31 if full_counts() else 9
    return [
        Measure(
            benchmark="import_time",
            case=case,
            value=timed(work, repeats),
            unit="s",
            limit=limit,
            repeats=repeats,
        )
        for case, work, limit in (
            ("import customer_atlas", _import, 0.5),
            ("atlas --help", _help, 0.6),
        )
    ]


if __name__ == "__main__":
    report(measures())
