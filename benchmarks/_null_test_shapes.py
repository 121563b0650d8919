"""Tables that have one group, and tables that have several, of which the truth is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["GROUPS", "NOISE", "Shape"]

Array = NDArray[np.float64]
Draw = np.random.Generator
Shape = Callable[[Draw], Array]


def _equicorrelated(draw: Draw, n: int, d: int, r: float) -> Array:
    table = np.sqrt(1 - r) * draw.normal(size=(n, d)) + np.sqrt(r) * draw.normal(size=(n, 1))
    return np.asarray(table)


def _ball(draw: Draw, n: int, d: int) -> Array:
    ways = draw.normal(size=(n, d))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    return np.asarray(ways * draw.random((n, 1)) ** (1 / d))


def _mixed(draw: Draw) -> Array:
    from scipy.special import ndtr
    from scipy.stats import gamma

    mix = draw.normal(size=(6, 6)) + np.eye(6)
    z = draw.normal(size=(600, 6)) @ (mix / np.linalg.norm(mix, axis=0))
    return np.concatenate([gamma.ppf(ndtr(z[:, :2]), 1.2), z[:, 2:4], ndtr(z[:, 4:])], axis=1)


def _zero_inflated(draw: Draw, d: int) -> Array:
    spent = draw.random((600, d)) > np.linspace(0.2, 0.8, d)
    return np.asarray(draw.gamma(1.5, size=(600, d)) * spent)


def _one_hot(draw: Draw) -> Array:
    return np.eye(5)[draw.choice(5, 600, p=[0.4, 0.25, 0.15, 0.12, 0.08])]


def _customers(draw: Draw) -> Array:
    return np.asarray(np.c_[
        draw.poisson(1.2, (600, 2)), draw.poisson(6, 600), _zero_inflated(draw, 2),
        draw.random((600, 2)) < [0.2, 0.5], draw.normal(size=(600, 2)), draw.gamma(2, size=600),
    ])  # fmt: skip


def _sized(n: int, d: int) -> dict[str, Shape]:
    return {
        f"uniform {n} x {d}": lambda draw: draw.random((n, d)),
        f"normal {n} x {d}": lambda draw: draw.normal(size=(n, d)),
        f"correlated normal {n} x {d}": lambda draw: _equicorrelated(draw, n, d, 0.6),
        f"gamma {n} x {d}": lambda draw: draw.gamma(1.5, size=(n, d)),
        f"log-normal {n} x {d}": lambda draw: np.exp(draw.normal(size=(n, d))),
    }


NOISE: dict[str, Shape] = {
    **_sized(600, 6), **_sized(200, 2), **_sized(2000, 2), **_sized(300, 3), **_sized(1000, 12),
    **_sized(2000, 20), **_sized(30, 3),
    "uniform in a disc 200": lambda draw: _ball(draw, 200, 2),
    "uniform in a disc 2000": lambda draw: _ball(draw, 2000, 2),
    "uniform in a ball 600 x 3": lambda draw: _ball(draw, 600, 3),
    "uniform in a ball 600 x 6": lambda draw: _ball(draw, 600, 6),
    "gamma, normal and uniform by a copula 600 x 6": _mixed,
    "independent t with 3 degrees 600 x 6": lambda draw: draw.standard_t(3, size=(600, 6)),
    "elliptical t with 3 degrees 600 x 6": lambda draw: (
        _equicorrelated(draw, 600, 6, 0.5) / np.sqrt(draw.chisquare(3, size=(600, 1)) / 3)
    ),
    "exponential 600 x 2": lambda draw: draw.exponential(size=(600, 2)),
    "Poisson counts of mean 1.2, 600 x 6": lambda draw: draw.poisson(1.2, (600, 6)).astype(float),
    "Poisson counts of mean 8, 600 x 4": lambda draw: draw.poisson(8, (600, 4)).astype(float),
    "geometric counts 600 x 4": lambda draw: draw.geometric(0.3, (600, 4)).astype(float),
    "amounts with zeros 600 x 6": lambda draw: _zero_inflated(draw, 6),
    "flags 600 x 6": lambda draw: (draw.random((600, 6)) < np.linspace(0.1, 0.6, 6)).astype(float),
    "counts, amounts, flags, numbers 600 x 10": _customers,
    "one category 600": _one_hot,
    "one category and 4 numbers 600": lambda draw: np.c_[
        _one_hot(draw), draw.normal(size=(600, 4))
    ],
    "two categories and all of these 600": lambda draw: np.c_[
        _one_hot(draw), _one_hot(draw)[:, :4], _customers(draw)
    ],
}  # fmt: skip


def _around(draw: Draw, centers: Array, n: int = 600) -> Array:
    return np.asarray(centers[draw.integers(len(centers), size=n)] + draw.normal(
        size=(n, centers.shape[1])
    ))  # fmt: skip


def _simplex(draw: Draw, apart: float) -> Array:
    turned = np.linalg.qr(draw.normal(size=(6, 6)))[0]
    return _around(draw, np.asarray(turned[:4] * apart / np.sqrt(2)))


def _blobs(k: int, d: int, spread: float, n: int = 600) -> Shape:
    return lambda draw: _around(draw, draw.normal(size=(k, d)) * spread, n)


def _one_axis(draw: Draw, share: float, apart: float = 4.0) -> Array:
    table = draw.normal(size=(600, 6))
    table[:, 0] += apart * (draw.random(600) < share)
    return table


def _turned(draw: Draw) -> Array:
    return np.asarray(_one_axis(draw, 0.5) @ np.linalg.qr(draw.normal(size=(6, 6)))[0])


def _far_off(draw: Draw) -> Array:
    return np.concatenate([draw.normal(size=(582, 6)), 0.7 * draw.normal(size=(18, 6)) + 3.5])


def _moons(draw: Draw, noise: float) -> Array:
    t, up = draw.random(600) * np.pi, draw.random(600) < 0.5
    table = np.where(up, [np.cos(t), np.sin(t)], [1 - np.cos(t), 0.5 - np.sin(t)]).T
    return np.asarray(table + noise * draw.normal(size=(600, 2)))


def _rings(draw: Draw, radii: tuple[float, float], noise: float) -> Array:
    t, r = draw.random(600) * 2 * np.pi, np.asarray(radii)[draw.integers(2, size=600)]
    return np.asarray(np.c_[r * np.cos(t), r * np.sin(t)] + noise * draw.normal(size=(600, 2)))


def _spirals(draw: Draw) -> Array:
    t = np.sqrt(draw.random(600)) * 3 * np.pi
    turn = t + np.pi * draw.integers(2, size=600)
    return np.asarray(
        np.c_[t * np.cos(turn), t * np.sin(turn)] / 2 + 0.15 * draw.normal(size=(600, 2))
    )


def _classes(draw: Draw) -> Array:
    of = draw.integers(3, size=600)
    shares = np.where(np.kron(np.eye(3), np.ones(3)) == 1, 0.85, 0.15)
    centers = draw.normal(size=(3, 4)) * 1.5
    flags = draw.random((600, 9)) < shares[of]
    return np.asarray(np.c_[flags, centers[of] + draw.normal(size=(600, 4))])


GROUPS: dict[str, Shape] = {
    "4 groups, each two 3 deviations apart": lambda draw: _simplex(draw, 3.0),
    "4 groups, each two 2.75 apart": lambda draw: _simplex(draw, 2.75),
    "4 groups, each two 2.5 apart": lambda draw: _simplex(draw, 2.5),
    "4 groups, centres drawn with deviation 1.5": _blobs(4, 6, 1.5),
    "2 groups that one axis parts by 4, equal": lambda draw: _one_axis(draw, 0.5),
    "2 groups that one axis parts by 4, 30 to 70": lambda draw: _one_axis(draw, 0.3),
    "2 groups that one axis parts by 3.5, equal": lambda draw: _one_axis(draw, 0.5, 3.5),
    "2 groups that a slanting line parts by 4": _turned,
    "2 blobs in 6 columns": _blobs(2, 6, 5.0),
    "10 blobs in 6 columns": _blobs(10, 6, 5.0),
    "30 blobs in 10 columns": _blobs(30, 10, 5.0, 1200),
    "30 blobs in 2 columns": _blobs(30, 2, 30.0, 1200),
    "3 % far off": _far_off,
    "two moons": lambda draw: _moons(draw, 0.08),
    "two moons, blurred": lambda draw: _moons(draw, 0.15),
    "two rings": lambda draw: _rings(draw, (1.0, 2.2), 0.1),
    "a blob in a ring": lambda draw: _rings(draw, (0.0, 3.0), 0.35),
    "two spirals": _spirals,
    "3 classes of 9 flags and 4 numbers": _classes,
    "3 classes of 9 flags": lambda draw: _classes(draw)[:, :9],
}
