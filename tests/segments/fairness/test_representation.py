"""Who is in which segment: what was planted is found, at its size, and what was not is not."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from customer_atlas.segments.fairness import AttributeAudit, FairnessReport
from customer_atlas.segments.fairness.hiding import hidden_cells
from customer_atlas.segments.fairness.representation import adjusted_attributes, represented
from customer_atlas.segments.fairness.telling import (
    parity_findings,
    say_bias,
    say_four_fifths,
    say_parity,
)
from tests.segments.fairness.made import grouped, made_segments, people_of

__all__: list[str] = []


def _audit(table: list[list[int]], labels: tuple[str, ...] = ("f", "m")) -> AttributeAudit:
    counts = np.array(table)
    codes, places = people_of(counts)
    found = represented(grouped(codes, labels), places, made_segments(counts.sum(axis=0).tolist()))
    return adjusted_attributes([found])[0]


def test_shares_differences_and_ratios_are_those_of_the_counts() -> None:
    found = _audit([[610, 370], [390, 630]])
    cell = found.segments[0].cells[0]
    assert (cell.count, cell.share) == (610, 0.61)
    assert cell.difference
    assert cell.ratio
    assert cell.difference.value == pytest.approx(0.61 - 0.49)
    assert cell.ratio.value == pytest.approx(0.61 / 0.49)
    assert cell.ratio.low < 0.61 / 0.49 < cell.ratio.high
    assert cell.standing == "slight"
    told = say_parity(found, found.segments[0], cell)
    assert told == (
        "Those of gender 'f' are 61% of A and 49% of all: a ratio of 1.24 (1.20 to 1.29)."
    )


def test_the_intervals_of_parity_hold_the_truth_as_often_as_they_say() -> None:
    draw = np.random.default_rng(8)
    sizes, shares = (150, 350), (0.3, 0.2)
    overall = float(np.average(shares, weights=sizes))
    held = np.zeros(2)
    times = 300
    for _ in range(times):
        women = [int(draw.binomial(n, p)) for n, p in zip(sizes, shares, strict=True)]
        cell = _audit([women, [n - w for n, w in zip(sizes, women, strict=True)]]).segments[0]
        one = cell.cells[0]
        assert one.ratio
        assert one.difference
        held += (
            one.ratio.low <= shares[0] / overall <= one.ratio.high,
            one.difference.low <= shares[0] - overall <= one.difference.high,
        )
    # Four errors of a share of 0.95 of three hundred.
    assert (held / times > 0.90).all()


def test_a_group_that_is_kept_out_is_found_and_the_rule_fails_with_certainty() -> None:
    found = _audit([[450, 50], [250, 250]])
    stands = [cell.standing for parity in found.segments for cell in parity.cells]
    assert stands == ["over", "under", "under", "over"]
    assert found.segments[1].four_fifths.holds == "fails"
    rule = found.segments[1].four_fifths
    assert rule.ratio
    assert (rule.lowest, rule.highest) == ("f", "m")
    assert rule.ratio.value == pytest.approx((50 / 500) / (250 / 500))
    assert say_four_fifths(rule).startswith("fails: 0.20")
    report = FairnessReport(1_000, (found,))
    assert len(report.fails) == 2
    assert "fails with certainty in 2" in say_bias(report)
    ratios = [cell.ratio.value for _, cell in parity_findings(found) if cell.ratio]
    assert ratios[0] == min(ratios)


def test_shuffled_attributes_give_no_finding() -> None:
    draw = np.random.default_rng(9)
    found = fails = 0
    times = 150
    for seed in range(times):
        places = draw.integers(0, 4, 600)
        codes = draw.choice(3, 600, p=[0.6, 0.3, 0.1])
        groups = grouped(codes, ("a", "b", "c"))
        (one,) = adjusted_attributes(
            [represented(groups, places, made_segments(np.bincount(places).tolist()), seed)]
        )
        found += bool(parity_findings(one))
        fails += any(parity.four_fifths.holds == "fails" for parity in one.segments)
    # Of the tests of all segments together one in twenty may find something.
    assert found / times < 0.05 + 4 * np.sqrt(0.05 * 0.95 / times)
    assert fails == 0


def test_a_trifle_of_a_million_is_told_and_not_called_bias() -> None:
    found = _audit([[255_000, 245_000], [245_000, 255_000]])
    assert found.test
    assert found.test.adjusted < 1e-9
    assert found.test.effect < 0.05
    assert not parity_findings(found)
    assert {cell.standing for one in found.segments for cell in one.cells} == {"slight"}
    assert all(one.four_fifths.holds == "holds" for one in found.segments)
    assert say_bias(FairnessReport(1_000_000, (found,))).startswith("No group is over-")


def test_groups_of_under_thirty_are_told_and_not_judged() -> None:
    found = _audit([[100, 100], [80, 80], [20, 6]], ("a", "b", "c"))
    small = [cell for one in found.segments for cell in one.cells if cell.group == "c"]
    assert [cell.count for cell in small] == [20, 6]
    assert {cell.standing for cell in small} == {"few"}
    assert all(one.four_fifths.holds == "holds" or "c" not in (
        one.four_fifths.lowest, one.four_fifths.highest) for one in found.segments)  # fmt: skip
    assert "c" not in {one.four_fifths.lowest for one in found.segments}


def test_a_group_and_a_segment_of_one_stay_hidden() -> None:
    found = _audit([[200, 1], [199, 0], [1, 0]], ("a", "b", "only-one"))
    assert found.hidden == 1
    assert "only-one" not in json.dumps(FairnessReport(401, (found,)).to_dict())
    alone = found.segments[1]
    assert alone.known is None
    assert [cell.count for cell in alone.cells] == [None, None]
    assert {cell.standing for cell in alone.cells} == {"few"}
    assert alone.four_fifths.holds == "few"


def test_one_value_or_none_is_no_comparison() -> None:
    assert "the same: f" in _audit([[50, 50], [0, 0]]).reason
    nothing = represented(grouped(np.full(9, -1)), np.zeros(9, np.int64), made_segments([9]))
    assert (nothing.reason, nothing.unknown) == ("Nothing is known of it.", 1.0)
    few = _audit([[50, 50], [2, 1]])
    assert few.reason.startswith("Everybody of whom it is known is the same")


def test_the_unknown_are_counted_and_not_compared() -> None:
    codes, places = people_of(np.array([[60, 40], [40, 60]]))
    more = np.concatenate([codes, np.full(300, -1)]), np.concatenate([places, np.zeros(300, int)])
    with_them = represented(grouped(more[0]), more[1], made_segments([400, 100]))
    without = represented(grouped(codes), places, made_segments([100, 100]))
    assert with_them.unknown == pytest.approx(0.6)
    assert [one.cells for one in with_them.segments] == [one.cells for one in without.segments]
    assert (with_them.segments[0].size, with_them.segments[0].known) == (400, 100)


def test_one_segment_is_everybody() -> None:
    found = _audit([[60], [40]])
    assert [cell.standing for cell in found.segments[0].cells] == ["none", "none"]
    assert found.segments[0].four_fifths.holds in ("holds", "unsure")


def _told(counts: NDArray[np.int64], masked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which hidden counts the sums of rows and columns give away, one after the other."""
    unknown = masked.copy()
    while True:
        rows = unknown & (unknown.sum(axis=1, keepdims=True) == 1)
        columns = unknown & (unknown.sum(axis=0, keepdims=True) == 1)
        found = rows | columns
        if not found.any():
            return masked & ~unknown
        unknown &= ~found


def test_no_sum_gives_a_hidden_count_away() -> None:
    draw = np.random.default_rng(11)
    for _ in range(300):
        counts = draw.poisson(draw.choice([3, 12, 60], (4, 5)))
        masked = hidden_cells(counts)
        assert masked[(counts > 0) & (counts < 5)].all()
        assert not (_told(counts, masked) & (counts > 0)).any()


def test_more_attributes_make_the_four_fifths_rule_harder_to_fail() -> None:
    found = _audit([[40, 20], [30, 40]])
    one = replace(found, segments=found.segments[1:])
    p = one.segments[0].four_fifths.adjusted
    many = adjusted_attributes([one] * 5)
    assert [a.segments[0].four_fifths.adjusted for a in many] == pytest.approx([min(1, 5 * p)] * 5)


def test_a_report_comes_back_from_json_as_it_was() -> None:
    report = FairnessReport(1_000, (_audit([[400, 100], [250, 250]]),), {"messages": "None."})
    assert FairnessReport.from_dict(json.loads(json.dumps(report.to_dict()))) == report
