"""Customers whose features are known to be clean, empty, repeated, knowing, moved or telling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_atlas.features import FeatureInfo

__all__ = ["World", "clean_world", "info", "table"]


@dataclass
class World:
    """Clean features at two times, what customers did later, and a label that nothing tells."""

    rng: np.random.Generator
    ids: list[str]
    infos: list[FeatureInfo]
    now: dict[str, Any]
    before: dict[str, Any]
    later: dict[str, Any]
    labels: dict[str, Any]

    def plant(self, feature: FeatureInfo, now: object, before: object | None = None) -> None:
        """Add a feature after the others; without `before` it was then as it is now."""
        self.infos.append(feature)
        self.now[feature.name] = now
        self.before[feature.name] = now if before is None else before

    def arguments(self, **changes: Any) -> dict[str, Any]:
        """Return the arguments of `select_features`."""
        tables = {"now": self.now, "before": self.before, "later": self.later}
        tables["labels"] = self.labels
        return (
            {"infos": self.infos}
            | {name: table(self.ids, columns) for name, columns in tables.items()}
            | changes
        )


def info(name: str, unit: Any = "number", **more: Any) -> FeatureInfo:
    return FeatureInfo(name, "planted", unit, name, **more)


def table(ids: list[str], columns: Mapping[str, Any]) -> pa.Table:
    made = {name: _column(values) for name, values in columns.items()}
    return pa.table({"customer_id": pa.array(ids), **made})


def _column(values: Any) -> pa.Array:
    return pa.array(np.asarray(values, dtype=object), from_pandas=True)


def clean_world(seed: int, customers: int = 600) -> World:
    """Return customers with seven honest features, of which `frequency` and `recency` tell.

    Among them are heavy tails, nine tenths of zeros in two columns that share them, missing
    values, a category, and age that the calendar moves.
    """
    rng = np.random.default_rng(seed)
    ids = [f"customer {number}" for number in range(customers)]
    frequency = rng.poisson(4, customers) + 1.0
    recency = rng.exponential(60, customers)
    returned = rng.random(customers) < 0.1
    value = np.exp(rng.normal(3, 1.5, customers))
    value[rng.random(customers) < 0.1] = np.nan
    age = rng.uniform(100, 900, customers)
    kinds = np.array(["north", "south", "east"], dtype=object)
    now: dict[str, NDArray[Any]] = {
        "frequency": frequency,
        "recency": recency + rng.normal(0, 20, customers),
        "value": value,
        "returns": returned * rng.integers(1, 4, customers).astype(float),
        "refunds": returned * np.exp(rng.normal(3, 1, customers)),
        "age": age + 90,
        "region": rng.choice(kinds, customers),
    }
    before = {**now, "frequency": np.maximum(1, frequency - rng.poisson(0.5, customers))}
    before |= {"recency": recency, "age": age}
    chance = 1 / (1 + np.exp(-0.7 * (before["frequency"] - 4) + (recency - 60) / 40))
    active = (rng.random(customers) < chance).astype(float)
    later = {"active": active, "orders": active * (1 + rng.poisson(frequency / 3))}
    later["spend"] = later["orders"] * np.exp(rng.normal(3, 1, customers))
    labels = {
        "churned": rng.choice(np.array(["yes", "no"], dtype=object), customers),
        "satisfaction": rng.normal(size=customers),
        "tier": rng.choice(np.array(["gold", "silver", "bronze"], dtype=object), customers),
    }
    infos = [
        info("frequency", "orders"),
        info("recency", "days"),
        info("value", "money"),
        info("returns", "orders", zero=True),
        info("refunds", "money", zero=True),
        info("age", "days"),
        info("region", "category", kind="category"),
    ]
    return World(rng, ids, infos, now, before, later, labels)
