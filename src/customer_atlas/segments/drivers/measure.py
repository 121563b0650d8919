"""Measure what drives each segment, how surely, and what chance would have made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_atlas.features import FeatureInfo
from customer_atlas.segments.drivers.driver import Driver, Drivers, SegmentDrivers
from customer_atlas.segments.drivers.encoding import Floats
from customer_atlas.segments.drivers.surrogate import Surrogate, fit_trees, trees_contributions
from customer_atlas.segments.effects import Contrast, Group
from customer_atlas.segments.numbers import say_number, say_pair
from customer_atlas.segments.telling import strongest, told

__all__ = ["Sampled", "measure_drivers"]

_HELD = 0.3  # of each segment, held out
_LOOKED_AT = 250  # members of a segment whose contributions are computed
_DEALT = 2  # times that memberships are dealt at random
_THINNED = 3  # of those, one in so many tells what chance does
_LEAST = 1e-12

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Sampled:
    """Some customers: their features, clusters (n,), and how many each stands for (n,)."""

    table: pa.Table
    clusters: Integers
    weights: Floats


def measure_drivers(
    sample: Sampled,
    infos: Sequence[FeatureInfo],
    groups: Sequence[Group],
    ids: Mapping[int, str],
    seed: int = 0,
) -> tuple[Drivers, Surrogate | None]:
    """Return what drives the segments, and the surrogate that tells it.

    Args:
        sample: customers of every cluster, with the columns of `infos`.
        infos: the features that form segments.
        groups: how all customers of each cluster stand against all others, feature by feature.
        ids: the segments' ids by cluster.
        seed: who is held out, and how values are shuffled.
    """
    if len(np.unique(sample.clusters)) < 2:
        return Drivers((), reason="There is one segment: nothing tells it from another."), None
    if not any(info.kind != "list" for info in infos):
        return Drivers((), reason="No feature forms these segments."), None
    learn, held = _halves(sample.clusters, seed)
    table, clusters, weights = sample.table, sample.clusters, sample.weights
    trees = Surrogate.fit(table.take(pa.array(learn)), clusters[learn], weights[learn], infos, seed)
    matrix = trees.matrix(table)
    judged = _Judged(trees, matrix, clusters, weights, learn, held, seed)
    by_cluster = {group.cluster: group for group in groups}
    segments = [
        judged.segment(at, ids[cluster], by_cluster[cluster])
        for at, cluster in enumerate(trees.clusters)
    ]
    found = [one.found for one in segments if one.found is not None]
    agree = judged.put[held] == clusters[held]
    drivers = Drivers(
        tuple(segments),
        balanced=float(np.mean(found)) if len(found) == len(segments) else None,
        guessing=1 / len(segments),
        agreement=float(np.average(agree, weights=weights[held])) if len(held) else None,
        learned_from=len(learn),
        held_out=len(held),
    )
    return drivers, trees


def _halves(clusters: Integers, seed: int) -> tuple[Integers, Integers]:
    """Return who is learned from and who is held out; of a handful nobody is held out."""
    draw = np.random.default_rng([seed % 2**63, 1])
    held = np.zeros(len(clusters), bool)
    for cluster in np.unique(clusters):
        members = np.flatnonzero(clusters == cluster)
        held[draw.permutation(members)[: int(len(members) * _HELD)]] = True
    return np.flatnonzero(~held), np.flatnonzero(held)


class _Judged:
    """What the surrogate says of customers held out, and of shuffled ones."""

    def __init__(
        self,
        trees: Surrogate,
        matrix: Floats,
        clusters: Integers,
        weights: Floats,
        learn: Integers,
        held: Integers,
        seed: int,
    ) -> None:
        self._trees, self._clusters, self._weights = trees, clusters, weights
        self.put = trees.predict(matrix)
        self._held = held
        self._looked = _some(clusters, held, learn)
        few = matrix[self._looked]
        self._phi = trees.contributions(few)[:, :, :-1]
        self._lost = self._shuffled(few, seed)
        self._chance = _by_chance(trees, matrix, clusters, weights, learn, few, seed)

    def segment(self, at: int, identifier: str, group: Group) -> SegmentDrivers:
        """Return what drives the cluster at a place."""
        clusters, weights, held = self._clusters, self._weights, self._held
        cluster = self._trees.clusters[at]
        share = weights[clusters == cluster].sum() / weights.sum()
        mine, put = clusters[held] == cluster, self.put[held] == cluster
        both = float(weights[held][mine & put].sum())
        members, put_there = weights[held][mine].sum(), weights[held][put].sum()
        return SegmentDrivers(
            identifier,
            found=both / float(members) if members else None,
            precise=both / float(put_there) if put_there else None,
            chance=float(share),
            held=int(mine.sum()),
            drivers=tuple(self._drivers(at, cluster, group)),
        )

    def _drivers(self, at: int, cluster: int, group: Group) -> list[Driver]:
        rows = np.flatnonzero(self._clusters[self._looked] == cluster)
        phi = self._phi[rows, at, :]
        size, signed = np.abs(phi), phi.mean(axis=0)
        mean, total = size.mean(axis=0), max(float(size.mean(axis=0).sum()), _LEAST)
        best = strongest(one for one in group.contrasts if one.kind != "missing")
        found = []
        for number, features in enumerate(self._trees.same):
            lost = self._lost[rows, number]
            for feature in features:
                info = self._trees.encoding.infos[feature]
                others = [self._trees.encoding.infos[one].label for one in features]
                others.remove(info.label)
                found.append(
                    _driver(
                        info,
                        best.get(info.name),
                        group,
                        contribution=float(mean[feature]),
                        contribution_error=_error(size[:, feature]),
                        signed=float(signed[feature]),
                        signed_error=_error(phi[:, feature]),
                        part=float(mean[feature]) / total,
                        chance=float(self._chance[at]),
                        lost=float(lost.mean()),
                        lost_error=_error(lost),
                        same=tuple(others),
                    )
                )
        return sorted(found, key=lambda one: (-one.contribution, one.feature))

    def _shuffled(self, few: Floats, seed: int) -> Floats:
        """Return how much less likely each row's own cluster becomes (m, groups).

        Values come from customers drawn by their weights: everybody, not every segment alike.
        """
        draw = np.random.default_rng([seed % 2**63, 2])
        weights = self._weights[self._looked]
        order = draw.choice(len(few), len(few), p=weights / weights.sum())
        own = np.searchsorted(self._trees.clusters, self._clusters[self._looked])
        before = _log_shares(self._trees.scores(few), own)
        lost = np.empty((len(few), len(self._trees.same)))
        for number, features in enumerate(self._trees.same):
            mixed = few.copy()
            mixed[:, list(features)] = few[np.ix_(order, np.array(features))]
            lost[:, number] = before - _log_shares(self._trees.scores(mixed), own)
        return lost


def _some(clusters: Integers, held: Integers, learn: Integers) -> Integers:
    """Return a few members of each cluster: those held out, or others where there are none."""
    few = []
    for cluster in np.unique(clusters):
        out = held[clusters[held] == cluster]
        few.append((out if len(out) else learn[clusters[learn] == cluster])[:_LOOKED_AT])
    return np.concatenate(few)


def _by_chance(
    trees: Surrogate,
    matrix: Floats,
    clusters: Integers,
    weights: Floats,
    learn: Integers,
    few: Floats,
    seed: int,
) -> Floats:
    """Return the largest mean contribution (k,) that any feature has to each cluster by chance.

    Memberships are dealt at random among those that were learned from, so that no feature tells
    anything: what contributions there still are, the trees made of nothing.
    """
    draw = np.random.default_rng([seed % 2**63, 3])
    codes = np.searchsorted(trees.clusters, clusters[learn])
    largest = np.zeros(len(trees.clusters))
    for _ in range(_DEALT):
        dealt = draw.permutation(len(learn))
        model = fit_trees(
            matrix[learn], codes[dealt], weights[learn][dealt], trees.encoding.categories, seed
        )
        phi = trees_contributions(model, few[::_THINNED], len(trees.clusters))[:, :, :-1]
        largest = np.maximum(largest, np.abs(phi).mean(axis=0).max(axis=1))
    return largest


def _driver(
    info: FeatureInfo, contrast: Contrast | None, group: Group, **measured: object
) -> Driver:
    texts = _typical(info, group)
    low = high = effect = None
    if contrast is not None:
        telling = told(contrast)
        texts = (telling.segment_text, telling.overall_text, telling.phrase)
        effect = contrast.effect
        low, high = _interval(contrast, group)
    return Driver(
        feature=info.name, label=told(contrast).label if contrast else info.label, effect=effect,
        low=low, high=high, segment_text=texts[0], overall_text=texts[1], phrase=texts[2],
        **measured,  # type: ignore[arg-type]
    )  # fmt: skip


def _typical(info: FeatureInfo, group: Group) -> tuple[str, str, str]:
    """Return the typical values of the group and of everyone in words, without a comparison."""
    here, everyone = group.centroid.get(info.name), group.overall.get(info.name)
    if isinstance(here, str) or isinstance(everyone, str):
        return str(here or "unknown"), str(everyone or "unknown"), ""
    if here is None or everyone is None:
        known = [one if one is None else say_number(one, info.unit) for one in (here, everyone)]
        return known[0] or "unknown", known[1] or "unknown", ""
    return (*say_pair(here, everyone, info.unit), "")


def _interval(contrast: Contrast, group: Group) -> tuple[float, float]:
    """Return the 95 % interval of an effect by its large-sample variance.

    For d that is (n + m) / nm + d² / 2(n + m) (Hedges and Olkin, Statistical Methods for
    Meta-Analysis, 1985, chapter 5), for h 1 / n + 1 / m (Cohen, 1988).
    """
    mine = max(group.size, 1)
    rest = max(round(group.size / group.share) - group.size, 1)
    variance = 1 / mine + 1 / rest
    if contrast.kind == "number":
        variance += contrast.effect**2 / (2 * (mine + rest))
    reach = 1.96 * sqrt(variance)
    return contrast.effect - reach, contrast.effect + reach


def _log_shares(scores: Floats, own: Integers) -> Floats:
    """Return the logarithm of each row's share of its own cluster."""
    top = scores.max(axis=1, keepdims=True)
    total = np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0]
    return np.asarray(scores[np.arange(len(scores)), own] - total)


def _error(values: Floats) -> float | None:
    """Return the standard error of a mean; of a single value nothing is known of it."""
    return float(values.std(ddof=1) / sqrt(len(values))) if len(values) > 1 else None
