"""The bars of drivers: one figure a segment, what tells the same together, noise left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from customer_atlas.report.drivers import drivers_section
from customer_atlas.segments import Drivers
from tests.report.made import made_facts


def test_each_segment_has_bars_of_its_drivers_the_largest_on_top() -> None:
    facts = made_facts(3)
    (section,) = drivers_section(facts)
    assert [figure.name for figure in section.figures] == ["drivers-1", "drivers-2", "drivers-3"]
    (bars,) = section.figures[0].data
    assert bars["x"] == sorted(bars["x"], reverse=True)
    first, second = facts.drivers.segments[0].drivers[:2]
    assert bars["x"][0] == pytest.approx(first.part + second.part, rel=1e-3)
    assert second.label in bars["hovertext"][0]
    assert bars["error_x"]["array"][0] > 0


def test_what_is_noise_has_no_bar() -> None:
    facts = made_facts(3)
    (section,) = drivers_section(facts)
    noise = facts.drivers.segments[0].drivers[-1]
    assert noise.noise
    assert noise.label not in section.figures[0].layout["yaxis"]["ticktext"]
    assert noise.label not in section.figures[0].says


def test_it_says_how_true_it_is() -> None:
    (section,) = drivers_section(made_facts(3))
    assert "Of 80 customers held out" in section.body
    assert "The trees find 90% of 20 members held out." in section.body


def test_where_nothing_drives_segments_there_is_no_section() -> None:
    facts = replace(made_facts(3), drivers=Drivers((), reason="a rule"))
    assert list(drivers_section(facts)) == []
    assert list(drivers_section(made_facts(1))) == []
