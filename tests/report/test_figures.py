"""The figures: valid to Plotly, true to the facts, and readable whatever the facts."""

from __future__ import annotations

import copy
import json
import re
from importlib.resources import files
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from customer_atlas.report import Facts
from customer_atlas.report.distributions import distribution_figures
from customer_atlas.report.figure import COLOURS, Figure, colour, symbol
from customer_atlas.report.heatmap import centroids_table, heatmap_figure
from customer_atlas.report.k_curve import k_figure
from customer_atlas.report.maps import map_figure, neighbours_figure, space_figure
from customer_atlas.report.page import script_json
from customer_atlas.report.projection import Projection
from customer_atlas.report.radar import radar_figures
from customer_atlas.report.sections import sections_of
from customer_atlas.report.sizes import sizes_figure
from tests.report.made import INFOS, made_facts

CASES: dict[str, dict[str, Any]] = {
    "four segments": {},
    "one segment": {"segments": 1, "customers": 30},
    "twenty segments": {"segments": 20, "customers": 400},
    "fifty segments": {"segments": 50, "customers": 500},
    "two customers": {"segments": 1, "customers": 2, "curve": False},
    "two segments of one": {"segments": 2, "customers": 2, "curve": False},
    "no money": {"money": False},
    "one number": {"infos": INFOS[:1]},
    "one yes or no": {"infos": INFOS[4:5]},
    "categories only": {"infos": INFOS[5:]},
}


@pytest.fixture(scope="module", params=CASES, ids=str)
def facts(request: pytest.FixtureRequest) -> Facts:
    return made_facts(**CASES[request.param])


@pytest.fixture(scope="module")
def four() -> Facts:
    return made_facts()


def _figures(facts: Facts) -> list[Figure]:
    return [figure for section in sections_of(facts) for figure in section.figures]


def _values(document: Any, ending: str) -> list[Any]:
    found = []
    if isinstance(document, dict):
        for key, value in document.items():
            found += [value] if key.endswith(ending) else []
            found += _values(value, ending)
    elif isinstance(document, list | tuple):
        for value in document:
            found += _values(value, ending)
    return found


def test_plotly_accepts_every_figure(facts: Facts):
    for figure in _figures(facts):
        go.Figure(data=list(figure.data), layout={**figure.layout, "height": figure.height})


def test_what_is_different_where_it_is_narrow_is_accepted_too(facts: Facts):
    for figure in _figures(facts):
        drawn: Any = copy.deepcopy(figure.to_dict())
        for path, value in figure.narrow.items():
            *keys, last = path.split(".")
            part: Any = drawn
            for key in keys:
                part = part[int(key)] if key.isdigit() else part[key]
            part[last] = value
        go.Figure(data=drawn["data"], layout=drawn["layout"])


def test_every_figure_says_what_it_shows_and_has_an_id_of_its_own(facts: Facts):
    figures = _figures(facts)
    assert all(figure.says for figure in figures)
    assert len({figure.id for figure in figures}) == len(figures)


def test_json_holds_no_nan(facts: Facts):
    json.loads(script_json(_figures(facts)), parse_constant=lambda name: pytest.fail(name))


def test_every_colour_is_one_that_the_style_sheet_knows(facts: Facts):
    css = files("customer_atlas.report").joinpath("page.css").read_text(encoding="utf-8")
    known = set(re.findall(r"--([a-z0-9]+):", css))
    text = script_json(_figures(facts))
    named = re.findall(r"var\(--([a-z0-9-]+)\)", text)
    used = {re.sub("-(clear|faint|strong)$", "", name) for name in named}
    assert used
    assert used <= known


def test_each_of_twenty_segments_has_a_colour_and_neighbours_have_markers_that_differ():
    assert len({colour(place) for place in range(COLOURS)}) == COLOURS
    assert len({symbol(place) for place in range(10)}) == 10


def test_bars_are_as_long_as_the_shares(four: Facts):
    customers, revenue = sizes_figure(four.segments).data
    assert customers["x"] == [0.25] * 4
    assert revenue["x"] == [0.4, 0.3, 0.2, 0.1]


def test_without_money_there_is_one_bar_a_segment():
    assert len(sizes_figure(made_facts(money=False).segments).data) == 1


def test_the_heatmap_is_centred_at_everyone_and_holds_the_differences(four: Facts):
    (trace,) = heatmap_figure(four.standing, four.segments).data
    assert trace["zmid"] == 0
    assert trace["zmin"] == -trace["zmax"]
    rows = sorted(four.standing.distinct)
    np.testing.assert_allclose(
        np.array(trace["z"], dtype=float), four.standing.differences[:, rows].T, rtol=1e-3
    )
    labels = heatmap_figure(four.standing, four.segments).layout["yaxis"]["ticktext"]
    assert "Net spend" in labels
    assert "monetary" not in str(labels)


def test_the_table_of_typical_values_is_that_of_the_heatmap(four: Facts):
    (trace,) = heatmap_figure(four.standing, four.segments).data
    table = centroids_table(four.standing, four.segments)
    rows = re.findall(r"<tr>(.*?)</tr>", table)[1:]
    texts = [[re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<td.*?</td>", r)] for r in rows]
    assert [row[2:] for row in texts] == trace["text"]
    kept = sorted(four.standing.distinct)
    assert [row[1] for row in texts] == [four.standing.overall[at] for at in kept]
    for row, differences in zip(rows, trace["z"], strict=True):
        sides = re.findall(r"var\(--(more|less)\)", row)
        assert sides == ["more" if one > 0 else "less" for one in differences]


def test_boxes_are_the_quantiles_in_real_units(four: Facts):
    found = {trait.info.name: (trait, figure) for trait, figure in
             distribution_figures(four.standing, four.people, four.segments)}  # fmt: skip
    trait, figure = found["monetary"]
    assert trait.log
    spend = np.array(four.people.features["monetary"])
    for place, box in enumerate(figure.data[:4]):
        mine = np.log1p(spend[four.people.segment == place])
        expected = np.percentile(mine, [5, 25, 50, 75, 95])
        given = [box[name][0] for name in ("lowerfence", "q1", "median", "q3", "upperfence")]
        np.testing.assert_allclose(given, expected, rtol=1e-3)
    axis = figure.layout["xaxis"]
    for at, text in zip(axis["tickvals"], axis["ticktext"], strict=True):
        assert np.expm1(at) == pytest.approx(float(text.replace(",", "")))


def test_yes_or_no_is_shown_as_shares(four: Facts):
    found = {trait.info.name: figure for trait, figure in
             distribution_figures(four.standing, four.people, four.segments)}  # fmt: skip
    (bars,) = found["newsletter"].data
    yes = np.array(four.people.features["newsletter"])
    expected = [yes[four.people.segment == place].mean() for place in range(4)]
    np.testing.assert_allclose(bars["x"], expected, rtol=1e-3)


def test_radars_show_mean_percentile_ranks_and_close(four: Facts):
    figures = radar_figures(four.standing, four.segments)
    assert len(figures) == 4
    for place, figure in enumerate(figures):
        _, own = figure.data
        chosen = sorted(four.standing.telling[:8])
        np.testing.assert_allclose(own["r"][:-1], four.standing.ranks[place, chosen], rtol=5e-3)
        assert own["r"][0] == own["r"][-1]


def test_a_radar_needs_three_traits():
    facts = made_facts(infos=INFOS[:2])
    assert radar_figures(facts.standing, facts.segments) == []


def test_the_chosen_number_is_marked_on_the_curve(four: Facts):
    bars = k_figure(four.choice).data[0]
    marked = [k for k, text in zip(bars["x"], bars["text"], strict=True) if text]
    assert marked == [four.choice.k] == [4]


def test_the_maps_show_each_customer_of_the_sample_once(four: Facts):
    projection = four.geometry.projection
    assert projection
    for figure in (
        map_figure(projection, None, four.people, four.segments),
        space_figure(projection, four.people, four.segments),
        *(neighbours_figure(one, four.people, four.segments) for one in four.geometry.neighbours),
    ):
        assert sum(len(trace["x"]) for trace in figure.data) == 240
        assert [trace["meta"] for trace in figure.data] == [0, 1, 2, 3]


def test_points_are_principal_components():
    facts = made_facts(2, 400)
    projection = facts.geometry.projection
    assert isinstance(projection, Projection)
    assert projection.points.shape == (400, 3)
    covariance = np.cov(projection.points.T)
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1e-8)
    shares = np.diag(covariance) / np.diag(covariance)[0] * projection.explained[0]
    np.testing.assert_allclose(shares, projection.explained)
    assert all(len(leading) == 2 for leading in projection.leading)


def test_a_map_of_one_feature_is_a_strip_that_says_so():
    facts = made_facts(infos=INFOS[:1])
    projection = facts.geometry.projection
    assert projection
    assert projection.points.shape[1] == 1
    figure = map_figure(projection, None, facts.people, facts.segments)
    assert "no meaning" in figure.layout["yaxis"]["title"]["text"]


def test_texts_of_figures_are_escaped_for_plotly():
    facts = made_facts(names=["<img src=x onerror=alert(1)>", "<a href='http://x.y'>R&D</a>"])
    for figure in _figures(facts):
        shown = [*_values(figure.to_dict(), "text"), *_values(figure.to_dict(), "name")]
        assert "<img" not in str(shown)
        assert "<a " not in str(shown)
