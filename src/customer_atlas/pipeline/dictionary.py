"""What people say of segments: names, owners and notes, which stay when a model is trained anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from customer_atlas.errors import UsageError
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.registry import SegmentRecord
from customer_atlas.segments import Segment

__all__ = ["as_called", "dictionary_of", "write_of_segment"]

_LONGEST = 60
_LONGEST_NOTE = 2_000


def dictionary_of(work: Workspace, segmentation: str) -> dict[str, SegmentRecord]:
    """Return what is kept of the segments of all generations, by id."""
    return {one.id: one for one in work.registry.identities.segments(segmentation)}


def as_called(
    segments: Sequence[Segment], dictionary: Mapping[str, SegmentRecord]
) -> list[Segment]:
    """Return segments under the names that people gave them, and what is inside these likewise."""
    found = {one.name: one.name for one in segments}
    called: list[Segment] = []
    for one in segments:
        known = dictionary.get(one.id)
        whole, stroke, tail = one.name.rpartition(" / ")
        name = found.get(whole, whole) + stroke + tail if stroke else one.name
        if known and known.given_name:
            name = known.given_name
        found[one.name] = name
        sentence = one.sentence.replace(whole, found.get(whole, whole)) if stroke else one.sentence
        called.append(replace(one, name=name, sentence=sentence))
    return called


def write_of_segment(
    work: Workspace,
    segmentation: str,
    segment: Segment,
    others: Sequence[Segment],
    *,
    name: str | None,
    owner: str | None,
    note: str | None,
) -> SegmentRecord:
    """Change what people say of a segment; None leaves it, an empty text takes it away.

    Raises:
        UsageError: there is nothing to change, another segment has that name, or a text is not
            of one line or too long.
    """
    if name is None and owner is None and not note:
        raise UsageError(
            "There is nothing to set: give --name, --owner or --note (an empty --name or --owner "
            "takes away what is there)."
        )
    for kind, text, longest in (
        ("name", name, _LONGEST), ("owner", owner, _LONGEST), ("note", note, _LONGEST_NOTE),
    ):  # fmt: skip
        if text is not None and (len(text) > longest or not text.isprintable()):
            raise UsageError(
                f"A {kind} has at most {longest:,} characters on one line; this one has "
                f"{len(text):,}"
                + ("" if text.isprintable() else ", some of which cannot be shown")
                + "."
            )
    taken = [one.id for one in others if name and one.id != segment.id and one.name == name]
    if taken:
        raise UsageError(f"The segment {taken[0]} is called '{name}' already: give another name.")
    return work.registry.identities.annotate(
        segmentation, segment.id, name=name, owner=owner, note=note
    )
