"""The selection on the books of CDNOW: what is known of them is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from customer_atlas import Atlas
from customer_atlas.config import ROLES, Role
from customer_atlas.config.models import PACKS
from customer_atlas.features import FeatureInfo, Population, Selection, select_features
from customer_atlas.features.packs import declared_features

PROJECT = """\
project: cdnow
sources:
  orders: {{path: {path}, role: transactions, columns: {{timestamp: date}}}}
"""
BEFORE, NOW = date(1997, 10, 1), date(1998, 1, 1)


@pytest.fixture(scope="module")
def found(
    shared_data: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Selection:
    books = shared_data("cdnow") / "cdnow_master.csv"
    project = tmp_path_factory.mktemp("cdnow") / "atlas.yaml"
    project.write_text(PROJECT.format(path=books), encoding="utf-8")
    with Atlas.open(project) as atlas:
        atlas.run(as_of=BEFORE)
        before = atlas.published().features()
        atlas.run(as_of=NOW)
        now = atlas.published().features()
    available = {Role.TRANSACTIONS: frozenset(ROLES[Role.TRANSACTIONS].names)}
    describing = {
        feature.info.name
        for feature in declared_features(PACKS, available, Population())
        if feature.info.describes
    }
    infos = [
        FeatureInfo(name, "any", "days" if name.endswith("_days") else "number", name)
        for name in now.column_names
        if name not in {"customer_id", *describing}
    ]
    return select_features(infos, now, before, _later(books))


def _later(books: Path) -> pa.Table:
    rows = pd.read_csv(books, dtype={"customer_id": str})
    day = pd.to_datetime(rows["date"].astype(str))
    rows = rows[(day >= pd.Timestamp(BEFORE)) & (day < pd.Timestamp(NOW))]
    sums = rows.groupby("customer_id").agg(orders=("date", "size"), spend=("amount", "sum"))
    return pa.Table.from_pandas(sums.assign(active=1).reset_index(), preserve_index=False)


def test_windows_longer_than_the_books_are_duplicates_of_all_time(found: Selection) -> None:
    why = {one.name: one.why for one in found.dropped}
    assert set(why) == {"orders_365d", "spend_365d", "purchase_days"}
    assert why["orders_365d"].startswith("It is the same number as 'frequency'")
    assert why["spend_365d"].startswith("It is the same number as 'monetary'")


def test_recency_frequency_and_monetary_tell_most_and_age_nothing(found: Selection) -> None:
    assert found.ranking is not None
    rank = {one.name: one.rank for one in found.ranking}
    importance = {one.name: one.importance for one in found.ranking}
    assert max(rank["recency_days"], rank["frequency"], rank["tenure_days"]) <= 4
    assert importance["age_days"] < 0.01
    assert found.curve[0].score > 0.42


def test_an_aged_cohort_is_said_to_have_aged_and_loses_no_feature_for_it(found: Selection) -> None:
    assert {"recency_days", "age_days"} <= set(found.kept)
    assert "Measured in days, moved by the calendar, and kept: 'recency_days'" in found.note
