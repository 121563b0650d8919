"""The sentences at the top: computed, and left out where there is nothing to say."""

from __future__ import annotations

from dataclasses import replace

from customer_atlas.report.summary import summary_of
from tests.report.made import made_people, made_segments


def _segments(shares: list[tuple[int, float | None]]):
    everyone = sum(size for size, _ in shares)
    one = made_segments(made_people(1, 4), 1)[0]
    return [
        replace(one, name=f"S{n}", size=size, share=size / everyone, revenue_share=revenue)
        for n, (size, revenue) in enumerate(shares)
    ]


def test_the_largest_the_most_valuable_and_the_concentration_are_told():
    assert summary_of(_segments([(120, 0.48), (880, 0.52)])) == [
        "The 1,000 customers fall into 2 segments. The largest, “S1”, holds 88% of them.",
        "“S0” bring the most revenue per person, 4 times the average.",
        "That segment is 12% of customers and brings 48% of revenue.",
    ]


def test_several_segments_above_the_average_are_told_together():
    said = summary_of(_segments([(100, 0.3), (200, 0.4), (700, 0.3)]))
    assert said[-1] == "2 of the segments are 30% of customers and bring 70% of revenue."


def test_even_revenue_is_said_to_be_even():
    assert "evenly" in summary_of(_segments([(500, 0.51), (500, 0.49)]))[-1]


def test_without_money_only_the_sizes_are_told():
    assert len(summary_of(_segments([(10, None), (20, None)]))) == 1


def test_one_segment_is_no_division():
    assert summary_of(_segments([(2, 1.0)])) == ["All 2 customers are in one segment."]
    assert summary_of(_segments([(1, 1.0)])) == ["There is one customer, in one segment."]


def test_a_segment_that_takes_back_more_than_it_buys_breaks_nothing():
    said = summary_of(_segments([(500, 1.2), (500, -0.2)]))
    assert said[-1] == "That segment is 50% of customers and brings 120% of revenue."
