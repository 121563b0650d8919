"""Drift: none for equal data, seldom any for samples of one population, found where planted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas import Atlas
from customer_atlas.data import Finding, Readiness, Severity
from customer_atlas.data.quality.drift import excess_psi, psi

COUNTS = st.lists(st.integers(0, 10_000), min_size=2, max_size=12)
Found = Callable[[Readiness, str], list[Finding]]

PROJECT = """\
project: shop
state: {buckets: 2}
sources:
  orders: {path: orders*.parquet, role: transactions}
segmentations: {main: {max_segments: 3}}
"""


@given(COUNTS)
def test_equal_counts_have_no_drift(counts: list[int]) -> None:
    assert psi(counts, counts) == 0
    assert excess_psi(counts, counts, 100, 100) == 0


@given(COUNTS, COUNTS)
def test_the_index_is_symmetric_and_never_negative(then: list[int], now: list[int]) -> None:
    then, now = then[: len(now)], now[: len(then)]
    assert psi(then, now) == pytest.approx(psi(now, then))
    assert psi(then, now) >= 0


def test_the_index_is_the_textbook_sum() -> None:
    then, now = np.array([5000, 3000, 2000]), np.array([400, 350, 250])
    p, q = then / then.sum(), now / now.sum()
    assert psi(then, now) == pytest.approx(float(np.sum((p - q) * np.log(p / q))), rel=0.02)


def test_samples_of_one_population_seldom_drift(proof_count: Callable[[int, int], int]) -> None:
    draw, trials = np.random.default_rng(0), proof_count(500, 5000)
    shares = np.full(10, 0.1)
    drifted = sum(
        excess_psi(draw.multinomial(200, shares), draw.multinomial(80, shares), 200, 80) >= 0.1
        for _ in range(trials)
    )
    # Without what chance explains, the index itself is often that large.
    assert drifted <= 0.005 * trials


def orders(people: int, seed: int, first: str, factor: float = 1.0) -> pd.DataFrame:
    """Six orders of each of some people, over 90 days."""
    draw, rows = np.random.default_rng(seed), 6 * people
    return pd.DataFrame(
        {
            "customer_id": [f"c{place % people}" for place in range(rows)],
            "timestamp": pd.Timestamp(first)
            + pd.to_timedelta(draw.integers(0, 129_600, rows), "min"),
            "amount": np.round(draw.lognormal(3, 0.7, rows) * factor, 2),
            "channel": draw.choice(["store", "online"], rows, p=[0.7, 0.3]),
        }
    )


def after_a_run(folder: Path, later: pd.DataFrame, before: int = 600) -> Readiness:
    """Run on some orders, let others arrive in a second file, and check."""
    (folder / "atlas.yaml").write_text(PROJECT, encoding="utf-8")
    orders(before, 1, "2024-01-01").to_parquet(folder / "orders-1.parquet")
    with Atlas.open(folder / "atlas.yaml") as atlas:
        atlas.run()
        later.to_parquet(folder / "orders-2.parquet")
        return atlas.check()


def test_without_an_earlier_run_nothing_is_compared(tmp_path: Path) -> None:
    (tmp_path / "atlas.yaml").write_text(PROJECT, encoding="utf-8")
    orders(50, 1, "2024-01-01").to_parquet(tmp_path / "orders-1.parquet")
    with Atlas.open(tmp_path / "atlas.yaml") as atlas:
        assert atlas.check().compared_with is None
        atlas.run()
        assert atlas.check().compared_with is None


def test_more_of_the_same_does_not_drift(tmp_path: Path) -> None:
    ready = after_a_run(tmp_path, orders(300, 2, "2024-04-01"))
    assert ready.compared_with == 1
    drifting = {"drift", "emptier", "new_levels", "gone_levels", "fewer_rows"}
    assert not [one for one in ready.findings if one.code in drifting]


def test_a_hundredth_of_the_rows_in_another_unit_is_found(tmp_path: Path, found: Found) -> None:
    # 120 of 18,120 rows: in an index over the whole table nothing of it would show.
    ready = after_a_run(tmp_path, orders(60, 3, "2024-04-01", factor=100), before=3000)
    (drift,) = [one for one in found(ready, "drift") if one.column == "amount"]
    assert drift.severity is Severity.WARNING
    assert "the 360 rows that came since run 1" in drift.sentence


def test_a_column_that_arrives_empty_does_not_hold(tmp_path: Path, found: Found) -> None:
    later = orders(100, 4, "2024-04-01").assign(amount=np.nan)
    ready = after_a_run(tmp_path, later)
    (emptier,) = found(ready, "emptier")
    assert (emptier.column, emptier.severity) == ("amount", Severity.BAD)
    assert not ready.holds


def test_a_new_channel_and_a_vanished_one_are_told(tmp_path: Path, found: Found) -> None:
    later = orders(300, 5, "2024-04-01").assign(channel="app")
    ready = after_a_run(tmp_path, later)
    (new,) = found(ready, "new_levels")
    assert "'app'" in new.sentence
    (gone,) = found(ready, "gone_levels")
    assert "'online', 'store'" in gone.sentence


def test_a_file_that_was_cut_short_is_told(tmp_path: Path, found: Found) -> None:
    (tmp_path / "atlas.yaml").write_text(PROJECT, encoding="utf-8")
    whole = orders(400, 6, "2024-01-01")
    whole.to_parquet(tmp_path / "orders-1.parquet")
    with Atlas.open(tmp_path / "atlas.yaml") as atlas:
        atlas.run()
        whole.head(900).to_parquet(tmp_path / "orders-1.parquet")
        (fewer,) = found(atlas.check(), "fewer_rows")
    assert "has 900 rows, and had 2,400" in fewer.sentence
