"""Planted groups: Gaussian clouds whose true labels are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["planted"]


def planted(
    k: int, d: int, *, n: int = 3000, apart: float = 3.0, seed: int = 0,
    shares: Sequence[float] | None = None, stretched: bool = False,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:  # fmt: skip
    """Rows (n, d) and labels (n,): unit clouds around centres drawn with deviation `apart`."""
    draw = np.random.default_rng(seed)
    centers = draw.normal(size=(k, d)) * apart
    labels = np.sort(draw.choice(k, n, p=shares))
    noise = draw.normal(size=(n, d))
    if stretched:
        shapes = np.stack(
            [
                np.linalg.qr(draw.normal(size=(d, d)))[0] * draw.uniform(0.3, 1.7, d)
                for _ in range(k)
            ]
        )
        noise = np.einsum("nd,nde->ne", noise, shapes[labels])
    return centers[labels] + noise, labels
