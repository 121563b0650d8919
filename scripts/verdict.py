"""How every check ends: its problems one a line and exit code 1, or one line that all is well."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["ROOT", "SOURCE", "end"]

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"


def end(check: str, problems: Sequence[str]) -> None:
    """Print what was found and leave the process with the code that says it."""
    for problem in problems:
        print(problem)
    print(f"{check}: {len(problems)} problem(s)" if problems else f"{check}: all is well")
    sys.exit(1 if problems else 0)
