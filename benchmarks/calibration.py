"""How far membership probabilities are off, before and after calibration, and how long it takes.

Models are fitted to samples of a population, and asked about customers who are in none of them:
who keeps the segment in models that are fitted to other samples? ``--table`` prints the figures
as Markdown.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from _fresh_refits import Draw, fresh_refits, overlapping
from _measure import Measure, full_counts, report, timed
from customer_atlas.clustering import Clusterer, GaussianMixture, KMeans, calibrate
from customer_atlas.clustering.table import Table, table_of

__all__ = ["Case", "Figures", "main", "measured", "times"]

Matrix = NDArray[np.float64]
Case = tuple[str, Clusterer, Draw, int]
Figures = dict[str, float]

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
_ASKED = 5000


def _rows_of(path: str, without: list[str], delimiter: str = ",") -> Draw | None:
    """Draws of rows of a real table, as the matrix that they are clustered in."""
    import pyarrow.csv

    if not (_DATA / path).exists():
        return None
    options = pyarrow.csv.ParseOptions(delimiter=delimiter)
    table = table_of(pyarrow.csv.read_csv(_DATA / path, parse_options=options))
    table = table.drop_columns([name for name in without if name in table.column_names])
    everyone = Table.fit(table, np.ones(table.num_rows)).transform(table)

    def sample(n: int, source: np.random.Generator) -> Matrix:
        return np.asarray(everyone[source.choice(len(everyone), n, replace=False)])

    return sample


def cases() -> list[Case]:
    """What is measured: a name, an algorithm, a population and the size of its samples."""
    found: list[Case] = [
        ("5 groups x 6, k-means", KMeans(5), overlapping(5, 6, 0.8, 5), 2000),
        ("5 groups x 6, k-means", KMeans(5), overlapping(5, 6, 0.8, 5), 20_000),
        ("8 groups x 10, k-means", KMeans(8), overlapping(8, 10, 0.6, 8), 6000),
        ("6 groups x 4, k-means", KMeans(6), overlapping(6, 4, 1.0, 6), 40_000),
        ("4 groups x 4, mixture", GaussianMixture(4, covariance="diagonal"),
         overlapping(4, 4, 1.3, 2), 5000),
        ("5 groups x 6, mixture", GaussianMixture(5), overlapping(5, 6, 0.8, 5), 5000),
    ]  # fmt: skip
    shoppers = _rows_of("online_shoppers/online_shoppers_intention.csv", ["Revenue"], ";")
    telco = _rows_of("telco_churn/telco_customer_churn.csv", ["customerID", "Churn"])
    if shoppers:
        found.append(("online shoppers, k-means 4", KMeans(4), shoppers, 3000))
    if telco:
        found.append(("telco customers, k-means 3", KMeans(3), telco, 1700))
        found.append(("telco customers, k-means 6", KMeans(6), telco, 1700))
    return found


def measured(case: Case, models: int, refits: int) -> Figures:
    """Return the calibration error before and after, and the share kept of those at 0.8."""
    _, model, sample, n = case
    before, after, truth = fresh_refits(model, sample, n, models, refits, min(n, _ASKED))
    return {
        "kept": float(truth.mean()), "raw": _error(before, truth), "error": _error(after, truth),
        "raw at 0.8": _at(before, truth), "at 0.8": _at(after, truth),
    }  # fmt: skip


def _error(said: Matrix, kept: Matrix) -> float:
    cells = np.minimum((said * 10).astype(int), 9)
    return float(np.abs(np.bincount(cells, said - kept, 10)).sum() / len(said))


def _at(said: Matrix, kept: Matrix) -> float:
    near = (said >= 0.75) & (said < 0.85)
    return float(kept[near].mean()) if near.any() else float("nan")


def times(repeats: int) -> list[Measure]:
    """The seconds of one calibration, of a sample as large as samples are."""
    draw = np.random.default_rng(0)
    centers = draw.normal(size=(8, 25)) * 0.45
    X = centers[draw.integers(8, size=100_000)] + draw.normal(size=(100_000, 25))
    weights = draw.gamma(2, size=100_000)
    model = KMeans(8).fit(X, sample_weight=weights)
    return [
        Measure(
            "calibration", "time: 100,000 x 25, weighted, 8 segments of k-means",
            timed(lambda: calibrate(model, X, weights, 0), repeats), "s", 1.5, repeats=repeats,
        )
    ]  # fmt: skip


def main() -> None:
    """Measure all and report it."""
    models, refits = (12, 12) if full_counts() else (4, 5)
    found = [(case, measured(case, models, refits)) for case in cases()]
    if "--table" in sys.argv[1:]:
        print(_table(found))
        return
    report(
        [
            Measure(
                "calibration", f"error: {name}, {n:,} rows", figures["error"], "of 1", 0.1,
                against=f"fixed; before calibration {figures['raw']:.3f}",
            )
            for (name, _, _, n), figures in found
        ]
        + times(5 if full_counts() else 3)
    )  # fmt: skip


def _table(found: list[tuple[Case, Figures]]) -> str:
    rows = [
        f"| {name} | {n:,} | {one['kept']:.3f} | {one['raw']:.3f} | {one['error']:.3f} |"
        f" {one['raw at 0.8']:.2f} | {one['at 0.8']:.2f} |"
        for (name, _, _, n), one in found
    ]
    head = (
        "| case | rows | kept | error before | error | kept at 0.8 before | kept at 0.8 |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    return "\n".join([head, *rows])


if __name__ == "__main__":
    main()
