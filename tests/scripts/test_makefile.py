"""The verbs: listed by a bare make, and stopped with a sentence where no Python is new enough."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def _make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_bare_make_lists_its_verbs_with_a_line_each() -> None:
    lines = _make(ROOT).stdout.splitlines()
    listed = {line.split()[1]: line.split()[2:] for line in lines if line.startswith("  make ")}
    assert {"demo", "test", "proof", "check", "bench", "docs"} <= set(listed)
    assert all(listed.values())


def test_without_a_python_that_is_new_enough_it_says_what_to_do(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).touch()
    run = _make(tmp_path, "PYTHON=no-such-python", "test")
    assert run.returncode != 0
    assert "No Python 3.11 or later with venv was found (tried: no-such-python)." in run.stderr
    assert "make PYTHON=/path/to/python3.11 test" in run.stderr
