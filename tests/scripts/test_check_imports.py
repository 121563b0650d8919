from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.check_imports import door_problems, heavy_problems

Plant = Callable[[str, str], Path]


def test_a_heavy_library_at_the_top_is_named(plant: Plant) -> None:
    source = plant("customer_atlas/__init__.py", "import numpy")
    assert heavy_problems(source, ("customer_atlas",)) == ["import customer_atlas loads numpy"]


def test_a_heavy_library_behind_another_module_is_named(plant: Plant) -> None:
    plant("customer_atlas/__init__.py", "")
    plant("customer_atlas/config.py", "import sqlglot")
    source = plant("customer_atlas/cli.py", "from customer_atlas import config")
    assert heavy_problems(source, ("customer_atlas", "customer_atlas.cli")) == [
        "import customer_atlas.cli loads sqlglot"
    ]


def test_a_heavy_library_inside_a_function_is_well(plant: Plant) -> None:
    source = plant("customer_atlas/__init__.py", "def f():\n    import numpy\n    return numpy")
    assert heavy_problems(source, ("customer_atlas",)) == []


def test_a_module_that_cannot_be_imported_is_a_problem(plant: Plant) -> None:
    source = plant("customer_atlas/__init__.py", "raise RuntimeError('broken')")
    (problem,) = heavy_problems(source, ("customer_atlas",))
    assert problem == "import customer_atlas fails: RuntimeError: broken"


@pytest.fixture
def rooms(plant: Plant) -> Plant:
    plant("customer_atlas/__init__.py", "")
    plant("customer_atlas/errors.py", "")
    plant("customer_atlas/data/__init__.py", "")
    plant("customer_atlas/data/lake.py", "")
    plant("customer_atlas/features/__init__.py", "")
    return plant


@pytest.mark.parametrize(
    "text",
    [
        "from customer_atlas.data.lake import Lake",
        "from customer_atlas.data import lake",
        "import customer_atlas.data.lake",
        "from ..data.lake import Lake",
        "from ..data import lake",
        "def f():\n    from customer_atlas.data.lake import Lake",
    ],
)
def test_entering_a_room_by_a_window_is_named_with_its_door(rooms: Plant, text: str) -> None:
    (problem,) = door_problems(rooms("customer_atlas/features/packs.py", text))
    assert problem.startswith("customer_atlas/features/packs.py:")
    assert problem.endswith(
        "imports from customer_atlas.data.lake; the door is customer_atlas.data"
    )


@pytest.mark.parametrize(
    "text",
    [
        "from customer_atlas.data import Lake",
        "from customer_atlas.features.packs import rfm",
        "from customer_atlas.errors import AtlasError",
        "from . import windows",
        "import numpy.linalg",
    ],
)
def test_doors_own_modules_and_leaves_are_well(rooms: Plant, text: str) -> None:
    rooms("customer_atlas/features/windows.py", "")
    assert door_problems(rooms("customer_atlas/features/packs.py", text)) == []
