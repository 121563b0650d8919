"""The layers that import-linter holds, seen to hold and seen to break."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports_command as lint; lint()"
ROOMS = (
    *("cli", "clustering", "config", "data", "discovery", "engine", "features"),
    *("pipeline", "registry", "report", "segments", "simulate"),
)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """An empty package with every room of the contracts."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    package = tmp_path / "src" / "customer_atlas"
    for module in (
        "__init__.py",
        "errors.py",
        "onnx_graph.py",
        "side_by_side.py",
        "project.py",
        *(f"{r}/__init__.py" for r in ROOMS),
    ):
        (package / module).parent.mkdir(parents=True, exist_ok=True)
        (package / module).touch()
    return tmp_path


def _lint(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--config", "pyproject.toml"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def _plant(house: Path, module: str, text: str) -> None:
    path = house / "src" / "customer_atlas" / module
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_house_whose_imports_point_up_is_well(house: Path) -> None:
    _plant(house, "features/__init__.py", "from customer_atlas import engine, errors")
    _plant(house, "cli/__init__.py", "from customer_atlas import project, simulate")
    _plant(house, "simulate/__init__.py", "from customer_atlas import errors")
    run = _lint(house)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("module", "text", "contract"),
    [
        ("config/__init__.py", "from customer_atlas import engine", "Rooms use only"),
        ("data/__init__.py", "def f():\n    from customer_atlas import cli", "Rooms use only"),
        ("engine/__init__.py", "import customer_atlas.project", "Rooms use only"),
        ("pipeline/__init__.py", "from customer_atlas import report", "Rooms use only"),
        (
            "errors.py",
            "from customer_atlas import config",
            "The errors, the threads and the ONNX graph are leaves",
        ),
        ("simulate/__init__.py", "from customer_atlas import data", "The simulator is a leaf"),
        ("config/__init__.py", "import duckdb", "What is declared knows no engine"),
    ],
)
def test_an_import_that_points_down_breaks_its_contract(
    house: Path, module: str, text: str, contract: str
) -> None:
    _plant(house, module, text)
    run = _lint(house)
    assert run.returncode == 1, run.stdout + run.stderr
    (broken,) = [line for line in run.stdout.splitlines() if line.endswith("BROKEN")]
    assert broken.startswith(contract)


def test_a_room_that_the_contracts_do_not_know_is_refused(house: Path) -> None:
    _plant(house, "kitchen/__init__.py", "")
    run = _lint(house)
    assert run.returncode == 1
    assert "kitchen" in run.stdout
