"""What is learned of everybody: usable attributes, and never what tells who somebody is."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from customer_atlas import Atlas
from customer_atlas.features import Population, learn_population
from customer_atlas.features.people import MAX_ATTRIBUTES

PEOPLE = 40


@pytest.fixture
def learned(tmp_path: Path) -> Population:
    """The population of people with useful, identifying and protected columns."""
    columns = {
        "customer_id": [f"c{i}" for i in range(PEOPLE)],
        "region": ["north", "south"] * (PEOPLE // 2),
        "total_paid": [i + 0.5 for i in range(PEOPLE)],
        "email": [f"p{i // 2 * 2 if i < 6 else i}@example.org" for i in range(PEOPLE)],
        "phone": [4_917_000_000.0 + 37 * i for i in range(PEOPLE)],
        "loyaltyNo": [1000.0 + i for i in range(PEOPLE)],
        "handle": ["x", "y"] * (PEOPLE // 2),
        "Churn": ["Y", "N"] * (PEOPLE // 2),
        "gender": ["f", "m"] * (PEOPLE // 2),
        "empty": pa.nulls(PEOPLE, pa.float64()),
    }
    pq.write_table(pa.table(columns), tmp_path / "people.parquet")
    project = tmp_path / "atlas.yaml"
    project.write_text(
        "project: p\nprotected: [Gender]\nprivacy: {contact: [Handle]}\n"
        "sources: {people: {path: people.parquet, role: customers, columns: {left: churn = 'Y'}, "
        "labels: {churned: {column: Churn, positive: Y}}}}\n"
    )
    with Atlas.open(project) as atlas:
        atlas.ingest()
        work = atlas.workspace
        snapshot = work.snapshot()
        with work.engine.connect() as connection:
            return learn_population(
                connection,
                snapshot,
                work.cutoff(snapshot),
                packs=("attributes",),
                never=atlas.project.never_features,
            )


def test_attributes_that_say_something_of_many_are_used(learned: Population) -> None:
    assert set(learned.attributes) == {"region", "total_paid"}


def test_what_is_left_out_is_left_out_for_a_reason(learned: Population) -> None:
    assert dict(learned.left_out) == {
        "gender": "protected",
        "handle": "contact",
        "Churn": "label",
        "left": "label",
        "email": "37 different values: an identifier or free text",
        "phone": "every value is different: an identifier",
        "loyaltyNo": "every value is different: an identifier",
        "empty": "never known",
    }


def test_of_very_many_attributes_the_fullest_are_used(tmp_path: Path) -> None:
    count = MAX_ATTRIBUTES + 40
    people = 60
    columns: dict[str, object] = {"customer_id": [f"c{i}" for i in range(people)]}
    for place in range(count):
        known = people if place % 2 else people - place % 7 - 1
        columns[f"q{place}"] = [
            i * (place % 9 + 1) % 11 + 0.5 if i < known else None for i in range(people)
        ]
    pq.write_table(pa.table(columns), tmp_path / "people.parquet")
    (tmp_path / "atlas.yaml").write_text(
        "project: p\nsources: {people: {path: people.parquet, role: customers}}\n"
        "segmentations: {main: {packs: [attributes], max_segments: 3}}\n"
    )
    with Atlas.open(tmp_path / "atlas.yaml") as atlas:
        (result,) = atlas.run()
        population = atlas.published().model.population
    assert result.customers == people
    assert len(population.attributes) == MAX_ATTRIBUTES
    assert {f"q{place}" for place in range(1, count, 2)} <= set(population.attributes)
    assert all("more than" in why for why in population.left_out.values())
