"""The section on bias: a map of ratios, their intervals on hover, and nothing of a few persons."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from html import escape

import numpy as np
import pyarrow as pa

from customer_atlas.report import Facts
from customer_atlas.report.bias import bias_sections
from customer_atlas.segments import audit, parity_findings, say_parity
from tests.report.made import made_facts

__all__: list[str] = []


def _facts(values: dict[str, pa.Array]) -> Facts:
    facts = made_facts(3, 300)
    columns = {name: pa.chunked_array([array]) for name, array in values.items()}
    places = facts.people.segment
    forming = facts.infos
    report = audit(columns, places, facts.segments, facts.people.features, forming)
    return replace(facts, bias=replace(report, skipped={"messages": "There are <none>."}))


@cache
def _planted() -> Facts:
    """Women fill the first segment and men the last; one person of each stands aside."""
    facts = made_facts(3, 300)
    draw = np.random.default_rng(0)
    woman = draw.random(300) < np.array([0.9, 0.5, 0.08])[facts.people.segment]
    gender = np.where(woman, "<f>", "m").astype(object)
    gender[0] = "somebody"
    return _facts({"gender & sex": pa.array(gender, pa.string()), "planet": pa.array(["x"] * 300)})


def test_the_map_has_a_cell_for_each_group_and_segment_with_its_interval_on_hover() -> None:
    facts = _planted()
    (section,) = bias_sections(facts)
    assert facts.bias
    found = facts.bias.attributes[0]
    (figure,) = section.figures
    (heat,) = figure.data
    ratios = [[cell.ratio for cell in parity.cells] for parity in found.segments]
    for row, cells in enumerate(ratios):
        for column, ratio in enumerate(cells):
            assert ratio
            assert heat["z"][row][column] == float(f"{np.log(ratio.value):.4g}")
            assert f"{ratio.value:.2f}" in heat["text"][row][column]
            hover = heat["hovertext"][row][column].replace("<br>", " ")
            assert f"({ratio.low:.2f} to {ratio.high:.2f})" in hover
    assert "&lt;f&gt;" in str(figure.layout["xaxis"]["ticktext"])


def test_the_findings_stand_there_in_words_and_escaped() -> None:
    facts = _planted()
    (section,) = bias_sections(facts)
    assert facts.bias
    found = facts.bias.attributes[0]
    told = [say_parity(found, *each) for each in parity_findings(found)]
    assert len(told) == 4
    for text in told:
        assert escape(text) in section.html
    assert "<f>" not in section.html
    assert "There are &lt;none&gt;." in section.html
    assert "not proof of unfairness" in section.html
    assert "Everybody of whom it is known is the same: x." in section.html


def test_a_person_alone_is_not_named_nor_counted() -> None:
    (section,) = bias_sections(_planted())
    assert "somebody" not in section.html + str([figure.to_dict() for figure in section.figures])
    assert "1 group of under 5 people stays hidden" in section.html


def test_what_is_hidden_or_too_small_has_no_colour() -> None:
    women = np.zeros(300, bool)
    facts = made_facts(3, 300)
    women[np.flatnonzero(facts.people.segment == 0)[:40]] = True
    women[np.flatnonzero(facts.people.segment == 1)[:2]] = True
    shown = _facts({"gender": pa.array(np.where(women, "f", "m"))})
    (section,) = bias_sections(shown)
    heat = section.figures[0].data[0]
    assert [heat["z"][1], heat["text"][1]] == [[None, None], ["", ""]]
    assert "hidden" in section.html


def test_without_protected_columns_there_is_no_section() -> None:
    assert list(bias_sections(made_facts(3, 60))) == []
