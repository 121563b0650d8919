"""A sentence for what became of segments, with the shares that make it true."""

from __future__ import annotations

from collections.abc import Sequence

from customer_atlas.segments.ledger.matching import Link, Transition
from customer_atlas.segments.numbers import say_share

__all__ = ["say_transition"]


def say_transition(one: Transition, earlier: Sequence[str], later: Sequence[str]) -> str:
    """Return a transition in words, given the names of the segments before and after.

    >>> from customer_atlas.segments.ledger.matching import match_segments
    >>> (one,) = match_segments([[60, 40]])
    >>> say_transition(one, ["Regulars"], ["Big regulars", "Lapsed regulars"])
    'Regulars split into Big regulars (60% of its customers) and Lapsed regulars (40%).'
    """
    if one.kind == "survived":
        (link,) = one.links
        return (
            f"{later[link.later]} goes on: {say_share(link.kept)} of its customers stayed, and "
            f"they are {say_share(link.made)} of it now."
        )
    if one.kind == "split":
        parts = [f"{later[link.later]} ({say_share(link.kept)})" for link in one.links]
        parts[0] = parts[0].replace(")", " of its customers)")
        return f"{earlier[one.earlier[0]]} split into {_listed(parts)}."
    if one.kind == "merged":
        parts = [f"{earlier[link.earlier]} ({say_share(link.kept)})" for link in one.links]
        parts[0] = parts[0].replace(")", " of its customers)")
        return f"{_listed(parts)} came together as {later[one.later[0]]}."
    if one.kind == "born":
        return f"{later[one.later[0]]} is new{_from(one.links, earlier)}."
    return f"{earlier[one.earlier[0]]} is no more{_to(one.links, later)}."


def _from(links: Sequence[Link], names: Sequence[str]) -> str:
    if not links:
        return ": nobody in it was known before"
    return (
        f": {_listed([f'{say_share(one.made)} came from {names[one.earlier]}' for one in links])}"
    )


def _to(links: Sequence[Link], names: Sequence[str]) -> str:
    if not links:
        return ": none of its customers is known any more"
    return f": {_listed([f'{say_share(one.kept)} went to {names[one.later]}' for one in links])}"


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
