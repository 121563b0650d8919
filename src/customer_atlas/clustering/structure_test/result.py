"""What the null test found, for programs and for people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["DipPart", "GapPart", "InertiaPart", "NullTest"]


@dataclass(frozen=True)
class InertiaPart:
    """How much closer together customers lie, once divided, than in tables with one group.

    `p_value` is the larger one of two families of references: `p_copula` and `p_ellipse`, which
    is None where the first alone already says no. All else is told of the family that decided,
    `against`: `statistic` is the largest excess in standard deviations, at `k` groups, and
    `references` the tables drawn: a quarter, where these left no doubt that the answer is no, or
    the dip had already said yes. The curves are over k = 1 to max_k: the natural log of the
    inertia of the data, and its mean and standard deviation over the references. The mean less
    the data is the gap statistic of Tibshirani, Walther and Hastie (2001).
    """

    p_value: float
    statistic: float
    k: int
    against: Literal["copula", "ellipse"]
    p_copula: float
    p_ellipse: float | None
    references: int
    data: tuple[float, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]


@dataclass(frozen=True)
class DipPart:
    """The most telling dip of all axes looked at: columns, principal directions, the parting line.

    `p_value` is that of the axis times the number of `axes`, at most 1. `number` counts columns
    as in the matrix, and principal directions by their variance, both from 0; there is one
    line, number 0. `rows` are the values on the axis that no atom holds.
    """

    p_value: float
    statistic: float
    axis: Literal["column", "direction", "line"]
    number: int
    axes: int
    rows: int


@dataclass(frozen=True)
class GapPart:
    """The widest gap that parts two large parts of the customers, in two to four columns.

    `statistic` is the natural logarithm of its width over the steps within either part, and
    `p_value` its rank among `references` tables that have one group: 1, and no reference drawn,
    where it is too narrow to tell. `rows` are the customers looked at.
    """

    p_value: float
    statistic: float
    references: int
    rows: int


@dataclass(frozen=True)
class NullTest:
    """Whether a matrix has any group structure at all.

    `p_value` is the smallest of half the inertia's, whose rank is strict, and twice the dip's and
    the gap's, at most 1; `part` is the one that has it, and `statistic` its own. All are None where
    there is nothing to test, and p is 1; the gap is not looked for in more than four columns, nor
    where another part has found groups. `rows` are the customers that the references of the inertia
    were compared on.
    """

    structured: bool
    p_value: float
    statistic: float
    part: Literal["inertia", "dip", "gap"] | None
    inertia: InertiaPart | None
    dip: DipPart | None
    gap: GapPart | None
    level: float
    references: int
    rows: int
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """Return the test as plain values, as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> NullTest:
        """Make a test of what `to_dict` returned, by way of JSON or not."""
        inertia, dip = facts["inertia"], facts["dip"]
        if inertia is not None:
            curves = {name: tuple(inertia[name]) for name in ("data", "mean", "deviation")}
            inertia = InertiaPart(**{**inertia, **curves})
        dip = None if dip is None else DipPart(**dip)
        gap = None if facts["gap"] is None else GapPart(**facts["gap"])
        return cls(**{**facts, "inertia": inertia, "dip": dip, "gap": gap})
