"""The customers behind the figures: their segments and their traits, everyone or an even part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.clustering import even_rows
from customer_atlas.errors import ArtifactError
from customer_atlas.features import FeatureInfo

__all__ = ["ENOUGH_KNOWN", "Array", "People", "Trait", "traits_of"]

Array = NDArray[np.float64]

MOST = 100_000
"""As many customers are looked at; of more, every n-th."""

_SKEWED = 1.0
_LEVELS = 5
ENOUGH_KNOWN = 0.5
"""Below this share of known values, a typical one would speak for people it does not know."""
_RARE = 0.02


@dataclass(frozen=True)
class Trait:
    """What customers have more or less of: a number, or belonging to a category `level`.

    `values` are (n,) with NaN for unknown, and 0 or 1 where the trait is a `yes_no`. On the scale
    of its logarithm, signed, where `log`.
    """

    info: FeatureInfo
    values: Array
    level: str | None = None
    log: bool = False
    yes_no: bool = False

    @property
    def label(self) -> str:
        """What people call it."""
        label = self.info.label[:1].upper() + self.info.label[1:]
        return label if self.level is None else f"{label}: {self.level}"

    @property
    def unit(self) -> str:
        """The unit of a typical value: a share where each customer's is yes or no."""
        return "share" if self.yes_no else self.info.unit

    def scaled(self) -> Array:
        """Return the values on the scale on which customers are compared (n,)."""
        if not self.log:
            return self.values
        return np.copysign(np.log1p(np.abs(self.values)), self.values)


@dataclass(frozen=True)
class People:
    """Customers as rows of `features`, each in the segment at place `segment` (n,) of the list.

    `everyone` is how many there are; there are fewer rows where only every n-th was taken.
    """

    features: pa.Table
    segment: NDArray[np.int64]
    everyone: int

    @classmethod
    def of(
        cls,
        buckets: Iterable[tuple[pa.Table, pa.Table]],
        places: dict[int, int],
        everyone: int,
        most: int = MOST,
    ) -> People:
        """Take at most `most` customers, evenly from all buckets of features and memberships.

        `places` is the place of each cluster in the list of segments. Raises ArtifactError where
        features and memberships are not of the same customers.
        """
        step = max(1, -(-everyone // most))
        seen, tables, segments = 0, [], []
        for features, members in buckets:
            if not features["customer_id"].equals(members["customer_id"]):
                raise ArtifactError(
                    "The features and the memberships of the run that serves are not of the same"
                    " customers. Make them anew: atlas run --refit"
                )
            rows = np.arange(-seen % step, len(members), step)
            seen += len(members)
            tables.append(features.take(rows).drop_columns(["customer_id"]))
            segments += [places[number] for number in members["cluster"].take(rows).to_pylist()]
        return cls(
            pa.concat_tables(tables).combine_chunks(), np.array(segments, dtype=np.int64), everyone
        )

    def __len__(self) -> int:
        return len(self.segment)

    def sample(self, most: int, least: int = 25) -> NDArray[np.int64]:
        """Return at most about `most` rows, so many of each segment as its share, evenly spaced.

        A small segment keeps `least` of its rows, or all it has.
        """
        return even_rows(self.segment, most, least)


def traits_of(people: People, infos: Sequence[FeatureInfo]) -> list[Trait]:
    """Return the traits that differ between customers and are known for at least half of them."""
    found: list[Trait] = []
    for info in infos:
        if info.name not in people.features.column_names:
            continue
        column = people.features[info.name]
        found += _levels(info, column) if info.kind == "category" else _number(info, column)
    return [one for one in found if np.isfinite(one.values).mean() >= ENOUGH_KNOWN]


def _number(info: FeatureInfo, column: pa.ChunkedArray) -> list[Trait]:
    fill = 0.0 if info.zero else np.nan
    given = np.asarray(pc.fill_null(column.cast(pa.float64()), fill), dtype=np.float64)
    values = np.where(np.isfinite(given), given, np.nan)
    known = values[~np.isnan(values)]
    if not len(known) or known.min() == known.max():
        return []
    yes_no = bool(np.isin(known, (0.0, 1.0)).all()) and info.unit == "number"
    return [Trait(info, values, log=not yes_no and _is_skewed(known), yes_no=yes_no)]


def _levels(info: FeatureInfo, column: pa.ChunkedArray) -> list[Trait]:
    """Return the frequent categories; of two that are each other's opposite, the first."""
    texts = column.cast(pa.string())
    known = np.array(pc.is_valid(texts), dtype=bool)
    counts = sorted(
        ((-n["counts"], n["values"]) for n in pc.value_counts(texts).to_pylist() if n["values"]),
    )
    if len(counts) < 2:
        return []
    kept = [(-n, level) for n, level in counts[:_LEVELS] if -n >= _RARE * known.sum()]
    if len(counts) == 2:
        kept = [max(kept, key=lambda one: (one[1].casefold() in ("yes", "true", "y"), one[0]))]
    found = []
    for _, level in kept:
        values = np.array(pc.fill_null(pc.equal(texts, level), False), dtype=np.float64)
        found.append(Trait(info, np.where(known, values, np.nan), level, yes_no=True))
    return found


def _is_skewed(values: Array) -> bool:
    logged = np.copysign(np.log1p(np.abs(values)), values)
    before = abs(_skewness(values))
    return before > _SKEWED and abs(_skewness(logged)) < before


def _skewness(values: Array) -> float:
    from_mean = values - values.mean()
    squares = from_mean * from_mean
    deviation = float(np.sqrt(squares.mean()))
    return float((squares * from_mean).mean()) / deviation**3 if deviation > 0 else 0.0
