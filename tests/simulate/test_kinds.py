"""What is planted in a kind of customer is found again in its transactions.

Statistical bounds are 5.5 standard errors of means over customers (independent by
construction): a correct program misses one with a chance under 1e-6, and all of them together
under 1e-4.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from customer_atlas.errors import UsageError
from customer_atlas.simulate import CATEGORIES, KINDS, CustomerKind, Retailer, simulate_retailer
from customer_atlas.simulate.kinds import blended
from tests.simulate.yardstick import forest_agreement

ERRORS = 5.5
NAMES = [kind.name for kind in KINDS]
DAYS = 730


@pytest.fixture(scope="module")
def lines(retailer: Retailer) -> pd.DataFrame:
    """Every line with the kind of its customer and the price rank of its product."""
    products = retailer.products.to_pandas()
    products["rank"] = products.groupby("category")["price"].rank(method="first")
    size = products.groupby("category")["price"].transform("size")
    products["level"] = (products["rank"] - 0.5) / size
    return (
        retailer.transactions.to_pandas()
        .merge(retailer.truth.to_pandas(), on="customer_id")
        .merge(products[["product", "price", "level"]], on="product")
    )


@pytest.fixture(scope="module")
def sold(lines: pd.DataFrame) -> pd.DataFrame:
    return lines[lines["quantity"] > 0]


def _holds(by_customer: pd.Series, planted: float, slack: float = 0.0) -> None:
    error = by_customer.std() / np.sqrt(len(by_customer))
    assert len(by_customer) > 300
    assert abs(by_customer.mean() - planted) <= ERRORS * error + slack, (
        by_customer.mean(),
        planted,
        error,
    )
    # A bound that everything fits into would hold nothing.
    assert ERRORS * error < max(0.35 * planted, 0.07)


def _of(frame: pd.DataFrame, kind: CustomerKind) -> pd.DataFrame:
    return frame[frame["kind"] == kind.name]


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_orders_come_at_the_planted_rate(sold: pd.DataFrame, kind: CustomerKind) -> None:
    orders = _of(sold, kind).groupby("customer_id")["order_id"].nunique()
    if kind.repeat == 0:
        assert (orders == 1).all()
        return
    _holds(orders, _expected_orders(kind), slack=0.01 * _expected_orders(kind))


def _expected_orders(kind: CustomerKind) -> float:
    """Elementary renewal theory: t / mean for who was there, the renewal function for who came."""
    low, high = kind.arrives
    was_there = np.clip(-low / (high - low), 0, 1)
    stop = np.mean(kind.lapses) * DAYS
    came = DAYS * (max(low, 0) + high) / 2
    ahead = (stop - came) / kind.gap_days + (1 / kind.regularity - 1) / 2
    return float(was_there * stop / kind.gap_days + (1 - was_there) * (1 + ahead))


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_gaps_are_as_regular_as_planted(kind: CustomerKind) -> None:
    # Without spread, season and weekdays hide least: compare whole months of business time.
    plain = CustomerKind("plain", 1, gap_days=20, regularity=kind.regularity, spread=0.0)
    made = simulate_retailer(600, seed=7, days=730, kinds=[plain])
    frame = made.transactions.to_pandas()
    orders = frame[frame["quantity"] > 0].groupby("customer_id")["order_id"].nunique()
    # The variance of an equilibrium count tends to t / mean / shape (Cox, section 4.5).
    planted = 730 / 20 / kind.regularity + (1 - 1 / kind.regularity**2) / 6
    assert orders.var() == pytest.approx(planted, rel=ERRORS * np.sqrt(2 / 600) + 0.05)


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_baskets_have_the_planted_lines_and_units(sold: pd.DataFrame, kind: CustomerKind) -> None:
    own = _of(sold, kind)
    by_order = own.groupby(["customer_id", "order_id"]).size()
    _holds(by_order.groupby("customer_id").mean(), kind.basket_lines)
    _holds(own.groupby("customer_id")["quantity"].mean(), kind.units)


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_prices_are_of_the_planted_level(sold: pd.DataFrame, kind: CustomerKind) -> None:
    # Ranks are 40 steps: the mean of a step is off by at most half of one.
    _holds(_of(sold, kind).groupby("customer_id")["level"].mean(), kind.price_level, 0.5 / 40)


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_discounts_are_as_frequent_and_as_deep_as_planted(
    sold: pd.DataFrame, kind: CustomerKind
) -> None:
    own = _of(sold, kind)
    cheaper = own["discount"] > 0
    _holds(cheaper.groupby(own["customer_id"]).mean(), kind.discount_propensity)
    depth = (own["discount"] / (own["amount"] + own["discount"]))[cheaper]
    by_customer = depth.groupby(own["customer_id"]).mean()
    error = by_customer.std() / np.sqrt(len(by_customer))
    assert abs(by_customer.mean() - kind.discount_depth) < ERRORS * error + 0.002


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_lines_come_back_as_often_as_planted(lines: pd.DataFrame, kind: CustomerKind) -> None:
    own = _of(lines, kind)
    back = (own["quantity"] < 0).groupby(own["customer_id"]).sum()
    bought = (own["quantity"] > 0).groupby(own["customer_id"]).sum()
    share, planted = back / bought, kind.return_propensity
    error = share.std() / np.sqrt(len(share))
    # What was bought in the last three weeks may not have come back yet.
    window = 21 / DAYS / (1 - kind.arrives[0] if kind.arrives[0] > 0 else 1)
    assert abs(share.mean() - planted) < ERRORS * error + planted * window
    assert share.mean() > planted / 3


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_orders_are_online_as_often_as_planted(sold: pd.DataFrame, kind: CustomerKind) -> None:
    orders = _of(sold, kind).drop_duplicates("order_id")
    online = (orders["channel"] == "online").groupby(orders["customer_id"]).mean()
    _holds(online, kind.online)


def test_specialists_buy_in_their_own_favourite_category(sold: pd.DataFrame) -> None:
    kind = next(kind for kind in KINDS if kind.name == "category specialist")
    counts = _of(sold, kind).groupby(["customer_id", "category"]).size().unstack(fill_value=0)
    top = counts.max(axis=1) / counts.sum(axis=1)
    _holds(top, kind.focus + (1 - kind.focus) / len(CATEGORIES), slack=0.01)
    favourites = counts.idxmax(axis=1).value_counts(normalize=True)
    assert len(favourites) == len(CATEGORIES)
    assert favourites.max() < 0.25


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_the_mix_of_categories_is_the_planted_one(sold: pd.DataFrame, kind: CustomerKind) -> None:
    own = _of(sold, kind)
    for name, weight in zip(CATEGORIES, kind.mix, strict=True):
        share = (own["category"] == name).groupby(own["customer_id"]).mean()
        planted = kind.focus / len(CATEGORIES) + (1 - kind.focus) * weight
        assert abs(share.mean() - planted) < ERRORS * share.std() / np.sqrt(len(share))


def test_lapsed_customers_stop_and_new_ones_begin_when_planted(sold: pd.DataFrame) -> None:
    day = (sold["timestamp"] - pd.Timestamp("2023-01-01")) / pd.Timedelta(days=DAYS)
    lapsed, new = sold["kind"] == "lapsed regular", sold["kind"] == "new customer"
    # Fractions are of business time, which December makes run ahead of the calendar a little.
    assert day[lapsed].max() < 0.85
    assert day[lapsed].groupby(sold["customer_id"]).max().min() > 0.2
    first = day[new].groupby(sold["customer_id"]).min()
    assert 0.78 < first.min() < first.max() < 0.97


def test_gift_buyers_come_before_the_holidays(sold: pd.DataFrame) -> None:
    kind = next(kind for kind in KINDS if kind.name == "seasonal gift buyer")
    orders = sold.drop_duplicates("order_id")
    holidays = orders["timestamp"].dt.month >= 11
    own = _of(orders, kind)
    share = holidays[own.index].groupby(own["customer_id"]).mean()
    planted = sum(kind.months[10:]) / sum(kind.months)
    assert share.mean() == pytest.approx(planted, abs=0.08)
    rest = orders[orders["kind"].isin(["loyal regular", "bargain hunter"])]
    assert 0.14 < holidays[rest.index].mean() < 0.26


def test_shops_have_weekdays_and_opening_hours(sold: pd.DataFrame) -> None:
    orders = sold.drop_duplicates("order_id")
    weekday = orders["timestamp"].dt.day_of_week.value_counts(normalize=True)
    assert weekday.idxmax() == 5
    assert weekday[5] / weekday[6] == pytest.approx(1.36 / 0.85, rel=0.1)
    in_store = orders[orders["channel"] == "store"]["timestamp"].dt.hour
    assert (in_store.min(), in_store.max()) == (9, 20)
    assert orders[orders["channel"] == "online"]["timestamp"].dt.hour.nunique() == 24


def test_a_forest_told_the_truth_tells_the_kinds_apart_and_not_where_they_overlap() -> None:
    plain, half, alike = (
        forest_agreement(simulate_retailer(customers, seed=0, overlap=overlap))
        for customers, overlap in ((2000, 0.0), (1000, 0.5), (1000, 1.0))
    )
    assert plain >= 0.95
    assert half < 0.8
    assert abs(alike) < 0.05
    # Not a toy: someone is always taken for another kind.
    assert plain < 0.999


def test_blending_ends_in_one_kind_and_begins_with_each() -> None:
    assert blended(KINDS, 0.0) == KINDS
    alike = blended(KINDS, 1.0)
    assert [kind.name for kind in alike] == NAMES
    for name in ("gap_days", "basket_lines", "discount_propensity", "repeat", "focus"):
        values = [getattr(kind, name) for kind in alike]
        assert np.ptp(values) < 1e-9
        planted = [getattr(kind, name) for kind in KINDS]
        assert min(planted) < values[0] < max(planted)
    half = blended(KINDS, 0.5)
    for before, after, end in zip(KINDS, half, alike, strict=True):
        assert after.focus == pytest.approx((before.focus + end.focus) / 2)
        assert after.gap_days == pytest.approx(np.sqrt(before.gap_days * end.gap_days))
        np.testing.assert_allclose(after.mix, (np.array(before.mix) + end.mix) / 2)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"share": 0}, "share must be positive"),
        ({"gap_days": 0}, "gap_days and regularity must be positive"),
        ({"regularity": -1}, "gap_days and regularity must be positive"),
        ({"basket_lines": 0.5}, "at least one line"),
        ({"units": 0}, "at least one line of one unit"),
        ({"price_level": 1}, "price_level lies between"),
        ({"discount_depth": 0.9}, "discount_depth lies between"),
        ({"return_propensity": 1.1}, "chances lie from 0 to 1"),
        ({"spread": -0.1}, "cannot be negative"),
        ({"categories": {"toys": -1}}, "cannot be negative"),
        ({"months": (1,) * 11}, "months are twelve"),
        ({"months": (0,) * 12}, "not all zero"),
        ({"arrives": (0.5, 0.4)}, "windows in order"),
        ({"arrives": (0.0, 0.6), "lapses": (0.5, 0.7)}, "windows in order"),
        ({"arrives": (0.0, 1.0), "lapses": (1.1, 1.2)}, "must arrive within the period"),
        ({"arrives": (-2.0, -1.0), "lapses": (-0.5, 0.7)}, "lapse after it began"),
        ({"categories": {"toy": 1}}, "buys in 'toy', no category. Did you mean 'toys'"),
        ({"gap_days": float("nan")}, "gap_days and regularity must be positive"),
    ],
)
def test_an_impossible_kind_is_told(values: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=f"kind.*'odd'.*{message}"):
        CustomerKind(**({"name": "odd", "share": 1, "gap_days": 30} | values))  # type: ignore[arg-type]


def test_a_kind_cannot_be_changed_through_its_mapping() -> None:
    weights = {"toys": 2.0}
    kind = CustomerKind("steady", 1, 30, categories=weights)
    weights["toys"] = 9.0
    assert kind.categories == {"toys": 2.0}
    with pytest.raises(TypeError):
        kind.categories["toys"] = 9.0  # type: ignore[index]
