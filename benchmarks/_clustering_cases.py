"""The rows, and the ways to cluster them, that `clustering_speed.py` compares."""

from __future__ import annotations

import importlib.util
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from customer_atlas.clustering import Centroids, KMeans
from customer_atlas.side_by_side import processors, side_by_side

__all__ = ["GROUPS", "Case", "Way", "installed", "mixed_table", "most_memory", "rows_of_groups"]

Matrix = NDArray[np.float64]

COLUMNS, GROUPS, RESTARTS = 16, 10, 10
_SAMPLE = 100_000
_BLOCK = 1 << 17
_FAISS_STEPS = 25  # its default


@dataclass
class Way:
    """What a way took each time, in seconds, and the inertia per row that it came to."""

    seconds: list[float] = field(default_factory=list)
    inertia: float = 0.0

    @property
    def median(self) -> float:
        return float(np.median(self.seconds))


class Case:
    """A matrix of so many rows by 16 columns, in ten groups that overlap and differ in size."""

    def __init__(self, rows: int) -> None:
        self.X = rows_of_groups(rows)
        self.sample = self.X[:: max(1, rows // _SAMPLE)]

    def ours(self) -> Matrix:
        """Fit to the sample, and assign everyone."""
        model = KMeans(GROUPS, n_init=RESTARTS).fit(self.sample)
        model.predict(self.X)
        return model.served_.centers

    def faiss_and_a_pass(self, threads: int) -> Matrix:
        """Fit faiss to the sample, and multiply everyone by its centres."""
        centers = self._faiss(threads)
        self.product(centers)
        return centers

    def _faiss(self, threads: int) -> Matrix:
        import faiss

        faiss.omp_set_num_threads(threads)
        # Without the limit on points it would take 256 a centre, and not the sample.
        model = faiss.Kmeans(
            COLUMNS, GROUPS, niter=_FAISS_STEPS, nredo=RESTARTS, seed=1,
            max_points_per_centroid=len(self.sample),
        )  # fmt: skip
        model.train(self.sample.astype(np.float32))
        return np.asarray(model.centroids, np.float64)

    def product(self, centers: Matrix) -> None:
        """The bare pass: the matrix product alone, block by block, on all processors."""
        flipped = np.ascontiguousarray(centers.T)
        starts = range(0, len(self.X), _BLOCK)
        with threadpool_limits(1, user_api="blas"):
            for _ in side_by_side(lambda at: self.X[at : at + _BLOCK] @ flipped, starts):
                pass

    def scikit_learn(self, name: str) -> Matrix:
        """Fit to everyone, from one start, which labels them as well."""
        import sklearn.cluster

        model = getattr(sklearn.cluster, name)(GROUPS, n_init=1, random_state=0)
        return np.asarray(model.fit(self.X).cluster_centers_)

    def inertia(self, centers: Matrix) -> float:
        """The mean squared distance of all rows to the nearest centre."""
        served = Centroids(centers, 1.0)

        def total(start: int) -> float:
            rows = self.X[start : start + _BLOCK]
            residuals = rows - centers[served.predict(rows)]
            return float(np.einsum("ij,ij->", residuals, residuals))

        with threadpool_limits(1, user_api="blas"):
            return sum(side_by_side(total, range(0, len(self.X), _BLOCK))) / len(self.X)

    def timed(self, way: Way, work: Callable[[], Matrix]) -> None:
        """Add one measurement to a way."""
        begun = time.perf_counter()
        centers = work()
        way.seconds.append(time.perf_counter() - begun)
        way.inertia = self.inertia(centers)

    def faster_threads(self) -> int:
        """How many threads serve faiss better, all or one: others may use the machine too."""
        took: dict[int, float] = {}
        for threads in {1, processors()}:
            begun = time.perf_counter()
            self._faiss(threads)
            took[threads] = time.perf_counter() - begun
        return min(took, key=lambda threads: took[threads])


def rows_of_groups(rows: int) -> Matrix:
    """Rows in no order, made block by block so that no more than they is ever held."""
    draw = np.random.default_rng(0)
    centers = 1.2 * draw.normal(size=(GROUPS, COLUMNS))
    shares = draw.dirichlet(np.full(GROUPS, 3.0))
    X = np.empty((rows, COLUMNS))
    for start in range(0, rows, _BLOCK):
        part = X[start : start + _BLOCK]
        draw.standard_normal(out=part)
        part += centers[draw.choice(GROUPS, len(part), p=shares)]
    return X


def mixed_table(rows: int) -> pa.Table:
    """Ten columns of numbers and ten of categories, in six groups."""
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 6, rows)
    numbers = draw.normal(size=(rows, 10)) + draw.normal(size=(6, 10))[truth]
    codes = (draw.integers(0, 3, (rows, 10)) + truth[:, None]) % 8
    columns: dict[str, Any] = {f"n{j}": column for j, column in enumerate(numbers.T)}
    columns |= {f"c{j}": np.array(list("abcdefgh"))[column] for j, column in enumerate(codes.T)}
    return pa.table(columns)


def installed(module: str) -> bool:
    """Whether a peer is there; says so on standard error where it is not."""
    found = importlib.util.find_spec(module) is not None
    if not found:
        print(f"{module} is absent, and so are the figures beside it:", file=sys.stderr)
        print("pip install 'customer-atlas[bench]'", file=sys.stderr)
    return found


@contextmanager
def most_memory() -> Iterator[Callable[[], float]]:
    """Yield what tells by how many bytes the most memory that was held has grown since."""
    scale = 1 if sys.platform == "darwin" else 1024

    def held() -> float:
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * scale

    begun = held()
    yield lambda: held() - begun
