from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from customer_atlas.config import Steps
from customer_atlas.errors import ConfigError
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix.columns import Column
from customer_atlas.features.matrix.design import design

__all__: list[str] = []

CATEGORY = FeatureInfo("tier", "attributes", "category", "tier", kind="category")


def drawn(n: int = 3000) -> list[str | None]:
    draw = np.random.default_rng(0)
    names = ["gold", "silver", "bronze", None]
    return [names[i] for i in draw.choice(4, n, p=[0.1, 0.3, 0.5, 0.1])]


def fitted(values: Sequence[str | None], steps: Steps) -> list[Column]:
    return design(CATEGORY, pa.array(values, pa.string()), np.ones(len(values)), steps)[0]


def test_frequencies_equal_pandas() -> None:
    values = drawn()
    columns = fitted(values, Steps(encode="frequency", skew="none", winsorise=0.0))
    assert [(column.name, column.form) for column in columns] == [
        ("tier", "frequency"), ("tier: missing", "flag"),
    ]  # fmt: skip
    series = pd.Series(values, dtype=object)
    expected = series.map(series.value_counts(normalize=True)).to_numpy(float)
    found = columns[0].numbers(pa.array(values))
    assert found == pytest.approx(expected, nan_ok=True)
    known = ~np.isnan(expected)
    standard = (expected - expected[known].mean()) / expected[known].std()
    assert columns[0].apply(pa.array(values))[known] == pytest.approx(standard[known])


def test_a_level_never_seen_has_the_frequency_nought() -> None:
    (column, _) = fitted(drawn(), Steps(encode="frequency"))
    assert column.numbers(pa.array(["tin", None])).tolist() == pytest.approx(
        [0, np.nan], nan_ok=True
    )


def test_levels_of_less_than_a_hundredth_of_a_percent_are_like_never_seen() -> None:
    values = [*(["a"] * 20_000), *(["b"] * 10_000), "c", "d", "d", "d", "d"]
    (column,) = fitted(values, Steps(encode="frequency"))
    assert column.levels == ("a", "b", "d")


def test_ordinal_levels_stand_in_the_order_that_is_declared() -> None:
    values = drawn()
    steps = Steps(encode="ordinal", levels=("bronze", "silver", "gold"))
    column, flag = fitted(values, steps)
    expected = pd.Categorical(values, categories=["bronze", "silver", "gold"], ordered=True)
    codes = np.where(expected.codes < 0, np.nan, expected.codes)
    assert column.numbers(pa.array(values)) == pytest.approx(codes, nan_ok=True)
    low, middle, high = column.apply(pa.array(["bronze", "silver", "gold"]))
    assert high - middle == pytest.approx(middle - low)
    assert high > middle
    assert flag.center == pytest.approx(np.isnan(codes).mean())


def test_ordinal_without_levels_takes_the_order_of_the_texts() -> None:
    (column, _) = fitted(drawn(), Steps(encode="ordinal"))
    assert column.levels == ("bronze", "gold", "silver")


def test_a_value_that_is_not_among_the_levels_is_unknown_and_flagged() -> None:
    steps = Steps(encode="ordinal", levels=("silver", "gold"))
    column, flag = fitted(drawn(), steps)
    asked = pa.array(["tin", None, "gold"])
    found = column.apply(asked)
    assert found[0] == found[1] != found[2]
    assert flag.apply(asked).tolist() == pytest.approx(
        [1 - flag.center, 1 - flag.center, -flag.center]
    )


def test_levels_none_of_which_occurs_are_refused() -> None:
    with pytest.raises(ConfigError, match="transforms.features.tier: none of its 'levels'"):
        fitted(drawn(), Steps(encode="ordinal", levels=("low", "high")))


@pytest.mark.parametrize("encode", ["ordinal", "frequency"])
def test_a_category_that_is_known_for_nobody_or_the_same_for_all_goes(encode: str) -> None:
    steps = Steps(encode=encode)  # type: ignore[arg-type]
    for only in (None, "a"):
        assert fitted([only] * 50, steps) == []


def test_levels_of_equal_frequency_cannot_be_told_apart() -> None:
    assert fitted(["a", "b"] * 50, Steps(encode="frequency")) == []
