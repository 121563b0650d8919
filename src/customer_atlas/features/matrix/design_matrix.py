"""The design matrix: customers' features as numbers that a distance can be taken of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from customer_atlas.config import Transforms
from customer_atlas.errors import ArtifactError, FeatureError
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix.columns import Column, Known, Values
from customer_atlas.features.matrix.design import Dropped
from customer_atlas.features.matrix.fitting import check_settings, fit_matrix
from customer_atlas.features.matrix.imputation import Imputer
from customer_atlas.features.matrix.outliers import Detector
from customer_atlas.features.matrix.reading import Shrinkage, learn_shrinkages, read_values
from customer_atlas.features.matrix.statistics import Array
from customer_atlas.features.matrix.stored import (
    columns_of,
    numbers_of,
    read_files,
    words_of,
    write_files,
)
from customer_atlas.features.shrinkage import Prior

__all__ = ["DesignMatrix"]

_CHUNK = 16_384  # rows at a time: the piece of the matrix that is filled stays in the cache


@dataclass(frozen=True)
class DesignMatrix:
    """How feature tables become matrices: fitted once, then the same for every customer.

    Each number is filled (0 where missing means none, else the median), winsorised, put on a
    logarithmic scale when skewed, and standardised; each category becomes one column a level;
    what is missing for some gets a flag. `Transforms` may ask for other ways. Constant columns
    and near-duplicates are `dropped` with their reason, and the packs are balanced
    (`pack_factors`). `excluded` customers of those it was fitted to took no part, as outliers.

    >>> import pyarrow as pa
    >>> table = pa.table({"customer_id": ["a", "b", "c"], "age": [20.0, 40.0, 60.0]})
    >>> infos = [FeatureInfo("age", "attributes", "number", "age")]
    >>> DesignMatrix.fit(table, infos).transform(table).round(2).ravel().tolist()
    [-1.22, 0.0, 1.22]
    """

    fitted: tuple[Column, ...]
    infos: tuple[FeatureInfo, ...]
    dropped: tuple[Dropped, ...]
    shrinkages: tuple[Shrinkage, ...] = ()
    detector: Detector | None = None
    imputer: Imputer | None = None
    excluded: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the design columns, in order."""
        return tuple(column.name for column in self.fitted)

    @classmethod
    def fit(
        cls,
        table: pa.Table,
        infos: Sequence[FeatureInfo],
        *,
        weights: Array | None = None,
        transforms: Transforms | None = None,
    ) -> Self:
        """Fit to a table of features, one row a customer, and the customers' weights (n,).

        Raises `FeatureError` when the table is empty, lacks a feature, or the weights do not
        fit, and `ConfigError` when `transforms` names a feature that is not there, or asks of
        one what its kind cannot. The rows count in their order: sort them before, for the same
        bits every time.
        """
        weights = _checked_weights(weights, table.num_rows)
        transforms = transforms or Transforms()
        check_settings(transforms, infos)
        with threadpool_limits(1):  # sums of several threads differ in their last bits
            shrinkages = learn_shrinkages(table, infos, weights) if transforms.shrink else ()
            values = read_values(table, infos, shrinkages)
            fitted = fit_matrix(values, infos, weights, transforms, shrinkages)
        return cls(
            fitted.columns,
            tuple(infos),
            fitted.dropped,
            shrinkages,
            fitted.detector,
            fitted.imputer,
            fitted.excluded,
        )

    def transform(self, table: pa.Table) -> Array:
        """Return the matrix (n, d) float64 of a table of features, C-contiguous.

        A category that was never seen counts as other. Raises `FeatureError` when the table
        lacks a feature.
        """
        used = {column.feature for column in self.fitted}
        detector = self.detector if self.detector and self.detector.then != "exclude" else None
        if detector:
            used |= {column.feature for column in detector.columns}
        values = self._values(table, used)
        if detector and detector.then == "cap":
            values = detector.capped(values)
        elif detector and "" in used:
            values[""] = detector.found(values)
        out = np.empty((table.num_rows, len(self.fitted)))
        for start in range(0, table.num_rows, _CHUNK):
            rows = slice(start, start + _CHUNK)
            for j, column in enumerate(self.fitted):
                out[rows, j] = column.apply(values[column.feature][rows])
            if self.imputer:
                unknown = [
                    column.unknown(values[column.feature][rows])
                    for column in (self.fitted[j] for j in self.imputer.targets)
                ]
                self.imputer.fill(out[rows], np.stack(unknown, axis=1))
        return out

    def trains(self, table: pa.Table) -> Known:
        """Return which customers (n,) take part in training: all but the excluded outliers."""
        if self.detector is None or self.detector.then != "exclude":
            return np.ones(table.num_rows, bool)
        values = self._values(table, {column.feature for column in self.detector.columns})
        return ~self.detector.found(values)

    def save(self, folder: Path) -> None:
        """Write `matrix.json` and `matrix.npz` into the folder, which is made if need be."""
        facts = {
            "infos": [asdict(info) for info in self.infos],
            "columns": words_of(self.fitted),
            "dropped": [asdict(dropped) for dropped in self.dropped],
            "shrinkages": [[each.feature, each.evidence] for each in self.shrinkages],
            "excluded": self.excluded,
            "detector": self.detector.to_facts() if self.detector else None,
        }
        arrays = numbers_of("columns", self.fitted)
        arrays["mean"] = np.array([each.prior.mean for each in self.shrinkages], np.float64)
        arrays["strength"] = np.array([each.prior.strength for each in self.shrinkages], np.float64)
        arrays |= self.detector.to_arrays() if self.detector else {}
        arrays |= self.imputer.to_arrays("imputer") if self.imputer else {}
        write_files(folder, facts, arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises `ArtifactError` when it is missing or damaged."""
        try:
            facts, arrays = read_files(folder)
            priors = map(Prior, arrays["mean"].tolist(), arrays["strength"].tolist())
            return cls(
                columns_of("columns", facts["columns"], arrays),
                tuple(FeatureInfo(**info) for info in facts["infos"]),
                tuple(Dropped(**dropped) for dropped in facts["dropped"]),
                tuple(
                    Shrinkage(feature, evidence, prior)
                    for (feature, evidence), prior in zip(facts["shrinkages"], priors, strict=True)
                ),
                Detector.of(facts["detector"], arrays) if facts["detector"] else None,
                Imputer.from_arrays("imputer", arrays) if "imputer.targets" in arrays else None,
                facts["excluded"],
            )
        except Exception as cause:
            raise ArtifactError(f"The design matrix in {folder} cannot be read: {cause}") from cause

    def _values(self, table: pa.Table, used: set[str]) -> dict[str, Values]:
        infos = [info for info in self.infos if info.name in used]
        return read_values(table, infos, self.shrinkages)


def _checked_weights(weights: Array | None, rows: int) -> Array:
    if rows == 0:
        raise FeatureError("The feature table holds no customer, so nothing can be learned of it.")
    if weights is None:
        return np.ones(rows)
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape != (rows,) or not (np.isfinite(weights).all() and (weights > 0).all()):
        raise FeatureError(f"{rows} positive weights are needed; found {weights.shape}.")
    return weights
