from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import KPrototypes, load_served, save_served
from customer_atlas.errors import ClusteringError

from ..conformance import Conformance

__all__: list[str] = []

_CITIES = np.array(["Cairo", "Oslo", "Lima", "Rome"])


class TestConformance(Conformance):
    algorithm = KPrototypes


def test_groups_that_neither_numbers_nor_categories_tell_apart_come_back() -> None:
    frame, truth = _shoppers(2000)
    model = KPrototypes(4).fit(frame)
    assert adjusted_rand_score(truth, model.labels_) > 0.95
    assert model.facts_["categorical"] == ["city", "member"]
    assert (model.predict(frame) == model.labels_).all()
    numbers_alone = KPrototypes(4).fit(frame[["spent", "visits"]])
    assert adjusted_rand_score(truth, numbers_alone.labels_) < 0.7


@pytest.mark.parametrize("seed", range(8))
def test_its_cost_is_that_of_a_plain_k_prototypes_or_lower(seed: int) -> None:
    numbers, codes = _noisy(seed)
    frame = pd.DataFrame(numbers, columns=["a", "b"]).assign(
        x=_CITIES[codes[:, 0]], y=_CITIES[codes[:, 1]]
    )
    model = KPrototypes(3, gamma=1.5).fit(frame)
    scaled = (numbers - numbers.mean(axis=0)) / numbers.std(axis=0)
    plain = min(_plain(scaled.tolist(), codes.tolist(), 3, 1.5, start) for start in range(10))
    assert model.facts_["cost"] * len(frame) <= plain * (1 + 1e-9)
    assert model.facts_["cost"] == pytest.approx(_cost(model, scaled, codes, 1.5), rel=1e-9)


def test_tables_of_any_kind_give_the_same() -> None:
    frame, _ = _shoppers(500)
    expected = KPrototypes(4).fit(frame)
    objects = frame.astype(object).to_numpy()
    categorical = frame.astype({"city": "category"})
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    coded = arrow.set_column(2, "city", arrow["city"].dictionary_encode())
    for table in (pl.from_pandas(frame), arrow, coded, categorical, objects, objects.tolist()):
        model = KPrototypes(4).fit(table)
        assert model.labels_.tolist() == expected.labels_.tolist()
        assert model.served_.categories == expected.served_.categories
        assert model.predict(table).tolist() == expected.predict(frame).tolist()


def test_numbers_are_categories_where_they_are_said_to_be() -> None:
    draw = np.random.default_rng(0)
    kinds = draw.integers(0, 3, 600)
    X = np.column_stack([draw.normal(size=600), np.array([7.0, 1.0, 4.0])[kinds]])
    model = KPrototypes(3, categorical=[1], gamma=100.0).fit(X)
    assert adjusted_rand_score(kinds, model.labels_) == 1.0
    assert model.served_.categories == (("1", "4", "7"),)
    frame = pd.DataFrame({"x": X[:, 0], "kind": X[:, 1].astype(int)})
    named = KPrototypes(3, categorical=["kind"], gamma=100.0).fit(frame)
    assert named.labels_.tolist() == model.labels_.tolist()
    as_floats = frame.assign(kind=frame["kind"].astype(float))
    assert named.predict(as_floats).tolist() == named.labels_.tolist()


def test_a_category_never_seen_matches_no_mode() -> None:
    frame, _ = _shoppers(500)
    model = KPrototypes(4).fit(frame)
    matrix = model._points(frame)
    known = model.served_.assign(matrix)
    other = model.served_.assign(model._points(frame.assign(city="Atlantis")))
    matched = matrix[:, 2] == model.served_.centers[known.cluster, 2]
    stayed = matched & (other.cluster == known.cluster)
    assert set(matrix[stayed, 2].tolist()) >= {0.0, 2.0}
    rise = other.distance[stayed] ** 2 - known.distance[stayed] ** 2
    assert rise == pytest.approx(np.full(stayed.sum(), model.facts_["gamma"]))


def test_a_missing_category_is_one_of_its_own() -> None:
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 3, 300)
    frame = pd.DataFrame(
        {"x": draw.normal(size=300), "city": np.array(["Rome", None, "Oslo"], object)[truth]}
    )
    model = KPrototypes(3, gamma=50.0).fit(frame)
    assert adjusted_rand_score(truth, model.labels_) == 1.0
    assert model.served_.categories == (("Oslo", "Rome", None),)


def test_missing_numbers_are_refused_by_the_names_of_their_columns() -> None:
    frame, _ = _shoppers(100)
    model = KPrototypes(2).fit(frame)
    frame.loc[[3, 5], "spent"] = np.nan
    for ask in (KPrototypes(2).fit, model.predict):
        with pytest.raises(ClusteringError, match=r"numbers.* in: spent \(2\).*Fill them"):
            ask(frame)


def test_texts_where_numbers_were_are_refused() -> None:
    frame, _ = _shoppers(100)
    model = KPrototypes(2).fit(frame)
    with pytest.raises(ClusteringError, match="Column spent does not hold numbers alone"):
        model.predict(frame.assign(spent="a lot"))


def test_columns_that_are_not_there_are_refused_with_the_nearest_name() -> None:
    frame, _ = _shoppers(100)
    with pytest.raises(ClusteringError, match="no column 'citi'.*city"):
        KPrototypes(2, categorical=["citi"]).fit(frame)
    with pytest.raises(ClusteringError, match="no column 9 among the 4"):
        KPrototypes(2, categorical=[9]).fit(frame)
    with pytest.raises(ClusteringError, match="feature names"):
        KPrototypes(2).fit(frame).predict(frame.rename(columns={"city": "town"}))


@pytest.mark.parametrize("gamma", [-1.0, np.nan])
def test_a_gamma_that_means_nothing_is_refused(gamma: float) -> None:
    with pytest.raises(ClusteringError, match="`gamma` must be 0 or more"):
        KPrototypes(2, gamma=gamma).fit(_shoppers(50)[0])


def test_without_gamma_a_category_counts_like_a_number() -> None:
    frame, _ = _shoppers(5000)
    model = KPrototypes(1).fit(frame[["spent", "city"]])
    outside = 1 - frame["city"].value_counts(normalize=True).max()
    assert model.facts_["gamma"] == pytest.approx(1 / outside)
    assert model.facts_["cost"] == pytest.approx(2.0)  # one for either column


def test_categories_alone_are_clustered_by_their_modes() -> None:
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 3, 900)
    other = draw.integers(0, 3, (900, 6))
    codes = np.where(draw.uniform(size=(900, 6)) < 0.9, truth[:, None], other)
    model = KPrototypes(3).fit(_CITIES[codes].astype(object))
    assert adjusted_rand_score(truth, model.labels_) > 0.9


def test_its_categories_are_kept_with_it(tmp_path: Path) -> None:
    frame, _ = _shoppers(500)
    frame.loc[:20, "city"] = None
    model = KPrototypes(4).fit(frame)
    save_served(model.served_, tmp_path)
    again = load_served(tmp_path)
    matrix = model._points(frame)
    assert again.categories == model.served_.categories  # type: ignore[attr-defined]
    assert again.predict_proba(matrix).tobytes() == model.predict_proba(frame).tobytes()


def test_weights_with_categories_count_like_copies() -> None:
    frame, _ = _shoppers(300)
    times = np.random.default_rng(0).integers(1, 4, len(frame))
    weighted = KPrototypes(4).fit(frame, sample_weight=times.astype(float))
    repeated = KPrototypes(4).fit(frame.loc[frame.index.repeat(times)])
    assert weighted.served_.centers == pytest.approx(repeated.served_.centers)
    assert weighted.facts_["cost"] == pytest.approx(repeated.facts_["cost"])


def test_twenty_restarts_on_many_rows_take_seconds() -> None:
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 6, 100_000)
    numbers = draw.normal(size=(100_000, 10)) + draw.normal(size=(6, 10))[truth]
    codes = (draw.integers(0, 3, (100_000, 10)) + truth[:, None]) % 8
    columns = {f"n{j}": column for j, column in enumerate(numbers.T)}
    columns |= {f"c{j}": np.array(list("abcdefgh"))[column] for j, column in enumerate(codes.T)}
    table = pa.table(columns)
    begun = time.perf_counter()
    KPrototypes(6).fit(table)
    assert time.perf_counter() - begun < 60


def _shoppers(n: int) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Four groups: numbers tell two halves apart, categories the groups within each half."""
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 4, n)
    half, group = np.divmod(truth, 2)
    sure = draw.uniform(size=(n, 2)) < 0.97
    frame = pd.DataFrame(
        {
            "spent": 100.0 + 60 * half + 10 * draw.normal(size=n),
            "visits": draw.poisson(3 + 9 * half),
            "city": _CITIES[np.where(sure[:, 0], group, draw.integers(0, 4, n))],
            "member": np.where(sure[:, 1], group == 1, draw.uniform(size=n) < 0.5),
        }
    )
    return frame, truth


def _noisy(seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    draw = np.random.default_rng(seed)
    truth = draw.integers(0, 3, 60)
    numbers = 2 * draw.normal(size=(3, 2))[truth] + draw.normal(size=(60, 2))
    codes = np.where(draw.uniform(size=(60, 2)) < 0.7, truth[:, None], draw.integers(0, 4, (60, 2)))
    return numbers, codes


def _cost(
    model: KPrototypes, numbers: NDArray[np.float64], codes: NDArray[np.int64], gamma: float
) -> float:
    """The mean cost of the labels alone, each group at its own mean and mode."""
    total = 0.0
    for label in set(model.labels_.tolist()):
        mine = model.labels_ == label
        total += ((numbers[mine] - numbers[mine].mean(axis=0)) ** 2).sum()
        for column in codes[mine].T:
            total += gamma * (mine.sum() - np.bincount(column).max())
    return float(total) / len(numbers)


def _plain(
    numbers: list[list[float]], codes: list[list[int]], k: int, gamma: float, seed: int
) -> float:
    """Huang's k-prototypes without any library, from k rows drawn by chance."""
    rows = list(range(len(numbers)))
    chosen = np.random.default_rng(seed).choice(len(rows), k, replace=False).tolist()
    centers: list[Any] = [(list(numbers[i]), list(codes[i])) for i in chosen]

    def cost(i: int, center: Any) -> float:
        squares = sum((a - b) ** 2 for a, b in zip(numbers[i], center[0], strict=True))
        differ = sum(a != b for a, b in zip(codes[i], center[1], strict=True))
        return float(squares + gamma * differ)

    before: list[int] | None = None
    for _ in itertools.count():
        labels = [min(range(k), key=lambda j: cost(i, centers[j])) for i in rows]
        if labels == before:
            return float(sum(cost(i, centers[labels[i]]) for i in rows))
        before = labels
        for j in range(k):
            mine = [i for i in rows if labels[i] == j]
            if mine:
                means = [sum(numbers[i][c] for i in mine) / len(mine) for c in range(2)]
                texts = [[codes[i][c] for i in mine] for c in range(2)]
                centers[j] = (means, [max(sorted(set(t)), key=t.count) for t in texts])
    raise AssertionError
