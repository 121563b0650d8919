"""A run can be looked at afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from customer_atlas import Atlas

__all__: list[str] = []


@pytest.mark.parametrize(("then", "told"), [("exclude", True), ("cap", False)])
def test_outliers_that_took_no_part_in_training_are_told(shop: Path, then: str, told: bool) -> None:
    rule = f"transforms: {{outliers: {{find: isolation-forest, limit: 0.05, then: {then}}}}}"
    text = shop.read_text(encoding="utf-8").replace("max_segments: 8", f"max_segments: 8, {rule}")
    shop.write_text(text, encoding="utf-8")
    with Atlas.open(shop) as atlas:
        atlas.run()
        unused = atlas.run_view().unused
        members = atlas.members()
    assert members.num_rows == 240
    assert unused.get("outliers") == ("12 customers took no part in training" if told else None)
