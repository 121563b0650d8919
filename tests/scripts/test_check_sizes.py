from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.check_sizes import FILE_LINES, FUNCTION_LINES, problems

Plant = Callable[[str, str], Path]


def _function(body_lines: int, docstring: str = "") -> str:
    return "\n".join(["def f():", *([docstring] if docstring else []), *["    x = 1"] * body_lines])


def test_a_file_of_the_full_size_is_well(plant: Plant) -> None:
    assert problems(plant("m.py", "x = 1\n" * FILE_LINES)) == []


def test_a_file_one_line_longer_is_named(plant: Plant) -> None:
    assert problems(plant("m.py", "x = 1\n" * (FILE_LINES + 1))) == [
        f"m.py: {FILE_LINES + 1} lines; at most {FILE_LINES}"
    ]


@pytest.mark.parametrize("prefix", ["", "async "])
def test_a_function_one_line_too_long_is_named_with_its_line(plant: Plant, prefix: str) -> None:
    text = "x = 1\n" + prefix + _function(FUNCTION_LINES)
    assert problems(plant("m.py", text)) == [
        f"m.py:2: f has {FUNCTION_LINES + 1} lines; at most {FUNCTION_LINES}"
    ]


def test_a_docstring_makes_no_function_too_long(plant: Plant) -> None:
    docstring = '    """What it is.\n' + "\n    More.\n" * 30 + '    """'
    assert problems(plant("m.py", _function(FUNCTION_LINES - 1, docstring))) == []
