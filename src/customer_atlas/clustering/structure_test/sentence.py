"""The null test in one sentence for people."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from customer_atlas.clustering.structure_test.result import DipPart, GapPart, InertiaPart

__all__ = ["sentence"]


def sentence(
    structured: bool, p_value: float, part: InertiaPart | DipPart | GapPart, references: int,
    names: Sequence[str] = (),
) -> str:  # fmt: skip
    """Return what was found, by the part that spoke; columns are told by their `names`."""
    chance = f"(p = {p_value:.2g})" if p_value >= 0.001 else "(p < 0.001)"
    if not structured:
        return (
            "No groups: divided, the customers lie no closer together than those of one group"
            f" may by chance, and no column or direction has two clear peaks {chance}."
        )
    if isinstance(part, InertiaPart):
        return (
            f"There are groups: divided into {part.k}, the customers lie closer together than in"
            f" {references} tables like theirs that have one group {chance}."
        )
    if isinstance(part, GapPart):
        return (
            "There are groups: the gaps between them are"
            f" {exp(part.statistic):.1f} times as wide as the steps from customer to customer"
            f" within them {chance}."
        )
    where = {
        "column": f"'{names[part.number]}'"
        if names and part.axis == "column"
        else f"column {part.number}, counted from 0",
        "direction": f"principal direction {part.number}, counted from 0",
        "line": "the line that parts them best",
    }[part.axis]
    return f"There are groups: the customers' values have two peaks or more on {where} {chance}."
