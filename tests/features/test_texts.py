"""What customers write: how much, how content; the words themselves are never read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from customer_atlas.config import COMPLAINTS, Role
from customer_atlas.features.windows import window_start
from tests.features.conftest import Compute

CUTOFF = datetime(2026, 3, 1)


def by_pandas(rows: pd.DataFrame, cutoff: datetime) -> pd.DataFrame:
    """The features of texts, by their definitions."""
    rows = rows[rows["timestamp"] < cutoff].assign(
        complaint=lambda one: one["kind"].str.lower().str.strip().isin(COMPLAINTS)
    )
    late = rows[rows["timestamp"] >= window_start(cutoff, timedelta(days=90))]
    by, lately = rows.groupby("customer_id"), late.groupby("customer_id")
    found = pd.DataFrame(
        {
            "texts_count": by.size(),
            "texts_90d": lately.size(),
            "texts_recency_days": (cutoff - by["timestamp"].max()) / timedelta(days=1),
            "rating_mean": by["rating"].mean(),
            "complaint_share": by["complaint"].mean(),
            "complaints_90d": lately["complaint"].sum(),
        }
    )
    counts = ["texts_90d", "complaints_90d"]
    return found.assign(**found[counts].fillna(0)).sort_index()


def test_features_of_texts_equal_pandas(compute: Compute) -> None:
    kinds = ["Complaint", "praise", " REFUND request ", None, "question", "bug"]
    rows = pd.DataFrame(
        {
            "customer_id": [f"c{i % 5}" for i in range(60)],
            "timestamp": [CUTOFF - timedelta(hours=53 * i + 1) for i in range(60)],
            "text": ["Ja, 'ne\nZeile" if i % 3 else None for i in range(60)],
            "kind": [kinds[i % 6] if i % 7 else None for i in range(60)],
            "rating": [float(i % 5 + 1) if i % 4 else None for i in range(60)],
        }
    )
    found = compute({Role.TEXTS: rows}, CUTOFF, packs=("texts",))
    pd.testing.assert_frame_equal(
        found.sort_index(), by_pandas(rows, CUTOFF), check_dtype=False, rtol=1e-9
    )


def test_support_tickets_yield_the_pack(
    compute: Compute, shared_data: Callable[[str], Path]
) -> None:
    tickets = pd.read_csv(shared_data("support_tickets") / "customer_support_tickets.csv")
    rows = pd.DataFrame(
        {
            "customer_id": tickets["Customer Email"],
            "timestamp": pd.to_datetime(tickets["Date of Purchase"], format="%d-%m-%y"),
            "text": tickets["Ticket Description"],
            "kind": tickets["Ticket Type"],
            "rating": tickets["Customer Satisfaction Rating"],
        }
    )
    cutoff = datetime(2021, 6, 1)
    found = compute({Role.TEXTS: rows}, cutoff, packs=("texts",))
    expected = by_pandas(rows, cutoff)
    assert len(expected) > 3_000
    assert 0.2 < expected["complaint_share"].mean() < 0.8
    pd.testing.assert_frame_equal(found.sort_index(), expected, check_dtype=False, rtol=1e-9)


def test_without_kinds_or_ratings_there_is_no_share_and_no_mean(compute: Compute) -> None:
    rows = {"customer_id": ["a"], "timestamp": [CUTOFF - timedelta(days=1)], "text": ["hello"]}
    found = compute({Role.TEXTS: rows}, CUTOFF, packs=("texts",))
    assert list(found.columns) == ["texts_count", "texts_90d", "texts_recency_days"]
    assert found.loc["a", "texts_count"] == pytest.approx(1)
