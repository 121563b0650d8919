"""What serves stays, unless another division is clearly better: people know its segments."""

from __future__ import annotations

from dataclasses import replace

from customer_atlas.clustering.search.leaderboard import Entry
from customer_atlas.clustering.search.objective import Choosing
from customer_atlas.clustering.search.recipe import Recipe

__all__ = ["keeping"]

_CLEARLY = 1.0  # usable segment more: less comes and goes with the draw of the customers
_DISSOLVING = 0.25
_AGREE = {"KMeans": 0.0}  # k-means is judged by its segments alone, and mixtures by all of it too
_CERTAIN = 0.8


def keeping(chosen: Choosing, incumbent: Recipe | None, min_share: float) -> Choosing:
    """Return what was chosen, or the same algorithm and number of segments as before.

    The incumbent stays where it is still sound (its segments come back and none is smaller than
    `min_share`) and what won has less than one usable segment more. Else each new month's draw
    decides between divisions that are about as good, and nobody recognises their segments.
    """
    best = next((one for one in chosen.entries if one.chosen), None)
    there = next((one for one in chosen.entries if incumbent and _is(one, incumbent)), None)
    if incumbent is None or best is None or there is None or there is best:
        return chosen
    if not _sound(there, min_share) or best.score >= there.score + _CLEARLY:
        return chosen
    told = f"{best.score:.1f} usable segments against {there.score:.1f}"
    verdict = f"not clearly better than what serves: {told}"
    entries = tuple(
        replace(one, verdict="chosen")
        if one is there
        else replace(one, verdict=verdict)
        if one is best
        else one
        for one in chosen.entries
    )
    reason = (
        f"{there.k} segments by {there.title}, as before: {best.k} by {best.title} are not clearly"
        f" better ({told}), and people know these."
    )
    return Choosing(entries, incumbent, reason)


def _is(one: Entry, recipe: Recipe) -> bool:
    return one.algorithm == recipe.algorithm and one.settings == dict(recipe.settings)


def _sound(one: Entry, min_share: float) -> bool:
    return (
        one.score > 0
        and one.dissolving <= _DISSOLVING
        and one.smallest_share >= min_share
        and one.stability >= _AGREE.get(one.algorithm, _CERTAIN)
    )
