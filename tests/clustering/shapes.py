"""Shapes that no centre can stand for: moons, rings, spirals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["SHAPES", "shape"]

SHAPES = ("moons", "rings", "spirals")


def shape(name: str, n: int = 1000, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Rows (n, 2) of two interlocked groups of equal size, and labels (n,)."""
    draw = np.random.default_rng(seed)
    angle: NDArray[np.float64]
    radius: NDArray[np.float64]
    truth = np.arange(n) % 2
    if name == "spirals":
        angle = np.sqrt(draw.uniform(0.05, 1.0, n)) * 3 * np.pi
        radius, angle, noise = angle, angle + np.pi * truth, 0.2
    else:
        angle = draw.uniform(0, np.pi if name == "moons" else 2 * np.pi, n)
        radius, noise = np.where((truth == 1) & (name == "rings"), 0.4, 1.0), 0.05
    X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    if name == "moons":
        X[truth == 1] = [1.0, 0.5] - X[truth == 1]
    return X + noise * draw.normal(size=X.shape), truth
