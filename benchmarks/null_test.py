"""How often the null test sees groups where there are none, and where there are, and how long.

``--table`` prints the same figures as Markdown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import numpy as np

from _measure import Measure, full_counts, report, timed
from _null_test_shapes import GROUPS, NOISE, Shape
from customer_atlas.clustering import null_test

__all__ = ["false_alarms", "found", "main", "power", "times"]

_LEVEL = 0.01
_MARGINAL = {  # these shapes are at the border of what can be seen: a lower share is held
    "4 groups, each two 2.75 apart": 0.5,
    "4 groups, each two 2.5 apart": 0.15,
    "2 groups that one axis parts by 3.5, equal": 0.7,
    "3 classes of 9 flags": 0.3,
}


def found(shape: Shape, seeds: Iterable[int]) -> int:
    """In how many tables of this shape groups are seen."""
    tables = ((seed, shape(np.random.default_rng([seed, 1]))) for seed in seeds)
    return sum(null_test(X, seed=seed).structured for seed, X in tables)


def false_alarms(trials: int) -> list[Measure]:
    """The share of tables with one group that are said to have more: of each kind, and of all."""
    from scipy.stats import binom

    alarms = {case: found(shape, range(trials)) for case, shape in NOISE.items()}
    # So many would a test of exactly this level exceed in one of 10,000 runs of all kinds.
    chance = float(binom.isf(1e-4 / len(NOISE), trials, _LEVEL)) / trials
    all_of_them = Measure(
        "null_test", "false alarms, all kinds", sum(alarms.values()) / (trials * len(NOISE)),
        "of 1", _LEVEL, repeats=trials * len(NOISE),
    )  # fmt: skip
    return [all_of_them] + [
        Measure(
            "null_test", f"false alarms: {case}", count / trials, "of 1", chance, repeats=trials,
            against="a level of 0.01, and chance",
        )
        for case, count in alarms.items()
    ]  # fmt: skip


def power(trials: int) -> list[Measure]:
    """The share of tables with groups that are said to have them."""
    return [
        Measure(
            "null_test", f"seen: {case}", found(shape, range(trials)) / trials, "of 1",
            _MARGINAL.get(case, 0.95), "at least", trials,
        )
        for case, shape in GROUPS.items()
    ]  # fmt: skip


def times(repeats: int) -> list[Measure]:
    """The seconds of one test. Where groups overlap, none of the references can be spared."""
    draw = np.random.default_rng(0)
    centers = draw.normal(size=(5, 40)) * 2
    large = centers[draw.integers(5, size=100_000)] + draw.normal(size=(100_000, 40))
    weights = draw.gamma(2, size=100_000)
    small = GROUPS["4 groups, centres drawn with deviation 1.5"](draw)
    overlapping = GROUPS["4 groups, each two 3 deviations apart"](draw)
    noise = NOISE["normal 600 x 6"](draw)
    near = draw.normal(size=(8, 40)) * 0.45
    wide = near[draw.integers(8, size=100_000)] + draw.normal(size=(100_000, 40))
    works = [
        ("600 x 6 with groups", lambda: null_test(small), 1.0),
        ("600 x 6 with overlapping groups", lambda: null_test(overlapping), 1.0),
        ("600 x 6 without", lambda: null_test(noise), 1.0),
        ("100,000 x 40, weighted, with groups", lambda: null_test(large, weights), 2.0),
        ("100,000 x 40, weighted, overlapping", lambda: null_test(wide, weights), 2.0),
    ]
    return [
        Measure("null_test", f"time: {case}", timed(work, repeats), "s", limit, repeats=repeats)
        for case, work, limit in works
    ]


def main() -> None:
    """Measure all and report it."""
    trials = 300 if full_counts() else 5
    measures = [*times(9 if full_counts() else 3), *power(trials), *false_alarms(trials)]
    if "--table" in sys.argv[1:]:
        print(_table(measures))
    else:
        report(measures)


def _table(measures: Sequence[Measure]) -> str:
    rows = [f"| {one.case} | {one.value:.3g} {one.unit} | {one.repeats} |" for one in measures]
    return "\n".join(["| case | measured | of |", "| --- | ---: | ---: |", *rows])


if __name__ == "__main__":
    main()
