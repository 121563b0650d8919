"""Where one score of recency, frequency or monetary value ends and the next begins."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = ["RfmCuts"]

_Number = Annotated[float, Field(allow_inf_nan=False)]
_SCORES = 5


class RfmCuts(BaseModel):
    """Four rising numbers for each score; without them the customers' quintiles are taken.

    >>> RfmCuts(recency=[30, 60, 90, 180]).recency
    (30.0, 60.0, 90.0, 180.0)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recency: tuple[_Number, ...] | None = Field(
        None,
        description="Days since the last order, such as [30, 60, 90, 180]: 5 up to the first.",
    )
    frequency: tuple[_Number, ...] | None = Field(
        None, description="Orders, such as [1, 2, 5, 10]: 1 up to the first, 5 above the last."
    )
    monetary: tuple[_Number, ...] | None = Field(
        None, description="Net spend: 1 up to the first, 5 above the last."
    )

    @field_validator("recency", "frequency", "monetary")
    @classmethod
    def _rise(cls, cuts: tuple[float, ...] | None) -> Any:
        if cuts is None:
            return cuts
        if len(cuts) != _SCORES - 1 or any(low >= high for low, high in pairwise(cuts)):
            found = ", ".join(f"{cut:g}" for cut in cuts)
            raise ValueError(
                f"four rising numbers part the scores 1 to 5, such as [30, 60, 90, 180]; "
                f"found [{found}]"
            )
        return cuts
