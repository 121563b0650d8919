from __future__ import annotations

import numpy as np
import pytest

from customer_atlas.clustering.structure_test.column import Column, read_column
from customer_atlas.clustering.structure_test.reference import Copula, Ellipse

__all__: list[str] = []


def columns(X: np.ndarray) -> list[Column]:
    draw = np.random.default_rng(0)
    read = [read_column(X[:, j].astype(float), draw) for j in range(X.shape[1])]
    return [column for column in read if column is not None]


def matrix(read: list[Column]) -> np.ndarray:
    return np.concatenate([column.values for column in read], axis=1)


def together(seed: int = 0) -> np.ndarray:
    """Numbers, an amount with zeros, counts and a flag that go up and down together."""
    draw = np.random.default_rng(seed)
    z = draw.normal(size=(800, 4)) + draw.normal(size=(800, 1))
    amount = np.where(z[:, 1] > 0.3, np.exp(z[:, 1]), 0)
    counts = np.floor(np.exp(z[:, 2] / 2))
    return np.stack([z[:, 0], amount, counts, z[:, 3] > 0.8], axis=1)


def test_a_copula_keeps_every_correlation_whatever_the_columns() -> None:
    read = columns(together())
    table = Copula(read, np.random.default_rng(0)).table(20_000, np.random.default_rng(1))
    assert np.corrcoef(table.T) == pytest.approx(np.corrcoef(matrix(read).T), abs=0.09)


def test_both_keep_means_and_deviations() -> None:
    read = columns(together())
    for reference in (Copula(read, np.random.default_rng(0)), Ellipse(read)):
        table = reference.table(20_000, np.random.default_rng(1))
        assert table.mean(axis=0) == pytest.approx(matrix(read).mean(axis=0), abs=0.1)
        assert table.std(axis=0) == pytest.approx(matrix(read).std(axis=0), rel=0.12)


def test_an_ellipse_fills_a_ring() -> None:
    draw = np.random.default_rng(0)
    t = draw.random(1000) * 2 * np.pi
    ring = np.c_[np.cos(t), np.sin(t)] + 0.05 * draw.normal(size=(1000, 2))
    table = Ellipse(columns(ring)).table(5000, draw)
    radii = np.linalg.norm(table, axis=1) / np.linalg.norm(table, axis=1).max()
    assert (radii < 0.5).mean() == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize("d", [2, 5, 12])
def test_an_ellipse_of_normal_columns_is_normal(d: int) -> None:
    draw = np.random.default_rng(d)
    X = draw.normal(size=(2000, d)) @ draw.normal(size=(d, d))
    read = columns(X)
    table = Ellipse(read).table(5000, draw)
    root = np.linalg.inv(np.linalg.cholesky(np.cov(matrix(read).T)))
    own, others = (np.linalg.norm(Y @ root.T, axis=1) for Y in (matrix(read), table))
    assert np.quantile(others, [0.1, 0.5, 0.9]) == pytest.approx(
        np.quantile(own, [0.1, 0.5, 0.9]), rel=0.06
    )


def test_columns_that_repeat_one_another_are_no_trouble() -> None:
    x = np.random.default_rng(0).normal(size=(300, 1))
    read = columns(np.c_[x, 2 * x, -x])
    for reference in (Copula(read, np.random.default_rng(0)), Ellipse(read)):
        table = reference.table(200, np.random.default_rng(1))
        assert np.abs(np.corrcoef(table.T)).min() > 0.99
