"""Clustering: beside faiss, scikit-learn and a bare matrix product, and mixed data beside kmodes.

`--full` measures 35 million rows as well, as `make proof` does.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from _clustering_cases import (
    GROUPS,
    Case,
    Way,
    installed,
    mixed_table,
    most_memory,
    rows_of_groups,
)
from _measure import Measure, full_counts, report, seconds
from customer_atlas.clustering import Centroids, KMeans, KPrototypes, MiniBatchKMeans, OnlineKMeans

__all__ = ["measures"]

_BESIDE_FAISS = 1.3
_INERTIA = 1.005
_OF_THE_PRODUCT = 0.7
_STEEPEST = 1.2  # ten times the rows may take twelve times as long
_BYTES_A_ROW, _BYTES = 8.0, 100e6  # two labels, and what does not grow
_MIXED_SECONDS = 60.0
_EVENTS = 1e6
_REPEATS = 3


def measures(full: bool) -> Iterator[Measure]:
    """Medians of what is done in turn, so that a noisy machine is noisy for all."""
    sizes = (1_000_000, 10_000_000, 35_000_000) if full else (1_000_000, 10_000_000)
    beside = installed("faiss")
    took: dict[int, float] = {}
    for rows in sizes:
        repeats = _repeats(rows)
        ways, grown = _in_a_process(_ways, rows, repeats, beside)
        took[rows] = ways["ours"].median
        yield from _whole(rows, repeats, ways)
        if rows > sizes[0]:
            yield _memory(rows, grown)
    yield from _growth(took)
    yield _in_a_process(_scoring, sizes[0])
    yield from _in_a_process(_streams, sizes[0])
    yield from _mixed(installed("kmodes"))


def _repeats(rows: int) -> int:
    return _REPEATS if rows <= 10_000_000 else 1


def _in_a_process(work: Any, *arguments: Any) -> Any:
    """Do it in a process of its own, whose most memory is that of this work alone."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def _ways(rows: int, repeats: int, beside: bool) -> tuple[dict[str, Way], float]:
    case = Case(rows)
    ways = {"ours": Way()}
    KMeans(GROUPS, n_init=1).fit(case.sample[:1000])  # loads the libraries
    with most_memory() as grown:
        case.ours()
        more = grown()
    threads = case.faster_threads() if beside else 1
    for _ in range(repeats):
        case.timed(ways["ours"], case.ours)
        if beside:
            way = ways.setdefault("faiss", Way())
            case.timed(way, lambda: case.faiss_and_a_pass(threads))
    if rows <= 1_000_000:
        for name in ("KMeans", "MiniBatchKMeans"):
            ways[name] = Way()
            case.timed(ways[name], lambda name=name: case.scikit_learn(name))  # type: ignore[misc]
    return ways, more


def _whole(rows: int, repeats: int, ways: dict[str, Way]) -> Iterator[Measure]:
    case, ours = f"{rows:,} x 16, fit and assign", ways["ours"]
    others = "; ".join(
        f"scikit-learn's {name}, one start on all: {way.median:.3g} s, inertia {way.inertia:.5g}"
        for name, way in ways.items()
        if name not in ("ours", "faiss")
    )
    others = f"; {others}" if others else ""
    if "faiss" in ways:
        faiss = ways["faiss"]
        against = (
            f"{_BESIDE_FAISS:g} times faiss on a 100 k sample with 10 restarts and one product"
            f" ({faiss.median:.3g} s){others}"
        )
        yield Measure(
            "clustering_speed", case, ours.median, "s", _BESIDE_FAISS * faiss.median,
            repeats=repeats, against=against,
        )  # fmt: skip
    peers = {name: way.inertia for name, way in ways.items() if name != "ours"}
    if peers:
        best = min(peers, key=lambda name: peers[name])
        yield Measure(
            "clustering_speed", f"{case}, inertia per row", ours.inertia, "",
            _INERTIA * peers[best], repeats=repeats,
            against=f"{_INERTIA:g} times the best of the others ({best}: {peers[best]:.6g})",
        )  # fmt: skip


def _memory(rows: int, grown: float) -> Measure:
    return Measure(
        "clustering_speed", f"{rows:,} x 16, memory beside the matrix", grown / rows, "bytes a row",
        _BYTES_A_ROW + _BYTES / rows,
        against=f"fixed: two labels of four bytes, and 100 MB ({grown / 1e6:.3g} MB in all)",
    )  # fmt: skip


def _growth(took: dict[int, float]) -> Iterator[Measure]:
    sizes = sorted(took)
    for few, many in pairwise(sizes):
        limit = _STEEPEST * many / few
        yield Measure(
            "clustering_speed", f"growth from {few:,} to {many:,} rows", took[many], "s",
            limit * took[few], repeats=_repeats(many),
            against=f"{limit:g} times that of the fewer ({took[few]:.3g} s)",
        )  # fmt: skip


def _scoring(rows: int) -> Measure:
    X = rows_of_groups(rows)
    served = Centroids(np.array(X[:GROUPS]), 1.0)
    flipped = served.centers.T
    ours, bare = [], []
    with threadpool_limits(1):
        for _ in range(15):
            bare.append(seconds(lambda: X @ flipped))
            ours.append(seconds(lambda: served.predict(X)))
    rate, product = (rows / statistics.median(times) for times in (ours, bare))
    return Measure(
        "clustering_speed", f"{rows:,} x 16, scoring on one thread", rate, "rows/s",
        _OF_THE_PRODUCT * product, "at least", repeats=15,
        against=f"{_OF_THE_PRODUCT:g} of the bare product of matrix and centres ({product:.3g}/s)",
    )  # fmt: skip


def _streams(rows: int) -> list[Measure]:
    X = rows_of_groups(rows)
    whole = KMeans(GROUPS).fit(X)
    begun = time.perf_counter()
    mini = MiniBatchKMeans(GROUPS).fit(X)
    took = time.perf_counter() - begun
    online = OnlineKMeans(GROUPS).partial_fit(X[:10_000])
    rates = []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        for start in range(0, rows, 10_000):
            online.partial_fit(X[start : start + 10_000])
        rates.append(rows / (time.perf_counter() - begun))
    best = whole.facts_["inertia"]
    return [
        Measure(
            "clustering_speed", f"{rows:,} x 16, MiniBatchKMeans, inertia per row",
            mini.facts_["inertia"], "", 1.02 * best,
            against=f"1.02 times KMeans on all rows ({best:.6g}); it took {took:.3g} s",
        ),
        Measure(
            "clustering_speed", "OnlineKMeans, calls of 10,000 x 16", statistics.median(rates),
            "rows/s", _EVENTS, "at least", repeats=_REPEATS,
        ),
    ]  # fmt: skip


def _mixed(beside: bool) -> Iterator[Measure]:
    table = mixed_table(100_000)
    took = statistics.median(seconds(lambda: KPrototypes(6).fit(table)) for _ in range(_REPEATS))
    yield Measure(
        "clustering_speed", "100,000 x (10 numbers, 10 categories), KPrototypes, 20 restarts",
        took, "s", _MIXED_SECONDS, repeats=_REPEATS,
    )  # fmt: skip
    if beside:
        yield _beside_kmodes(1000)


def _beside_kmodes(rows: int) -> Measure:
    from kmodes.kprototypes import KPrototypes as Peer

    frame = mixed_table(rows).to_pandas()
    numbers = [name for name in frame if name.startswith("n")]
    frame[numbers] = (frame[numbers] - frame[numbers].mean()) / frame[numbers].std(ddof=0)
    begun = time.perf_counter()
    ours = KPrototypes(6, gamma=1.0).fit(frame)
    middle = time.perf_counter()
    places = list(range(len(numbers), frame.shape[1]))
    peer = Peer(6, gamma=1.0, n_init=2, random_state=0, n_jobs=1)
    peer.fit(frame.astype(object).to_numpy(), categorical=places)
    theirs = time.perf_counter() - middle
    return Measure(
        "clustering_speed", f"{rows:,} x (10 numbers, 10 categories), cost per row",
        ours.facts_["cost"], "", 1.001 * peer.cost_ / rows,
        against=f"1.001 times kmodes, two restarts ({peer.cost_ / rows:.6g}), in {theirs:.3g} s;"
        f" ours took {middle - begun:.3g} s for twenty",
    )  # fmt: skip


if __name__ == "__main__":
    report(list(measures(full_counts() or "--full" in sys.argv[1:])))
