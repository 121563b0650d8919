"""What a benchmark reports: a measured figure, the limit it must hold, and their ratio."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

__all__ = ["Measure", "full_counts", "report", "seconds", "timed"]


@dataclass(frozen=True)
class Measure:
    """One figure of a benchmark.

    `value` is the median of `repeats` measurements, in `unit`. `limit` is in the same unit;
    `against` says what it is, such as "fixed" or "3 x faster than pandas + scikit-learn (41 s)".
    """

    benchmark: str
    case: str
    value: float
    unit: str
    limit: float
    bound: Literal["at most", "at least"] = "at most"
    repeats: int = 1
    against: str = "fixed"

    @property
    def ratio(self) -> float:
        """How much of the limit is used: at most 1 where it holds, whichever way it bounds."""
        return self.value / self.limit if self.bound == "at most" else self.limit / self.value

    @property
    def holds(self) -> bool:
        """Whether the limit is held."""
        return self.ratio <= 1

    def line(self) -> str:
        """The measure as one line of JSON."""
        return json.dumps(asdict(self) | {"ratio": round(self.ratio, 4), "holds": self.holds})

    def sentence(self) -> str:
        """The measure for people."""
        verdict = "holds" if self.holds else "DOES NOT HOLD"
        return (
            f"{self.benchmark}: {self.case}: {self.value:.4g} {self.unit} "
            f"(median of {self.repeats}); limit {self.bound} {self.limit:.4g} {self.unit}, "
            f"{self.against}; ratio {self.ratio:.2f}: {verdict}"
        )


def report(measures: Sequence[Measure]) -> None:
    """Print the measures, as JSON lines with ``--json``, and exit with 1 if a limit is broken."""
    for measure in measures:
        print(measure.line() if "--json" in sys.argv[1:] else measure.sentence())
    sys.exit(0 if all(measure.holds for measure in measures) else 1)


def full_counts() -> bool:
    """Whether the full sizes and repeats are asked for (``make proof``)."""
    return os.environ.get("ATLAS_PROOF") == "1"


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def timed(work: Callable[[], object], repeats: int, warm_up: int = 1) -> float:
    """The median seconds of a piece of work, after runs that only warm the caches."""
    for _ in range(warm_up):
        work()
    return statistics.median(seconds(work) for _ in range(repeats))
