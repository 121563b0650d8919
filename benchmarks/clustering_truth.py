"""Known groups found again: `AutoClusterer`, told nothing, beside what an expert would try.

Every labelled set of the folder ``../shared/data/clustering_truth`` (where it is there) and four of
scikit-learn. The measure is the adjusted Rand index with the labels. The peers get standardised
columns, categories as one column a level, and are told the number of groups where it says so.

    python benchmarks/clustering_truth.py [--table] [--only NAME ...]

A fifth of the sets unless --table or ``ATLAS_PROOF=1`` asks for all.
"""

from __future__ import annotations

import argparse
import csv
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.io import arff
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.mixture import GaussianMixture

from _measure import Measure, full_counts, report
from customer_atlas.clustering import AutoClusterer

__all__ = ["Labelled", "labelled_sets", "main"]

Array = NDArray[np.float64]
Labels = NDArray[np.integer]

_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "clustering_truth"
# Groups that are convex and dense in the middle, whatever their sizes, stretch and overlap.
_ROUND = frozenset(
    [
        "2d-10c", "2d-3c-no123", "2d-4c-no9", "2dnormals", "D31", "DS-850",
        "aggregation", "blobs", "ds3c3sc6", "elliptical_10_2", "engytime", "fourty",
        "hypercube", "s-set1", "sizes1", "sizes3", "sizes5", "spherical_4_3",
        "spherical_6_2", "square2", "square4", "st900", "tetra", "triangle1",
        "twenty", "wingnut", "xor",
    ]
)  # fmt: skip
_SCIKIT = {
    "digits": load_digits,
    "iris": load_iris,
    "wine (scikit-learn)": load_wine,
    "breast cancer": load_breast_cancer,
}
_MOST = 50  # groups that a peer tries
_JUDGED = 2_000
_SOME = 5  # of the sets every fifth, where not all are asked for


@dataclass(frozen=True)
class Labelled:
    """A set with its truth: the table as it is, and standardised numbers for the peers."""

    name: str
    family: str
    table: pa.Table
    points: Array
    truth: Labels


def labelled_sets(folder: Path = _FOLDER) -> Iterator[Labelled]:
    """Yield the sets; those of the folder are left out where it is absent."""
    if (folder / "catalogue.csv").exists():
        with (folder / "catalogue.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if int(row["n"]) > 0:
                    yield _read(folder / row["file"], row["class_col"])
    for name, load in _SCIKIT.items():
        values, truth = load(return_X_y=True)
        columns = {f"x{at}": pa.array(values[:, at]) for at in range(values.shape[1])}
        yield Labelled(name, "real", pa.table(columns), _standard(values), truth)


def _read(path: Path, truth: str) -> Labelled:
    rows, meta = arff.loadarff(path)
    columns: dict[str, pa.Array] = {}
    points: list[Array] = []
    for name in meta.names():
        if name == truth:
            continue
        values = rows[name]
        if meta[name][0] == "numeric":
            columns[name] = pa.array(values.astype(np.float64), from_pandas=True)
            middle = np.nanmedian(values)
            points.append(np.where(np.isnan(values), middle, values)[:, None])
        else:
            texts = np.char.decode(values.astype(bytes))
            columns[name] = pa.array([None if text == "?" else text for text in texts.tolist()])
            points.append((texts[:, None] == np.unique(texts)[None, :]).astype(np.float64))
    family = "round" if path.stem in _ROUND else "shapes"
    family = "real" if path.parent.name == "real-world" else family
    labels = np.unique(rows[truth], return_inverse=True)[1]
    return Labelled(path.stem, family, pa.table(columns), _standard(np.hstack(points)), labels)


def _standard(values: Array) -> Array:
    values = values[:, values.std(axis=0) > 0]
    return np.asarray((values - values.mean(axis=0)) / values.std(axis=0))


def _auto(one: Labelled) -> Labels:
    return AutoClusterer(random_state=0).fit(one.table).labels_


def _k_means_by_silhouette(one: Labelled) -> Labels:
    X, best = one.points, (-2.0, np.zeros(len(one.points), np.int32))
    judged = np.random.default_rng(0).permutation(len(X))[:_JUDGED]
    for k in range(2, min(_MOST, len(X) // 2) + 1):
        labels = KMeans(k, n_init=3, random_state=0).fit(X).labels_
        if 1 < len(set(labels[judged])) < len(judged):
            score = silhouette_score(X[judged], labels[judged])
            best = max(best, (score, labels), key=lambda pair: pair[0])
    return best[1]


def _mixture_by_bic(one: Labelled) -> Labels:
    X, best, worse = one.points, (np.inf, np.zeros(len(one.points), np.int32)), 0
    judged = X[np.random.default_rng(0).permutation(len(X))[:5000]]
    for k in range(1, min(_MOST, len(X) // 3) + 1):
        model = GaussianMixture(k, reg_covar=1e-4, random_state=0).fit(judged)
        bic = model.bic(judged)
        worse = 0 if bic < best[0] else worse + 1
        if bic < best[0]:
            best = (bic, model.predict(X))
        if worse == 6:
            break
    return best[1]


def _hdbscan(one: Labelled) -> Labels:
    return np.asarray(HDBSCAN(copy=True).fit(one.points).labels_)


def _k_means_told(one: Labelled) -> Labels:
    k = len(set(one.truth))
    return np.asarray(KMeans(k, n_init=10, random_state=0).fit(one.points).labels_)


def _mixture_told(one: Labelled) -> Labels:
    k = len(set(one.truth))
    model = GaussianMixture(k, n_init=3, reg_covar=1e-4, random_state=0)
    return np.asarray(model.fit_predict(one.points))


METHODS: dict[str, Callable[[Labelled], Labels]] = {
    "AutoClusterer": _auto,
    "k-means, silhouette": _k_means_by_silhouette,
    "mixture, BIC": _mixture_by_bic,
    "HDBSCAN": _hdbscan,
    "k-means, told k": _k_means_told,
    "mixture, told k": _mixture_told,
}


def main() -> None:
    """Print the means of the families, each beside the best rival's, and with --table all sets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--table", action="store_true", help="print every set, as Markdown")
    parser.add_argument("--json", action="store_true", help="print one JSON object a figure")
    parser.add_argument("--only", nargs="*", help="names of sets; default: all, or some of them")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    everything = chosen.table or full_counts()
    found: dict[str, list[dict[str, float]]] = {}
    if chosen.table:
        _line("set", "family", "rows", "columns", "groups", *METHODS, "found", "seconds")
    for at, one in enumerate(labelled_sets()):
        if one.name not in chosen.only if chosen.only else at % _SOME and not everything:
            continue
        scores, k, seconds = _scores(one)
        found.setdefault(one.family, []).append(scores)
        if chosen.table:
            sizes = (*one.points.shape, len(set(one.truth)))
            told = [f"{score:.2f}" for score in scores.values()]
            _line(one.name, one.family, *map(str, sizes), *told, str(k), f"{seconds:.1f}")
    if chosen.table:
        for family, scores_of in found.items():
            told = [f"**{_mean(scores_of, name):.3f}**" for name in METHODS]
            _line(f"mean of {len(scores_of)}", family, "", "", "", *told, "", "")
        return
    report([_measure(family, scores_of) for family, scores_of in found.items()])


def _measure(family: str, scores: list[dict[str, float]]) -> Measure:
    rivals = {name: _mean(scores, name) for name in METHODS if name not in _NO_RIVALS}
    best = max(rivals, key=lambda name: rivals[name])
    return Measure(
        "clustering_truth", f"{family}: {len(scores)} sets", _mean(scores, "AutoClusterer"),
        "adjusted Rand index", rivals[best], "at least", 1, f"best rival: {best}",
    )  # fmt: skip


def _mean(scores: list[dict[str, float]], name: str) -> float:
    return float(np.mean([one[name] for one in scores]))


_NO_RIVALS = ("AutoClusterer", "mixture, told k")


def _scores(one: Labelled) -> tuple[dict[str, float], int, float]:
    scores, k, seconds = {}, 0, 0.0
    for name, method in METHODS.items():
        begun = time.perf_counter()
        labels = method(one)
        if name == "AutoClusterer":
            k, seconds = len(set(labels[labels >= 0])), time.perf_counter() - begun
        scores[name] = float(adjusted_rand_score(one.truth, labels))
    return scores, k, seconds


def _line(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)
    if cells[0] == "set":
        print("|" + "---|" * len(cells), flush=True)


if __name__ == "__main__":
    main()
