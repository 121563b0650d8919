"""What is known of a segmentation's stability, as plain values that can be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

__all__ = ["Leaving", "Probe", "ProbeKind", "StabilityReport", "Trial", "steadiness"]

ProbeKind = Literal["seeds", "bootstrap", "features", "behaviour", "structure"]

_BARS = ((0.85, "very stable"), (0.75, "stable"), (0.6, "doubtful"))
_MOSTLY, _HALF = 0.9, 0.5  # shares of the customers in segments that come back
_NAMED = 3


def steadiness(jaccard: float) -> str:
    """Return what a mean Jaccard similarity under resampling means.

    The bars are Hennig's (2008, Dissolution point and isolation robustness; the R package fpc).

    >>> steadiness(0.9), steadiness(0.8), steadiness(0.7), steadiness(0.3)
    ('very stable', 'stable', 'doubtful', 'dissolves')
    """
    return next((word for bar, word in _BARS if jaccard >= bar), "dissolves")


@dataclass(frozen=True)
class Trial:
    """One comparison: with a refit from a seed, a draw, without a feature, or at a time.

    `rand` is the adjusted Rand index with the segments that serve, `moved` the share of the
    customers who are in another segment, `jaccard` (k,) the Jaccard similarity of each segment
    with what it is most like.
    """

    label: str
    rand: float
    moved: float
    jaccard: tuple[float, ...]


@dataclass(frozen=True)
class Leaving:
    """The `share` of a segment who leave, and where most go: `most` of them into segment `to`.

    `to` is -1 for those who end in no segment, or in one that is like none.
    """

    share: float
    to: int
    most: float


@dataclass(frozen=True)
class Probe:
    """One way to disturb a segmentation, with its trials.

    ``seeds`` refits the same rows from other seeds, ``bootstrap`` refits resamples, ``features``
    leaves features out; ``behaviour`` scores the same customers at earlier times with the same
    model, and ``structure`` refits those times. `flows` (k + 1, k + 1) are shares of all
    customers, from segment (row) to segment (column), averaged over the trials; the last row and
    column are for no segment. `ever` is the share who move in any trial. `movers_sure` and
    `stayers_sure` are mean membership probabilities before, None where there are none.
    """

    kind: ProbeKind
    trials: tuple[Trial, ...]
    flows: tuple[tuple[float, ...], ...]
    ever: float
    movers_sure: float | None
    stayers_sure: float | None
    note: str = ""

    @property
    def rand(self) -> float:
        """The mean adjusted Rand index."""
        return _mean([one.rand for one in self.trials])

    @property
    def lowest(self) -> float:
        """The lowest adjusted Rand index of a trial."""
        return min(one.rand for one in self.trials)

    @property
    def highest(self) -> float:
        """The highest adjusted Rand index of a trial."""
        return max(one.rand for one in self.trials)

    @property
    def moved(self) -> float:
        """The share of the customers who move, in the mean of the trials."""
        return _mean([one.moved for one in self.trials])

    @property
    def jaccard(self) -> tuple[float, ...]:
        """The mean Jaccard similarity of each segment (k,)."""
        return tuple(map(_mean, zip(*(one.jaccard for one in self.trials), strict=True)))

    @property
    def least(self) -> tuple[float, ...]:
        """The lowest Jaccard similarity of each segment (k,)."""
        return tuple(map(min, zip(*(one.jaccard for one in self.trials), strict=True)))

    @property
    def ranking(self) -> tuple[Trial, ...]:
        """The trials by how much they change, the most first."""
        return tuple(sorted(self.trials, key=lambda one: (one.rand, one.label)))

    def leaving(self, segment: int) -> Leaving | None:
        """Return who leaves a segment, and where most of them go; None where nobody does."""
        row, none = self.flows[segment], len(self.flows) - 1
        gone = [0.0 if at == segment else share for at, share in enumerate(row)]
        total = sum(gone)
        if total <= 1e-12:
            return None
        to = max(range(len(gone)), key=lambda at: gone[at])
        return Leaving(total / sum(row), -1 if to == none else to, gone[to] / total)


@dataclass(frozen=True)
class StabilityReport:
    """How stable a segmentation is, looked at from several sides.

    `segments` (k,) are the names and `shares` (k,) the sizes; `rows` customers were looked at, of
    `customers`. `skipped` says of each probe that was not made, why not; `reason`, where no probe
    was made at all, why.
    """

    segments: tuple[str, ...]
    shares: tuple[float, ...]
    rows: int
    customers: int
    seed: int
    probes: tuple[Probe, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    def probe(self, kind: ProbeKind) -> Probe | None:
        """Return the probe of a kind, None where it was not made."""
        return next((one for one in self.probes if one.kind == kind), None)

    @property
    def there(self) -> tuple[int, ...]:
        """The segments that hold any of the customers who were looked at."""
        return tuple(at for at, share in enumerate(self.shares) if share > 0)

    @property
    def steady(self) -> tuple[str, ...]:
        """What becomes of each segment (k,) under resampling, in a word; of no probe, nothing."""
        found = self.probe("bootstrap")
        return tuple(map(steadiness, found.jaccard)) if found else ()

    @property
    def verdict(self) -> str:
        """One sentence on the whole."""
        found = self.probe("bootstrap")
        if found is None:
            return self.reason
        k, weak = len(self.there), [at for at in self.there if found.jaccard[at] < _BARS[1][0]]
        if not weak:
            worst = min(found.jaccard[at] for at in self.there)
            return (
                f"Stable: all {k} segments come back from other draws of the customers (Jaccard"
                f" similarity {_floored(worst)} or more)."
            )
        held = 1.0 - sum(self.shares[at] for at in weak) / sum(self.shares)
        word = "Not stable"
        if held >= _HALF:
            word = "Mostly stable" if held >= _MOSTLY else "Partly stable"
        weak.sort(key=lambda at: found.jaccard[at])
        told = [f"“{self.segments[at]}” ({_floored(found.jaccard[at])})" for at in weak[:_NAMED]]
        rest = len(weak) - len(told)
        more = f" and {rest} more" if rest else ""
        back = "none" if len(weak) == k else f"{k - len(weak)}"
        return (
            f"{word}: {back} of {k} segments come back from other draws of the customers. Not so"
            f" {', '.join(told)}{more}, with {1 - held:.0%} of the customers."
        )

    def plot(self) -> Any:
        """Return a plotly figure: how far each segment comes back in each probe, and who moves.

        Raises:
            ClusteringError: no probe was made.
        """
        from customer_atlas.clustering.pictures.stability_picture import stability_picture

        return stability_picture(self)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> StabilityReport:
        """Make of it what `to_dict` returned."""
        probes = tuple(
            Probe(
                **{
                    **one,
                    "trials": tuple(
                        Trial(**{**trial, "jaccard": tuple(trial["jaccard"])})
                        for trial in one["trials"]
                    ),
                    "flows": tuple(map(tuple, one["flows"])),
                }
            )
            for one in facts["probes"]
        )
        return cls(
            **{
                **facts,
                "segments": tuple(facts["segments"]),
                "shares": tuple(facts["shares"]),
                "probes": probes,
                "skipped": dict(facts["skipped"]),
            }
        )


def _floored(jaccard: float) -> str:
    """Return a similarity that is not rounded up over a bar."""
    return f"{int(jaccard * 100 + 1e-9) / 100:.2f}"


def _mean(values: Sequence[float]) -> float:
    return float(sum(values) / len(values))
