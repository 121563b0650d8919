from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import KMeans
from customer_atlas.errors import ArtifactError, FeatureError
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix import DesignMatrix

__all__: list[str] = []

N = 2000


def number(name: str, pack: str = "rfm", *, zero: bool = False) -> FeatureInfo:
    return FeatureInfo(name, pack, "number", name, zero=zero)


def category(name: str, pack: str = "attributes") -> FeatureInfo:
    return FeatureInfo(name, pack, "category", name, kind="category")


INFOS = (
    number("recency"), number("spend"), number("orders", zero=True), number("gap", "rhythm"),
    number("fixed"), number("cents"), category("region"), category("colour"),
)  # fmt: skip


def customers(n: int = N, seed: int = 0) -> pa.Table:
    draw = np.random.default_rng(seed)
    spend = np.exp(draw.normal(4, 1.5, n))
    orders = draw.poisson(2, n).astype(float)
    orders[orders == 0] = np.nan
    gap = draw.gamma(2, 10, n)
    gap[draw.random(n) < 0.3] = np.nan
    region = draw.choice(["north", "south", "east", ""], n, p=[0.5, 0.3, 0.1, 0.1])
    return pa.table(
        {
            "customer_id": [f"c{i}" for i in range(n)],
            "recency": draw.uniform(0, 365, n),
            "spend": spend,
            "orders": pa.array(orders, from_pandas=True),
            "gap": pa.array(gap, from_pandas=True),
            "fixed": np.ones(n),
            "cents": spend * 100,
            "region": pa.array([name or None for name in region.tolist()]),
            "colour": pa.array(draw.choice([f"colour {i}" for i in range(40)], n).tolist()),
        }
    )


def test_columns_are_named_and_what_is_dropped_says_why() -> None:
    matrix = DesignMatrix.fit(customers(), INFOS)
    assert matrix.columns[:5] == ("recency", "spend", "orders", "gap", "gap: missing")
    assert {"region: north", "region: south", "region: east", "region: missing"} < set(
        matrix.columns
    )
    reasons = {dropped.feature: dropped.reason for dropped in matrix.dropped}
    assert reasons["fixed"] == "the same for every customer"
    assert reasons["cents"].startswith("nearly the same as 'spend' (correlation ")


def test_every_column_has_mean_zero_where_it_is_known_and_each_pack_weighs_one_feature() -> None:
    table = customers()
    X = DesignMatrix.fit(table, INFOS).transform(table)
    packs = [column.pack for column in DesignMatrix.fit(table, INFOS).fitted]
    known = np.isfinite(np.asarray(table.column("gap").fill_null(np.nan)))
    assert X[known].mean(axis=0)[3] == pytest.approx(0, abs=1e-9)
    rfm = [j for j, pack in enumerate(packs) if pack == "rfm"]
    assert X[:, rfm].var(axis=0).sum() == pytest.approx(1.0, rel=1e-6)
    rhythm = [j for j, pack in enumerate(packs) if pack == "rhythm"]
    assert X[:, rhythm].var(axis=0).sum() == pytest.approx(known.mean(), rel=0.05)


def test_a_weight_counts_like_so_many_customers() -> None:
    table = customers(600)
    times = np.random.default_rng(1).integers(1, 4, 600)
    weighted = DesignMatrix.fit(table, INFOS, weights=times.astype(float))
    repeated = DesignMatrix.fit(table.take(np.repeat(np.arange(600), times)), INFOS)
    assert weighted.columns == repeated.columns
    assert weighted.transform(table) == pytest.approx(repeated.transform(table))


def test_saved_and_loaded_it_gives_the_same_bits(tmp_path: Path) -> None:
    matrix = DesignMatrix.fit(customers(), INFOS)
    matrix.save(tmp_path / "model")
    again = DesignMatrix.load(tmp_path / "model")
    other = customers(500, seed=9)
    assert again == matrix
    assert again.transform(other).tobytes() == matrix.transform(other).tobytes()


def test_saving_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        DesignMatrix.fit(customers(), INFOS).save(tmp_path / name)
    for file in ("matrix.json", "matrix.npz"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize("damage", ["missing json", "missing npz", "format", "text"])
def test_a_damaged_matrix_is_an_error_for_people(tmp_path: Path, damage: str) -> None:
    DesignMatrix.fit(customers(50), INFOS).save(tmp_path)
    facts = tmp_path / "matrix.json"
    if damage == "missing json":
        facts.unlink()
    elif damage == "missing npz":
        (tmp_path / "matrix.npz").unlink()
    elif damage == "format":
        facts.write_text(json.dumps(json.loads(facts.read_text()) | {"format": 0}))
    else:
        facts.write_text("[")
    with pytest.raises(ArtifactError, match="design matrix in .* cannot be read"):
        DesignMatrix.load(tmp_path)


def test_each_customer_is_transformed_alone() -> None:
    table = customers(40_000)
    matrix = DesignMatrix.fit(table, INFOS)
    rows = [0, 17, 20_000, 39_999]
    assert matrix.transform(table.take(rows)).tobytes() == matrix.transform(table)[rows].tobytes()


def test_strange_values_at_transform_time_stay_finite() -> None:
    matrix = DesignMatrix.fit(customers(), INFOS)
    strange = pa.table(
        {
            "recency": [np.inf, -np.inf, np.nan, None, 1e300],
            "spend": pa.array([None] * 5, pa.float64()),
            "orders": pa.array([1, 2, 3, 4, 5], pa.int64()),
            "gap": [-1e300, 0.0, 1.0, 2.0, None],
            "region": ["never seen", None, "", "north", "south"],
            "colour": pa.array([None] * 5, pa.string()),
        }
    )
    X = matrix.transform(strange)
    assert np.isfinite(X).all()
    assert np.abs(X).max() < 10
    assert (X[0, 0] == X[1:4, 0]).all()  # infinite and missing alike are filled


def test_a_missing_column_is_named() -> None:
    matrix = DesignMatrix.fit(customers(), INFOS)
    with pytest.raises(FeatureError, match="no column 'spend'"):
        matrix.transform(customers().drop_columns(["spend"]))
    without = customers().drop_columns(["fixed"])  # was dropped: nobody needs it
    assert len(matrix.transform(without)) == N


def test_text_where_numbers_are_declared_is_refused() -> None:
    table = pa.table({"age": ["old", "young"]})
    with pytest.raises(FeatureError, match="'age' is declared a number"):
        DesignMatrix.fit(table, [number("age")])


def test_an_empty_table_and_wrong_weights_are_refused() -> None:
    with pytest.raises(FeatureError, match="no customer"):
        DesignMatrix.fit(customers().slice(0, 0), INFOS)
    for weights in (np.ones(3), np.zeros(N), np.full(N, np.nan)):
        with pytest.raises(FeatureError, match="2000 positive weights"):
            DesignMatrix.fit(customers(), INFOS, weights=weights)


def test_a_table_without_any_difference_gives_a_matrix_without_columns() -> None:
    table = pa.table({"fixed": [1.0, 1.0], "empty": pa.array([None, None], pa.float64())})
    matrix = DesignMatrix.fit(table, [number("fixed"), number("empty")])
    assert matrix.transform(table).shape == (2, 0)
    assert [dropped.feature for dropped in matrix.dropped] == ["fixed", "empty"]


def test_one_customer_is_no_difference() -> None:
    assert DesignMatrix.fit(customers(1), INFOS).transform(customers(1)).shape == (1, 0)


def planted(seed: int) -> tuple[pa.Table, list[FeatureInfo], np.ndarray]:
    """Four groups in two features of one pack, beside a pack of thirty tastes without groups."""
    draw = np.random.default_rng(seed)
    truth = draw.integers(4, size=N)
    corners = np.array([[0, 0], [0, 4], [4, 0], [4, 4.0]])[truth] + draw.normal(size=(N, 2))
    taste = draw.normal(size=(N, 30)) * 3 + draw.normal(size=(N, 1))
    columns = {"a": corners[:, 0], "b": corners[:, 1]}
    columns |= {f"taste {j}": taste[:, j] for j in range(30)}
    infos = [number(name, "taste" if "taste" in name else "rfm") for name in columns]
    return pa.table(columns), infos, truth


@pytest.mark.parametrize("seed", [0, 1])
def test_balanced_packs_find_groups_that_a_large_pack_would_drown(seed: int) -> None:
    table, infos, truth = planted(seed)
    X = DesignMatrix.fit(table, infos).transform(table)
    plain = (X - X.mean(axis=0)) / X.std(axis=0)
    balanced, drowned = (
        adjusted_rand_score(truth, KMeans(4, n_init=3).fit(one).predict(one)) for one in (X, plain)
    )
    assert balanced > 0.8
    assert drowned < balanced - 0.2


def test_a_feature_that_most_do_not_have_makes_no_segment_by_its_absence() -> None:
    draw = np.random.default_rng(0)
    columns = {"a": draw.normal(size=N), "b": draw.normal(size=N)}
    truth = (columns["a"] > 0).astype(int)
    columns["a"] += np.where(truth, 1.5, -1.5)
    absent = draw.random(N) < 0.8
    for j in range(10):  # ten answers of a questionnaire that one in five filled in
        columns[f"answer {j}"] = np.where(absent, np.nan, draw.normal(size=N))
    infos = [number(name, "survey" if "answer" in name else "rfm") for name in columns]
    table = pa.table({k: pa.array(v, from_pandas=True) for k, v in columns.items()})
    matrix = DesignMatrix.fit(table, infos)
    X = matrix.transform(table)
    found = KMeans(2).fit(X).predict(X)
    assert sum(name.endswith("missing") for name in matrix.columns) == 1
    assert adjusted_rand_score(truth, found) > 0.95
    assert abs(adjusted_rand_score(absent, found)) < 0.05
