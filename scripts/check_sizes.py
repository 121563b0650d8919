"""Check that no file and no function of the package has outgrown its reader."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from scripts.verdict import SOURCE, end

__all__ = ["FILE_LINES", "FUNCTION_LINES", "main", "problems"]

FILE_LINES = 400
FUNCTION_LINES = 60


def problems(source: Path) -> list[str]:
    """Files over 400 lines, and functions over 60 lines, their docstrings not counted."""
    return [
        f"{path.relative_to(source)}{problem}"
        for path in sorted(source.rglob("*.py"))
        for problem in _file_problems(path.read_text(encoding="utf-8"))
    ]


def _file_problems(text: str) -> Iterator[str]:
    lines = len(text.splitlines())
    if lines > FILE_LINES:
        yield f": {lines} lines; at most {FILE_LINES}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = _length(node)
            if length > FUNCTION_LINES:
                yield f":{node.lineno}: {node.name} has {length} lines; at most {FUNCTION_LINES}"


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is None:
        return total
    return total - ((first.end_lineno or first.lineno) - first.lineno + 1)


def main() -> None:
    """Check the package of this repository."""
    end("sizes", problems(SOURCE))


if __name__ == "__main__":
    main()
