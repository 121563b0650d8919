"""What one criterion says of each number of segments, and which one it would pick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["Curve", "best"]

Better = Literal["higher", "lower"]


@dataclass(frozen=True)
class Curve:
    """One criterion over the numbers of segments.

    `name` is its stable key, `title` what people read above it. `values` and, where they are
    known, their standard `errors` belong to the `ks`, ascending; all are finite. `choice` is the
    number of segments that this criterion alone would pick, None when it picks none; `sentence`
    tells in plain words what it measures and what it says here, or why it picks none.
    """

    name: str
    title: str
    ks: tuple[int, ...]
    values: tuple[float, ...]
    errors: tuple[float, ...] | None
    better: Better
    choice: int | None
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """Return the curve as plain values, as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Curve:
        """Make a curve of what `to_dict` returned, also when JSON made lists of its tuples.

        >>> curve = Curve("bic", "BIC", (2, 3), (5.0, 4.0), None, "lower", 3, "Three.")
        >>> Curve.from_dict(curve.to_dict()) == curve
        True
        """
        rows = {name: tuple(facts[name]) for name in ("ks", "values")}
        errors = None if facts["errors"] is None else tuple(facts["errors"])
        return cls(**{**facts, **rows, "errors": errors})


def best(ks: Sequence[int], values: Sequence[float], better: Better) -> int:
    """Return the k whose value is best, the smallest of several.

    >>> best([2, 3, 4], [0.5, 0.7, 0.7], "higher")
    3
    """
    sign = 1.0 if better == "higher" else -1.0
    return max(zip(ks, values, strict=True), key=lambda pair: (sign * pair[1], -pair[0]))[0]
