from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.check_exports import main, problems

Plant = Callable[[str, str], Path]


def test_a_module_that_lists_its_names_in_order_is_well(plant: Plant) -> None:
    text = """
from typing import TypeVar
__all__ = ["LIMIT", "Lake", "bucket_of"]
T = TypeVar("T")
LIMIT = 3
class Lake: ...
def bucket_of(): ...
def _private(): ...
"""
    assert problems(plant("customer_atlas/data/lake.py", text)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f(): ...", "no __all__"),
        ("__all__ = [name for name in ()]", "no __all__"),
        ("__all__ = ['b', 'a']\ndef a(): ...\ndef b(): ...", "not sorted"),
        ("__all__ = ['f', 'f']\ndef f(): ...", "more than once"),
        ("__all__ = ['gone']", "'gone', which the module does not have"),
        ("__all__ = []\ndef f(): ...", "'f' is public"),
        ("__all__ = []\nif True:\n    def f(): ...", "'f' is public"),
        ("__all__ = []\ntry:\n    class Lake: ...\nexcept ImportError: ...", "'Lake' is public"),
    ],
)
def test_a_module_with_a_wrong_list_is_named_with_what_is_wrong(
    plant: Plant, text: str, found: str
) -> None:
    (problem,) = problems(plant("customer_atlas/data/lake.py", text))
    assert problem.startswith("customer_atlas/data/lake.py: ")
    assert found in problem


def test_a_command_is_reached_through_its_application(plant: Plant) -> None:
    text = "__all__ = ['app']\napp = object()\n@app.command()\ndef run(): ..."
    assert problems(plant("customer_atlas/cli/run.py", text)) == []


@pytest.mark.parametrize("name", ["LIMIT", "_private"])
def test_what_another_module_imports_is_listed(plant: Plant, name: str) -> None:
    text = "__all__ = []\nLIMIT = 3\ndef _private(): ...\nOWN: int = 3"
    plant("customer_atlas/data/lake.py", text)
    user = f"__all__ = []\ndef f():\n    from customer_atlas.data.lake import {name}"
    found = problems(plant("customer_atlas/data/table.py", user.replace("def f", "def _f")))
    assert found == [
        f"customer_atlas/data/lake.py: '{name}' is imported by another module and not in __all__"
    ]


def test_a_door_exports_all_it_imports_from_its_own_room(plant: Plant) -> None:
    text = "from customer_atlas.data.lake import Lake\n__all__ = []"
    (problem,) = problems(plant("customer_atlas/data/__init__.py", text))
    assert "imports 'Lake' and does not export it" in problem


def test_a_door_exports_nothing_of_another_room(plant: Plant) -> None:
    text = "from customer_atlas.engine import DuckDB\n__all__ = ['DuckDB']"
    (problem,) = problems(plant("customer_atlas/data/__init__.py", text))
    assert "another place" in problem


def test_the_check_ends_with_one_where_something_is_wrong(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scripts.check_exports.SOURCE", plant("m.py", "def f(): ..."))
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "exports: 1 problem(s)" in capsys.readouterr().out


def test_the_check_ends_with_zero_where_all_is_well(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scripts.check_exports.SOURCE", plant("m.py", "__all__ = []"))
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
