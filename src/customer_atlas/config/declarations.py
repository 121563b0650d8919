"""Features that a person declares: what is computed of which rows, in one line each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

__all__ = [
    "AGGREGATES",
    "DERIVED",
    "DeclarationError",
    "FeatureDeclaration",
    "Length",
    "check_order",
    "duration",
    "ordered",
]

AGGREGATES = (
    "count", "sum", "mean", "min", "max", "std", "first", "last", "distinct", "top", "top_share",
    "share", "entropy", "gap_mean", "gap_std", "decayed_sum", "quantile", "recent",
)  # fmt: skip
DERIVED = ("ratio", "difference", "trend", "percentile_rank", "weighted", "above", "score")

_NAME = r"^[a-z][a-z0-9_]*$"
_DURATION = re.compile(r"^\s*(\d+)\s*(m|h|d|w)\s*$")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=36_500)

FeatureName = Annotated[str, Field(pattern=_NAME)]
Length = Annotated[str, Field(pattern=_DURATION.pattern)]
Pair = tuple[FeatureName, FeatureName]
Unit = Literal[
    "days", "orders", "money", "items", "share", "count", "score", "events", "sessions", "number"
]


def duration(text: str) -> timedelta:
    """Return a length of time such as ``30m``, ``12h``, ``90d`` or ``2w``.

    >>> duration("90d")
    datetime.timedelta(days=90)
    """
    found = _DURATION.match(text)
    if not found:
        raise ValueError(f"'{text}' is no length of time such as 30m, 12h, 90d or 2w")
    return timedelta(**{_UNITS[found[2]]: min(int(found[1]), 10**8)})


class FeatureDeclaration(BaseModel):
    """A feature: one aggregate of rows, or one value made of other features.

    >>> FeatureDeclaration(name="tea_90d", sum="amount", window="90d").kind
    'sum'
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: FeatureName = Field(description="In lower case; no other feature has it.")

    count: Literal["rows"] | None = Field(None, description="How many rows.")
    sum: str | None = Field(None, description="The sum of a column or SQL expression.")
    mean: str | None = Field(None, description="The arithmetic mean.")
    min: str | None = Field(None, description="The smallest value.")
    max: str | None = Field(None, description="The largest value.")
    std: str | None = Field(None, description="The sample standard deviation.")
    first: str | None = Field(None, description="The value of the earliest row.")
    last: str | None = Field(None, description="The value of the latest row.")
    distinct: str | None = Field(None, description="How many different values.")
    top: str | None = Field(None, description="The most frequent value.")
    top_share: str | None = Field(None, description="The share of rows with that value.")
    share: str | None = Field(None, description="The share of rows that satisfy a condition.")
    entropy: str | None = Field(None, description="How evenly values are spread, in bits.")
    gap_mean: Literal["days"] | None = Field(None, description="Mean days between distinct days.")
    gap_std: Literal["days"] | None = Field(None, description="The deviation of those days.")
    decayed_sum: str | None = Field(None, description="A sum that forgets by `half_life`.")
    quantile: str | None = Field(None, description="The value that `probability` are below.")
    recent: str | None = Field(None, description="The newest `most` values, newest first.")

    ratio: Pair | None = Field(None, description="One feature over another.")
    difference: Pair | None = Field(None, description="One feature less another.")
    trend: FeatureName | None = Field(
        None, description="A feature's window against the stretch before it: from -1 to 1."
    )
    percentile_rank: FeatureName | None = Field(
        None, description="The share of customers who have less of a feature: from 0 to 1."
    )
    weighted: dict[FeatureName, Annotated[float, Field(gt=0)]] | None = Field(
        None, min_length=1, description="A score from 0 to 100 of features from 0 to 1: weights."
    )
    above: FeatureName | None = Field(
        None, description="1 for customers above a `percentile` of a feature, else 0."
    )
    score: FeatureName | None = Field(None, description="A score from 1 to 5 of a feature.")

    source: str | None = Field(
        None, alias="from", description="The source, or the role, whose rows count."
    )
    where: str | None = Field(None, description="The rows that count, as an SQL condition.")
    window: Length | None = Field(None, description="Only the last 30m, 12h, 90d or 2w.")
    half_life: Length | None = None
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    most: Annotated[int, Field(ge=1, le=1000)] | None = None
    percentile: Annotated[float, Field(gt=0, lt=100)] | None = None
    cuts: tuple[float, float, float, float] | None = None
    low_is_best: bool = False

    label: str = Field("", description="How people speak of it.")
    unit: Unit | None = None
    high: str = Field("", description="An adjective for customers who have much of it.")
    low: str = Field("", description="An adjective for customers who have little of it.")
    describes: bool = Field(False, description="It takes no part in forming segments.")

    @property
    def kind(self) -> str:
        """Which of AGGREGATES or DERIVED it is."""
        return next(name for name in (*AGGREGATES, *DERIVED) if getattr(self, name) is not None)

    @property
    def made_of(self) -> tuple[str, ...]:
        """The features that it is made of."""
        value = getattr(self, self.kind)
        if self.kind not in DERIVED:
            return ()
        return (value,) if isinstance(value, str) else tuple(value)

    @field_validator("name")
    @classmethod
    def _is_free(cls, name: str) -> str:
        if name in ("customer_id", "cutoff"):
            raise ValueError(f"the name '{name}' is that of a column of every table of features")
        return name

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        found = [name for name in (*AGGREGATES, *DERIVED) if getattr(self, name) is not None]
        if len(found) != 1:
            said = " and ".join(found) or "none"
            raise ValueError(f"one of {', '.join((*AGGREGATES, *DERIVED))} is needed; found {said}")
        (kind,) = found
        for option, kinds in _BELONGS.items():
            given = bool(getattr(self, option))
            if given and kind not in kinds:
                raise ValueError(f"'{kind}' has no '{_written(option)}'")
            if not given and option in _NEEDED and kind in kinds:
                raise ValueError(f"'{kind}' needs '{_written(option)}'")
        for length in (self.window, self.half_life):
            if length and not timedelta(0) < duration(length) <= _LONGEST:
                raise ValueError(f"'{length}' may be from one minute to 36500 days")
        if self.cuts and list(self.cuts) != sorted(set(self.cuts)):
            raise ValueError("the four 'cuts' must rise")
        return self


_BELONGS: Mapping[str, Sequence[str]] = {
    "source": AGGREGATES,
    "where": AGGREGATES,
    "window": AGGREGATES,
    "half_life": ("decayed_sum",),
    "probability": ("quantile",),
    "most": ("recent",),
    "percentile": ("above",),
    "cuts": ("score",),
    "low_is_best": ("score",),
}
_NEEDED = ("half_life", "probability", "most", "percentile")


def _written(option: str) -> str:
    return "from" if option == "source" else option


class DeclarationError(ValueError):
    """What is wrong with one of several declarations, and the keys that lead to it."""

    def __init__(self, problem: str, *place: str | int) -> None:
        super().__init__(problem)
        self.place = place


def ordered(declared: Sequence[FeatureDeclaration]) -> tuple[FeatureDeclaration, ...]:
    """Return features so that each comes after those that it is made of.

    Raises:
        DeclarationError: a name stands twice, or features are made of one another in a circle.
    """
    by_name: dict[str, FeatureDeclaration] = {}
    for place, one in enumerate(declared):
        if one.name in by_name:
            raise DeclarationError(f"the feature '{one.name}' is declared twice", place)
        by_name[one.name] = one
    done: dict[str, FeatureDeclaration] = {}

    def visit(one: FeatureDeclaration, path: tuple[str, ...]) -> None:
        if one.name in path:
            circle = " -> ".join((*path[path.index(one.name) :], one.name))
            raise DeclarationError(
                f"features are made of one another in a circle: {circle}",
                [other.name for other in declared].index(one.name),
            )
        for name in one.made_of:
            if name in by_name and name not in done:
                visit(by_name[name], (*path, one.name))
        done[one.name] = one

    for one in declared:
        if one.name not in done:
            visit(one, ())
    return tuple(done.values())


def check_order(declared: Any) -> Any:
    """Return features as they are; raises DeclarationError where `ordered` does."""
    ordered(declared)
    return declared
