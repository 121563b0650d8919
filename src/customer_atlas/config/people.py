"""What is declared of customers' columns: scales of survey items, and where distances begin."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

__all__ = ["Geography", "Scale"]


class Scale(BaseModel):
    """Items of a survey that ask for one thing, each answered by a whole number.

    A scale of 5 points that begins at 1 ends at 5; one of 11 points from 0 ends at 10.

    >>> Scale(items=("q1", "q2"), points=5).highest
    5
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    items: Annotated[tuple[str, ...], Field(min_length=2)] = Field(
        description="The source's columns that hold the answers."
    )
    reversed: tuple[str, ...] = Field(
        (), description="Items for which a high answer means little of it."
    )
    points: int = Field(ge=2, le=101, description="How many answers there are to choose from.")
    lowest: int = Field(1, alias="from", description="The lowest answer.")

    @property
    def highest(self) -> int:
        """The highest answer."""
        return self.lowest + self.points - 1

    @model_validator(mode="after")
    def _items_are_told_once(self) -> Scale:
        counts = Counter(item.casefold() for item in self.items)
        if twice := [item for item in self.items if counts[item.casefold()] > 1]:
            raise ValueError(f"'{twice[0]}' stands twice among the items")
        if strange := [item for item in self.reversed if item.casefold() not in counts]:
            listed = ", ".join(self.items)
            raise ValueError(f"'{strange[0]}' is reversed and no item; the items are {listed}")
        return self


class Geography(BaseModel):
    """From where the distance of customers is measured, and how it is told in bands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: tuple[float, float] | None = Field(
        None, description="Latitude and longitude in degrees; without it there is no distance."
    )
    bands_km: tuple[float, ...] = Field(
        (5.0, 20.0, 50.0, 200.0), min_length=1, description="Where one band of distance ends."
    )

    @field_validator("origin")
    @classmethod
    def _is_on_earth(cls, origin: tuple[float, float] | None) -> tuple[float, float] | None:
        if origin is not None and not (abs(origin[0]) <= 90 and abs(origin[1]) <= 180):
            raise ValueError("a latitude is from -90 to 90, and a longitude from -180 to 180")
        return origin

    @field_validator("bands_km")
    @classmethod
    def _bands_ascend(cls, bands: tuple[float, ...]) -> tuple[float, ...]:
        if any(low >= high for low, high in zip((0.0, *bands), bands, strict=False)):
            raise ValueError("bands are kilometres above 0, each more than the one before")
        return bands
