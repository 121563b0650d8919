from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from customer_atlas.features.matrix.forest import Forest

__all__: list[str] = []


def cloud(n: int, d: int, seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return draw.standard_t(3, (n, d)) * draw.gamma(1, 1, d)


@pytest.mark.parametrize(("rows", "columns"), [(40, 1), (256, 2), (3000, 5), (20_000, 12)])
def test_scores_equal_scikit_learns(rows: int, columns: int) -> None:
    matrix = cloud(rows, columns)
    theirs = IsolationForest(n_estimators=100, random_state=0).fit(matrix)
    fresh = cloud(500, columns, seed=1)
    for asked in (matrix, fresh):
        assert Forest.learn(matrix).scores(asked) == pytest.approx(
            -theirs.score_samples(asked), rel=1e-12
        )


@pytest.mark.parametrize("share", [0.01, 0.1])
def test_decisions_equal_scikit_learns(share: float) -> None:
    matrix = cloud(3000, 4)
    theirs = IsolationForest(random_state=3, contamination=share).fit(matrix)
    found = Forest.of(theirs).scores(matrix) > -theirs.offset_
    assert (found == (theirs.predict(matrix) < 0)).all()
    assert found.mean() == pytest.approx(share, rel=0.05)


def test_numbers_are_compared_in_single_precision_as_scikit_learn_does() -> None:
    matrix = cloud(3000, 2) + 1e6  # where neighbours in single precision are 0.06 apart
    theirs = IsolationForest(n_estimators=100, random_state=0).fit(matrix)
    assert Forest.of(theirs).scores(matrix) == pytest.approx(
        -theirs.score_samples(matrix), rel=1e-12
    )


def test_numbers_beyond_single_precision_have_a_score() -> None:
    forest = Forest.learn(cloud(500, 2))
    found = forest.scores(np.array([[1e300, -1e300], [np.inf, 0.0], [0.0, 0.0]]))
    assert np.isfinite(found).all()
    assert found[0] > found[2]


def test_columns_without_any_difference_have_equal_scores() -> None:
    assert np.ptp(Forest.learn(np.ones((300, 3))).scores(np.ones((10, 3)))) == 0


def test_rows_are_scored_alone() -> None:
    matrix = cloud(20_000, 3)
    forest = Forest.learn(matrix)
    rows = [0, 5, 17_000]
    assert forest.scores(matrix[rows]).tobytes() == forest.scores(matrix)[rows].tobytes()
