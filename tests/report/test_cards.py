"""Cards of segments, with the sub-segments inside them."""

from __future__ import annotations

from dataclasses import replace

from customer_atlas.report.cards import cards_html
from customer_atlas.segments import Segment

from .made import made_people, made_segments

__all__: list[str] = []


def test_sub_segments_stand_in_the_card_of_their_segment() -> None:
    segments = made_segments(made_people(3, 240), 3)
    parent = segments[1]

    def inside(of: Segment, name: str, size: int) -> Segment:
        return replace(
            of, id=f"{of.id}-{size}", name=f"{of.name} / {name}", size=size, level=of.level + 1,
            parent=of.id,
        )  # fmt: skip

    mornings = inside(parent, "<b>mornings</b>", parent.size - 20)
    evenings = inside(parent, "evenings", 20)
    late = inside(evenings, "late", 20)
    nested = {parent.id: (mornings, evenings), evenings.id: (late,)}
    cards = cards_html(segments, nested).split('<li class="card"')
    assert [card.count("Inside it") for card in cards] == [0, 0, 2, 0]
    card = cards[2]
    assert "&lt;b&gt;mornings&lt;/b&gt;" in card
    assert card.index("mornings") < card.index("Evenings") < card.index("Late")
    assert f"{(parent.size - 20) / parent.size:.0%}</b> of this segment" in card


def test_cards_of_broad_segments_alone_tell_of_nothing_inside() -> None:
    assert "Inside it" not in cards_html(made_segments(made_people(3, 240), 3), {})
