from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from customer_atlas.clustering.sample import stratified_sample
from customer_atlas.errors import ClusteringError
from customer_atlas.features.feature import FeatureInfo

__all__: list[str] = []

INFOS = (
    FeatureInfo("recency", "rfm", "days", "days since the last order"),
    FeatureInfo("spend", "rfm", "money", "net spend"),
    FeatureInfo("region", "attributes", "category", "region", kind="category"),
)
ROWS = 40_000
BIG = 40  # a thousandth of the customers, who spend by far the most


def shop() -> pa.Table:
    draw = np.random.default_rng(0)
    spend = np.exp(draw.normal(size=ROWS))
    spend[:BIG] += 1000
    recency = draw.uniform(0, 365, ROWS)
    recency[draw.random(ROWS) < 0.2] = np.nan
    return pa.table(
        {
            "customer_id": [f"c{i}" for i in range(ROWS)],
            "recency": pa.array(recency, from_pandas=True),
            "spend": spend,
            "region": pa.array(np.array(["north", "south"])[draw.integers(2, size=ROWS)]),
        }
    )


def written(table: pa.Table, folder: Path, order: np.ndarray | None = None) -> list[Path]:
    folder.mkdir()
    order = np.arange(table.num_rows) if order is None else order
    paths = []
    for bucket in range(4):
        paths.append(folder / f"bucket={bucket}.parquet")
        pq.write_table(table.take(order[order % 4 == bucket]), paths[-1])
    return paths


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return written(shop(), tmp_path_factory.mktemp("features") / "run=1")


def test_a_small_population_is_taken_whole_with_weight_one(files: list[Path]) -> None:
    table, weights = stratified_sample(files, INFOS, size=ROWS)
    assert table.sort_by("customer_id").equals(shop().sort_by("customer_id"))
    assert table.column("customer_id").to_pylist() == sorted(f"c{i}" for i in range(ROWS))
    assert set(weights) == {1.0}


def test_the_weights_add_up_to_the_population_and_the_size_is_kept(files: list[Path]) -> None:
    table, weights = stratified_sample(files, INFOS, size=4000)
    assert 3800 <= table.num_rows <= 4000
    assert len(weights) == table.num_rows
    assert weights.sum() == pytest.approx(ROWS)
    assert len(set(table.column("customer_id").to_pylist())) == table.num_rows


def test_nobodys_chance_is_less_than_half_of_an_even_draws(files: list[Path]) -> None:
    _, weights = stratified_sample(files, INFOS, size=4000)
    assert weights.max() <= 2 * ROWS / 4000 * 1.25  # a cell takes a whole number of customers


def test_a_thousandth_of_the_customers_is_represented_better_than_by_an_even_draw(
    files: list[Path],
) -> None:
    table, weights = stratified_sample(files, INFOS, size=2000)
    big = np.asarray(table.column("spend")) > 900
    assert big.sum() >= 2 * BIG * 2000 / ROWS
    assert 0.2 * BIG <= weights[big].sum() <= 5 * BIG


@pytest.mark.parametrize("seed", range(3))
def test_weighted_means_are_those_of_the_population(files: list[Path], seed: int) -> None:
    table, weights = stratified_sample(files, INFOS, size=8000, seed=seed)
    population = shop()
    for name in ("recency", "spend"):
        truth = np.asarray(population.column(name).drop_null())
        found = np.asarray(table.column(name).fill_null(np.nan))
        known = np.isfinite(found)
        mean = np.average(np.log1p(found[known]), weights=weights[known])
        assert mean == pytest.approx(np.log1p(truth).mean(), rel=0.02)
        assert weights[known].sum() == pytest.approx(len(truth), rel=0.02)


def test_the_order_of_rows_and_of_files_does_not_matter(files: list[Path], tmp_path: Path) -> None:
    shuffled = np.random.default_rng(5).permutation(ROWS)
    others = written(shop(), tmp_path / "again", shuffled)
    first, first_weights = stratified_sample(files, INFOS, size=3000, seed=1)
    second, second_weights = stratified_sample(others[::-1], INFOS, size=3000, seed=1)
    assert first.equals(second)
    assert first_weights.tobytes() == second_weights.tobytes()


def test_another_seed_draws_other_customers(files: list[Path]) -> None:
    draws = [
        set(
            stratified_sample(files, INFOS, size=2000, seed=seed)[0]
            .column("customer_id")
            .to_pylist()
        )
        for seed in (0, 1)
    ]
    assert len(draws[0] & draws[1]) < 0.3 * 2000


def test_without_a_number_feature_the_draw_is_even(files: list[Path]) -> None:
    table, weights = stratified_sample(files, INFOS[2:], size=1000)
    assert table.num_rows == 1000
    assert weights == pytest.approx(ROWS / 1000)


def test_empty_files_are_refused_and_an_empty_bucket_is_not(tmp_path: Path) -> None:
    table = shop()
    pq.write_table(table.slice(0, 0), tmp_path / "a.parquet")
    pq.write_table(table.slice(0, 50), tmp_path / "b.parquet")
    with pytest.raises(ClusteringError, match="no customer to cluster"):
        stratified_sample([tmp_path / "a.parquet"], INFOS)
    found, _ = stratified_sample([tmp_path / "a.parquet", tmp_path / "b.parquet"], INFOS, size=20)
    assert 0 < found.num_rows <= 20
