from __future__ import annotations

from customer_atlas.report.reliability import (
    reliability_figure,
    reliability_table,
    say_reliability,
)
from customer_atlas.report.sections import sections_of

from .made import made_facts

__all__: list[str] = []


def test_a_dot_and_a_row_stand_for_each_bin() -> None:
    found = made_facts().reliability
    assert found is not None
    dots = reliability_figure(found).to_dict()["data"][1]
    assert [round(y, 3) for y in dots["y"]] == [round(one.kept, 3) for one in found.bins]
    table = reliability_table(found)
    for one in found.bins:
        assert f"{one.kept:.1%}" in table


def test_it_says_how_far_off_and_how_many_are_in_doubt() -> None:
    facts = made_facts()
    assert facts.reliability is not None
    said = say_reliability(facts.reliability, facts.kinds)
    assert f"{100 * facts.reliability.error:.1f} points off" in said
    assert "30 are undecided and 1 is an outlier" in said


def test_it_stands_where_clear_cut_segments_are_shown_and_only_where_it_was_measured() -> None:
    for segments in (1, 3):
        sections = {one.name: one for one in sections_of(made_facts(segments))}
        found = sections.get("silhouettes")
        assert (found is not None and "How far the probabilities hold" in found.body) == (
            segments > 1
        )
