from __future__ import annotations

import time
from pathlib import Path

import pytest

from customer_atlas import Atlas
from customer_atlas.pipeline.progress import Timed

__all__: list[str] = []


def test_a_step_lasts_until_the_next_begins_however_often_it_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    timed = Timed(lambda step, done=0, total=0: told.append((step, done, total)))
    timed("read")
    time.sleep(0.03)
    timed("read", 1, 2)
    timed("write")
    spent = timed.seconds()
    assert told == [("read", 0, 0), ("read", 1, 2), ("write", 0, 0)]
    assert list(spent) == ["read", "write"]
    assert spent["read"] >= 0.03 > spent["write"]


def test_a_run_says_how_long_each_of_its_steps_took(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        (result,) = atlas.run()
        metrics = atlas.runs()[0].metrics
    assert list(metrics["steps"]) == [
        "ingest",
        "check the data",
        "learn the population",
        "compute features",
        "find segments",
        "assign everyone",
        "describe segments",
    ]
    assert all(seconds >= 0 for seconds in metrics["steps"].values())
    assert metrics["seconds"] == pytest.approx(sum(metrics["steps"].values()), abs=1e-2)
    assert metrics["seconds"] <= result.seconds
    assert metrics["steps"]["ingest"] >= sum(report.seconds for report in result.sources)
