"""The benchmark of the features runs, at a size at which its limits say nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from scripts.bench import FOLDER, Figure


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    process = subprocess.run(
        [sys.executable, str(FOLDER / "features.py"), "300", "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert process.returncode in (0, 1), process.stderr
    assert process.stdout, process.stderr
    return [Figure(**json.loads(line)) for line in process.stdout.splitlines()]


def test_the_features_are_beside_hand_written_sql_of_the_same_values(figures: list[Figure]) -> None:
    (beside,) = (one for one in figures if "packs" in one.case)
    assert beside.against.startswith("2 times hand-written SQL")


def test_a_panel_is_beside_one_cutoff(figures: list[Figure]) -> None:
    (panel,) = (one for one in figures if "12 monthly cutoffs" in one.case)
    assert panel.against.startswith("4 times one cutoff")


def test_events_are_counted_and_so_is_what_is_kept_of_a_customer(figures: list[Figure]) -> None:
    assert [one.unit for one in figures[2:]] == ["events/s", "events/s", "bytes"]
    assert all(one.value > 0 for one in figures)
