"""A run does the whole job once, does only what is new, and never breaks what serves."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from customer_atlas import Atlas
from customer_atlas.errors import (
    AtlasError,
    BusyError,
    FeatureError,
    SourceError,
    UnknownNameError,
    UsageError,
)
from customer_atlas.simulate import Retailer
from tests.pipeline.conftest import members_of, write


def test_everyone_who_was_kept_gets_one_row(shop: Path, retailer: Retailer) -> None:
    with Atlas.open(shop) as atlas:
        (result,) = atlas.run()
        members, segments = atlas.members(), atlas.segments()
    known = set(retailer.customers["customer_id"].to_pylist())
    ids = members["customer_id"].to_pylist()
    assert ids == sorted(known)
    assert members.column_names == [
        "customer_id",
        "segmentation",
        "segment_id",
        "segment",
        "kind",
        "level",
        "probability",
        "generation",
        "as_of",
    ]
    assert result.trained
    assert sum(segment.size for segment in segments) == len(known)
    assert {segment.id for segment in segments} == set(members["segment_id"].to_pylist())
    assert pc.min(members["probability"]).as_py() > 0


def test_a_second_run_does_nothing_and_says_so(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
        (again,) = atlas.run()
        assert len(atlas.runs()) == 1
    assert not again.changed
    assert again.outcome == "Nothing to do: no file and no setting has changed since run 1."


def test_a_segmentation_that_left_the_project_and_came_back_has_its_features(shop: Path) -> None:
    both = shop.read_text().replace("max_segments: 8}", "packs: [rfm]}, b: {packs: [rhythm]}")
    alone = both.replace(", b: {packs: [rhythm]}", "")
    shop.write_text(both)
    with Atlas.open(shop) as atlas:
        atlas.run()
    shop.write_text(alone)
    with Atlas.open(shop) as atlas:
        for _ in range(3):
            atlas.run(refit=True)
    shop.write_text(both)
    with Atlas.open(shop) as atlas:
        atlas.run()
        assert atlas.features("b").table().num_rows == atlas.members("b").num_rows


def test_new_files_are_picked_up_by_the_next_run_and_segments_keep_their_ids(
    shop: Path, retailer: Retailer
) -> None:
    transactions = retailer.transactions
    with Atlas.open(shop) as atlas:
        (first,) = atlas.run()
        later = transactions.slice(0, 50)
        moved = pc.add(later["timestamp"], pa.scalar(timedelta(days=400)))
        later = later.set_column(
            later.column_names.index("customer_id"), "customer_id", pa.array(["newcomer"] * 50)
        ).set_column(later.column_names.index("timestamp"), "timestamp", moved)
        write(later, shop.parent / "data" / "orders-2.parquet")
        (second,) = atlas.run()
        assert "newcomer" in atlas.members()["customer_id"].to_pylist()
    assert second.changed
    assert not second.trained
    assert second.generation == first.generation
    assert second.customers == first.customers + 1
    assert {segment.id for segment in second.segments} <= {segment.id for segment in first.segments}


def test_another_definition_trains_another_generation(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        (first,) = atlas.run()
    shop.write_text(shop.read_text().replace("max_segments: 8", "max_segments: 3"))
    with Atlas.open(shop) as atlas:
        (second,) = atlas.run()
    assert second.trained
    assert second.generation == first.generation + 1
    assert len(second.segments) <= 3


def test_refit_trains_anew_and_equal_data_gives_equal_bits(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
    alike = ("customer_id", "segment", "probability", "as_of")
    before = members_of(shop, *alike)
    text = shop.read_text()
    shop.write_text(text.replace("project: shop", "project: shop\nengine: {threads: 1}"))
    with Atlas.open(shop) as atlas:
        (again,) = atlas.run(refit=True)
    assert again.generation == 2
    assert members_of(shop, *alike) == before


def test_a_run_as_of_a_date_sees_nothing_later(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        (then,) = atlas.run(as_of="2023-07-01")
        features = atlas.published().features()
    assert then.as_of == datetime(2023, 7, 1)
    newest = pc.min(features["recency_days"]).as_py()
    assert newest > 0


def test_a_run_as_of_a_date_before_all_data_leaves_what_serves_untouched(shop: Path) -> None:
    text = shop.read_text().replace(
        "  people: {path: data/customers.parquet, role: customers}\n", ""
    )
    shop.write_text(text)
    with Atlas.open(shop) as atlas:
        atlas.run()
        before = members_of(shop)
        with pytest.raises(FeatureError, match="Nobody is known before 1999-01-01"):
            atlas.run(as_of="1999-01-01")
        with pytest.raises(FeatureError, match="Nobody is known before 1999-01-01"):
            atlas.run(as_of="1999-01-01", refit=True)
    assert members_of(shop) == before


@pytest.mark.parametrize("date", ["0001-01-01", "1899-12-31", "9999-12-31T23:59:59-12:00"])
def test_an_as_of_out_of_all_bounds_is_refused(shop: Path, date: str) -> None:
    with Atlas.open(shop) as atlas, pytest.raises(UsageError, match="from 1900 to 9999"):
        atlas.run(as_of=date)


@pytest.mark.parametrize("customers", [1, 2, 50])
def test_a_few_customers_or_customers_all_alike_are_one_segment(
    tmp_path: Path, customers: int
) -> None:
    orders = {
        "customer_id": [f"c{i:02d}" for i in range(customers)],
        "timestamp": [datetime(2025, 1, 1)] * customers,
        "amount": [5.0] * customers,
    }
    write(pa.table(orders), tmp_path / "orders.parquet")
    project = tmp_path / "atlas.yaml"
    project.write_text(
        "project: p\nsources: {orders: {path: orders.parquet, role: transactions}}\n"
    )
    with Atlas.open(project) as atlas:
        (result,) = atlas.run()
        assert atlas.features().table().num_rows == customers
    assert [segment.size for segment in result.segments] == [customers]
    people = "1 customer" if customers == 1 else f"{customers} customers"
    assert result.outcome == f"Found 1 segment of {people}."
    assert members_of(project, "customer_id", "segment", "probability") == [
        (f"c{i:02d}", result.segments[0].name, 1.0) for i in range(customers)
    ]


def test_a_customer_table_with_any_column_names_is_used(shop: Path, retailer: Retailer) -> None:
    names = ["self", 'a "b"', "select", "frequency", "Monetary", "by", "x.y", "count"]
    people = retailer.customers.select(["customer_id"])
    for shift, name in enumerate(names):
        values = [float((row * 7 + shift) % 11) for row in range(people.num_rows)]
        people = people.append_column(name, pa.array(values))
    write(people, shop.parent / "data" / "customers.parquet")
    with Atlas.open(shop) as atlas:
        atlas.run()
        features = atlas.features().table()
    kept = {*names, "frequency_2", "Monetary_2", "monetary"} - {"Monetary"}
    assert kept <= set(features.column_names)
    assert pc.max(features["frequency"]).as_py() > 10 >= pc.max(features["frequency_2"]).as_py()


def test_a_protected_column_is_no_feature_in_any_spelling_or_mapping(
    shop: Path, retailer: Retailer
) -> None:
    gender = pa.array(["fm"[row % 2] for row in range(retailer.customers.num_rows)])
    write(
        retailer.customers.append_column("gender", gender),
        shop.parent / "data" / "customers.parquet",
    )
    mapped = (
        "role: customers, columns: {title: gender, woman: \"CASE WHEN gender = 'f' THEN 1 END\"}"
    )
    text = shop.read_text().replace("role: customers", mapped)
    shop.write_text(text + "protected: [Gender]\n")
    with Atlas.open(shop) as atlas:
        atlas.run()
        names = set(atlas.features().table().column_names)
        unused = atlas.run_view().unused
    assert not {"gender", "title", "woman"} & names
    assert "region" in names
    assert unused["title"] == unused["woman"] == "protected"


def test_an_as_of_that_is_no_date_is_refused(shop: Path) -> None:
    with Atlas.open(shop) as atlas, pytest.raises(AtlasError, match="write it as 2026-05-31"):
        atlas.run(as_of="yesterday")


def test_a_failed_run_leaves_what_serves_untouched(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
    before = members_of(shop)
    for path in (shop.parent / "data").glob("orders*"):
        path.write_bytes(b"no longer Parquet")
    with Atlas.open(shop) as atlas, pytest.raises(SourceError, match="orders-1.parquet"):
        atlas.run()
    assert members_of(shop) == before


def test_two_runs_at_once_do_not_mix(shop: Path) -> None:
    with (
        Atlas.open(shop) as atlas,
        atlas.workspace.exclusive(),
        Atlas.open(shop) as other,
        pytest.raises(BusyError),
    ):
        other.run()


def test_what_is_asked_before_the_first_run_says_what_to_do(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        with pytest.raises(AtlasError, match="Run: atlas run"):
            atlas.segments()
        with pytest.raises(UnknownNameError, match="no segmentation 'nain'. Did you mean 'main'"):
            atlas.segments("nain")


def test_a_customer_is_shown_with_segment_and_features(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
        customer, segment, probability = members_of(shop, "customer_id", "segment", "probability")[
            17
        ]
        view = atlas.customer(customer)
        with pytest.raises(UnknownNameError, match="no customer 'nobody'"):
            atlas.customer("nobody")
    assert (view.segment.name, view.probability) == (segment, probability)
    assert view.features["frequency"] is not None


def test_a_protected_name_that_is_no_column_is_warned_of_with_the_nearest(shop: Path) -> None:
    shop.write_text(shop.read_text() + "protected: [regio, age_band, REGION]\n")
    with Atlas.open(shop) as atlas:
        (result,) = atlas.run()
    (warning,) = result.warnings
    assert warning.startswith("atlas.yaml:8: protected: no source has a column 'regio'")
    assert warning.endswith("Did you mean 'region'?")
