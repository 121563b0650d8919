"""Everything that is counted of the customers, bucket by bucket, before words are made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.errors import ArtifactError
from customer_atlas.features import FeatureInfo
from customer_atlas.segments.histogram import Histogram
from customer_atlas.segments.moments import Moments
from customer_atlas.segments.nearest import Nearest
from customer_atlas.side_by_side import side_by_side

__all__ = ["NumberProfile", "Profile", "profile_buckets"]

_NOBODY = -1


@dataclass(frozen=True)
class NumberProfile:
    """A numeric feature by group: moments as it is and on the log scale, and its histogram."""

    plain: Moments
    logged: Moments
    histogram: Histogram

    def merge(self, other: NumberProfile) -> NumberProfile:
        """Return both together; the groups must be the same."""
        return NumberProfile(
            self.plain.merge(other.plain),
            self.logged.merge(other.logged),
            self.histogram.merge(other.histogram),
        )

    def take(self, places: NDArray[np.int64], size: int) -> NumberProfile:
        """Return `size` groups where old group i stands at `places[i]`."""
        return NumberProfile(
            self.plain.take(places, size),
            self.logged.take(places, size),
            self.histogram.take(places),
        )


@dataclass(frozen=True)
class Profile:
    """Counts of a set of customers by cluster; two profiles merge into that of both sets.

    `clusters` are the cluster numbers present, increasing; -1 stands for customers in no
    cluster, who count among everybody else. `sizes`, `probability` and the arrays within
    `numbers` have one entry a cluster. `categories` holds tables of ``cluster``, ``value``
    (null: unknown) and ``n``.
    """

    clusters: NDArray[np.int64]
    sizes: NDArray[np.int64]
    probability: NDArray[np.float64]
    numbers: Mapping[str, NumberProfile]
    categories: Mapping[str, pa.Table]
    nearest: Nearest

    @classmethod
    def of(cls, features: pa.Table, memberships: pa.Table, infos: Sequence[FeatureInfo]) -> Profile:
        """Return the profile of one bucket.

        Raises ArtifactError where the two tables do not hold the same customers once each, or a
        feature's column is absent.
        """
        features = _aligned(features, memberships)
        given = pc.fill_null(memberships["cluster"].cast(pa.int64()), _NOBODY)
        labels = np.maximum(given.to_numpy(), _NOBODY)
        clusters, groups = np.unique(labels, return_inverse=True)
        weights = _floats(memberships["probability"])
        members = memberships.filter(pa.array(labels >= 0))
        return cls(
            clusters,
            np.bincount(groups, minlength=len(clusters)),
            np.bincount(groups, weights=weights, minlength=len(clusters)).astype(np.float64),
            {i.name: _number(features, i, groups, len(clusters)) for i in _kind(infos, "number")},
            {i.name: _category(features, i, labels) for i in _kind(infos, "category")},
            Nearest.of(
                members["customer_id"].combine_chunks().cast(pa.string()),
                labels[labels >= 0],
                _floats(members["distance"], unknown=np.inf),
            ),
        )

    def merge(self, other: Profile) -> Profile:
        """Return the profile of both sets of customers together."""
        clusters = np.union1d(self.clusters, other.clusters)
        mine, theirs = self._spread(clusters), other._spread(clusters)
        return Profile(
            clusters,
            mine.sizes + theirs.sizes,
            mine.probability + theirs.probability,
            {name: one.merge(theirs.numbers[name]) for name, one in mine.numbers.items()},
            {
                name: _counted(pa.concat_tables([one, theirs.categories[name]]))
                for name, one in mine.categories.items()
            },
            mine.nearest.merge(theirs.nearest),
        )

    def _spread(self, clusters: NDArray[np.int64]) -> Profile:
        places, size = np.searchsorted(clusters, self.clusters), len(clusters)
        sizes = np.zeros(size, dtype=np.int64)
        probability = np.zeros(size)
        sizes[places], probability[places] = self.sizes, self.probability
        numbers = {name: one.take(places, size) for name, one in self.numbers.items()}
        return Profile(clusters, sizes, probability, numbers, self.categories, self.nearest)


def profile_buckets(
    buckets: Iterable[tuple[pa.Table, pa.Table]], infos: Sequence[FeatureInfo]
) -> Profile:
    """Return the profile of all customers, a few buckets in memory at a time.

    `buckets` yields the feature table and the membership table of each. Raises ArtifactError
    where there is none, or where the two do not belong together.
    """
    total: Profile | None = None
    for one in side_by_side(lambda bucket: Profile.of(*bucket, infos), buckets):
        total = one if total is None else total.merge(one)
    if total is None:
        raise ArtifactError("There are no memberships to describe.")
    return total


def _kind(infos: Sequence[FeatureInfo], kind: str) -> list[FeatureInfo]:
    return [info for info in infos if info.kind == kind]


def _aligned(features: pa.Table, memberships: pa.Table) -> pa.Table:
    """Return the features in the order of the memberships."""
    there, here = features["customer_id"], memberships["customer_id"]
    if there.equals(here):
        return features
    at = pc.index_in(here.cast(pa.string()), value_set=there.cast(pa.string()).combine_chunks())
    once = pc.count_distinct(at, mode="only_valid").as_py()
    if not once == len(here) == len(there):
        raise ArtifactError(
            f"A feature table holds {len(there)} customers and its membership table {len(here)}, "
            f"of which {once} are the same. Run the segmentation again."
        )
    return features.take(at)


def _column(features: pa.Table, info: FeatureInfo, kind: pa.DataType) -> pa.ChunkedArray:
    if info.name not in features.column_names:
        raise ArtifactError(f"A feature table has no column '{info.name}'.")
    return features[info.name].cast(kind)


def _floats(column: pa.ChunkedArray, unknown: float = 0.0) -> NDArray[np.float64]:
    values: NDArray[np.float64] = pc.fill_null(column.cast(pa.float64()), unknown).to_numpy()
    return values


def _number(
    features: pa.Table, info: FeatureInfo, groups: NDArray[np.int64], size: int
) -> NumberProfile:
    column = _column(features, info, pa.float64())
    values = _floats(column, 0.0 if info.zero else np.nan)
    known = np.isfinite(values)
    if not known.all():
        values, groups = values[known], groups[known]
    logged = np.sign(values) * np.log1p(np.abs(values))
    return NumberProfile(
        Moments.of(values, groups, size),
        Moments.of(logged, groups, size),
        Histogram.of(values, groups),
    )


def _category(features: pa.Table, info: FeatureInfo, labels: NDArray[np.int64]) -> pa.Table:
    column = _column(features, info, pa.string())
    ones = pa.array(np.ones(len(labels), dtype=np.int64))
    return _counted(pa.table({"cluster": pa.array(labels), "value": column, "n": ones}))


def _counted(rows: pa.Table) -> pa.Table:
    grouped = rows.group_by(["cluster", "value"], use_threads=False).aggregate([("n", "sum")])
    return grouped.rename_columns({"cluster": "cluster", "value": "value", "n_sum": "n"})
