"""Columns of customers: what each one tells of, and values that are computed from several."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis.expr.types as ir

from customer_atlas.config import ColumnType
from customer_atlas.discovery import words_of
from customer_atlas.features.derived import Attribute

__all__ = ["ComputedAttribute", "coordinates", "is_birth", "is_postcode", "theme_of"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_POSTCODE = _words("zip zipcode postcode postal plz")
_PLACE = _POSTCODE | _words(
    "country region city town county district province state municipality suburb borough "
    "neighborhood neighbourhood parish prefecture bundesland geography continent rural urban "
    "latitude longitude"
)
_STATE = _words("state")
_STATES_OF = _words(
    "billing shipping home us usa name code of residence province customer client user address"
)
_BIRTH = _words("birth born birthday birthdate dob yob")
_BIRTHS_OF = _BIRTH | _words("year date of day customer client user person")
_PERSON = _BIRTH | _words(
    "age gender sex income salary earnings wage education school qualification degree marital "
    "married marriage partner spouse household family kid kids kidhome teen teens teenhome child "
    "children dependent dependents dependant dependants occupation job profession employment "
    "employed retired ethnicity ethnic race religion religious nationality citizenship citizen "
    "language senior disability disabled homeowner ownership housing generation"
)
# An account has an age, and a product a family.
_NOT_OF_PEOPLE = _words(
    "account order product item membership store page vehicle car device session contract policy "
    "id number"
)
_LATITUDE, _LONGITUDE = _words("latitude lat"), _words("longitude lon lng long")


@dataclass(frozen=True)
class ComputedAttribute(Attribute, ABC):
    """A value computed from columns of the customers table, as they were at the cutoff.

    `column` is the first of `columns`. Equal parameters make equal values.
    """

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The columns that it is computed from."""

    @abstractmethod
    def expression(self, people: ir.Table, cutoff: datetime) -> Any:
        """Return the Ibis value over the customers table; null where it is unknown."""


def theme_of(name: str) -> str:
    """Return the pack of a customers' column, as far as its name tells.

    >>> theme_of("Country"), theme_of("zip_code_prefix"), theme_of("HouseholdIncome")
    ('geographic', 'geographic', 'demographic')
    >>> theme_of("state"), theme_of("ticket_state"), theme_of("account_age"), theme_of("plan")
    ('geographic', 'attributes', 'attributes', 'attributes')
    """
    said = frozenset(words_of(name))
    if said & _NOT_OF_PEOPLE:
        return "attributes"
    if said & _BIRTH:
        return "demographic"
    if said & (_PLACE - _STATE) or (said & _STATE and said <= _STATE | _STATES_OF):
        return "geographic"
    return "demographic" if said & _PERSON else "attributes"


def is_birth(name: str, kind: ColumnType) -> bool:
    """Say whether a column holds when people were born: a date, or a year as a number.

    >>> is_birth("Year_Birth", ColumnType.NUMBER), is_birth("birth_weight", ColumnType.NUMBER)
    (True, False)
    """
    said = frozenset(words_of(name))
    plain = bool(said & _BIRTH) and said <= _BIRTHS_OF
    return plain and kind in (ColumnType.NUMBER, ColumnType.TIMESTAMP)


def is_postcode(name: str) -> bool:
    """Say whether a column holds postcodes, which measure nothing where they are numbers.

    >>> is_postcode("ZIP"), is_postcode("city")
    (True, False)
    """
    return bool(_POSTCODE & frozenset(words_of(name)))


def coordinates(columns: Mapping[str, ColumnType]) -> tuple[str, str] | None:
    """Return the columns of a latitude and its longitude, those named just so before others.

    >>> number = ColumnType.NUMBER
    >>> coordinates({"home_lat": number, "home_lng": number, "visits": number})
    ('home_lat', 'home_lng')
    """
    numbers = [name for name, kind in columns.items() if kind is ColumnType.NUMBER]
    exact = {name.casefold(): name for name in numbers}
    if "latitude" in exact and "longitude" in exact:
        return exact["latitude"], exact["longitude"]
    rests = {_rest(name, _LONGITUDE): name for name in reversed(numbers)}
    for name in numbers:
        rest = _rest(name, _LATITUDE)
        if rest is not None and rest in rests:
            return name, rests[rest]
    return None


def _rest(name: str, ends: frozenset[str]) -> tuple[str, ...] | None:
    """Return the words of a name without its last, where that is one of `ends`."""
    said = words_of(name)
    return said[:-1] if said and said[-1] in ends else None
