"""A shop with known kinds of customer, as feature tables and memberships in buckets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from customer_atlas.features import FeatureInfo

INFOS = (
    FeatureInfo("recency_days", "rfm", "days", "days since the last order"),
    FeatureInfo("frequency", "rfm", "orders", "orders", zero=True),
    FeatureInfo("monetary", "rfm", "money", "net spend", zero=True),
    FeatureInfo("gap_mean_days", "rhythm", "days", "days between purchases"),
    FeatureInfo("order_value_mean", "basket", "money", "spend per order"),
    FeatureInfo("discount_share", "basket", "share", "share of the price saved by discounts"),
    FeatureInfo("share_produce", "categories", "share", "share of spend on produce"),
    FeatureInfo("tenure_days", "lifecycle", "days", "days from the first to the last purchase"),
    FeatureInfo("age_days", "lifecycle", "days", "days since the first purchase"),
    FeatureInfo("trend_90d", "lifecycle", "score", "trend of the last 90 days"),
    FeatureInfo("city", "attributes", "category", "city", kind="category"),
)
# size, recency, orders, spend per order, discount, produce, age, trend
KINDS = (
    (120, 5, 60, 80, 0.05, 0.10, 700, 0.1),
    (300, 10, 25, 25, 0.30, 0.10, 500, 0.0),
    (400, 300, 6, 40, 0.10, 0.10, 650, -0.9),
    (260, 20, 3, 45, 0.10, 0.10, 45, 0.8),
    (200, 320, 1, 30, 0.10, 0.08, 320, 0.0),
    (150, 30, 12, 20, 0.10, 0.55, 600, 0.0),
)


def shop(seed: int = 0) -> tuple[pa.Table, pa.Table]:
    """Return one table of features and one of memberships; clusters are the kinds."""
    draw = np.random.default_rng(seed)
    parts = [_kind(draw, at, *kind) for at, kind in enumerate(KINDS)]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = draw.permutation(len(columns["cluster"]))
    ids = pa.array([f"c{n:05d}" for n in range(len(order))])
    clusters = columns.pop("cluster")[order].astype(np.int32)
    cities = np.array(["Leeds", "York", None], dtype=object)[
        np.where(clusters == 3, 0, draw.integers(0, 3, len(order)))
    ]
    features = {name: pa.array(values[order], from_pandas=True) for name, values in columns.items()}
    members = {
        "cluster": pa.array(clusters),
        "probability": pa.array(draw.uniform(0.5, 1, len(order))),
        "distance": pa.array(draw.uniform(0, 3, len(order))),
    }
    table = pa.table({"customer_id": ids, **features, "city": pa.array(cities, pa.string())})
    return table, pa.table({"customer_id": ids, **members})


def _kind(draw, at, size, recency, orders, value, discount, produce, age, trend):
    frequency = np.maximum(1, draw.poisson(orders, size)) if orders > 1 else np.ones(size)
    order_value = draw.lognormal(np.log(value), 0.3, size)
    first = draw.uniform(0.8, 1.2, size) * age
    last = np.minimum(draw.uniform(0.6, 1.4, size) * recency, first)
    return {
        "recency_days": last,
        "frequency": frequency.astype(float),
        "monetary": frequency * order_value,
        "gap_mean_days": np.where(
            frequency > 1, (first - last) / np.maximum(frequency - 1, 1), np.nan
        ),
        "order_value_mean": order_value,
        "discount_share": np.clip(draw.normal(discount, 0.03, size), 0, 1),
        "share_produce": np.clip(draw.normal(produce, 0.05, size), 0, 1),
        "tenure_days": first - last,
        "age_days": first,
        "trend_90d": np.clip(draw.normal(trend, 0.1, size), -1, 1),
        "cluster": np.full(size, at),
    }


def in_buckets(
    features: pa.Table, members: pa.Table, count: int
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield the tables in `count` buckets by row."""
    bucket = np.arange(len(features)) % count
    for at in range(count):
        mask = pa.array(bucket == at)
        yield features.filter(mask), members.filter(mask)
