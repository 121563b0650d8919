"""The rule that picks the number of segments from the measured candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from customer_atlas.clustering.candidates import Candidate
from customer_atlas.clustering.criteria import Curve

__all__ = ["KScore", "decide"]

_REPRODUCIBLE = 0.65  # adjusted Rand index: "moderate recovery" (Steinley, 2004)
_ARBITRARY = 0.4  # below, any division is invented: half-way from chance to good recovery
_DISSOLVING = 0.25  # share of customers whose segments may dissolve in other draws
_SHADING = 0.4  # what a segment that shades into a neighbour counts beside one that stands apart
_WORTH = 0.9  # what more than a handful of segments must be better by
_ALIKE = 0.3  # scores closer than this, less than a shading segment, count as equal
_HANDFUL = 8  # up to here shading segments count: a marketer can treat so many differently
_ACTIONABLE = 3  # fewer are no segmentation to act on, unless they stand apart


@dataclass(frozen=True)
class KScore(Candidate):
    """A judged candidate: its score, and why it was chosen or lost."""

    score: float
    verdict: str


def decide(
    candidates: Sequence[Candidate], curves: Sequence[Curve] = (), *, min_share: float
) -> tuple[int, str, tuple[KScore, ...]]:
    """Return k, the reason in a sentence, and the curve with a verdict for each candidate.

    1. A k whose smallest segment is below `min_share` is out.
    2. A k is reproducible when models of different draws of the customers agree (adjusted Rand
       index, one standard error allowed, of at least 0.65) and segments of at most a quarter
       of the customers dissolve in other draws (Jaccard similarity below 0.75). Two segments
       must also stand apart.
    3. Among the reproducible, the one with most usable segments wins. A segment that comes back
       counts 1 with a valley to every neighbour, and 0.4 where it shades into one, the latter
       up to eight segments in all; beyond, and for one that dissolves, 0.4 is taken off. So
       splitting a cloud in two never pays against keeping it whole, while customers who
       spread without gaps still get as many segments as can be reproduced and handled. Beyond
       eight, the smallest k is taken that is within 0.9 of the best: a further segment must be
       worth one. Scores within 0.3 are equal: of these, the k that more criteria name wins
       (`curves`: each names the k that it alone would pick), then the higher product of
       stability and silhouette, then the smaller k.
    4. Where none is reproducible, the most stable k of 3 to 8 is taken (else of any); within
       one standard error the larger k; and the reason says that the borders are soft. Where
       not even this k's models agree to 0.4, there is nothing to find: one segment.

    No index decides alone: stability alone and the silhouette alone favour k = 2, and inertia
    alone the largest k.
    """
    fitting = [c for c in candidates if c.smallest_share >= min_share]
    if not fitting:
        curve = tuple(_judged(c, _too_small(c, min_share)) for c in candidates)
        return 1, f"One segment: every division leaves one below {min_share:.1%}.", curve
    votes = Counter(one.choice for one in curves if one.choice is not None)
    sound = [c for c in fitting if _is_reproducible(c)]
    if sound:
        best = _most_usable(sound, votes)
        reason = _sound_reason(best)
    else:
        best = _most_stable(fitting)
        reason = _soft_reason(best)
        if best.stability < _ARBITRARY:
            return 1, _nothing_reason(best), tuple(_judged(c, _weak(c)) for c in candidates)
    curve = tuple(_judged(c, _verdict(c, best, votes, min_share)) for c in candidates)
    return best.k, reason, curve


def _is_reproducible(c: Candidate) -> bool:
    agrees = c.stability + c.stability_error >= _REPRODUCIBLE
    return agrees and c.dissolving <= _DISSOLVING and (c.k >= _ACTIONABLE or c.apart == c.k)


def _usable(c: Candidate) -> float:
    welcome = min(c.shading, max(0, _HANDFUL - c.apart))
    surplus = c.k - c.apart - welcome
    return round(c.apart + _SHADING * (welcome - surplus), 6)


def _most_usable(sound: Sequence[Candidate], votes: Counter[int]) -> Candidate:
    most = max(_usable(c) for c in sound)
    equal = [c for c in sound if _usable(c) >= most - _ALIKE]
    best = max(equal, key=lambda c: (votes[c.k], c.stability * c.silhouette, -c.k))
    if best.k <= _HANDFUL:
        return best
    return min((c for c in sound if _usable(c) >= _usable(best) - _WORTH), key=lambda c: c.k)


def _most_stable(fitting: Sequence[Candidate]) -> Candidate:
    handful = [c for c in fitting if _ACTIONABLE <= c.k <= _HANDFUL] or list(fitting)
    top = max(handful, key=lambda c: (c.stability, -c.k))
    return max(
        (c for c in handful if c.stability >= top.stability - top.stability_error),
        key=lambda c: c.k,
    )


def _sound_reason(best: Candidate) -> str:
    return (
        f"{best.k} segments: models of different draws of the customers agree to"
        f" {best.stability:.2f} of 1, {_told(best.apart + best.shading, best.k)} of the segments"
        f" come back, and {_told(best.apart, best.k)} stand apart from their neighbours."
    )


def _told(count: int, k: int) -> str:
    return "all" if count == k else "none" if count == 0 else str(count)


def _soft_reason(best: Candidate) -> str:
    return (
        f"{best.k} segments, with soft borders: customers shade into one another, so no number"
        f" of segments comes back the same from every draw; {best.k} comes closest among those"
        f" that can be acted on (models agree to {best.stability:.2f} of 1)."
    )


def _nothing_reason(best: Candidate) -> str:
    return (
        f"One segment: no division of the customers comes back from another draw of them"
        f" (at most {best.stability:.2f} of 1, with {best.k}); any would be invented."
    )


def _verdict(c: Candidate, best: Candidate, votes: Counter[int], min_share: float) -> str:
    if c.k == best.k:
        return "chosen"
    if c.smallest_share < min_share:
        return _too_small(c, min_share)
    if c.stability + c.stability_error < _REPRODUCIBLE:
        return _weak(c)
    if c.dissolving > _DISSOLVING:
        return f"segments of {c.dissolving:.0%} of the customers dissolve"
    if not _is_reproducible(c):
        return "too coarse: no gap between the two"
    return _compared(c, best, votes)


def _compared(c: Candidate, best: Candidate, votes: Counter[int]) -> str:
    scores = f"{_usable(c):.1f} against {_usable(best):.1f}"
    if abs(_usable(c) - _usable(best)) <= _ALIKE:
        if votes[c.k] < votes[best.k]:
            named = f"{votes[c.k]} against {votes[best.k]}"
            return f"as usable, but named by fewer criteria ({named}): {scores}"
        return f"as usable, but less clear-cut: {scores}"
    if _usable(c) > _usable(best):
        return f"more segments, hardly more usable: {scores}"
    return f"fewer usable segments: {scores}"


def _weak(c: Candidate) -> str:
    return f"not stable: {c.stability:.2f}, and {_REPRODUCIBLE} is needed"


def _too_small(c: Candidate, min_share: float) -> str:
    return f"smallest segment {c.smallest_share:.2%}, and {min_share:.1%} is needed"


def _judged(c: Candidate, verdict: str) -> KScore:
    score = _usable(c) if _is_reproducible(c) else 0.0
    return KScore(**asdict(c), score=score, verdict=verdict)
