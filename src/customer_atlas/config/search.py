"""How segments are searched for: quickly, or with a budget of trials and a stated objective."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from customer_atlas.config.declarations import Length, duration

__all__ = ["ObjectiveWeights", "SearchSettings", "Searched"]

_Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ObjectiveWeights(BaseModel):
    """How much each component of the objective counts: 0 or more, one at least above 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stability: _Weight = Field(1.0, description="Other draws of the customers give the same.")
    separation: _Weight = Field(1.0, description="Segments have gaps around, and none within.")
    size: _Weight = Field(1.0, description="No segment is very small, and none is nearly all.")
    simplicity: _Weight = Field(0.25, description="Few segments, by a simple algorithm.")
    future: _Weight = Field(
        1.0, description="Memberships foretell revenue, purchase and churn; where history allows."
    )

    @model_validator(mode="after")
    def _something_counts(self) -> ObjectiveWeights:
        if not any(self.model_dump().values()):
            raise ValueError("at least one weight must be above 0")
        return self


class SearchSettings(BaseModel):
    """`quick`, or `thorough` with its budget; all but `kind` is of a thorough search alone.

    >>> SearchSettings(kind="thorough", trials=100, horizon="90d").trials
    100
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["quick", "thorough"] = Field("quick", description="quick takes seconds.")
    trials: int = Field(
        50, ge=1, le=10_000, description="How many candidates are tried: the budget."
    )
    objective: ObjectiveWeights = ObjectiveWeights()
    horizon: Length | None = Field(
        None,
        description="How far the future that is foretold reaches, such as 90d; default: 90d, or a "
        "third of a shorter history.",
    )
    minutes: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="A cap on the time of the trials; a search that it ends cannot be repeated.",
    )

    @field_validator("horizon")
    @classmethod
    def _a_day_at_least(cls, horizon: str | None) -> str | None:
        if horizon and not timedelta(days=1) <= duration(horizon) <= timedelta(days=3_650):
            raise ValueError("a horizon may be from 1d to 3650d")
        return horizon

    @model_validator(mode="after")
    def _quick_has_no_budget(self) -> SearchSettings:
        told = sorted(self.model_fields_set - {"kind"})
        if self.kind == "quick" and told:
            raise ValueError(f"{' and '.join(told)} need kind: thorough; a quick search has none")
        return self


def _as_settings(value: Any) -> Any:
    return value if isinstance(value, dict | SearchSettings) else {"kind": value}


Searched = Annotated[
    SearchSettings,
    BeforeValidator(
        _as_settings, json_schema_input_type=Literal["quick", "thorough"] | SearchSettings
    ),
]
"""Settings of a search; its kind alone may stand for them."""
