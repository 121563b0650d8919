from __future__ import annotations

import numpy as np

from customer_atlas.clustering.structure_test.category import with_categories
from customer_atlas.clustering.structure_test.column import Column, read_column
from customer_atlas.clustering.structure_test.reference import Copula, Ellipse

__all__: list[str] = []


def columns(X: np.ndarray) -> list[Column]:
    draw = np.random.default_rng(0)
    read = [read_column(X[:, j].astype(float), draw) for j in range(X.shape[1])]
    return with_categories([column for column in read if column is not None], draw)


def one_hot(n: int = 500) -> np.ndarray:
    return np.eye(4)[np.random.default_rng(1).choice(4, n, p=[0.4, 0.3, 0.2, 0.1])]


def test_flags_of_which_no_row_has_two_are_one_category() -> None:
    (category,) = columns(one_hot())
    assert category.values.shape == (500, 4)
    assert len(category.levels) == 4


def test_a_category_without_its_first_kind_has_a_level_of_no_flag() -> None:
    (category,) = columns(one_hot()[:, 1:])
    assert category.values.shape == (500, 3)
    assert len(category.levels) == 4


def test_flags_that_meet_stay_themselves() -> None:
    flags = np.random.default_rng(2).random((500, 5)) < 0.4
    assert [column.values.shape[1] for column in columns(flags)] == [1] * 5


def test_references_know_no_customer_of_two_kinds() -> None:
    read = columns(np.c_[one_hot(), np.random.default_rng(3).normal(size=(500, 2))])
    seen = {tuple(row) for row in read[-1].levels}
    for reference in (Copula(read, np.random.default_rng(0)), Ellipse(read)):
        table = reference.table(300, np.random.default_rng(1))
        assert table.shape == (300, 6)
        assert {tuple(row) for row in table[:, 2:]} <= seen


def test_a_flag_told_twice_is_told_once() -> None:
    flag = np.random.default_rng(2).random(500) < 0.4
    assert len(columns(np.c_[flag, 1 - flag, 7 * flag])) == 1


def test_kinds_are_in_the_order_of_the_numbers_that_go_with_them() -> None:
    draw = np.random.default_rng(3)
    kind = draw.integers(4, size=500)
    number = np.array([2.0, -1.0, 5.0, 0.0])[kind] + draw.normal(size=500)
    read = columns(np.c_[np.eye(4)[kind], number])
    assert abs(np.corrcoef(read[1].scores, read[0].scores)[0, 1]) > 0.7
