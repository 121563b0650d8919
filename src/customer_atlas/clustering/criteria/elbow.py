"""The elbow: the number of segments after which further ones hardly tighten them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from customer_atlas.clustering.criteria.curve import Curve
from customer_atlas.clustering.lloyd import Array

__all__ = ["elbow"]

_KNEE = 0.05  # of the whole way down: clouds without groups bend less (0.035 on most kinds)
_NOTHING = 1e-12  # of the first inertia: less is rounding, or customers who are all alike


def elbow(
    ks: Sequence[int], inertias: Sequence[float], errors: Sequence[float] | None = None
) -> Curve:
    """Return the inertias by k, with standard errors, and the knee of their curve on log axes.

    Kneedle (Satopaa et al., 2011): both axes are scaled to 0 to 1, and the knee is where the
    curve lies furthest below the straight line between its ends. On plain axes every convex
    curve has a knee, and where depends on how far k goes. But of customers without groups the
    inertia falls as a power of k (Zador, 1982), on logarithmic axes a straight line: so there a
    knee means groups, and where the curve bends by less than 0.05 none is picked. `ks` begin
    with 1, so that two segments can be a knee.

    >>> elbow([1, 2, 3, 4, 5, 6], [100.0, 50.0, 10.0, 9.0, 8.5, 8.0]).choice
    3
    >>> elbow([1, 2, 3, 4, 5, 6], [60.0, 30.0, 20.0, 15.0, 12.0, 10.0]).choice is None
    True
    """
    falls = np.asarray(inertias, np.float64)
    depth = np.log(np.maximum(falls, max(_NOTHING * falls[0], 1e-300)))
    down, along = _scaled(-depth), _scaled(np.log(np.asarray(ks, np.float64)))
    bend = down - along
    at = int(np.argmax(bend))
    choice = ks[at] if bend[at] >= _KNEE else None
    found = (
        "they do so without a bend, so it picks none" if choice is None
        else f"the gain drops off after {choice} segments"
    )  # fmt: skip
    return Curve(
        name="elbow", title="Elbow of the inertia", ks=tuple(ks),
        values=tuple(float(value) for value in falls),
        errors=tuple(errors) if errors else None, better="lower", choice=choice,
        sentence=f"Watches how segments get tighter as there are more of them: {found}.",
    )  # fmt: skip


def _scaled(values: Array) -> Array:
    way = float(values[-1] - values[0])
    return (values - values[0]) / way if way > 0 else np.zeros_like(values)
