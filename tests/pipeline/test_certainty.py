from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from customer_atlas import Atlas
from customer_atlas.pipeline import say_doubts, say_membership

__all__: list[str] = []


@pytest.fixture
def overlapping(tmp_path: Path) -> Path:
    """A project of people in groups that overlap."""
    draw = np.random.default_rng(1)
    centers = draw.normal(size=(4, 6)) * 1.6
    values = centers[draw.integers(4, size=600)] + draw.normal(size=(600, 6))
    lines = [f"c{i}," + ",".join(f"{value:.3f}" for value in row) for i, row in enumerate(values)]
    head = "customer_id," + ",".join(f"trait_{j}" for j in range(6))
    (tmp_path / "people.csv").write_text("\n".join([head, *lines]) + "\n")
    (tmp_path / "atlas.yaml").write_text(
        "project: people\nstate: {buckets: 4}\n"
        "sources: {people: {path: people.csv, role: customers}}\n"
        "segmentations: {main: {packs: [attributes]}}\n"
    )
    return tmp_path / "atlas.yaml"


def test_members_outcome_and_customer_tell_the_same_of_who_is_in_doubt(
    overlapping: Path,
) -> None:
    with Atlas.open(overlapping) as atlas:
        (ran,) = atlas.run()
        members, published = atlas.members(), atlas.published()
        counts = Counter(members["kind"].to_pylist())
        assert set(counts) <= {"learned", "undecided", "outlier"}
        assert counts["undecided"] > 0
        assert published.kinds == counts
        assert f"{counts['undecided']:,} " in ran.outcome
        assert "undecided" in ran.outcome
        assert None not in members["segment_id"].to_pylist()
        assert sum(segment.size for segment in atlas.segments()) == members.num_rows
        for row in members.to_pylist()[:40]:
            view = published.customer(row["customer_id"])
            assert (view.kind, view.probability) == (row["kind"], row["probability"])
            assert view.segment.id == row["segment_id"]
            assert (row["kind"] == "undecided") <= (row["probability"] < 0.5)
        proof = atlas.run_view().reliability
        assert proof is not None
        assert proof.error < proof.raw_error


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ({"learned": 9}, ""),
        ({"learned": 9, "undecided": 1}, "1 is undecided"),
        ({"rule": 9, "outlier": 2}, "2 are outliers"),
    ],
)
def test_doubts_are_counted_in_words(kinds: dict[str, int], said: str) -> None:
    assert say_doubts(kinds) == said


@pytest.mark.parametrize(
    ("probability", "said"), [(0.999, "over 99%"), (1.0, "100%"), (0.001, "under 1%"), (0.0, "0%")]
)
def test_what_is_nearly_certain_is_not_said_to_be(probability: float, said: str) -> None:
    kind = "undecided" if probability < 0.5 else "learned"
    assert said in say_membership(kind, probability)
