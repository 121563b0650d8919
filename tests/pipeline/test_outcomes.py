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
            atlas.features().table().column_names
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


@pytest.mark.parametrize(
    ("column", "positive", "share"),
    [
        ("Yes,No,No,Yes", "yes", 0.5),  # YAML makes true of it
        ("Yes,No,No,Yes", '"YES"', 0.5),
        ("1,0,0,0", "yes", 0.25),
        ("1.0,0.0,1.0,1.0", "1", 0.75),
        ("true,false,true,true", '"Yes"', 0.75),
        ("7,8,7,9", "7", 0.5),
        ("left,stays,stays,stays", "Left", 0.25),
    ],
)
def test_a_positive_value_may_be_written_as_people_write_it(
    tmp_path: Path, column: str, positive: str, share: float
) -> None:
    rows = "".join(f"p{n},{n % 5},{one}\n" for n, one in enumerate(5 * column.split(",")))
    (tmp_path / "people.csv").write_text("id,visits,gone\n" + rows)
    (tmp_path / "atlas.yaml").write_text(one_label(f"{{column: gone, positive: {positive}}}"))
    with Atlas.open(tmp_path / "atlas.yaml") as atlas:
        (result,) = atlas.run()
        (outcome,) = atlas.outcomes()
    assert outcome.everyone.value == share
    assert not [text for text in result.warnings if "labels" in text]


def one_label(label: str) -> str:
    return (
        "project: p\nsources:\n  people:\n    path: people.csv\n    role: customers\n"
        f"    columns: {{customer_id: id}}\n    labels: {{left: {label}}}\n"
    )


def test_a_label_that_fits_nobody_or_no_column_is_said(tmp_path: Path) -> None:
    rows = "".join(f"p{n},{n % 5},{'Yes' if n % 3 else 'No'}\n" for n in range(30))
    (tmp_path / "people.csv").write_text("id,visits,gone\n" + rows)
    project = tmp_path / "atlas.yaml"
    project.write_text(one_label("{column: gone, positive: Maybe}"))
    with Atlas.open(project) as atlas:
        assert any("nobody has 'Maybe'" in text for text in atlas.run()[0].warnings)
    project.write_text(one_label("{column: goen, positive: Yes}"))
    with Atlas.open(project) as atlas:
        said = [text for text in atlas.run()[0].warnings if "'goen'" in text]
        assert "Did you mean 'gone'?" in said[0]
        assert atlas.outcomes() == []


def test_labels_of_two_sources_with_a_column_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    shops = {"a": range(40), "b": range(20, 60)}
    for name, people in shops.items():
        value = (lambda n: "Yes" if n % 4 == 0 else "No") if name == "a" else (lambda n: n % 2)
        rows = "".join(f"p{n},{n % 5},{value(n)}\n" for n in people)
        (tmp_path / f"{name}.csv").write_text("customer_id,visits,churn\n" + rows)
    (tmp_path / "atlas.yaml").write_text(
        "project: p\nsources:\n"
        "  a: {path: a.csv, role: customers, labels: {left: {column: churn, positive: 'Yes'}}}\n"
        "  b: {path: b.csv, role: customers, columns: {gone: churn},"
        " labels: {gone: {column: churn, positive: 1}}}\n"
    )
    with Atlas.open(tmp_path / "atlas.yaml") as atlas:
        atlas.run()
        found = {one.name: one.everyone for one in atlas.outcomes()}
    assert (found["left"].value, found["left"].known) == (0.25, 40)
    assert (found["gone"].value, found["gone"].known) == (0.5, 40)
