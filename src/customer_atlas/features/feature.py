"""What a feature is: a declared, point-in-time value per customer, and how people speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["FeatureInfo", "Kind", "Liveness", "Unit"]

Kind = Literal["number", "category", "list"]
Liveness = Literal["live", "frozen", "batch"]
Unit = Literal[
    "days", "orders", "money", "items", "share", "count", "score", "events", "sessions",
    "category", "number",
]  # fmt: skip


@dataclass(frozen=True)
class FeatureInfo:
    """A feature without its computation: what every later room needs to know of it.

    A ``share`` is from 0 to 1. `high` and `low` are a marketer's adjectives for customers who have
    much or little of it; empty means that names do not use it. `zero` says that a missing value
    means none (0) rather than unknown. One that only `describes` is for profiles and names, and
    takes no part in forming segments. `evidence` is the name of the feature that counts how many
    observations a mean or a ratio was made of, by which it can be shrunk where they are few.

    >>> FeatureInfo("recency_days", "rfm", "days", "days since the last order",
    ...             high="lapsed", low="recent").kind
    'number'
    """

    name: str
    pack: str
    unit: Unit
    label: str
    kind: Kind = "number"
    liveness: Liveness = "live"
    high: str = ""
    low: str = ""
    zero: bool = False
    describes: bool = False
    formula: str = ""
    evidence: str = ""
