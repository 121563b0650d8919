"""Where customers lie: the same every time, all counted, and nothing made up."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from customer_atlas.features import DesignMatrix
from customer_atlas.report.figure import Figure
from customer_atlas.report.geometry import Bucket, Geometry, geometry_of
from customer_atlas.report.maps import map_figure
from customer_atlas.report.people import People
from customer_atlas.segments import Segment
from tests.report.made import INFOS, made_people, made_segments

PLACES = {7: 0, 3: 1, 5: 2}  # the clusters' numbers are not their places


def geometry(
    people: People, segments: tuple[Segment, ...], buckets: list[Bucket] | None = None
) -> Geometry:
    matrix = DesignMatrix.fit(people.features, INFOS)
    return geometry_of(people, matrix, segments, buckets or (), PLACES)


def bucketed(people: People, size: int) -> list[Bucket]:
    numbers = np.array(list(PLACES))[people.segment]
    members = pa.table({"cluster": pa.array(numbers, pa.int32())})
    return [
        (people.features.slice(at, size), members.slice(at, size))
        for at in range(0, len(people), size)
    ]


@pytest.fixture(scope="module")
def three() -> tuple[People, tuple[Segment, ...]]:
    people = made_people(3, 300)
    return people, made_segments(people, 3)


def test_the_same_customers_lie_at_the_same_places(three: tuple[People, tuple[Segment, ...]]):
    first, second = geometry(*three), geometry(*three)
    assert first.projection
    assert second.projection
    np.testing.assert_array_equal(first.projection.points, second.projection.points)
    assert len(first.neighbours) >= 1
    for one, other in zip(first.neighbours, second.neighbours, strict=True):
        np.testing.assert_array_equal(one.points, other.points)
        assert np.isfinite(one.points).all()


def test_the_shading_counts_every_customer_of_every_bucket(
    three: tuple[People, tuple[Segment, ...]],
):
    people, segments = three
    whole = geometry(people, segments, bucketed(people, 300)).shading
    parts = geometry(people, segments, bucketed(people, 37)).shading
    assert whole
    assert parts
    np.testing.assert_array_equal(whole.counts, parts.counts)
    np.testing.assert_array_equal(whole.counts.sum(axis=(1, 2)), [100, 100, 100])


def test_the_shading_is_that_of_a_histogram(three: tuple[People, tuple[Segment, ...]]):
    people, segments = three
    found = geometry(people, segments, bucketed(people, 50))
    assert found.shading
    assert found.projection
    points = found.projection.points  # of three hundred customers all are drawn
    grid = found.shading.grid
    edges = [np.linspace(grid.low[at], grid.high[at], grid.cells + 1) for at in (0, 1)]
    for place in range(3):
        mine = points[people.segment == place]
        expected, _, _ = np.histogram2d(mine[:, 0], mine[:, 1], bins=edges)
        np.testing.assert_array_equal(found.shading.counts[place], expected.T)


def test_points_are_drawn_over_the_shading_and_the_text_says_so(
    three: tuple[People, tuple[Segment, ...]],
):
    people, segments = three
    found = geometry(people, segments, bucketed(people, 50))
    assert found.projection
    figure: Figure = map_figure(found.projection, found.shading, people, segments)
    assert [trace["type"] for trace in figure.data] == ["heatmap"] * 3 + ["scatter"] * 3
    assert [trace["meta"] for trace in figure.data] == [0, 1, 2, 0, 1, 2]
    assert "over the density of all" in figure.says
    assert max(max(row) for trace in figure.data[:3] for row in trace["z"]) == 1.0


def test_where_all_are_alike_there_is_no_map_and_nothing_is_invented():
    people = made_people(1, 20)
    same = people.features.take(np.zeros(20, dtype=np.int64))
    alike = People(same, people.segment, 20)
    matrix = DesignMatrix.fit(people.features, INFOS)
    found = geometry_of(alike, matrix, made_segments(alike, 1))
    assert found == Geometry(None, None, (), None, None)


def test_a_handful_of_customers_has_a_map_but_no_neighbours():
    people = made_people(2, 6)
    found = geometry(people, made_segments(people, 2))
    assert found.projection
    assert found.neighbours == ()
    assert found.silhouettes
    assert found.tree


def test_a_segment_that_no_looked_at_customer_is_in_is_left_out_of_the_tree():
    people = made_people(3, 90)
    some = np.flatnonzero(people.segment != 1)
    fewer = People(people.features.take(some), people.segment[some], 90)
    found = geometry(fewer, made_segments(people, 3))
    assert found.tree
    assert sorted(found.tree.order) == [0, 2]
    assert found.silhouettes
    assert np.isnan(found.silhouettes.means[1])
