"""Check what importing costs, and that rooms are entered by their doors.

Each light module is imported in a fresh process, after which no heavy library may be loaded.
Other rooms import from ``customer_atlas.room``, never from ``customer_atlas.room.module``.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.verdict import SOURCE, end

__all__ = ["HEAVY", "LIGHT", "door_problems", "heavy_problems", "main"]

HEAVY = (
    "deltalake",
    "duckdb",
    "ibis",
    "lightgbm",
    "numpy",
    "onnx",
    "optuna",
    "pandas",
    "plotly",
    "polars",
    "pyarrow",
    "scipy",
    "sklearn",
    "sqlalchemy",
    "sqlglot",
)
LIGHT = ("customer_atlas", "customer_atlas.cli", "customer_atlas.errors")
_PROBE = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(set(sys.argv[2:]) & set(sys.modules))))
"""


def heavy_problems(source: Path, modules: tuple[str, ...] = LIGHT) -> list[str]:
    """Which light modules load heavy libraries, or cannot be imported at all."""
    return [problem for module in modules for problem in _loaded(source, module)]


def _loaded(source: Path, module: str) -> Iterator[str]:
    run = subprocess.run(
        [sys.executable, "-c", _PROBE, module, *HEAVY],
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        yield f"import {module} fails: {run.stderr.strip().splitlines()[-1]}"
    else:
        yield from (f"import {module} loads {name}" for name in json.loads(run.stdout))


def door_problems(source: Path) -> list[str]:
    """Imports that enter another room by a window."""
    found = (
        f"{path.relative_to(source)}:{line}: imports from {target}; the door is {door}"
        for path in sorted(source.rglob("*.py"))
        for line, target, door in _windows(source, path)
    )
    return list(dict.fromkeys(found))


def _windows(source: Path, path: Path) -> Iterator[tuple[int, str, str]]:
    here = path.relative_to(source).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        for target in _targets(node, here):
            room = target[:2]
            inside = source.joinpath(*target[:3])
            is_module = inside.is_dir() or inside.with_suffix(".py").is_file()
            if len(target) > 2 and here[:2] != room and is_module:
                yield node.lineno, ".".join(target[:3]), ".".join(room)


def _targets(node: ast.Import | ast.ImportFrom, here: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The dotted names that an import may load, as tuples of their parts."""
    if isinstance(node, ast.Import):
        yield from (tuple(alias.name.split(".")) for alias in node.names)
        return
    start = here[: -node.level] if node.level else ()
    module = (*start, *(node.module.split(".") if node.module else ()))
    yield from ((*module, alias.name) for alias in node.names)


def main() -> None:
    """Check the package of this repository."""
    end("imports", [*heavy_problems(SOURCE), *door_problems(SOURCE)])


if __name__ == "__main__":
    main()
