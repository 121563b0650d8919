"""What makes one division better than another: how many segments it has that can be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from customer_atlas.clustering.rule import KScore
from customer_atlas.clustering.search.candidate import VALID, Tried, ramp
from customer_atlas.clustering.search.leaderboard import Entry
from customer_atlas.clustering.search.recipe import Recipe

__all__ = ["OBJECTIVE", "Choosing", "by_borders", "by_models"]

OBJECTIVE = (
    "The most usable segments: those that come back from other draws of the customers, stand"
    " apart from their neighbours, and are large enough."
)

_DISSOLVING = 0.25
_STABLE = (0.75, 0.9)
_BACK = (0.5, 0.85)
_GAP = 0.7  # what empty borders between all segments are worth: most of a segment more
_CLEAR = 0.25  # how much of the segments must be clear, on average
_DEPTH = 0.05  # of two divisions with as many segments, that with the emptier borders
_ANY = 0.3  # less than a third of a segment is nothing seen
_EQUAL = 0.005  # scores so close are those of the same division
_SIMPLE = ("KMeans", "GaussianMixture", "SingleLinkage", "Hills", "HDBSCAN")  # the simplest first
_CERTAIN = 0.8  # stability that a mixture needs among many columns, where it can fit chance
_FEWEST = 3
_FAITHFUL = 0.9  # of a mixture that explains everybody: it, and each segment, comes back
_ALIKE = 0.3  # less than a segment that shades into another: as the rule for k-means has it
_FIRM = 0.1  # the share of the customers that may then dissolve


@dataclass(frozen=True)
class Choosing:
    """The candidates with their verdicts, the recipe that won, and the reason in a sentence."""

    entries: tuple[Entry, ...]
    recipe: Recipe | None
    reason: str


def by_borders(found: Sequence[Tried], min_share: float) -> Choosing:
    """Choose where borders can be looked at: few columns.

    A segment counts as far as it comes back, its border is thin and it is large enough; all of
    it counts as far as models of different draws agree. Where all borders are empty, nothing
    else needs to be asked, and that is worth 0.7 of a segment more. No border needs to be seen
    between the components of a mixture that explains everybody: each of them passes for a Gaussian,
    and comes back to 0.9. A division is out when more
    than a quarter of the customers are in segments that dissolve, or its segments count less than
    a quarter on average. Of the same segments by several algorithms, the simplest wins, by several
    settings the most stable; none does where not even a third of a segment counts.
    """
    scores = [_by_borders(one, min_share) for one in found]
    if not found or max(scores) < _ANY:
        return Choosing(
            tuple(
                _entry(one, score, "no border to be seen")
                for one, score in zip(found, scores, strict=True)
            ),
            None,
            "No border between groups is to be seen.",
        )
    best = _simplest_of_the_best(found, scores)
    entries = tuple(
        _entry(one, score, _verdict(one, score, scores[best]) if at != best else "chosen")
        for at, (one, score) in enumerate(zip(found, scores, strict=True))
    )
    return Choosing(entries, found[best].recipe, _reason(found[best]))


def by_models(
    scores: Sequence[KScore], k: int, reason: str, found: Sequence[Tried], min_share: float,
    smallest: float | None = None,
) -> Choosing:  # fmt: skip
    """Choose among many columns: the k of k-means, or a mixture that makes more of them.

    `k` is what the rule for k-means chose, with its `reason`. A mixture beats it when models of
    different draws agree to 0.8, segments of at most a tenth of the customers dissolve, none is
    smaller than `min_share`, and it has as many usable segments, to 0.3: those that come back
    and overlap with no neighbour by more than a tenth. Of several the likeliest for its size wins
    (the lowest `bic`), then the most stable. Where groups of the share `smallest` are looked for,
    that one must have more usable segments than k-means, since the component of such a group
    also explains the tails of large ones.
    """
    target = next((one.score for one in scores if one.k == k), 1.0)
    sound = [
        (one, score)
        for one in found
        if _is_certain(one)
        and one.shares.min() >= min_share
        and (score := _by_overlap(one)) >= max(target - _ALIKE, _FEWEST)
    ]
    best, most = min(
        sound,
        key=lambda pair: (pair[0].bic, -pair[0].stability),
        default=(None, max(target, _FEWEST)),
    )
    if smallest is not None and most <= target + _ALIKE:
        best = None
    entries = [
        _k_entry(one, smallest, won=best is None and one.k == k, beaten=best) for one in scores
    ]
    for one in found:
        score = _by_overlap(one)
        verdict = "chosen" if one is best else _mixture_verdict(one, score, most, min_share)
        entries.append(_entry(one, score, verdict))
    if best is not None:
        return Choosing(tuple(entries), best.recipe, _reason(best))
    recipe = _means(k, smallest) if k > 1 else None
    return Choosing(tuple(entries), recipe, reason)


def _simplest_of_the_best(found: Sequence[Tried], scores: Sequence[float]) -> int:
    equal = [at for at, score in enumerate(scores) if score >= max(scores) - _EQUAL]
    return min(
        equal,
        key=lambda at: (
            found[at].stability < _STABLE[0], _SIMPLE.index(found[at].recipe.algorithm),
            -round(scores[at], 6), -found[at].stability,
        ),
    )  # fmt: skip


def _by_borders(one: Tried, min_share: float) -> float:
    if not one.clean and one.dissolving > _DISSOLVING:
        return 0.0
    agree = 1.0 if one.clean else ramp(np.array(one.stability), *_STABLE)
    back = np.ones(one.k) if one.clean else ramp(one.jaccard, *_BACK)
    large = np.minimum(1.0, one.shares / min_share)
    apart = 1.0 if _explains(one) else one.apart
    clear = agree * back * apart * large
    if clear.mean() < _CLEAR:
        return 0.0
    return float(clear.sum() + (_GAP if one.clean else 0.0) + _DEPTH * one.depth * agree)


def _explains(one: Tried) -> bool:
    """Whether a mixture is the whole story: all components Gaussian, and all come back."""
    return one.fits and min(one.stability, float(one.jaccard.min())) >= _FAITHFUL


def _by_overlap(one: Tried) -> float:
    return float(np.sum((one.jaccard >= VALID) & (one.apart > 0)))


def _is_certain(one: Tried) -> bool:
    return one.stability >= _CERTAIN and one.dissolving <= _FIRM


def _entry(one: Tried, score: float, verdict: str) -> Entry:
    return Entry(
        one.recipe.algorithm, dict(one.recipe.settings), one.recipe.title, one.k, score,
        one.stability, float(one.apart.sum()), int((one.jaccard >= VALID).sum()), one.dissolving,
        float(one.shares.min()), one.silhouette, verdict,
    )  # fmt: skip


def _means(k: int, smallest: float | None) -> Recipe:
    if smallest is None:
        return Recipe.of("KMeans", n_clusters=k)
    return Recipe.of("KMeans", n_clusters=k, smallest=smallest)


def _k_entry(one: KScore, smallest: float | None, *, won: bool, beaten: Tried | None) -> Entry:
    recipe = _means(one.k, smallest)
    verdict = one.verdict
    if verdict == "chosen" and not won:
        verdict = f"the best k-means; {beaten.recipe.title if beaten else ''} makes as many usable"
    return Entry(
        recipe.algorithm, dict(recipe.settings), recipe.title, one.k, one.score, one.stability,
        one.apart, one.apart + one.shading, one.dissolving, one.smallest_share, one.silhouette,
        verdict,
    )  # fmt: skip


def _verdict(one: Tried, score: float, best: float) -> str:
    if not one.clean and one.dissolving > _DISSOLVING:
        return f"segments of {one.dissolving:.0%} of the customers dissolve"
    if not one.clean and one.stability < _STABLE[0]:
        return f"not stable: {one.stability:.2f}, and {_STABLE[0]} is needed"
    if score == 0.0:
        return "most borders run through dense regions"
    if score >= best - _EQUAL:
        return "as many usable segments, and no simpler"
    return f"fewer usable segments: {score:.2f} against {best:.2f}"


def _mixture_verdict(one: Tried, score: float, most: float, min_share: float) -> str:
    if one.shares.min() < min_share:
        return f"smallest segment {one.shares.min():.2%}, and {min_share:.1%} is needed"
    if one.stability < _CERTAIN:
        return f"not stable: {one.stability:.2f}, and {_CERTAIN} is needed of a mixture"
    if one.dissolving > _FIRM:
        return f"segments of {one.dissolving:.0%} of the customers dissolve"
    if one.k < _FEWEST:
        return f"too coarse: {one.k} segments are too few for a mixture to be worth it"
    if score >= most:
        return "as many usable segments, but less likely for its size (BIC)"
    return f"fewer usable segments: {score:.1f} against {most:.1f}"


def _reason(one: Tried) -> str:
    back = int((one.jaccard >= VALID).sum())
    return (
        f"{one.k} segments by {one.recipe.title}: models of different draws of the customers"
        f" agree to {one.stability:.2f} of 1, and {'all' if back == one.k else back} of the"
        " segments come back." + (" The borders between them are empty." if one.clean else "")
    )
