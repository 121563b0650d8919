"""What is planted in the data is found, sound data is left in peace, and odd input is survived."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from customer_atlas.config import Role
from customer_atlas.data import Finding, Readiness, Severity
from customer_atlas.simulate import Retailer, simulate_retailer

Checked = Callable[..., Readiness]
Found = Callable[[Readiness, str], list[Finding]]
ROLES = {"orders": "role: transactions", "products": "role: products", "people": "role: customers"}


@pytest.fixture(scope="module")
def retailer() -> Retailer:
    return simulate_retailer(400, seed=11)


@pytest.fixture
def shop(retailer: Retailer) -> dict[str, pd.DataFrame]:
    return {
        "orders": retailer.transactions.to_pandas(),
        "products": retailer.products.to_pandas(),
        "people": retailer.customers.to_pandas(),
    }


def test_a_sound_shop_is_ready_and_asks_for_nothing(
    checked: Checked, shop: dict[str, pd.DataFrame]
) -> None:
    ready = checked(shop, **ROLES)
    assert ready.score >= 95
    assert ready.holds
    assert [one for one in ready.mend_first if one.code not in {"behind", "late"}] == []


def test_a_code_for_not_known_is_found_with_what_to_write(
    checked: Checked, found: Found, shop: dict[str, pd.DataFrame]
) -> None:
    people = shop["people"].assign(age=np.random.default_rng(0).integers(18, 90, 400).astype(float))
    people.loc[people.index % 40 == 0, "age"] = 999
    people["children"] = np.random.default_rng(1).integers(0, 4, 400)
    people.loc[people.index % 50 == 0, "children"] = -1
    ready = checked({"people": people}, people="role: customers")
    codes = {one.column: one for one in found(ready, "sentinel")}
    assert set(codes) == {"age", "children"}
    assert 'age: "NULLIF(age, 999)"' in codes["age"].action
    assert "10 rows" in codes["age"].sentence


def test_ages_up_to_99_hold_no_code(checked: Checked, found: Found) -> None:
    people = pd.DataFrame(
        {"customer_id": [f"c{one}" for one in range(500)], "age": np.arange(500) % 82 + 18}
    )
    assert not found(checked({"people": people}, people="role: customers"), "sentinel")


def test_products_that_nobody_listed_are_counted(
    checked: Checked, found: Found, shop: dict[str, pd.DataFrame]
) -> None:
    shop["products"] = shop["products"].iloc[::2]
    (one,) = found(checked(shop, **ROLES), "unknown_products")
    lacking = (~shop["orders"]["product"].isin(shop["products"]["product"])).mean()
    assert f"{100 * lacking:.0f} % of the rows" in one.sentence
    assert one.severity is Severity.WARNING


def test_ids_that_are_written_otherwise_do_not_hold(
    checked: Checked, found: Found, shop: dict[str, pd.DataFrame]
) -> None:
    shop["people"]["customer_id"] = "00" + shop["people"]["customer_id"].str.lower()
    ready = checked(shop, **ROLES)
    assert [one.source for one in found(ready, "keys_differ")] == ["orders"]
    assert not ready.holds


def test_ids_of_another_system_do_not_hold(
    checked: Checked, found: Found, shop: dict[str, pd.DataFrame]
) -> None:
    shop["people"]["customer_id"] = [f"crm-{one}" for one in range(400)]
    assert found(checked(shop, **ROLES), "keys_strange")


def test_repeated_keys_hidden_words_and_spellings_are_found(
    checked: Checked, found: Found, shop: dict[str, pd.DataFrame]
) -> None:
    products = pd.concat([shop["products"], shop["products"].head(20)])
    orders = shop["orders"]
    orders.loc[orders.index % 9 == 0, "channel"] = "Unknown"
    orders.loc[orders.index % 9 == 1, "channel"] = "Store "
    ready = checked({"orders": orders, "products": products}, **ROLES)
    (repeated,) = found(ready, "repeated_key")
    assert repeated.sentence.startswith("20 rows repeat")
    (unknown,) = [one for one in found(ready, "unknown") if one.column == "channel"]
    assert f"{(orders['channel'] == 'Unknown').sum():,} rows" in unknown.sentence
    (spelling,) = found(ready, "spelling")
    assert spelling.column == "channel"


def test_default_instants_and_early_dates_are_found(checked: Checked, found: Found) -> None:
    draw = np.random.default_rng(2)
    orders = pd.DataFrame(
        {
            "customer_id": draw.integers(0, 80, 2000).astype(str),
            "timestamp": pd.Timestamp("2023-01-01")
            + pd.to_timedelta(draw.integers(0, 900, 2000), "h"),
            "amount": draw.lognormal(2, 1, 2000),
        }
    )
    orders.loc[:39, "timestamp"] = pd.Timestamp("2000-01-01")
    orders.loc[40:59, "timestamp"] = pd.Timestamp("1985-05-05")
    ready = checked({"orders": orders}, orders="role: transactions")
    (default,) = found(ready, "default_time")
    assert "2000-01-01 in 40 rows" in default.sentence
    (early,) = found(ready, "early")
    assert "20 rows" in early.sentence


def test_refused_rows_are_told_with_their_reason_and_the_line_to_write(
    checked: Checked, found: Found, shop: dict[str, pd.DataFrame]
) -> None:
    orders = shop["orders"].rename(columns={"customer_id": "Client"})
    orders.loc[orders.index % 5 == 0, "Client"] = None
    declared = "role: transactions, columns: {customer_id: Client}"
    (one,) = found(checked({"orders": orders}, orders=declared), "refused")
    assert "(20 %) were refused: missing customer" in one.sentence
    assert '`where: "Client IS NOT NULL"` of orders' in one.action


def test_a_tenth_of_the_rows_in_one_day_is_told(
    checked: Checked, found: Found, shop: dict[str, pd.DataFrame]
) -> None:
    orders = shop["orders"]
    day = orders["timestamp"].iloc[len(orders) // 2].normalize()
    twice = orders[orders["timestamp"].dt.normalize() == day]
    ready = checked({"orders": pd.concat([orders, *[twice] * 9])}, orders="role: transactions")
    (odd,) = found(ready, "unusual_days")
    assert odd.severity is Severity.WARNING
    assert odd.sentence.startswith(f"{day:%Y-%m-%d} has {10 * len(twice):,} rows")


def test_an_empty_amount_does_not_hold(
    checked: Checked, found: Found, shop: dict[str, pd.DataFrame]
) -> None:
    ready = checked({"orders": shop["orders"].assign(amount=np.nan)}, orders="role: transactions")
    (empty,) = found(ready, "empty")
    assert (empty.column, empty.severity) == ("amount", Severity.BAD)
    assert ready.score < 60
    assert ready.mend_first[0] == empty


ODD = {
    "one row": pd.DataFrame({"customer_id": ["a"], "timestamp": [pd.Timestamp("2024-05-05")]}),
    "one customer": pd.DataFrame(
        {
            "customer_id": ["a"] * 40,
            "timestamp": pd.date_range("2024-01-01", periods=40),
            "amount": 1.0,
        }
    ),
    "all rows in one day": pd.DataFrame(
        {
            "customer_id": [f"c{one % 30}" for one in range(600)],
            "timestamp": pd.Timestamp("2024-05-05") + pd.to_timedelta(np.arange(600), "min"),
            "amount": np.arange(600) % 7 + 1.0,
        }
    ),
    "amounts that nobody has": pd.DataFrame(
        {"customer_id": ["a", "b"] * 9, "timestamp": pd.date_range("2024-01-01", periods=18)}
    ).assign(amount=None),
}


@pytest.mark.parametrize("table", ODD.values(), ids=ODD.keys())
def test_odd_input_is_survived(checked: Checked, table: pd.DataFrame) -> None:
    ready = checked({"orders": table}, orders="role: transactions")
    assert 0 <= ready.score <= 100
    assert ready.findings


def test_one_column_products_alone_and_customers_without_time_are_survived(
    checked: Checked,
) -> None:
    one = pd.DataFrame({"customer_id": [f"c{place}" for place in range(30)]})
    assert checked({"people": one}, people="role: customers").score == 100
    goods = pd.DataFrame({"product": list("abcdefghij") * 3, "price": np.arange(30) - 1.0})
    ready = checked({"goods": goods}, goods="role: products")
    assert {"repeated_key", "negative"} <= {finding.code for finding in ready.findings}


def test_every_row_of_one_day_is_said(checked: Checked, found: Found) -> None:
    table = ODD["all rows in one day"]
    assert found(checked({"orders": table}, orders="role: transactions"), "one_day")


def messages(actions: list[str]) -> pd.DataFrame:
    count = 120
    return pd.DataFrame(
        {
            "customer_id": [f"c{row % 30}" for row in range(count)],
            "timestamp": pd.date_range("2024-01-01", periods=count, freq="D"),
            "campaign": ["spring", "summer"] * (count // 2),
            "action": [actions[row % len(actions)] for row in range(count)],
        }
    )


def texts() -> pd.DataFrame:
    count = 120
    return pd.DataFrame(
        {
            "customer_id": [f"c{row % 30}" for row in range(count)],
            "timestamp": pd.date_range("2024-01-01", periods=count, freq="D"),
            "text": ["Ann Miller never answers" if row % 2 else None for row in range(count)],
            "kind": ["complaint", "praise", None] * (count // 3),
            "rating": [1.0, None, 5.0, 4.0] * (count // 4),
        }
    )


def test_what_people_wrote_is_in_no_profile_and_its_absence_is_no_fault(
    checked: Checked, tmp_path: Path
) -> None:
    ready = checked({"said": texts()}, said="role: texts")
    assert ready.score == 100
    ready.profile.write(tmp_path / "profile.json")
    kept = (tmp_path / "profile.json").read_text()
    assert "Miller" not in kept
    assert "complaint" in kept


@pytest.mark.parametrize(
    ("actions", "severity"),
    [
        (["sent", "Opened", " CLICK", "convert"], None),
        (["sent", "bounce"], Severity.WARNING),
        (["geschickt", "geoeffnet"], Severity.BAD),
    ],
)
def test_actions_of_no_known_kind_are_found(
    checked: Checked, found: Found, actions: list[str], severity: Severity | None
) -> None:
    ready = checked({"mail": messages(actions)}, mail="role: messages")
    assert [one.severity for one in found(ready, "unknown_action")] == (
        [severity] if severity else []
    )


def test_every_role_is_judged(checked: Checked, shop: dict[str, pd.DataFrame]) -> None:
    events = shop["orders"][["customer_id", "timestamp"]].assign(type="view")
    tables = shop | {"mail": messages(["sent"]), "web": events, "said": texts()}
    ready = checked(tables, **ROLES, mail="role: messages", web="role: events", said="role: texts")
    assert {one.role for one in ready.profile.sources} == set(Role)


def test_no_value_of_a_declared_contact_is_kept(
    checked: Checked, tmp_path: Path, shop: dict[str, pd.DataFrame]
) -> None:
    count = len(shop["people"])
    people = shop["people"].assign(
        Strasse=[f"Hauptstrasse {row % 3}" for row in range(count)],
        Insta=[f"@user{row % 4}" for row in range(count)],
        MobileNo=[4915100000000 + row for row in range(count)],
    )
    declared = "role: customers"
    more = "\nprivacy: {contact: [strasse, Insta], pseudonymise: keep}"
    ready = checked({"people": people}, people=declared + "}" + more + "\n# {")
    ready.profile.write(tmp_path / "profile.json")
    kept = (tmp_path / "profile.json").read_text()
    for text in ("Hauptstrasse", "@user", "49151"):
        assert text not in kept
