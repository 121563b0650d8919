from __future__ import annotations

import numpy as np
import pytest

from customer_atlas.features.matrix.balance import distinct, pack_factors
from customer_atlas.features.matrix.columns import Column, Form

__all__: list[str] = []


def column(name: str, pack: str = "rfm", form: Form = "number", feature: str = "") -> Column:
    return Column(name, feature or name, pack, form)


def correlated(*correlations: float) -> np.ndarray:
    """Columns whose correlation with the first one is given, and among the others the product."""
    first = np.array([1.0, *correlations])
    matrix = np.outer(first, first)
    np.fill_diagonal(matrix, 1.0)
    return matrix


def test_only_what_is_nearly_the_same_goes_and_the_earlier_stays() -> None:
    columns = [column(name) for name in "abcd"]
    kept, dropped = distinct(columns, correlated(0.97, -0.99, 0.5))
    assert kept == [0, 1, 3]
    assert dropped[0].feature == "c"
    assert dropped[0].reason == "nearly the same as 'a' (correlation -0.990)"


def test_what_was_dropped_drops_nobody() -> None:
    chain = np.array([[1, 0.99, 0.96], [0.99, 1, 0.99], [0.96, 0.99, 1.0]])
    assert distinct([column(name) for name in "abc"], chain)[0] == [0, 2]


def test_the_levels_of_one_category_are_not_compared() -> None:
    levels = [column(f"sex: {x}", form="level", feature="sex") for x in "fm"]
    assert distinct(levels, np.array([[1.0, -1.0], [-1.0, 1.0]]))[0] == [0, 1]


@pytest.mark.parametrize("covariance", [np.eye(6), np.ones((6, 6)), correlated(*[0.6] * 5)])
def test_a_pack_weighs_like_one_feature_however_many_columns_it_has(
    covariance: np.ndarray,
) -> None:
    columns = [column("a", "one"), *(column(name, "other") for name in "bcdef")]
    factors = pack_factors(columns, covariance)
    assert factors[0] == pytest.approx(1.0)
    assert (factors[1:] ** 2).sum() == pytest.approx(1.0)


def test_a_pack_that_is_known_for_a_tenth_has_a_tenth_of_the_weight() -> None:
    columns = [column("a", "rare"), column("b", "rare"), column("c")]
    variance = np.diag([0.1, 0.1, 1.0])
    weights = np.diag(variance) * pack_factors(columns, variance) ** 2
    assert weights[:2].sum() == pytest.approx(0.1)
    assert weights[2] == pytest.approx(1.0)


def test_the_flags_of_a_pack_weigh_like_one() -> None:
    flags = [column(f"{i}: missing", form="flag", feature=f"{i}") for i in range(4)]
    columns = [*(column(f"{i}") for i in range(4)), *flags]
    factors = pack_factors(columns, np.diag([1.0] * 4 + [0.25] * 4))
    assert (factors[4:] ** 2).sum() == pytest.approx(factors[0] ** 2)


def test_a_theme_of_one_table_weighs_by_the_root_of_how_few_features_it_has() -> None:
    columns = [
        column("recency"),
        *(column(f"plan_{place}", "attributes") for place in range(9)),
        *(column(f"home_{place}", "demographic") for place in range(4)),
        column("region", "geographic"),
    ]
    weights = pack_factors(columns, np.eye(15)) ** 2
    assert [weights[0], weights[1:10].sum(), weights[10:14].sum(), weights[14]] == pytest.approx(
        [1.0, 1.0, 2 / 3, 1 / 3]
    )
