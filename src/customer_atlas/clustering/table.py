"""Any table of people as a matrix: numbers, truth values and categories, whatever holds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.clustering.associations import Associations
from customer_atlas.clustering.lloyd import Array
from customer_atlas.errors import ClusteringError
from customer_atlas.features import DesignMatrix, FeatureInfo

__all__ = ["Table", "table_of"]

_PACK = "table"  # all columns are of one pack, so that none weighs more than another
_NAMES = 0.5  # a text column with more different values than this share of the rows names people
_FEW = 50
_TOGETHER = "categories"
_LARGEST = 1e150  # the square of a larger number is infinite
_MISSING = {"None", "nan", "NaN", "NaT", "<NA>"}  # as values that are no texts are written


def table_of(X: Any) -> pa.Table:
    """Return any table as an Arrow table: NumPy, pandas, Polars, Arrow, or rows of values.

    Columns without a name are called x0, x1, and so on. Raises `ClusteringError` for what has no
    rows and columns, is sparse or complex.
    """
    if isinstance(X, pa.Table):
        return _named(X, X.column_names)
    if isinstance(X, pa.RecordBatch):
        return _named(pa.Table.from_batches([X]), X.schema.names)
    if hasattr(X, "to_arrow") and hasattr(X, "columns"):  # Polars
        table = X.to_arrow()
        return _named(table, table.column_names)
    if hasattr(X, "iloc") and hasattr(X, "columns"):  # pandas
        names = [str(name) for name in X.columns]
        columns = [_column(X.iloc[:, at], names[at]) for at in range(len(names))]
        return _named(pa.table(columns, names=[f"x{at}" for at in range(len(names))]), names)
    return _of_array(X)


@dataclass(frozen=True)
class Table:
    """How tables become matrices: fitted once, then the same for everybody.

    Numbers are standardised, with heavy tails drawn in and skewed ones on a logarithmic scale;
    truth values and categories take part by what they say together (see `Associations`), and
    `idle` says which of them have no part. What is missing goes to the middle, with a flag.
    Columns that name people, that are dates, or that are the same for everybody are left out, and
    `left_out` says why.
    """

    matrix: DesignMatrix
    associations: Associations | None
    names: tuple[str, ...]
    left_out: dict[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the matrix's columns."""
        return self._called(self.matrix.columns)

    @property
    def features(self) -> tuple[str, ...]:
        """The column of the table that each of the matrix's columns is of, or "categories"."""
        return self._called([column.feature for column in self.matrix.fitted], together=True)

    @property
    def idle(self) -> dict[str, str]:
        """The categories that have no part in the matrix, and why."""
        return self.associations.idle if self.associations else {}

    @classmethod
    def fit(cls, table: pa.Table, weights: Array) -> Table:
        """Fit to a table of n rows with weights (n,). Raises `ClusteringError`."""
        if not table.num_columns or not table.num_rows:
            raise _nothing(*table.shape)
        infos: list[FeatureInfo] = []
        left_out: dict[str, str] = {}
        for name in table.column_names:
            kind = _kind(table[name])
            if kind in ("number", "category"):
                infos.append(FeatureInfo(name, _PACK, "number", name, kind))  # type: ignore[arg-type]
            else:
                left_out[name] = kind
        if not infos:
            told = "; ".join(f"{name}: {why}" for name, why in left_out.items())
            raise ClusteringError(
                f"No column can be used ({told}). Numbers, truth values and categories can."
            )
        numbers = _numbers(table, infos)
        matrix = DesignMatrix.fit(numbers, infos, weights=weights)
        left_out |= {gone.column or gone.feature: gone.reason for gone in matrix.dropped}
        categories = _categories(matrix)
        together = (
            Associations.of(matrix.transform(numbers), weights, categories) if categories else None
        )
        return cls(matrix, together, tuple(table.column_names), left_out)

    def transform(self, table: pa.Table) -> Array:
        """Return the matrix (n, d) of a table with the same columns; of none, a column of zeros.

        Raises `ClusteringError` where a column is missing.
        """
        there = set(table.column_names)
        if missing := [name for name in self.names if name not in there]:
            many = f"{len(missing)} of {len(self.names)}"
            raise ClusteringError(
                f"X has {table.num_columns} features, but AutoClusterer is expecting"
                f" {len(self.names)} features as input; {many} are missing, such as"
                f" '{missing[0]}'. Give the columns that it was fitted with."
            )
        points = self.matrix.transform(_numbers(table, self.matrix.infos))
        if self.associations is not None:
            points = points @ self.associations.map
        return points if points.shape[1] else np.zeros((len(points), 1))

    def _called(self, names: Sequence[str], *, together: bool = False) -> tuple[str, ...]:
        if self.associations is None:
            return tuple(names)
        of_numbers = [names[at] for at in self.associations.numbers]
        count = self.associations.components
        more = [_TOGETHER if together else f"{_TOGETHER} {at + 1}" for at in range(count)]
        return (*of_numbers, *more)


def _categories(matrix: DesignMatrix) -> dict[str, list[int]]:
    """Return the columns of each category."""
    found: dict[str, list[int]] = {
        info.name: [] for info in matrix.infos if info.kind == "category"
    }
    for at, column in enumerate(matrix.fitted):
        if column.feature in found:
            found[column.feature].append(at)
    return {name: columns for name, columns in found.items() if columns}


def _kind(column: pa.ChunkedArray) -> str:
    """Return number, category, or the reason why a column takes no part."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return "category" if pa.types.is_boolean(kind) else "known for nobody"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_temporal(kind):
        return "a moment; make a number of it, such as days since"
    if not (_is_text(kind)):
        return f"values of the type {kind}"
    different = pc.count_distinct(column.cast(pa.large_string())).as_py()
    if different > max(_FEW, _NAMES * len(column)):
        return f"it has {different} different texts, so it names people"
    return "category"


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _numbers(table: pa.Table, infos: Sequence[FeatureInfo]) -> pa.Table:
    """Return the columns of the features, truth values and categories as texts.

    Raises `ClusteringError` where a number is infinite or no number at all.
    """

    def read() -> Iterator[pa.ChunkedArray]:
        for info in infos:
            column = table[info.name]
            if pa.types.is_dictionary(column.type):
                column = pc.cast(column, column.type.value_type)
            wanted = pa.float64() if info.kind == "number" else pa.string()
            try:
                column = column.cast(wanted, safe=False)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as cause:
                raise ClusteringError(
                    f"The column '{info.name}' held numbers when it was fitted; found"
                    f" {column.type}."
                ) from cause
            if info.kind == "number" and pc.any(pc.is_inf(column)).as_py():
                count = pc.sum(pc.is_inf(column)).as_py()
                raise ClusteringError(
                    f"The column '{info.name}' holds infinity for {count} of {len(column)}"
                    " customers. Make it a number, or leave it empty."
                )
            if info.kind == "number" and (pc.max(pc.abs(column)).as_py() or 0.0) > _LARGEST:
                raise ClusteringError(
                    f"The column '{info.name}' holds a number beyond {_LARGEST:g}, too large to"
                    " measure distances with. Give it in a larger unit."
                )
            yield column

    return pa.table(list(read()), names=[info.name for info in infos])


def _of_array(X: Any) -> pa.Table:
    if hasattr(X, "toarray"):
        raise ClusteringError(
            "Found a sparse matrix. Make it dense, with X.toarray(), or name fewer columns."
        )
    try:
        values = X if isinstance(X, np.ma.MaskedArray) else np.asarray(X)
    except ValueError as cause:
        raise ClusteringError(f"All rows of a table must be of one length: {cause}") from cause
    if values.ndim != 2:
        found = f"{values.ndim} dimension(s)" if values.ndim else f"a {type(X).__name__}"
        raise ClusteringError(
            f"A table of rows and columns is needed; found {found}."
            " Reshape your data: a single column is X.reshape(-1, 1)."
        )
    if not values.shape[1]:
        raise _nothing(*values.shape)  # an Arrow table without columns has no rows either
    names = [f"x{at}" for at in range(values.shape[1])]
    return pa.table([_column(values[:, at], names[at]) for at in range(len(names))], names)


def _nothing(rows: int, columns: int) -> ClusteringError:
    return ClusteringError(
        f"There is nothing to cluster: found {rows} sample(s) and {columns} feature(s)"
        f" (shape=({rows}, {columns})) while a minimum of 1 is required."
    )


def _column(values: Any, name: str) -> pa.Array:
    """Return a column of pandas or NumPy as Arrow has it: NaN is missing, as are masked values."""
    if np.iscomplexobj(values):
        raise ClusteringError(
            f"Complex data not supported: found complex numbers in the column '{name}'."
        )
    if getattr(values, "dtype", None) == np.dtype(object):
        return _of_objects(np.asarray(values), name)
    if isinstance(values, np.ndarray) and not isinstance(values, np.ma.MaskedArray):
        values = np.ascontiguousarray(values)
    try:
        array = pa.array(values, from_pandas=True)
    except (pa.ArrowNotImplementedError, pa.ArrowTypeError):  # long doubles, sparse columns
        try:
            array = pa.array(np.asarray(values, np.float64), from_pandas=True)
        except (TypeError, ValueError) as cause:
            raise ClusteringError(
                f"The column '{name}' cannot be read: found {values.dtype}. Make it numbers or"
                " texts, or leave it out."
            ) from cause
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _of_objects(values: NDArray[Any], name: str) -> pa.Array:
    """Return objects as what they are where they are alike, else as their texts."""
    try:
        array = pa.array(values, from_pandas=True)
    except (pa.ArrowException, OverflowError):
        array = None
    if array is not None and not pa.types.is_nested(array.type):
        return array
    if array is not None or any(isinstance(value, dict | list | set | tuple) for value in values):
        raise ClusteringError(
            f"The column '{name}' holds lists; argument must be a string or a number."
        )
    if not any(isinstance(value, str) for value in values):
        try:  # numbers of several kinds, or larger ones than 64 bits hold
            return pa.array(values.astype(np.float64), from_pandas=True)
        except (TypeError, ValueError):
            pass
    known = [isinstance(value, str) or str(value) not in _MISSING for value in values]
    texts = [
        str(value) if is_known else None for value, is_known in zip(values, known, strict=True)
    ]
    return pa.array(texts, pa.string())


def _named(table: pa.Table, names: Sequence[str]) -> pa.Table:
    counts = Counter(names)
    repeated = sorted(name for name, count in counts.items() if count > 1)
    if repeated:
        raise ClusteringError(
            f"The column '{repeated[0]}' is there {counts[repeated[0]]} times;"
            " give each column a name of its own."
        )
    return table.rename_columns(list(names))
