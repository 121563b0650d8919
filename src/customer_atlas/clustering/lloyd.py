"""The one door to scikit-learn's k-means: weighted Lloyd iterations from stated starts."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController, threadpool_limits

__all__ = ["Array", "Lloyd", "lloyd", "one_thread", "stay_on_one_thread"]

Array = NDArray[np.float64]


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread while the block runs: sums of several differ in their last bits.

    It also silences, for all threads, what scikit-learn says of fewer distinct points than
    clusters: the caller looks at the sizes itself.

    >>> with one_thread():
    ...     lloyd(np.array([[0.0], [1.0]]), np.ones(2), 1, seed=0).inertia
    0.5
    """
    # It is loaded here and not above, since what fits nothing need not wait a second for it.
    from sklearn.exceptions import ConvergenceWarning

    with _threads().limit(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


@cache
def _threads() -> ThreadpoolController:
    # Looking for the libraries takes milliseconds, and sees none that are loaded later.
    import sklearn.cluster  # noqa: F401

    return ThreadpoolController()


def stay_on_one_thread() -> None:
    """Let this thread use no others from now on, while the one that began it is in `one_thread`.

    OpenMP, which scikit-learn computes with, counts for each thread by itself.
    """
    threadpool_limits(1, user_api="openmp")


@dataclass(frozen=True)
class Lloyd:
    """What one k-means fit found: centres (k, d), labels (n,), weighted inertia."""

    centers: Array
    labels: NDArray[np.int32]
    inertia: float


def lloyd(
    X: Array, weights: Array, k: int, *, seed: int, start: Array | None = None, n_init: int = 1,
    max_iter: int = 300,
) -> Lloyd:  # fmt: skip
    """Fit weighted k-means to the rows of `X` (n, d): from `start`, or n_init k-means++ draws.

    `weights` are scaled to a mean of 1, so that tolerances mean the same whatever their unit.

    >>> import numpy as np
    >>> lloyd(np.array([[0.0], [1.0], [9.0]]), np.ones(3), 2, seed=0).inertia
    0.5
    """
    from sklearn.cluster import KMeans

    init: Any = "k-means++" if start is None else start
    model = KMeans(
        k, init=init, n_init=n_init if start is None else 1, max_iter=max_iter,
        random_state=np.random.RandomState(seed), algorithm="lloyd",
    )  # fmt: skip
    model.fit(X, sample_weight=weights / weights.mean())
    return Lloyd(model.cluster_centers_, model.labels_, float(model.inertia_ * weights.mean()))
