"""Personas: all that the card of a segment tells, gathered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from customer_atlas.data import Pseudonyms
from customer_atlas.features import FeatureInfo
from customer_atlas.pipeline import Published, habits_of
from customer_atlas.report.drawing import Spoke
from customer_atlas.report.standing import Standing
from customer_atlas.report.words import upper_first
from customer_atlas.segments import (
    Advice,
    Habits,
    Segment,
    advice_of,
    say_number,
    standing_of,
)

__all__ = ["Example", "Persona", "personas_of"]

_SPOKES = (3, 8)
_EXAMPLES = 3
_ENOUGH = 5  # customers, so that an example is not half of the segment
_FIGURES = ("recency_days", "frequency", "monetary")
# Where and how old somebody is could tell who it is.
_PRIVATE = ("demographic", "geographic", "psychographic")


@dataclass(frozen=True)
class Example:
    """A typical customer by a pseudonym, with a few figures: each a label and a value."""

    name: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Persona:
    """The card of a segment.

    `rfm_class` and `tier` are what the trade calls it, `found` the name that was found where
    people gave it another one; `notes` are the latest ones that people wrote, oldest first.
    """

    segment: Segment
    place: int
    story: str
    rfm_class: str | None
    tier: str | None
    spokes: tuple[Spoke, ...]
    habits: Habits
    examples: tuple[Example, ...]
    advice: Advice
    found: str | None
    owner: str | None
    notes: tuple[str, ...]


def personas_of(published: Published, standing: Standing) -> tuple[Persona, ...]:
    """Return the persona of each broad segment; `standing` compares these segments."""
    habits = habits_of(published)
    pseudonyms = Pseudonyms.of(published.work.root.parent)
    chosen = sorted(standing.telling[: _SPOKES[1]])
    return tuple(
        _persona(published, segment, place, _spokes(standing, chosen, place), habits, pseudonyms)
        for place, segment in enumerate(published.segments)
    )


def _persona(
    published: Published,
    segment: Segment,
    place: int,
    spokes: tuple[Spoke, ...],
    habits: Habits,
    pseudonyms: Pseudonyms,
) -> Persona:
    record, named = published.dictionary.get(segment.id), standing_of(segment)
    return Persona(
        segment,
        place,
        _story(segment),
        named.rfm_class,
        named.tier,
        spokes,
        habits,
        tuple(_examples(published, segment, pseudonyms)),
        advice_of(segment, named, habits),
        record.name if record and record.given_name else None,
        record.owner if record else None,
        tuple(note.text for note in record.notes[-2:]) if record else (),
    )


def _story(segment: Segment) -> str:
    """Return who they are, as a card tells it."""
    return segment.sentence


def _spokes(standing: Standing, chosen: Sequence[int], place: int) -> tuple[Spoke, ...]:
    if len(chosen) < _SPOKES[0] or len(standing.ranks) < 2:
        return ()
    ranks = (float(standing.ranks[place, at]) for at in chosen)
    labels = (standing.traits[at].label for at in chosen)
    return tuple(
        Spoke(label, None if rank != rank else rank)
        for label, rank in zip(labels, ranks, strict=True)
    )


def _examples(published: Published, segment: Segment, pseudonyms: Pseudonyms) -> Sequence[Example]:
    if segment.size < _ENOUGH:
        return ()
    infos = {info.name: info for info in published.model.infos}
    names = [*_FIGURES, *(one.feature for one in segment.telling)]
    shown = [infos[name] for name in dict.fromkeys(names) if name in infos]
    shown = [one for one in shown if one.kind == "number" and one.pack not in _PRIVATE][:4]
    return [
        Example(
            pseudonyms.name(customer),
            tuple(_figures(published.customer(customer).features, shown)),
        )
        for customer in segment.typical[:_EXAMPLES]
    ]


def _figures(
    features: Mapping[str, float | str | None], shown: Sequence[FeatureInfo]
) -> Sequence[tuple[str, str]]:
    return [
        (upper_first(info.label), say_number(float(value), info.unit))
        for info in shown
        if isinstance(value := features.get(info.name, 0.0 if info.zero else None), (int, float))
    ]
