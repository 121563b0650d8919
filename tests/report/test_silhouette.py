"""The silhouette plot: bars are the values, and the sentence names who has customers below 0."""

from __future__ import annotations

import re

import numpy as np
import pytest

from customer_atlas.clustering import Silhouettes, silhouettes_of
from customer_atlas.report.silhouette import say_silhouettes, silhouette_figure, silhouette_table
from customer_atlas.segments import Segment
from tests.report.made import made_people, made_segments


@pytest.fixture(scope="module")
def segments() -> tuple[Segment, ...]:
    return made_segments(made_people(3, 30), 3, names=("Alpha", "Beta", "Gamma"))


@pytest.fixture(scope="module")
def found() -> Silhouettes:
    """Beta's last customer lies among Alpha's."""
    X = np.array([[0.0], [0.5], [9.0], [9.5], [0.2], [30.0], [31.0]])
    made = silhouettes_of(X, np.array([0, 0, 1, 1, 1, 2, 2]), 3)
    assert made
    return made


def test_bars_are_the_values_by_segment_and_sorted(
    found: Silhouettes, segments: tuple[Segment, ...]
):
    figure = silhouette_figure(found, segments)
    for trace, values in zip(figure.data, found.values, strict=True):
        assert trace["x"] == pytest.approx(values, rel=1e-2)
        assert list(trace["x"]) == sorted(trace["x"], reverse=True)
    places = [at for trace in figure.data for at in trace["y"]]
    assert len(set(places)) == len(places) == found.drawn
    (line,) = figure.layout["shapes"]
    assert line["x0"] == found.mean


def test_the_sentence_names_the_segments_with_negative_members_and_no_other(
    found: Silhouettes, segments: tuple[Segment, ...]
):
    said = say_silhouettes(found, segments)
    assert "33% of “Beta”" in said
    assert "Alpha" not in said
    assert "Gamma" not in said


def test_where_nobody_is_below_zero_the_sentence_says_so(segments: tuple[Segment, ...]):
    X = np.array([[0.0], [0.1], [9.0], [9.1]])
    clear = silhouettes_of(X, np.array([0, 0, 1, 1]), 2)
    assert clear
    assert say_silhouettes(clear, segments[:2]).endswith(
        "no customer lies nearer to another segment."
    )


def test_the_table_holds_what_the_picture_shows(found: Silhouettes, segments: tuple[Segment, ...]):
    table = silhouette_table(found, segments)
    texts = [re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<td[^>]*>(.*?)</td>", table)]
    shown = [one["text"] for one in silhouette_figure(found, segments).layout["annotations"]]
    assert texts[3::5] == shown
    assert texts[2::5] == ["2", "3", "2"]
    assert texts[4::5] == ["0%", "33%", "0%"]
