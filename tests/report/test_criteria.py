"""What each criterion says: pictures, tables and sentences tell the same."""

from __future__ import annotations

import re

import pytest

from customer_atlas.clustering import Choice, Curve
from customer_atlas.report.criteria import criteria_figures, picks_table, say_picks, values_table
from tests.report.made import made_facts


@pytest.fixture(scope="module")
def choice() -> Choice:
    return made_facts(4, 40).choice


def cells(table: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", table)
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)]
        for row in rows
    ]


def test_each_curve_is_drawn_as_it_is_with_its_pick_and_the_chosen_number(choice: Choice):
    for curve, figure in criteria_figures(choice):
        (line,) = [trace for trace in figure.data if trace["mode"] == "lines+markers"]
        assert line["x"] == list(curve.ks)
        assert line["y"] == pytest.approx(curve.values, rel=1e-3)
        rings = [trace["x"] for trace in figure.data if trace["mode"] == "markers"]
        assert rings == ([[curve.choice]] if curve.choice else [])
        (shape,) = figure.layout["shapes"]
        assert shape["x0"] == shape["x1"] == choice.k


def test_a_band_is_a_standard_error_to_either_side_and_only_where_one_is_known(choice: Choice):
    bands = [
        [trace for trace in figure.data if trace["mode"] == "none"]
        for _, figure in criteria_figures(choice)
    ]
    assert [len(band) for band in bands] == [1, 0, 0]
    edge, values = bands[0][0]["y"], choice.curves[0].values
    assert edge[: len(values)] == pytest.approx([value + 0.02 for value in values], rel=1e-3)
    assert edge[: len(values) - 1 : -1] == pytest.approx([v - 0.02 for v in values], rel=1e-3)


def test_the_table_of_picks_holds_every_criterion_once(choice: Choice):
    assert cells(picks_table(choice)) == [
        ["Segments", "Picked by"],
        ["2", "Silhouette"],
        ["4 ← chosen", "Stability"],
        ["none", "Elbow"],
    ]


def test_the_table_of_values_is_that_of_the_pictures(choice: Choice):
    head, *rows = cells(values_table(choice))
    assert head == ["Segments", "Stability", "Silhouette", "Elbow"]
    assert [row[0] for row in rows][:4] == ["1", "2", "3", "4 ← chosen"]
    assert rows[0] == ["1", "", "", "2"]
    for at, (_, figure) in enumerate(criteria_figures(choice), start=1):
        (line,) = [trace for trace in figure.data if trace["mode"] == "lines+markers"]
        assert [float(row[at]) for row in rows if row[at]] == pytest.approx(line["y"], rel=1e-3)


def test_a_sentence_says_how_many_would_pick_what(choice: Choice):
    assert say_picks(choice) == (
        "Of 3 criteria, 1 alone would pick 4; 1 would pick none and 1 would pick 2."
    )


def test_the_ring_is_left_out_where_the_pick_was_not_measured():
    curve = Curve("kinds", "Kinds", (2, 3), (0.1, 0.2), None, "higher", 9, "Nine.")
    ((_, figure),) = criteria_figures(Choice(2, "", (), (curve,)))
    assert not [trace for trace in figure.data if trace["mode"] == "markers"]
