"""The features of events again, in plain pandas and Python, by their definitions."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pandas.testing
import pyarrow as pa

from customer_atlas.features.windows import window_start

NAN = float("nan")
PAUSE = timedelta(minutes=30)


def event_features(
    rows: pd.DataFrame,
    cutoff: datetime,
    *,
    acts: Mapping[str, str],
    types: Sequence[str],
    zone: str = "UTC",
) -> pd.DataFrame:
    """Return one row per customer; `rows` has every standard column of events.

    `acts` says which act a type is, and `types` which of them get a share.
    """
    before = rows[rows["timestamp"] < cutoff].sort_values("timestamp")
    before = before.assign(act=before["type"].map(acts))
    days = before["timestamp"].dt.tz_localize("UTC").dt.tz_convert(zone).dt.date
    made = {
        customer: _engaged(own, cutoff, types) | _intended(own, cutoff)
        for customer, own in before.assign(day=days).groupby("customer_id")
    }
    table = pd.DataFrame.from_dict(made, orient="index").rename_axis("customer_id").sort_index()
    return table.assign(engagement_score=_scores(table))


def check_equal(made: pa.Table, expected: pd.DataFrame) -> None:
    """Assert that features are those expected, every one of them within 1e-9."""
    assert set(made.column_names) == {"customer_id", *expected.columns}
    assert made["customer_id"].to_pylist() == list(expected.index)
    texts = [name for name in made.column_names if made.schema.field(name).type == pa.string()]
    for name in set(texts) - {"customer_id"}:
        named = [None if pd.isna(value) else value for value in expected[name]]
        assert made[name].to_pylist() == named, name
    numbers = [name for name in expected.columns if name not in texts]
    ours = made.to_pandas().set_index("customer_id")
    pandas.testing.assert_frame_equal(
        ours[numbers], expected[numbers], check_dtype=False, rtol=1e-9, atol=1e-9
    )


def _engaged(own: pd.DataFrame, cutoff: datetime, types: Sequence[str]) -> dict[str, Any]:
    count = len(own)
    visits = _sessions(own)
    minutes = [(max(times) - min(times)).total_seconds() / 60 for times, _ in visits]
    channels = Counter(own["channel"].dropna())
    known = channels.total()
    last, before = _within(own, cutoff, 30), _within(own, cutoff, 60) - _within(own, cutoff, 30)
    return {
        "events_count": count,
        "events_7d": _within(own, cutoff, 7),
        "events_30d": last,
        "events_90d": _within(own, cutoff, 90),
        "events_trend_30d": (last - before) / (last + before + 2),
        "events_recency_days": (cutoff - own["timestamp"].max()) / timedelta(days=1),
        "active_days": own["day"].nunique(),
        "sessions": len(visits),
        "events_per_session": count / len(visits),
        "session_minutes_mean": math.fsum(minutes) / len(minutes),
        "session_minutes_std": pd.Series(minutes).std(),
        "channel_entropy": _bits(channels) if known >= 3 else NAN,
        "top_channel": _top(channels),
        "top_channel_share": max(channels.values()) / known if known >= 3 else NAN,
        **{f"share_type_{kind}": int((own["type"] == kind).sum()) / count for kind in types},
    }


def _intended(own: pd.DataFrame, cutoff: datetime) -> dict[str, Any]:
    of = {act: own[own["act"] == act] for act in ("view", "cart", "checkout", "search")}
    products = Counter(of["view"]["product"].dropna())
    categories = Counter(of["view"]["category"].dropna())
    done = [set(acts) for _, acts in _sessions(own)]
    wanted = [acts for acts in done if acts & {"cart", "checkout"}]
    left = [acts for acts in wanted if "purchase" not in acts]
    repeated = sum(times > 1 for times in products.values())
    enough = categories.total() >= 3
    return {
        "product_breadth": own["product"].nunique(),
        "repeat_view_share": repeated / len(products) if products else NAN,
        "top_viewed_category": _top(categories),
        "top_viewed_category_share": max(categories.values()) / categories.total()
        if enough
        else NAN,
        "carts_30d": _within(of["cart"], cutoff, 30),
        **{
            f"{act}_recency_days": (cutoff - of[act]["timestamp"].max()) / timedelta(days=1)
            if len(of[act])
            else NAN
            for act in ("cart", "checkout")
        },
        "cart_sessions": len(wanted),
        "abandoned_sessions": len(left),
        "abandonment_rate": len(left) / len(wanted) if wanted else NAN,
        "searches_30d": _within(of["search"], cutoff, 30),
        "search_share": len(of["search"]) / len(own),
    }


def _sessions(own: pd.DataFrame) -> list[tuple[list[datetime], list[str]]]:
    """Return the timestamps and acts of each session; `own` is in the order of time."""
    named: dict[str, tuple[list[datetime], list[str]]] = {}
    loose: list[tuple[list[datetime], list[str]]] = []
    for at, session, act in zip(own["timestamp"], own["session_id"], own["act"], strict=True):
        if not pd.isna(session):
            times, acts = named.setdefault(session, ([], []))
        elif loose and at - loose[-1][0][-1] <= PAUSE:
            times, acts = loose[-1]
        else:
            times, acts = [], []
            loose.append((times, acts))
        times.append(at)
        acts.append(act)
    return [*named.values(), *loose]


def _within(own: pd.DataFrame, cutoff: datetime, days: int) -> int:
    return int((own["timestamp"] >= window_start(cutoff, timedelta(days=days))).sum())


def _bits(counts: Counter[str]) -> float:
    total = counts.total()
    return abs(sum(n / total * math.log2(n / total) for n in counts.values()))


def _top(counts: Counter[str]) -> str | None:
    return min(counts, key=lambda one: (-counts[one], one)) if counts else None


def _scores(table: pd.DataFrame) -> list[float]:
    latest = [1 - rank for rank in _ranks(list(table["events_recency_days"]))]
    visits, depth = _ranks(list(table["sessions"])), _ranks(list(table["events_per_session"]))
    return [40 * a + 40 * b + 20 * c for a, b, c in zip(latest, visits, depth, strict=True)]


def _ranks(values: list[float]) -> list[float]:
    """Return the shares of values that are less, ties half; linear between 201 of them."""
    values = [round(value * 1e6) / 1e6 for value in values]
    ordered = sorted(values)
    step = (len(ordered) - 1) / 200
    known = sorted({ordered[round(place * step)] for place in range(201)})
    ranks = [
        (sum(one < at for one in ordered) + sum(one <= at for one in ordered)) / (2 * len(ordered))
        for at in known
    ]
    found = []
    for value in values:
        after = min(bisect_right(known, value), len(known) - 1)
        low, high = known[max(after - 1, 0)], known[after]
        part = (value - low) / (high - low) if high > low and value < high else float(value >= high)
        found.append(ranks[max(after - 1, 0)] * (1 - part) + ranks[after] * part)
    return found
