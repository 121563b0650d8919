"""Features in real units as the matrix that boosted trees read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.features import FeatureInfo

__all__ = ["Encoding", "Floats"]

Floats = NDArray[np.float64]

_LEVELS = 64  # what is rarer than so many categories is told together, as unknown


@dataclass(frozen=True)
class Encoding:
    """Which features there are, and the number of each category.

    >>> info = FeatureInfo("plan", "attributes", "category", "plan", kind="category")
    >>> table = pa.table({"plan": ["pro", "free", "pro", None]})
    >>> Encoding.of(table, [info]).matrix(table).ravel().tolist()
    [0.0, 1.0, 0.0, nan]
    """

    infos: tuple[FeatureInfo, ...]
    levels: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, table: pa.Table, infos: Sequence[FeatureInfo]) -> Self:
        """Return the encoding of the numbers and categories among `infos`; lists have none."""
        kept = tuple(info for info in infos if info.kind != "list")
        levels = {
            info.name: tuple(_by_count(table[info.name]))
            for info in kept
            if info.kind == "category"
        }
        return cls(kept, levels)

    @property
    def names(self) -> tuple[str, ...]:
        """The features, in the order of the columns."""
        return tuple(info.name for info in self.infos)

    @property
    def categories(self) -> list[int]:
        """The places of the columns that hold numbers of categories."""
        return [at for at, info in enumerate(self.infos) if info.kind == "category"]

    def matrix(self, table: pa.Table) -> Floats:
        """Return the rows (n, d): real units, NaN for unknown, 0 where missing means none."""
        out = np.empty((table.num_rows, len(self.infos)))
        for at, info in enumerate(self.infos):
            out[:, at] = self._column(table[info.name], info)
        return out

    def to_dict(self) -> dict[str, Any]:
        """Return the levels as JSON values; the features are those of the model."""
        return {
            "features": list(self.names),
            "levels": {name: list(values) for name, values in self.levels.items()},
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any], infos: Sequence[FeatureInfo]) -> Self:
        """Return what `to_dict` wrote; raises KeyError where `infos` lack a feature."""
        known = {info.name: info for info in infos}
        levels = {name: tuple(values) for name, values in stored["levels"].items()}
        return cls(tuple(known[name] for name in stored["features"]), levels)

    def _column(self, column: pa.ChunkedArray, info: FeatureInfo) -> Floats:
        if info.kind == "category":
            at = pc.index_in(column.cast(pa.string()), pa.array(self.levels[info.name]))
            return np.asarray(pc.fill_null(at.cast(pa.float64()), np.nan))
        values = np.asarray(pc.fill_null(column.cast(pa.float64()), np.nan))
        return np.where(np.isnan(values), 0.0, values) if info.zero else values


def _by_count(column: pa.ChunkedArray) -> list[str]:
    """Return the most frequent texts; of equals the first in the alphabet."""
    counts = pc.value_counts(column.cast(pa.string())).to_pylist()
    known = [(-one["counts"], one["values"]) for one in counts if one["values"] is not None]
    return [text for _, text in sorted(known)[:_LEVELS]]
