"""The design matrix: customers' features as numbers that a distance can be taken of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from customer_atlas.errors import ArtifactError, FeatureError
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix_balance import distinct, pack_factors
from customer_atlas.features.matrix_columns import Column, read
from customer_atlas.features.matrix_design import Dropped, design
from customer_atlas.features.matrix_statistics import Array, weighted_covariance
from customer_atlas.side_by_side import side_by_side

__all__ = ["DesignMatrix", "Dropped"]

_FORMAT = 1
_CHUNK = 16_384  # rows at a time: the piece of the matrix that is filled stays in the cache
_NUMBERS = ("fill", "low", "high", "center", "factor")


@dataclass(frozen=True)
class DesignMatrix:
    """How feature tables become matrices: fitted once, then the same for every customer.

    Each number is filled (0 where missing means none, else the median), winsorised, put on a
    logarithmic scale when skewed, and standardised; each category becomes one column a level;
    what is missing for some gets a flag. Constant columns and near-duplicates are `dropped`
    with their reason, and the packs are balanced (`pack_factors`).

    >>> import pyarrow as pa
    >>> table = pa.table({"customer_id": ["a", "b", "c"], "age": [20.0, 40.0, 60.0]})
    >>> infos = [FeatureInfo("age", "attributes", "number", "age")]
    >>> DesignMatrix.fit(table, infos).transform(table).round(2).ravel().tolist()
    [-1.22, 0.0, 1.22]
    """

    fitted: tuple[Column, ...]
    infos: tuple[FeatureInfo, ...]
    dropped: tuple[Dropped, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the design columns, in order."""
        return tuple(column.name for column in self.fitted)

    @classmethod
    def fit(
        cls, table: pa.Table, infos: Sequence[FeatureInfo], *, weights: Array | None = None
    ) -> Self:
        """Fit to a table of features, one row a customer, and the customers' weights (n,).

        Raises `FeatureError` when the table is empty, lacks a feature, or the weights do not
        fit. The rows count in their order: sort them before, for the same bits every time.
        """
        weights = _checked_weights(weights, table.num_rows)

        def fitted(info: FeatureInfo) -> tuple[list[Column], list[Dropped], list[Array]]:
            found = read(table, info)
            made, without = design(info, found, weights)
            return made, without, [column.apply(found) for column in made]

        columns: list[Column] = []
        dropped: list[Dropped] = []
        values: list[Array] = []
        for made, without, applied in side_by_side(fitted, infos):
            columns += made
            dropped += without
            values += applied
        if not columns:
            return cls((), tuple(infos), tuple(dropped))
        with threadpool_limits(1):  # sums of several threads differ in their last bits
            covariance = weighted_covariance(np.stack(values, axis=1), weights)
            kept, twins = distinct(columns, covariance)
            columns = [columns[j] for j in kept]
            factors = pack_factors(columns, covariance[np.ix_(kept, kept)])
        balanced = (column.scaled(factor) for column, factor in zip(columns, factors, strict=True))
        return cls(tuple(balanced), tuple(infos), tuple(dropped + twins))

    def transform(self, table: pa.Table) -> Array:
        """Return the matrix (n, d) float64 of a table of features, C-contiguous.

        A category that was never seen counts as other. Raises `FeatureError` when the table
        lacks a feature.
        """
        used = {column.feature for column in self.fitted}
        values = {info.name: read(table, info) for info in self.infos if info.name in used}
        out = np.empty((table.num_rows, len(self.fitted)))
        for start in range(0, table.num_rows, _CHUNK):
            rows = slice(start, start + _CHUNK)
            for j, column in enumerate(self.fitted):
                out[rows, j] = column.apply(values[column.feature][rows])
        return out

    def save(self, folder: Path) -> None:
        """Write `matrix.json` and `matrix.npz` into the folder, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        facts = {
            "format": _FORMAT,
            "infos": [asdict(info) for info in self.infos],
            "columns": [_words(column) for column in self.fitted],
            "dropped": [asdict(dropped) for dropped in self.dropped],
        }
        text = json.dumps(facts, indent=1, ensure_ascii=False)
        (folder / "matrix.json").write_text(text + "\n", encoding="utf-8")
        arrays = {name: np.array([getattr(c, name) for c in self.fitted]) for name in _NUMBERS}
        np.savez(folder / "matrix.npz", allow_pickle=False, **arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises `ArtifactError` when it is missing or damaged."""
        try:
            facts = json.loads((folder / "matrix.json").read_text(encoding="utf-8"))
            if facts["format"] != _FORMAT:
                raise ValueError(f"format {facts['format']} instead of {_FORMAT}")
            with np.load(folder / "matrix.npz", allow_pickle=False) as arrays:
                numbers = {name: arrays[name].tolist() for name in _NUMBERS}
            return cls(
                tuple(
                    Column(
                        **words
                        | {"levels": tuple(words["levels"])}
                        | {n: v[j] for n, v in numbers.items()}
                    )
                    for j, words in enumerate(facts["columns"])
                ),
                tuple(FeatureInfo(**info) for info in facts["infos"]),
                tuple(Dropped(**dropped) for dropped in facts["dropped"]),
            )
        except Exception as cause:
            raise ArtifactError(f"The design matrix in {folder} cannot be read: {cause}") from cause


def _words(column: Column) -> dict[str, Any]:
    return {name: value for name, value in asdict(column).items() if name not in _NUMBERS}


def _checked_weights(weights: Array | None, rows: int) -> Array:
    if rows == 0:
        raise FeatureError("The feature table holds no customer, so nothing can be learned of it.")
    if weights is None:
        return np.ones(rows)
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape != (rows,) or not (np.isfinite(weights).all() and (weights > 0).all()):
        raise FeatureError(f"{rows} positive weights are needed; found {weights.shape}.")
    return weights
