"""A paragraph about a change says where people went, and how large the segments are now."""

from __future__ import annotations

from dataclasses import replace

from customer_atlas.segments import Segment, match_segments, tell_transition

_NAMELESS = Segment(
    id="", name="", cluster=0, size=0, share=0.0, revenue_share=None, probability=1.0,
    centroid={}, overall={}, reasons=(), telling=(), typical=(), sentence="", level=1, parent=None,
)  # fmt: skip


def made(name: str, size: int, revenue: float | None = None) -> Segment:
    return replace(
        _NAMELESS, id=name, name=name, size=size, share=size / 400, revenue_share=revenue
    )


def told(overlap: list[list[float]], earlier: list[Segment], later: list[Segment]) -> list[str]:
    return [tell_transition(one, earlier, later) for one in match_segments(overlap)]


def test_one_that_goes_on_grew_or_shrank() -> None:
    before, after = [made("Regulars", 200, 0.5)], [made("Regulars", 250, 0.6)]
    (said,) = told([[190.0]], before, after)
    assert said.endswith(
        "It has 250 customers (62%) with 60% of revenue: 50 (25%) more than before, when it brought"
        " 50% of revenue."
    )
    assert "20 (10%) fewer than before." in told([[180.0]], before, [made("Regulars", 180)])[0]
    assert "as many as before." in told([[180.0]], before, [made("Regulars", 200)])[0]


def test_parts_of_a_split_are_told_one_by_one() -> None:
    later = [made("Big", 120), made("Small", 80)]
    (said,) = told([[120.0, 80.0]], [made("Regulars", 210)], later)
    assert "That is 200 customers (50%) now, against 210 customers (52%) before." in said
    assert said.endswith("Big: 120 customers (30%). Small: 80 customers (20%).")


def test_who_is_new_and_who_is_gone_has_a_size() -> None:
    said = told([[0.0]], [made("Old", 1)], [made("New", 2, 0.01)])
    assert "It had 1 customer (0.2%)." in " ".join(said)
    assert "It has 2 customers (0.5%) with 1% of revenue." in " ".join(said)
