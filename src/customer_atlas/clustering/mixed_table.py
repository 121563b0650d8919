"""Tables of numbers and categories as matrices of numbers and codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array
from customer_atlas.errors import ClusteringError, nearest

__all__ = ["Coding", "named_columns"]

Column = Any  # a column of Arrow (pa.ChunkedArray) or of NumPy


@dataclass(frozen=True)
class Coding:
    """How the columns of a table become those of a matrix: numbers stay, categories get codes.

    `categorical` are places among `names`; `categories` are, for each of them, the texts in
    order, with None at the end where a value was missing.

    >>> table = {"spent": np.array([1.5, 2.0]), "city": np.array(["Rome", None], object)}
    >>> coding = Coding.of(table, None)
    >>> coding.categorical, coding.categories
    ((1,), (('Rome', None),))
    >>> coding.matrix(table).tolist()
    [[1.5, 0.0], [2.0, 1.0]]
    """

    names: tuple[str, ...]
    categorical: tuple[int, ...]
    categories: tuple[tuple[str | None, ...], ...]

    @classmethod
    def of(cls, columns: dict[str, Column], categorical: Sequence[str | int] | None) -> Coding:
        """Learn the categories of the named or numbered columns, or of all that are no numbers."""
        names = tuple(columns)
        if categorical is None:
            places = [j for j, name in enumerate(names) if not _is_number(columns[name])]
        else:
            places = sorted({_place(one, names) for one in categorical})
        seen = [{_text(value) for value in _distinct(columns[names[j]])[1]} for j in places]
        return cls(names, tuple(places), tuple(_in_order(texts) for texts in seen))

    def matrix(self, columns: dict[str, Column]) -> Array:
        """Return numbers and codes (n, d); -1 where a category was never seen.

        Raises `ClusteringError` where numbers are missing or infinite, and names the columns.
        """
        known = dict(zip(self.categorical, self.categories, strict=True))
        values = [
            _codes(column, known[j]) if j in known else _numbers(name, column)
            for j, (name, column) in enumerate(columns.items())
        ]
        bad = [
            f"{name} ({int((~np.isfinite(column)).sum())})"
            for name, column in zip(self.names, values, strict=True)
            if not np.isfinite(column).all()
        ]
        if bad:
            raise ClusteringError(
                f"Missing or infinite numbers, of so many customers, in: {', '.join(bad)}."
                " Fill them first; a category may be missing."
            )
        return np.column_stack(values)


def named_columns(X: Any) -> dict[str, Column] | None:
    """Return the columns of a table, or of a NumPy matrix of objects; None for what is neither.

    >>> list(named_columns(np.array([[1, "a"]], object)))
    ['0', '1']
    """
    if hasattr(X, "__arrow_c_stream__") and hasattr(X, "columns"):
        try:
            table = _table(X)
        except (pa.ArrowException, TypeError, ValueError) as cause:
            raise ClusteringError(f"The table cannot be read: {cause}.") from cause
        if twice := {name for name in table.column_names if table.column_names.count(name) > 1}:
            raise ClusteringError(f"Several columns are called {', '.join(sorted(twice))}.")
        return dict(zip(table.column_names, table.columns, strict=True))
    if isinstance(X, list):
        X = np.array(X, dtype=object)
    if isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype.kind in "OUS":
        return {str(j): X[:, j] for j in range(X.shape[1])}
    return None


def _table(X: Any) -> pa.Table:
    if hasattr(X, "iloc"):  # pandas would make a column of the index
        return pa.Table.from_pandas(X.rename(columns=str), preserve_index=False)
    return pa.table(X)


def _place(wanted: str | int, names: Sequence[str]) -> int:
    if isinstance(wanted, str):
        if wanted in names:
            return names.index(wanted)
    elif -len(names) <= wanted < len(names):
        return int(wanted) % len(names)
    raise ClusteringError(
        f"There is no column {wanted!r} among the {len(names)}.{nearest(str(wanted), names)}"
    )


def _is_number(column: Column) -> bool:
    if isinstance(column, pa.ChunkedArray):
        kind = column.type
        number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
        return bool(number or pa.types.is_decimal(kind))
    return all(
        isinstance(value, int | float | np.number) and not isinstance(value, bool)
        for value in column.tolist()
        if value is not None
    )


def _numbers(name: str, column: Column) -> Array:
    try:
        if isinstance(column, pa.ChunkedArray):
            column = np.asarray(pc.fill_null(pc.cast(column, pa.float64()), np.nan))
        return np.asarray(column, np.float64)
    except (pa.ArrowException, TypeError, ValueError) as cause:
        raise ClusteringError(
            f"Column {name} does not hold numbers alone: {cause}. Name it in `categorical`."
        ) from cause


def _distinct(column: Column) -> tuple[NDArray[np.int64], list[Any]]:
    """Return the place (n,) of each value among the distinct ones, and these."""
    if isinstance(column, pa.ChunkedArray):
        if pa.types.is_dictionary(column.type):
            column = pc.cast(column, column.type.value_type)
        coded = pc.dictionary_encode(column, null_encoding="encode").combine_chunks()
        coded = coded if isinstance(coded, pa.DictionaryArray) else coded.chunk(0)
        return np.asarray(coded.indices, np.int64), coded.dictionary.to_pylist()
    found: dict[tuple[type, Any], int] = {}
    values = column.tolist()
    try:
        places = [found.setdefault((type(value), value), len(found)) for value in values]
    except TypeError as cause:
        raise ClusteringError(f"A category must be a text or a number: {cause}.") from cause
    return np.array(places, np.int64), [value for _, value in found]


def _codes(column: Column, categories: Sequence[str | None]) -> Array:
    code = {text: number for number, text in enumerate(categories)}
    places, values = _distinct(column)
    codes = np.array([code.get(_text(value), -1) for value in values], np.float64)
    return codes[places]


def _text(value: Any) -> str | None:
    """Return a category as text, the same whether a whole number came as 3 or as 3.0."""
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _in_order(texts: Iterable[str | None]) -> tuple[str | None, ...]:
    return tuple(sorted(texts, key=lambda text: (text is None, text or "")))
