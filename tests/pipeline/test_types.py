"""A source's own types of events, mapped to acts: in features, at a time, and in the definition."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from customer_atlas import Atlas

Write = Callable[[str], Path]

SOURCE = "project: p\nsources:\n  web:\n    path: web.csv\n    role: events\n"
SETTINGS = "segmentations: {main: {packs: [engagement, intent], max_segments: 3}}\n"
NUMBERS = "    types: {1: view, 2: cart, 3: purchase}\n"


@pytest.fixture
def declared(tmp_path: Path) -> Write:
    """Sixty people: the first half put things into the cart, and six of them bought in May."""
    rows = ["customer_id,timestamp,type"]
    for person in range(60):
        days = [f"2026-04-{day:02d}T10:{person:02d}" for day in (2, 9, 20)]
        rows += [f"c{person:02d},{day},1" for day in days]
        if person < 30:
            rows += [f"c{person:02d},{days[-1]}:30,2"]
        if person < 6:
            rows += [f"c{person:02d},2026-05-03T09:00,2", f"c{person:02d},2026-05-03T09:10,3"]
    (tmp_path / "web.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")

    def written(types: str) -> Path:
        path = tmp_path / "atlas.yaml"
        path.write_text(SOURCE + types + SETTINGS, encoding="utf-8")
        return path

    return written


def test_numbers_that_a_source_writes_for_acts_are_the_acts(declared: Write) -> None:
    with Atlas.open(declared(NUMBERS)) as atlas:
        atlas.run(as_of="2026-05-10")
        found = atlas.published().features().to_pandas().set_index("customer_id")
        assert atlas.published().model.population.acts == ("view", "cart", "purchase")
    assert found.loc["c00", ["cart_sessions", "abandonment_rate"]].to_list() == [2, 0.5]
    assert found.loc["c29", ["cart_sessions", "abandonment_rate"]].to_list() == [1, 1]
    assert found.loc["c30", "abandonment_rate"] != found.loc["c30", "abandonment_rate"]
    assert found.loc["c30", "share_type_view"] == 1


def test_an_act_that_is_first_seen_after_the_cutoff_is_not_known(declared: Write) -> None:
    with Atlas.open(declared(NUMBERS)) as atlas:
        atlas.run(as_of="2026-05-01")
        population = atlas.published().model.population
        names = set(atlas.published().features().column_names)
    assert population.acts == ("view", "cart")
    assert "carts_30d" in names
    assert not {"abandonment_rate", "abandoned_sessions", "search_share"} & names


def test_other_types_train_anew_and_read_no_file_again(declared: Write) -> None:
    with Atlas.open(declared("")) as atlas:
        (first,) = atlas.run(as_of="2026-05-10")
        assert atlas.published().model.population.acts == ()
    with Atlas.open(declared(NUMBERS)) as atlas:
        (second,) = atlas.run(as_of="2026-05-10")
    assert first.sources[0].read > 0
    assert second.sources[0].read == 0
    assert second.trained
