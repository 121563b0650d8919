"""Monoids: what is kept of a customer's rows so that it can be added to and merged, exactly."""

from __future__ import annotations

from customer_atlas.features.monoids.calendar import local_time
from customer_atlas.features.monoids.conditions import Where
from customer_atlas.features.monoids.rows import Found, Integers, Rows, Vocabulary, as_key, of_key
from customer_atlas.features.monoids.slots import (
    Counted,
    Decayed,
    Earliest,
    Greatest,
    Latest,
    Least,
    Moments,
    Slot,
    Summed,
)
from customer_atlas.features.monoids.table import Table

__all__ = [
    "Counted",
    "Decayed",
    "Earliest",
    "Found",
    "Greatest",
    "Integers",
    "Latest",
    "Least",
    "Moments",
    "Rows",
    "Slot",
    "Summed",
    "Table",
    "Vocabulary",
    "Where",
    "as_key",
    "local_time",
    "of_key",
]
