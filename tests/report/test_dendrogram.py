"""The tree of segments: true to its heights, readable from 2 to 50, and said in a sentence."""

from __future__ import annotations

import re

import numpy as np
import pytest

from customer_atlas.clustering import Tree, tree_of
from customer_atlas.report.dendrogram import dendrogram_figure, merges_table, say_alike
from tests.report.made import made_people, made_segments


def made_tree(count: int) -> Tree:
    draw = np.random.default_rng(count)
    tree = tree_of(draw.normal(size=(count, 4)), draw.uniform(1, 9, count))
    assert tree
    return tree


@pytest.mark.parametrize("count", [2, 3, 12, 50])
def test_every_segment_has_a_line_and_every_merge_a_joint(count: int):
    tree, segments = made_tree(count), made_segments(made_people(count, 100), count)
    lines, joints, leaves = dendrogram_figure(tree, segments).data
    assert sorted(tree.order) == list(range(count))
    assert leaves["y"] == list(range(count))
    assert joints["x"] == pytest.approx([one.height for one in tree.branches], rel=1e-3)
    assert lines["x"].count(None) == count - 1
    figure = dendrogram_figure(tree, segments)
    assert figure.height / count >= 24
    assert figure.height <= 1300


def test_the_sentence_names_the_two_that_join_first():
    centers = np.array([[0.0], [10.0], [11.0], [40.0]])
    tree = tree_of(centers, np.ones(4))
    assert tree
    segments = made_segments(made_people(4, 8), 4, names=("Far", "One", "Two", "Out"))
    said = say_alike(tree, segments)
    assert said.startswith("“One” and “Two” are the most alike: joining them would lose")
    lost = (0.5**2 * 2) / ((centers - centers.mean()) ** 2).sum()
    assert tree.branches[0].share == pytest.approx(lost)
    assert "lose 0.1% of what sets" in said


def test_of_two_segments_nothing_is_compared():
    segments = made_segments(made_people(2, 8), 2)
    assert say_alike(made_tree(2), segments) == (
        "There are two segments, “Segment 1” and “Segment 2”."
    )


def test_the_table_holds_every_merge_from_the_first_to_the_last():
    tree, segments = made_tree(5), made_segments(made_people(5, 10), 5)
    table = merges_table(tree, segments)
    texts = [re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<td[^>]*>(.*?)</td>", table)]
    assert texts[0::5] == ["4", "3", "2", "1"]
    heights = [float(text) for text in texts[3::5]]
    assert heights == pytest.approx([one.height for one in tree.branches], rel=5e-3)
    assert heights == sorted(heights)
