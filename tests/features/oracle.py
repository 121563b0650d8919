"""The transaction features again, in plain pandas and Python, by their definitions."""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pandas as pd

from customer_atlas.features.windows import window_start

NAN = float("nan")


def transaction_features(rows: pd.DataFrame, cutoff: datetime) -> pd.DataFrame:
    """Return one row per customer; `rows` has every standard column of transactions."""
    before = rows[rows["timestamp"] < cutoff]
    made = {customer: _one(own, cutoff) for customer, own in before.groupby("customer_id")}
    return pd.DataFrame.from_dict(made, orient="index").rename_axis("customer_id").sort_index()


def _one(own: pd.DataFrame, cutoff: datetime) -> dict[str, float]:
    paid = own[own["amount"] > 0]
    spend = math.fsum(paid["amount"])
    orders = paid["order_id"].nunique()
    bought = paid.groupby("order_id")["timestamp"].count()
    days = sorted(set(own["timestamp"].dt.date))
    gaps = [(b - a).days for a, b in pairwise(days)]
    lines = Counter(own["category"].dropna())
    found = {
        "recency_days": _days(cutoff, paid["timestamp"].max()) if len(paid) else NAN,
        "frequency": orders,
        "monetary": math.fsum(own["amount"]),
        "purchase_days": len(days),
        "gap_mean_days": sum(gaps) / len(gaps) if gaps else NAN,
        "gap_std_days": pd.Series(gaps, dtype=float).std(),
        "order_value_mean": spend / orders if orders else NAN,
        "order_items_mean": _items(own, list(bought.index)),
        "unit_price_mean": _over(spend, math.fsum(paid["quantity"])),
        "discount_share": _over(math.fsum(paid["discount"]), spend + math.fsum(paid["discount"])),
        "return_share": _over(-math.fsum(own[own["amount"] < 0]["amount"]), spend),
        "category_breadth": len(lines),
        "category_entropy": _entropy(lines) if lines.total() >= 3 else NAN,
        "top_category_share": max(lines.values()) / lines.total() if lines.total() >= 3 else NAN,
        "tenure_days": _days(own["timestamp"].max(), own["timestamp"].min()),
        "age_days": _days(cutoff, own["timestamp"].min()),
        "trend_90d": _trend(own, cutoff),
    }
    for length in (30, 90, 365):
        recent = own[own["timestamp"] >= window_start(cutoff, timedelta(days=length))]
        found[f"spend_{length}d"] = math.fsum(recent["amount"])
        found[f"orders_{length}d"] = _orders_since(own, length, cutoff)
    return found


def _orders_since(own: pd.DataFrame, length: int, cutoff: datetime) -> int:
    orders = own.groupby("order_id").agg(at=("timestamp", "min"), most=("amount", "max"))
    start = window_start(cutoff, timedelta(days=length))
    return int(((orders["at"] >= start) & (orders["most"] > 0)).sum())


def _items(own: pd.DataFrame, orders: list[str]) -> float:
    counts = []
    for order in orders:
        quantity = own[own["order_id"] == order]["quantity"]
        counts.append(math.fsum(quantity[quantity > 0]) if (quantity > 0).any() else len(quantity))
    return sum(counts) / len(counts) if counts else NAN


def _trend(own: pd.DataFrame, cutoff: datetime) -> float:
    orders = own.groupby("order_id").agg(at=("timestamp", "min"), most=("amount", "max"))
    at = orders[orders["most"] > 0]["at"]
    now, before = (window_start(cutoff, timedelta(days=days)) for days in (90, 180))
    new, old = int((at >= now).sum()), int(((at >= before) & (at < now)).sum())
    return (new - old) / (new + old + 2)


def _entropy(counts: Counter[str]) -> float:
    total = sum(counts.values())
    if not total:
        return NAN
    return -sum(n / total * math.log2(n / total) for n in counts.values())


def _over(above: float, below: float) -> float:
    return above / below if below else NAN


def _days(later: datetime, earlier: datetime) -> float:
    return (later - earlier) / timedelta(days=1)
