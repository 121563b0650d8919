"""Personas: all that the card of a segment tells, gathered once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from customer_atlas.data import Pseudonyms
from customer_atlas.features import FeatureInfo
from customer_atlas.pipeline import Published, drivers_of, habits_of
from customer_atlas.report.drawing import Spoke
from customer_atlas.report.standing import Standing
from customer_atlas.report.words import upper_first
from customer_atlas.segments import (
    Advice,
    Habits,
    Segment,
    SegmentRule,
    advice_of,
    say_number,
    standing_of,
)

__all__ = ["Example", "Part", "Persona", "personas_of"]

_SPOKES = (3, 8)
_EXAMPLES = 3
_CLASS = "rfm_class"
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
class Part:
    """The small card of a sub-segment: what tells it from the rest of its segment.

    `drivers` are the features, each with its part (0 to 1) in what trees say of who is in it.
    """

    segment: Segment
    drivers: tuple[tuple[str, float], ...]
    rule: SegmentRule | None


@dataclass(frozen=True)
class Persona:
    """The card of a segment.

    `classes` are the shares of its members (0 to 1) by RFM class, `tier` is what they bring a head,
    `found` the name that was found where people gave it another one; `notes` are the latest ones
    that people wrote, oldest first. `parts` are its sub-segments.
    """

    segment: Segment
    place: int
    story: str
    classes: Mapping[str, float]
    tier: str | None
    spokes: tuple[Spoke, ...]
    habits: Habits
    examples: tuple[Example, ...]
    advice: Advice
    found: str | None
    owner: str | None
    notes: tuple[str, ...]
    parts: tuple[Part, ...] = ()


def personas_of(published: Published, standing: Standing) -> tuple[Persona, ...]:
    """Return the persona of each broad segment; `standing` compares these segments."""
    habits = habits_of(published)
    pseudonyms = Pseudonyms.of(published.work.root.parent)
    chosen = sorted(standing.telling[: _SPOKES[1]])
    classes = _classes(published)
    return tuple(
        _persona(
            published,
            segment,
            place,
            _spokes(standing, chosen, place),
            classes.get(segment.cluster, {}),
            habits,
            pseudonyms,
        )
        for place, segment in enumerate(published.segments)
    )


def _classes(published: Published) -> dict[int, dict[str, float]]:
    """Return the shares of each cluster's members by RFM class; none where it is no feature."""
    if all(info.name != _CLASS for info in published.model.infos):
        return {}
    named, clusters = published.column("features", _CLASS), published.column("members", "cluster")
    pairs = pa.table({"cluster": clusters, "named": named.cast(pa.string())})
    found = pairs.group_by(["cluster", "named"]).aggregate([([], "count_all")]).to_pylist()
    sizes = {segment.cluster: segment.size for segment in published.segments}
    shares: dict[int, dict[str, float]] = {cluster: {} for cluster in sizes}
    for row in found:
        if row["named"] is not None:
            shares[row["cluster"]][row["named"]] = row["count_all"] / sizes[row["cluster"]]
    return shares


def _persona(
    published: Published,
    segment: Segment,
    place: int,
    spokes: tuple[Spoke, ...],
    classes: Mapping[str, float],
    habits: Habits,
    pseudonyms: Pseudonyms,
) -> Persona:
    record, story = published.dictionary.get(segment.id), published.stories.get(segment.id)
    return Persona(
        segment,
        place,
        story.text if story else segment.sentence,
        classes,
        standing_of(segment).tier,
        spokes,
        habits,
        tuple(_examples(published, segment, pseudonyms)),
        advice_of(segment, classes, habits),
        record.name if record and record.given_name else None,
        record.owner if record else None,
        tuple(note.text for note in record.notes[-2:]) if record else (),
        tuple(_parts(published, segment)),
    )


def _parts(published: Published, segment: Segment) -> Iterator[Part]:
    inside = published.inside(segment)
    driving = drivers_of(published, within=segment) if inside else None
    for one in inside:
        found = driving.of(one.id) if driving else None
        drivers = tuple(
            (group[0].label, sum(each.part for each in group))
            for group in (found.together if found else ())
        )
        yield Part(one, drivers, published.inside_rules.get(one.id))


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
