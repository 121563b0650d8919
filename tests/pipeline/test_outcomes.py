"""Outcomes of segments are what counting members by hand gives, and labels form no segment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import binomtest

from customer_atlas import Atlas
from customer_atlas.pipeline import Outcome

PEOPLE = """\
project: p
sources:
  people:
    path: people.csv
    role: customers
    columns: {customer_id: id, left: gone}
    labels:
      churned: {column: gone, positive: "Yes"}
      bought: {column: bought, positive: 1}
      opened: {column: opened, positive: true}
      revenue: {column: revenue}
      arm: {column: arm}
segmentations: {main: {packs: [attributes], max_segments: 3}}
"""


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    number = range(90)
    return pd.DataFrame(
        {
            "id": [f"p{i}" for i in number],
            "visits": [i % 3 * 50 + i % 7 for i in number],
            "spend": [i % 3 * 90 + i % 5 for i in number],
            "gone": ["Yes" if i % 3 == 0 and i % 2 else "No" for i in number],
            "bought": [int(i % 3 == 1) for i in number],
            "opened": [str(i % 4 == 0).lower() for i in number],
            "revenue": [None if i % 10 == 0 else i / 4 for i in number],
            "arm": ["a" if i % 2 else "b" for i in number],
        }
    )


@pytest.fixture(scope="module")
def measured(
    people: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Outcome], pd.DataFrame]:
    """The outcomes by name, and people with their segments."""
    folder = tmp_path_factory.mktemp("people")
    people.to_csv(folder / "people.csv", index=False)
    (folder / "atlas.yaml").write_text(PEOPLE)
    with Atlas.open(folder / "atlas.yaml") as atlas:
        atlas.run()
        outcomes = {one.name: one for one in atlas.outcomes()}
        members = atlas.members().to_pandas()
        assert not {"gone", "left", "bought", "opened", "revenue", "arm"} & set(
            atlas.features().column_names
        )
    return outcomes, people.merge(members, left_on="id", right_on="customer_id")


def test_shares_and_means_are_those_of_the_members(
    measured: tuple[dict[str, Outcome], pd.DataFrame],
) -> None:
    outcomes, members = measured
    assert set(outcomes) == {"churned", "bought", "opened", "revenue"}
    assert members["segment_id"].nunique() == 3
    values = {
        "churned": members["gone"] == "Yes",
        "bought": members["bought"] == 1,
        "opened": members["opened"] == "true",
        "revenue": members["revenue"],
    }
    for name, value in values.items():
        assert outcomes[name].everyone.value == pytest.approx(value.mean())
        by_segment = value.groupby(members["segment_id"]).agg(["mean", "count"])
        for segment, row in by_segment.iterrows():
            found = outcomes[name].segments[str(segment)]
            assert found.value == pytest.approx(row["mean"])
            assert found.known == row["count"]


def test_the_interval_of_a_share_is_that_of_another_implementation(
    measured: tuple[dict[str, Outcome], pd.DataFrame],
) -> None:
    outcomes, _ = measured
    for one in (outcomes["churned"], outcomes["bought"]):
        for found in (one.everyone, *one.segments.values()):
            count = round(found.value * found.known)
            low, high = binomtest(count, found.known).proportion_ci(method="wilson")
            assert (found.low, found.high) == pytest.approx((low, high), abs=1e-6)


def test_churn_differs_between_the_segments_of_telco(
    shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    data = shared_data("telco_churn")
    (tmp_path / "atlas.yaml").write_text(
        "project: t\nsources:\n  people:\n    role: customers\n"
        f"    path: {data / 'telco_customer_churn.csv'}\n    columns: {{customer_id: customerID}}\n"
        '    labels: {churned: {column: Churn, positive: "Yes"}}\n'
    )
    with Atlas.open(tmp_path / "atlas.yaml") as atlas:
        atlas.run()
        (churned,) = atlas.outcomes()
    shares = [one.value for one in churned.segments.values()]
    assert churned.everyone.value == pytest.approx(0.2654, abs=1e-4)
    # Nobody told the segments who left, and yet they tell leavers from stayers.
    assert max(shares) > 1.5 * churned.everyone.value > 3 * min(shares)
