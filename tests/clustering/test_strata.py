from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.clustering.strata import Strata, allocation
from customer_atlas.features.feature import FeatureInfo

__all__: list[str] = []


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=60), st.floats(0.01, 1.0))
def test_an_allocation_takes_from_every_cell_and_never_more_than_it_has(
    cells: list[int], share: float
) -> None:
    sizes = np.array(cells)
    total = max(len(cells), int(share * sizes.sum()))
    takes = allocation(sizes, total)
    assert (takes >= 1).all()
    assert (takes <= sizes).all()
    assert total - len(cells) - 1 <= takes.sum() <= total + len(cells)


def test_a_rare_cell_gets_more_than_its_share_and_a_common_one_at_least_half_of_it() -> None:
    sizes = np.array([100_000, 1_000, 100])
    rates = allocation(sizes, 5_000) / sizes
    assert rates[2] > rates[1] > rates[0] >= 0.5 * 5_000 / sizes.sum() * 0.99


def test_echoes_of_a_feature_are_not_taken_twice() -> None:
    draw = np.random.default_rng(0)
    spend, age, mood = draw.normal(size=(3, 2000))
    columns = {"spend": spend, "cents": 100 * spend, "age": age, "mood": mood, "fixed": spend * 0}
    infos = [FeatureInfo(name, "rfm", "number", name) for name in columns]
    strata = Strata.fit(pa.table(columns), infos, 10_000)
    assert sorted(strata.features) in (["age", "mood", "spend"], ["age", "cents", "mood"])


def test_cells_keep_unknown_and_the_outer_parts_for_themselves() -> None:
    values = np.r_[np.arange(1000.0), np.full(10, np.nan)]
    table = pa.table({"x": pa.array(values, from_pandas=True)})
    strata = Strata.fit(table, [FeatureInfo("x", "rfm", "number", "x")], 100)
    cells = strata.cells(table)
    assert len(set(cells.tolist())) == 9
    assert set(cells[-10:].tolist()) == {0}
    assert len(set(cells[3:15].tolist())) == len(set(cells[985:996].tolist())) == 1
    assert len(set(cells[20:200].tolist())) == 1 != cells[20]


def test_few_cells_are_made_when_few_are_allowed() -> None:
    draw = np.random.default_rng(0)
    columns = {name: draw.normal(size=500) for name in "abcde"}
    infos = [FeatureInfo(name, "rfm", "number", name) for name in columns]
    for most, features in ((1, 0), (9, 1), (100, 2), (10_000, 4)):
        assert len(Strata.fit(pa.table(columns), infos, most).features) == features
