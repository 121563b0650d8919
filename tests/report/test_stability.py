"""The section on stability: every segment by every probe, what they hang on, who moves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from customer_atlas.clustering import StabilityReport
from customer_atlas.report.stability import stability_sections
from tests.report.made import INFOS, made_facts

__all__: list[str] = []


def test_the_map_has_each_segment_by_each_probe():
    facts = made_facts(4)
    (section,) = stability_sections(facts)
    heat, hanging = section.figures
    (trace,) = heat.data
    expected = [
        [one.jaccard[segment.cluster] for one in facts.stability.probes]
        for segment in facts.segments
    ]
    assert [list(row) for row in trace["z"]] == [pytest.approx(row, rel=1e-3) for row in expected]
    labels = {info.name: info.label for info in INFOS}
    assert hanging.layout["yaxis"]["ticktext"][0] == labels["recency_days"]
    assert list(hanging.data[0]["x"]) == sorted(hanging.data[0]["x"])


def test_it_says_the_verdict_who_leaves_and_what_was_not_looked_at():
    facts = made_facts(4)
    (section,) = stability_sections(facts)
    assert facts.stability.verdict in section.body
    assert "10%, all to Segment 2" in section.body
    assert "Too short a history." in section.body
    assert "180 of 240 customers were looked at." in section.body


def test_names_are_no_markup():
    facts = made_facts(3, names=("<b>A&B", "B", "C"))
    (section,) = stability_sections(facts)
    assert "<b>A&B" not in section.body
    assert "&lt;b&gt;A&amp;B" in section.body


def test_where_nothing_could_be_disturbed_there_is_no_section():
    facts = made_facts(4)
    bare = StabilityReport((), (), 0, 240, 0, reason="They are value tiers.")
    assert list(stability_sections(replace(facts, stability=bare))) == []
