"""Features that know what nobody could know: a label, or what customers did later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.features.selection.association import area_under_curve, correlation, ranks
from customer_atlas.features.selection.customers import Array, Column, Customers, aligned

__all__ = ["knows_the_label", "knows_the_later"]

_TELLS = 0.99
_ENOUGH = 20
_VALUES = 10
_BINS = 50
_FOLDS = 5


@dataclass(frozen=True)
class _Question:
    """A label as a question: `rows` have an answer, `answer` (n,) is theirs.

    Of a label with a few values it is a position in `values`, the most frequent first; of any
    other it is the number itself.
    """

    label: str
    rows: NDArray[np.int64]
    answer: Array
    values: tuple[str, ...] = ()


def knows_the_label(
    columns: Sequence[Column], customers: Customers, labels: pa.Table
) -> Iterator[tuple[str, str]]:
    """Yield the features that tell a label almost alone, and which label and how well.

    A label with two values is told by a number whose area under the ROC curve is 0.99 or more, in
    either direction; where a feature is unknown it counts as below all and as above all, and
    the better is taken, since to be unknown may tell the label by itself. A label of up to ten
    values is told where the mean area of each value against the others, weighted by customers,
    is 0.99 or more; the feature, cut into fiftieths where it is a number, then stands
    for the share of the value among those alike in the other four of five folds, and so do
    categories always. Any other label is a number, told by a Spearman correlation of 0.99 or
    more. Values that fewer than 20 customers have are left out.
    """
    questions = list(_questions(aligned(labels, customers.ids, "labels")))
    for column in columns:
        for question in questions:
            told = _told(column, question)
            if told >= _TELLS:
                yield column.info.name, _sentence(question, told)
                break


def _questions(labels: pa.Table) -> Iterator[_Question]:
    for name in labels.column_names:
        if name == "customer_id":
            continue
        column = labels.column(name).combine_chunks()
        rows = np.flatnonzero(np.asarray(pc.is_valid(column)))
        column = column.drop_null()
        if len(pc.unique(column)) <= _VALUES:
            yield from _of_few_values(name, column, rows)
        elif pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            numbers = np.asarray(column.cast(pa.float64()))
            finite = np.isfinite(numbers)
            if finite.sum() >= 2 * _ENOUGH:
                yield _Question(name, rows[finite], numbers[finite])


def _of_few_values(name: str, column: pa.Array, rows: NDArray[np.int64]) -> Iterator[_Question]:
    counted = column.value_counts()
    sizes = {
        str(value): count
        for value, count in zip(
            counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True
        )
        if count >= _ENOUGH
    }
    values = sorted(sizes, key=lambda value: (-sizes[value], value))
    if len(values) >= 2:
        places = {value: place for place, value in enumerate(values)}
        codes = np.array([places.get(str(value), -1) for value in column.to_pylist()])
        yield _Question(name, rows[codes >= 0], codes[codes >= 0].astype(float), tuple(values))


def _told(column: Column, question: _Question) -> float:
    values, answer = column.values[question.rows], question.answer
    if column.info.kind == "category" or len(question.values) > 2:
        kinds = _kinds(values, column)
        if not question.values:
            return correlation(ranks(_mean_answers(kinds, answer)), ranks(answer))
        pairs = len(question.values) if len(question.values) > 2 else 1
        areas, sizes = zip(
            *(_area_and_size(kinds, answer == value) for value in range(pairs)), strict=True
        )
        return float(np.average(areas, weights=sizes))
    fills = (-np.inf, np.inf) if np.isnan(values).any() else (0.0,)
    return max(
        _told_by_order(ranks(np.where(np.isnan(values), fill, values)), question) for fill in fills
    )


def _told_by_order(ranked: Array, question: _Question) -> float:
    if not question.values:
        return abs(correlation(ranked, ranks(question.answer)))
    area = area_under_curve(ranked, question.answer == 1)
    return max(area, 1 - area)


def _area_and_size(kinds: NDArray[np.int64], has: NDArray[np.bool_]) -> tuple[float, int]:
    means = _mean_answers(kinds, has.astype(np.float64))
    return area_under_curve(ranks(means), has), int(has.sum())


def _kinds(values: Array, column: Column) -> NDArray[np.int64]:
    """Return for each customer the number of the level, or of the bin; 0 is unknown."""
    known = values[~np.isnan(values)]
    if column.info.kind == "number" and len(known):
        edges = np.unique(np.quantile(known, np.arange(1, _BINS) / _BINS))
        values = np.where(np.isnan(values), -1, np.searchsorted(edges, values))
    return np.where(np.isnan(values), -1, values).astype(np.int64) + 1


def _sentence(question: _Question, told: float) -> str:
    start = f"It tells the label '{question.label}' almost alone: "
    customers = f"{len(question.rows):,} customers"
    if not question.values:
        return f"{start}their rank correlation is {told:.4f} over {customers}."
    if len(question.values) == 2:
        fewer = int((question.answer == 1).sum())
        return (
            f"{start}with an AUC of {told:.4f} it tells {fewer:,} customers with "
            f"'{question.values[1]}' from {len(question.rows) - fewer:,} others."
        )
    return (
        f"{start}with a mean AUC of {told:.4f} it tells its {len(question.values)} values from "
        f"one another, over {customers}."
    )


def _mean_answers(kinds: NDArray[np.int64], answer: Array) -> Array:
    """Return for each customer the mean answer of the alike in the other folds."""
    fold = np.arange(len(kinds)) % _FOLDS
    means = np.empty(len(kinds))
    for held in range(_FOLDS):
        rest = fold != held
        size = np.bincount(kinds[rest], minlength=kinds.max() + 1)
        total = np.bincount(kinds[rest], answer[rest], minlength=kinds.max() + 1)
        mean = np.where(size > 0, total / np.maximum(size, 1), answer[rest].mean())
        means[fold == held] = mean[kinds[fold == held]]
    return means


def knows_the_later(
    columns: Iterable[Column], outcomes: Sequence[tuple[str, Array]]
) -> Iterator[tuple[str, str]]:
    """Yield the features of the earlier time that equal what customers did after it.

    Equal is to nine digits for every customer of whom the feature is known, at least 20 of them
    with another than the commonest outcome.
    """
    for column in columns:
        known = ~np.isnan(column.values)
        if column.info.kind == "category" or not known.any():
            continue
        for name, outcome in outcomes:
            _, counts = np.unique(outcome[known], return_counts=True)
            others = int(known.sum() - counts.max())
            if others >= _ENOUGH and np.allclose(
                column.values[known], outcome[known], rtol=1e-9, atol=0
            ):
                yield (
                    column.info.name,
                    (
                        f"As of the earlier time it equals '{name}', which customers did after "
                        f"it, for all {known.sum():,} customers looked at: it sees the future."
                    ),
                )
                break
