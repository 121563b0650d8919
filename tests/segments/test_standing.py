"""What the trade calls a segment follows from its members and what they spend."""

from __future__ import annotations

from dataclasses import replace

import pytest

from customer_atlas.features.packs.rfm import CLASSES
from customer_atlas.segments import Segment, standing_of

PLAIN = Segment("s", "S", 0, 10, 0.2, None, 1.0, {}, {}, (), (), (), "")


def test_every_class_has_a_tactic() -> None:
    for name in {name for row in CLASSES for name in row}:
        found = standing_of(replace(PLAIN, centroid={"rfm_class": name}))
        assert found.rfm_class == name
        assert found.tactic
        assert found.caution


@pytest.mark.parametrize(
    ("revenue", "tier"),
    [(0.4, "top"), (0.24, "valuable"), (0.2, "middle"), (0.12, "middle"), (0.1, "low"),
     (-0.1, "low"), (None, None)],
)  # fmt: skip
def test_the_tier_is_revenue_per_head_against_everybody(
    revenue: float | None, tier: str | None
) -> None:
    assert standing_of(replace(PLAIN, revenue_share=revenue)).tier == tier


def test_without_such_features_nothing_is_said() -> None:
    nothing = dict.fromkeys(("rfm_class", "tier", "tactic", "caution"))
    assert standing_of(PLAIN).to_dict() == nothing
