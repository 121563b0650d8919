"""The features again as operations on whole pandas frames, by their definitions.

Rows have a timestamp in UTC without a zone, an amount and an order id; other columns may be absent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from customer_atlas.features.shrinkage import learn_prior
from customer_atlas.features.windows import window_start

_DAY = timedelta(days=1)
_ORDER = ["customer_id", "order_id"]
_SEASONS = {12: "Dec-Feb", 3: "Mar-May", 6: "Jun-Aug", 9: "Sep-Nov"}
_CLASSES = (
    ("Lost", "1", "12"),
    ("Hibernating", "2", "12"),
    ("At risk", "12", "34"),
    ("Cannot lose them", "12", "5"),
    ("About to sleep", "3", "12"),
    ("Need attention", "3", "3"),
    ("Loyal", "34", "45"),
    ("Promising", "4", "1"),
    ("New customers", "5", "1"),
    ("Potential loyalists", "45", "23"),
    ("Champions", "5", "45"),
)


def of_transactions(
    rows: pd.DataFrame, cutoff: datetime, zone: str = "UTC", categories: Sequence[str] = ()
) -> pd.DataFrame:
    """Return one row per customer, by customer, with every feature of transactions."""
    rows = rows[rows["timestamp"] < cutoff]
    orders = rows.groupby(_ORDER).agg(at=("timestamp", "min"), most=("amount", "max"))
    lines = rows.groupby(_ORDER)["amount"].size()
    if "quantity" in rows:
        bought = rows[rows["quantity"] > 0].groupby(_ORDER)["quantity"].sum()
        lines = bought.reindex(lines.index).fillna(lines)
    orders = orders.assign(items=lines)[orders["most"] > 0].reset_index()
    found = pd.DataFrame(index=pd.Index(sorted(set(rows["customer_id"])), name="customer_id"))
    for made in (
        _buying(rows, orders, cutoff, zone),
        _baskets(rows, orders),
        _breadth(rows, categories),
        _windows(rows, orders, cutoff),
        _clock(orders, zone),
    ):
        for name, values in made.items():
            found[name] = values.reindex(found.index)
    counted = [name for name in found if name.startswith(("orders_", "spend_"))]
    found[["frequency", *counted]] = found[["frequency", *counted]].fillna(0)
    now, before = found["orders_90d"], found.pop("orders_before")
    found["trend_90d"] = (now - before) / (now + before + 2)
    return _scored(found).assign(lifecycle_stage=_stages(orders, cutoff, zone, found.index))


def _buying(
    rows: pd.DataFrame, orders: pd.DataFrame, cutoff: datetime, zone: str
) -> dict[str, pd.Series]:
    every, paid = rows.groupby("customer_id"), rows[rows["amount"] > 0].groupby("customer_id")
    first, last = every["timestamp"].min(), every["timestamp"].max()
    days = pd.DataFrame({"customer_id": rows["customer_id"], "day": _local(rows, zone)})
    days["day"] = days["day"].dt.normalize()
    days = days.drop_duplicates().sort_values(["customer_id", "day"])
    days["gap"] = days.groupby("customer_id")["day"].diff() / _DAY
    gaps = days.groupby("customer_id")["gap"]
    return {
        "recency_days": (cutoff - paid["timestamp"].max()) / _DAY,
        "frequency": orders.groupby("customer_id").size(),
        "monetary": every["amount"].sum(),
        "tenure_days": (last - first) / _DAY,
        "age_days": (cutoff - first) / _DAY,
        "purchase_days": days.groupby("customer_id").size(),
        "gap_mean_days": gaps.mean(),
        "gap_std_days": gaps.std(),
    }


def _baskets(rows: pd.DataFrame, orders: pd.DataFrame) -> dict[str, pd.Series]:
    paid = rows[rows["amount"] > 0].groupby("customer_id")
    spend, returned = paid["amount"].sum(), rows[rows["amount"] < 0].groupby("customer_id")
    nothing = pd.Series(0.0, index=spend.index)
    found = {
        "order_value_mean": spend / orders.groupby("customer_id").size(),
        "order_items_mean": orders.groupby("customer_id")["items"].mean(),
        "return_share": -returned["amount"].sum().reindex(spend.index).add(nothing, fill_value=0)
        / spend,
    }
    if "quantity" in rows:
        found["unit_price_mean"] = spend / paid["quantity"].sum().replace(0, np.nan)
    if "discount" in rows:
        saved = paid["discount"].sum()
        found["discount_share"] = saved / (saved + spend)
    return found


def _breadth(rows: pd.DataFrame, categories: Sequence[str]) -> dict[str, pd.Series]:
    column = "category" if "category" in rows else "product"
    named = rows[rows[column].notna()]
    counts = named.groupby(["customer_id", column]).size()
    total = counts.groupby("customer_id").transform("sum")
    share, each = counts / total, counts.groupby("customer_id")
    enough = each.sum() >= 3
    entropy = -(share * np.log2(share)).groupby("customer_id").sum()
    nobody = pd.Series(0, index=sorted(set(rows["customer_id"])))
    paid = named[named["amount"] > 0]
    spend = paid.groupby("customer_id")["amount"].sum()
    on = paid.groupby(["customer_id", column])["amount"].sum().unstack(fill_value=0.0)
    return {
        "category_breadth": each.size().add(nobody, fill_value=0),
        "category_entropy": entropy[enough],
        "top_category_share": (each.max() / each.sum())[enough],
        **{f"share_{name}": on[name] / spend for name in categories},
    }


def _windows(rows: pd.DataFrame, orders: pd.DataFrame, cutoff: datetime) -> dict[str, pd.Series]:
    found = {}
    for length in (30, 90, 365):
        start = window_start(cutoff, timedelta(days=length))
        recent = rows[rows["timestamp"] >= start]
        found[f"spend_{length}d"] = recent.groupby("customer_id")["amount"].sum()
        found[f"orders_{length}d"] = orders[orders["at"] >= start].groupby("customer_id").size()
    now, before = (window_start(cutoff, timedelta(days=days)) for days in (90, 180))
    earlier = orders[(orders["at"] >= before) & (orders["at"] < now)]
    return found | {"orders_before": earlier.groupby("customer_id").size()}


def _clock(orders: pd.DataFrame, zone: str) -> dict[str, pd.Series]:
    local, who = _local(orders, zone, "at"), orders["customer_id"]
    season = local.dt.month.map(lambda month: _SEASONS[month // 3 * 3 or 12])
    hour = _top(who, local.dt.hour)
    if len(local) and (local.dt.hour == 0).mean() >= 0.99:
        hour[:] = np.nan
    return {
        "weekend_share": (local.dt.day_of_week >= 5).groupby(who).mean(),
        "preferred_hour": hour.map("{:02.0f}:00".format, na_action="ignore"),
        "preferred_weekday": _top(who, local.dt.day_of_week).map(
            lambda day: f"{datetime(2024, 1, 1) + day * _DAY:%A}"
        ),
        "preferred_season": _top(who, season),
    }


def _top(who: pd.Series, values: pd.Series) -> pd.Series:
    """Return each customer's most frequent value, the smallest of equally frequent ones."""
    counts = pd.DataFrame({"customer_id": who, "value": values}).value_counts().reset_index()
    counts = counts.sort_values(["count", "value"], ascending=[False, True])
    return counts.groupby("customer_id")["value"].first()


def _scored(found: pd.DataFrame) -> pd.DataFrame:
    buyers = found[found["frequency"] > 0]
    spend, count = buyers["monetary"].round(6), len(buyers)
    scores = pd.DataFrame(
        {
            "recency_score": 6 - _score(buyers["recency_days"].round(6)),
            "frequency_score": _score(buyers["frequency"]),
            "monetary_score": _score(spend),
        },
        index=buyers.index,
    )
    told = scores.astype(int).astype(str)
    scores["rfm_cell"] = told.sum(axis=1) if count else pd.Series(dtype=object)
    scores["rfm_class"] = [
        next(name for name, rs, fs in _CLASSES if r in rs and f in fs)
        for r, f in zip(told["recency_score"], told["frequency_score"], strict=True)
    ]
    if count:
        spend_of_nine_in_ten = sorted(spend)[-(-9 * count // 10) - 1]
        scores["big_spender"] = (spend > spend_of_nine_in_ten).astype(float)
    else:
        scores["big_spender"] = np.nan
    scores["monetary_rank"] = _rank(spend)
    prior = learn_prior(found["order_value_mean"].to_numpy(), found["frequency"].to_numpy())
    orders = found["frequency"]
    found["confidence"] = (orders / (orders + prior.strength)).fillna(0) if prior else np.nan
    return found.join(scores)


def _score(values: pd.Series) -> pd.Series:
    """Return 1 plus how many quintiles are less than each value."""
    ranked, count = sorted(values), len(values)
    score = pd.Series(1, index=values.index)
    for fifth in range(1, 5):
        if count:
            score += values > ranked[-(-fifth * count // 5) - 1]
    return score


def _rank(values: pd.Series) -> pd.Series:
    ranks, count = (values.rank(method="average") - 0.5) / max(len(values), 1), len(values)
    if not count:
        return ranks
    ranked = values.sort_values()
    chosen = ranked.iloc[np.linspace(0, count - 1, 201).round().astype(int)].drop_duplicates()
    return pd.Series(np.interp(values, chosen, ranks[chosen.index]), index=values.index)


def _stages(
    orders: pd.DataFrame, cutoff: datetime, zone: str, customers: pd.Index[str]
) -> pd.Series:
    days = _local(orders, zone, "at").dt.normalize()
    gaps = {
        customer: [gap / _DAY for gap in own.drop_duplicates().sort_values().diff()[1:]]
        for customer, own in days.groupby(orders["customer_id"])
    }
    means = [sum(own) / len(own) for own in gaps.values() if own]
    typical = float(np.median(means)) if means else 30.0
    at = orders.groupby("customer_id")["at"].agg(["min", "max"])
    stages = {
        customer: _stage(gaps[customer], typical, (cutoff - first) / _DAY, (cutoff - last) / _DAY)
        for customer, first, last in at.itertuples()
    }
    return pd.Series(stages, dtype=object).reindex(customers)


def _stage(gaps: list[float], typical: float, age: float, recency: float) -> str:
    if age <= max(30.0, typical):
        return "new"
    before = [*gaps[:-1], typical]
    pause = bool(gaps) and gaps[-1] > 3 * (sum(before) / len(before))
    counted = before if pause else [*gaps, typical]
    usual = sum(counted) / len(counted)
    if recency > 3 * usual:
        return "lapsed"
    if recency > 1.5 * usual:
        return "cooling"
    return "reactivated" if pause else "active"


def of_messages(rows: pd.DataFrame, cutoff: datetime, zone: str = "UTC") -> pd.DataFrame:
    """Return one row per customer, by customer, with every feature of messages."""
    rows = rows[rows["timestamp"] < cutoff]
    customers = pd.Index(sorted(set(rows["customer_id"])), name="customer_id")
    acts = {
        name: rows[rows["action"] == name]
        for name in ("sent", "open", "click", "unsubscribe", "complain", "convert")
    }
    counts = {
        name: own.groupby("customer_id").size().reindex(customers, fill_value=0)
        for name, own in acts.items()
    }
    opened = acts["open"]
    hour = _local(opened, zone).dt.hour
    preferred = _top(opened["customer_id"], hour)
    if len(hour) and (hour == 0).mean() >= 0.99:
        preferred[:] = np.nan
    seen = _campaigns(pd.concat([opened, acts["click"]]), customers)
    now, before = (window_start(cutoff, timedelta(days=days)) for days in (90, 180))
    past = rows[(rows["timestamp"] >= before) & (rows["timestamp"] < now)]
    last = acts["convert"].groupby("customer_id")["timestamp"].max()
    return pd.DataFrame(
        {
            "messages_sent": counts["sent"],
            "open_rate": _rate(rows, "open", customers),
            "click_rate": _rate(rows, "click", customers),
            "click_to_open": _campaigns(acts["click"], customers) / seen.replace(0, np.nan),
            "fatigue": _rate(past, "open", customers)
            - _rate(rows[rows["timestamp"] >= now], "open", customers),
            "preferred_open_hour": preferred.map("{:02.0f}:00".format, na_action="ignore"),
            "unsubscribes": counts["unsubscribe"],
            "complaints": counts["complain"],
            "conversions": counts["convert"],
            "conversion_recency_days": (cutoff - last) / _DAY,
        },
        index=customers,
    )


def _rate(rows: pd.DataFrame, action: str, customers: pd.Index[str]) -> pd.Series:
    """Return the share of campaigns with the action, of customers to whom one was sent."""
    rate = _campaigns(rows[rows["action"] == action], customers) / _campaigns(rows, customers)
    return rate[rate.index.isin(rows[rows["action"] == "sent"]["customer_id"])]


def _campaigns(rows: pd.DataFrame, customers: pd.Index[str]) -> pd.Series:
    return rows.groupby("customer_id")["campaign"].nunique().reindex(customers, fill_value=0)


def _local(rows: pd.DataFrame, zone: str, column: str = "timestamp") -> pd.Series:
    """Return timestamps as the clock on the wall shows them."""
    return rows[column].dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Assert that both have the same features, numbers within 1e-9."""
    assert set(found.columns) == set(expected.columns)
    for name in expected:
        given, mine = found[name], expected[name]
        unknown = mine.isna().to_numpy()
        assert given.isna().to_numpy().tolist() == unknown.tolist(), name
        known, other = given[~unknown], mine[~unknown]
        if isinstance(known.iloc[0] if len(known) else 0.0, str):
            assert known.tolist() == other.tolist(), name
        else:
            np.testing.assert_allclose(
                known.to_numpy(float), other.to_numpy(float), rtol=1e-9, atol=1e-9, err_msg=name
            )
