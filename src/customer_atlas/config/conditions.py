"""Conditions on customers, and the rule segments that they make: declared once, used everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from customer_atlas.config.declarations import DeclarationError, Length, duration
from customer_atlas.config.yaml_lines import Keys
from customer_atlas.errors import nearest

__all__ = ["Condition", "Following", "Rule", "RuleSize", "check_rules"]

_KINDS = ("all", "any", "not", "feature", "count", "sum", "mean", "distinct", "segment", "rule")
_ROWS = ("count", "sum", "mean", "distinct")
_NUMBERS = ("at_least", "above", "at_most", "below", "equals", "between")
_CATEGORIES = ("is", "in")
_TESTS = (*_NUMBERS, *_CATEGORIES, "known")
_BELONGS: Mapping[str, tuple[str, ...]] = {
    "segmentation": ("segment",),
    "from": _ROWS,
    "where": _ROWS,
    "window": _ROWS,
    "followed_by": ("count",),
    "not_followed_by": ("count",),
    **dict.fromkeys(_NUMBERS, ("feature", *_ROWS)),
    **dict.fromkeys((*_CATEGORIES, "known"), ("feature",)),
}

_LONGEST = timedelta(days=36_500)

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _as_texts(value: Any) -> Any:
    return [_as_text(one) for one in value] if isinstance(value, list | tuple) else value


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _checked(length: str | None) -> str | None:
    if length and not timedelta(0) < duration(length) <= _LONGEST:
        raise ValueError(f"'{length}' may be from one minute to 36500 days")
    return length


class Following(_Declared):
    """Rows that come after a row, and how soon: later than it, and at most `within` later."""

    source: str | None = Field(
        None, alias="from", description="The source, or the role, whose rows count."
    )
    where: str | None = Field(None, description="The rows that count, as an SQL condition.")
    within: Length = Field(description="How soon: 30m, 12h, 2d or 1w.")

    @field_validator("within")
    @classmethod
    def _is_a_time(cls, within: str) -> str:
        return _checked(within) or within


class Condition(_Declared):
    """What holds of a customer, or does not: one test, or several joined by all, any and not.

    A value that is unknown fulfils no comparison, and `not` is fulfilled by exactly those who do
    not fulfil what is in it, the unknown among them. Of several bounds each must hold.

    >>> Condition.of({"all": [{"feature": "orders_90d", "at_least": 5},
    ...                       {"not": {"feature": "country", "is": "DE"}}]}).kind
    'all'
    """

    # `min_length` would count those that are wrong as absent, and say so besides.
    all: tuple[Condition, ...] | None = Field(
        None, description="Every one of these holds.", json_schema_extra={"minItems": 1}
    )
    any: tuple[Condition, ...] | None = Field(
        None, description="At least one of these holds.", json_schema_extra={"minItems": 1}
    )
    not_: Condition | None = Field(None, alias="not", description="This does not hold.")

    feature: str | None = Field(None, min_length=1, description="A feature by its name.")
    count: Literal["rows"] | None = Field(None, description="How many rows a customer has.")
    sum: str | None = Field(None, description="The sum of a column or SQL expression; 0 of none.")
    mean: str | None = Field(None, description="The arithmetic mean; unknown of none.")
    distinct: str | None = Field(None, description="How many different values; `day` counts days.")
    segment: str | None = Field(None, min_length=1, description="In a learned segment: id or name.")
    rule: str | None = Field(None, min_length=1, description="In another rule segment.")

    segmentation: str | None = Field(
        None, description="The segmentation of the segment; default: that of the rule."
    )
    source: str | None = Field(
        None, alias="from", description="The source, or the role, whose rows count."
    )
    where: str | None = Field(None, description="The rows that count, as an SQL condition.")
    window: Length | None = Field(None, description="Only the last 30m, 12h, 90d or 2w.")
    followed_by: Following | None = Field(
        None, description="Only rows that such a row comes after, soon enough."
    )
    not_followed_by: Following | None = Field(
        None, description="Only rows that no such row came after, once that time is over."
    )

    at_least: Number | None = Field(None, description="The number is this or more.")
    above: Number | None = Field(None, description="The number is more than this.")
    at_most: Number | None = Field(None, description="The number is this or less.")
    below: Number | None = Field(None, description="The number is less than this.")
    equals: Number | None = Field(None, description="The number is exactly this.")
    between: tuple[Number, Number] | None = Field(
        None, description="From the first number to the second, both included."
    )
    is_: Annotated[str, BeforeValidator(_as_text)] | None = Field(
        None, alias="is", description="The category is this."
    )
    in_: Annotated[tuple[str, ...], BeforeValidator(_as_texts), Field(min_length=1)] | None = Field(
        None, alias="in", description="The category is one of these."
    )
    known: bool | None = Field(
        None, strict=True, description="true: there is a value; false: there is none."
    )

    @classmethod
    def of(cls, declared: Mapping[str, Any]) -> Condition:
        """Return the condition that YAML or JSON declares; raises pydantic's ValidationError."""
        return cls.model_validate(declared)

    @property
    def kind(self) -> str:
        """What it tests: all, any, not, feature, count, sum, mean, distinct, segment or rule."""
        return next(name for name in _KINDS if self._given(name) is not None)

    @property
    def parts(self) -> tuple[Condition, ...]:
        """The conditions that it joins."""
        return self.all or self.any or ((self.not_,) if self.not_ else ())

    @property
    def tests(self) -> dict[str, Any]:
        """The comparisons by their name in YAML."""
        return {name: self._given(name) for name in _TESTS if self._given(name) is not None}

    def to_dict(self) -> dict[str, Any]:
        """Return what YAML and JSON hold; `of` reads it."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def walk(self, *place: str | int) -> Iterator[tuple[Keys, Condition]]:
        """Yield each condition in it, itself first, with the keys that lead to it."""
        yield place, self
        for key, many in (("all", self.all), ("any", self.any)):
            for index, one in enumerate(many or ()):
                yield from one.walk(*place, key, index)
        if self.not_:
            yield from self.not_.walk(*place, "not")

    def replaced(
        self, leaf: Callable[[Keys, Condition], Condition], *place: str | int
    ) -> Condition:
        """Return it with each test replaced by what `leaf` makes of it and of its place."""
        if not self.parts:
            return leaf(place, self)
        if self.not_:
            return Condition(not_=self.not_.replaced(leaf, *place, "not"))
        key = self.kind
        parts = tuple(one.replaced(leaf, *place, key, i) for i, one in enumerate(self.parts))
        return Condition(all=parts) if key == "all" else Condition(any=parts)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        yield from ((name, value) for name, value in super().__repr_args__() if value is not None)

    def _given(self, name: str) -> Any:
        field = {"not": "not_", "is": "is_", "in": "in_", "from": "source"}.get(name, name)
        return getattr(self, field)

    @field_validator("window")
    @classmethod
    def _is_a_time(cls, window: str | None) -> str | None:
        return _checked(window)

    @field_validator("between")
    @classmethod
    def _rises(cls, between: tuple[float, float] | None) -> tuple[float, float] | None:
        if between and between[0] > between[1]:
            raise ValueError("the second number of 'between' may not be below the first")
        return between

    @model_validator(mode="after")
    def _is_one_test(self) -> Self:
        found = [name for name in _KINDS if self._given(name) is not None]
        if len(found) != 1:
            said = " and ".join(found) or "none"
            raise ValueError(f"one of {', '.join(_KINDS)} is needed; found {said}")
        (kind,) = found
        if kind in ("all", "any") and not self._given(kind):
            raise ValueError(f"'{kind}' needs one condition at least")
        for option, kinds in _BELONGS.items():
            if self._given(option) is not None and kind not in kinds:
                raise ValueError(f"'{kind}' has no '{option}'")
        tests = self.tests
        if kind in ("feature", *_ROWS) and not tests:
            allowed = _TESTS if kind == "feature" else _NUMBERS
            raise ValueError(f"'{kind}' needs a comparison: {', '.join(allowed)}")
        if len(tests) > 1 and not all(name in _NUMBERS for name in tests):
            raise ValueError(f"'{' and '.join(tests)}' cannot stand together")
        return self


class RuleSize(_Declared):
    """How large a rule segment should be: below 1 a share of the customers, else a count."""

    min: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)] | None = None
    max: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _rises(self) -> Self:
        for bound in (self.min, self.max):
            if bound is not None and bound > 1 and not bound.is_integer():
                raise ValueError(f"{bound:g} is neither a share below 1 nor a whole number")
        if self.min and self.max and (self.min < 1) == (self.max < 1) and self.min > self.max:
            raise ValueError("'max' may not be below 'min'")
        return self


class Rule(_Declared):
    """A rule segment: everybody of whom a condition holds, and nobody else."""

    description: str = Field("", description="What it is for.")
    when: Condition = Field(description="What holds of its customers.")
    owner: str = Field("", description="Who answers for it.")
    size: RuleSize = Field(RuleSize(), description="What a run warns outside of.")
    segmentation: str | None = Field(
        None, description="The segmentation whose features it reads; default: the first."
    )


def check_rules(rules: dict[str, Rule]) -> dict[str, Rule]:
    """Return rules as they are; raises DeclarationError for an unknown rule, or a circle."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " -> ".join((*path[path.index(name) :], name))
            raise DeclarationError(f"rules rest on one another in a circle: {circle}", name)
        for place, one in rules[name].when.walk("when"):
            if one.rule is None:
                continue
            if one.rule not in rules:
                hint = nearest(one.rule, rules.keys() - {name})
                problem = f"found the rule '{one.rule}'.{hint}"
                raise DeclarationError(problem, name, *place, "rule")
            if one.rule not in done:
                visit(one.rule, (*path, name))
        done.add(name)

    for name in rules:
        if name == "customer_id":
            raise DeclarationError("the name 'customer_id' is that of a column of members", name)
        if name not in done:
            visit(name, ())
    return rules
