"""Flags that exclude one another, read as the one category they are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.structure_test.column import Column, normal_scores
from customer_atlas.clustering.structure_test.marginal import with_atoms

__all__ = ["with_categories"]


def with_categories(columns: Sequence[Column], draw: np.random.Generator) -> list[Column]:
    """Return the columns, with flags of which no row has two joined into one category each.

    The flags of a one-hot category are not independent, and that is no group. A category has
    an atom for each kind, and kinds are in the order of their means on the first principal
    direction of the other columns, so that a copula can carry what they have in common. Of
    columns of few values in the same order, or the opposite one, one is kept.
    """
    columns = _without_repeats(columns)
    flags = [c for c in columns if len(c.levels) == 2 and c.is_few_valued]
    others = [c for c in columns if not (len(c.levels) == 2 and c.is_few_valued)]
    blocks: list[list[Column]] = []
    for flag in flags:
        for block in blocks:
            if not any((_raised(flag) & _raised(member)).any() for member in block):
                block.append(flag)
                break
        else:
            blocks.append([flag])
    others += [block[0] for block in blocks if len(block) == 1]
    several = [block for block in blocks if len(block) > 1]
    line = _first_direction(others) if several else None
    return others + [_category(block, line, draw) for block in several]


def _raised(flag: Column) -> np.ndarray:
    return flag.values[:, 0] > 0


def _without_repeats(columns: Sequence[Column]) -> list[Column]:
    kept: dict[bytes, Column] = {}
    for number, column in enumerate(columns):
        key = number.to_bytes(8, "big")
        if column.is_few_valued:
            codes = np.unique(column.values, return_inverse=True)[1].ravel().astype(np.int64)
            key = min(codes.tobytes(), (codes.max() - codes).tobytes())
        kept.setdefault(key, column)
    return list(kept.values())


def _first_direction(columns: Sequence[Column]) -> Array | None:
    if not columns:
        return None
    scores = np.stack([column.scores for column in columns], axis=1)
    return np.asarray(scores @ np.linalg.eigh(scores.T @ scores)[1][:, -1])


def _category(block: Sequence[Column], line: Array | None, draw: np.random.Generator) -> Column:
    values = np.concatenate([flag.values for flag in block], axis=1) / np.sqrt(2)
    levels, kinds = np.unique(values, axis=0, return_inverse=True)
    kinds = kinds.ravel()
    counts = np.bincount(kinds)
    if line is not None:
        order = np.argsort(np.bincount(kinds, line) / counts)
        levels, counts, kinds = levels[order], counts[order], np.argsort(order)[kinds]
    codes = np.arange(len(levels), dtype=np.float64)
    marginal = with_atoms(np.empty(0), codes, counts / len(kinds))
    scores = normal_scores(kinds.astype(np.float64), draw)
    return Column(values, scores, marginal, levels, np.empty(0))
