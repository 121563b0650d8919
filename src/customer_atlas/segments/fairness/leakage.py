"""What can be known of an attribute without being told: from segments, and from features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.features import FeatureInfo
from customer_atlas.segments.fairness.groups import Groups
from customer_atlas.segments.fairness.independence import adjusted_fdr
from customer_atlas.segments.fairness.report import FEW, Leakage, Proxy, Told
from customer_atlas.segments.fairness.telling_apart import FOLDS, told

__all__ = [
    "folds_of",
    "judged_rows",
    "leakage",
    "told_by_columns",
    "told_by_lines",
    "told_by_parts",
]

_BINS = 16
_MOST = 20_000
_EXPLAINED = 400
_TREES = 50
_SETTINGS: dict[str, Any] = {
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "verbose": -1,
    "max_bin": 63,
    "num_leaves": 8,
    "learning_rate": 0.1,
    "min_data_in_leaf": 10,
}

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def leakage(
    groups: Groups, places: Codes, features: pa.Table, infos: Sequence[FeatureInfo], seed: int = 0
) -> Leakage | None:
    """Return how well segments and features tell an attribute of customers held out.

    Customers are split into five parts; each part is told by what the other four teach. At most
    20,000 are looked at. None where there are no two groups of 30 customers.

    Args:
        groups: the group of each customer (n,).
        places: the segment of each customer (n,).
        features: a row of features per customer, of those in `infos`.
        infos: the features that take part.
        seed: of the split.
    """
    rows, codes, labels = judged_rows(groups, _MOST, seed)
    if len(labels) < 2:
        return None
    folds = folds_of(codes, seed)
    used = [info for info in infos if info.kind in ("number", "category")]
    table = features.take(pa.array(rows))
    columns = [_column(table[info.name], info) for info in used]
    alone = [told_by_parts(_bins(one, info), codes, folds) for one, info in _both(columns, used)]
    categories = [at for at, info in enumerate(used) if info.kind == "category"]
    matrix = np.column_stack(columns) if columns else np.zeros((len(rows), 0))
    joint, parts = told_by_columns(matrix, codes, folds, categories, seed)
    adjusted = adjusted_fdr([one.p for one in alone])
    proxies = [
        Proxy(info.name, info.label, Told(one.auc, p), float(part))
        for info, one, p, part in zip(used, alone, adjusted, parts, strict=True)
    ]
    proxies.sort(key=lambda one: (-one.alone.auc.value, one.feature))
    segments = told_by_parts(places[rows], codes, folds)
    return Leakage(len(rows), labels, segments, joint, tuple(proxies))


def judged_rows(groups: Groups, most: int, seed: int) -> tuple[Codes, Codes, tuple[str, ...]]:
    """Return at most so many rows of the groups of 30 and more, their codes anew, their labels."""
    kept = np.flatnonzero(groups.sizes >= FEW)
    anew = np.full(len(groups.labels) + 1, -1)
    anew[kept] = np.arange(len(kept))
    codes = anew[groups.codes]
    rows = np.flatnonzero(codes >= 0)
    if len(rows) > most:
        rows = np.sort(np.random.default_rng([seed % 2**63, 2]).permutation(rows)[:most])
    there = np.flatnonzero(np.bincount(codes[rows], minlength=len(kept)) >= FOLDS)
    again = np.full(len(kept), -1)
    again[there] = np.arange(len(there))
    rows = rows[again[codes[rows]] >= 0]
    return rows, again[codes[rows]], tuple(groups.labels[kept[at]] for at in there)


def folds_of(codes: Codes, seed: int) -> Codes:
    """Return a part of each customer, 0 to 4, each group spread over all of them."""
    folds = np.zeros(len(codes), dtype=np.int64)
    draw = np.random.default_rng([seed % 2**63, 3])
    for group in np.unique(codes):
        rows = draw.permutation(np.flatnonzero(codes == group))
        folds[rows] = np.arange(len(rows)) % FOLDS
    return folds


def told_by_parts(parts: Codes, codes: Codes, folds: Codes) -> Told:
    """Return how well a division (n,) alone tells the groups `codes` (n,) of those held out.

    A customer is told by how many of each group are in the same part, elsewhere in the folds;
    one customer more, who is like everybody, keeps small parts from saying too much.
    """
    _, places = np.unique(parts, return_inverse=True)
    shape = int(places.max()) + 1, int(codes.max()) + 1
    scores = np.zeros((len(codes), shape[1]))
    cells = places * shape[1] + codes
    for fold in range(FOLDS):
        seen, held = folds != fold, folds == fold
        counts = np.bincount(cells[seen], minlength=shape[0] * shape[1]).reshape(shape)
        everybody = counts.sum(axis=0) / max(counts.sum(), 1)
        shares = (counts + everybody) / (counts.sum(axis=1, keepdims=True) + 1)
        scores[held] = shares[places[held]]
    return told(scores, codes, folds)


def told_by_columns(
    matrix: Array, codes: Codes, folds: Codes | None = None, categories: Sequence[int] = (),
    seed: int = 0,
) -> tuple[Told, Array]:  # fmt: skip
    """Return how well boosted trees tell the groups from columns (n, d), and each one's part (d,).

    A column's part is its share of the exact Shapley values of the trees (S. M. Lundberg and
    others, "From local explanations to global understanding with explainable AI for trees",
    2020), of at most 400 customers of each fold, held out.
    """
    import lightgbm

    folds = folds_of(codes, seed) if folds is None else folds
    groups, columns = int(codes.max()) + 1, matrix.shape[1]
    scores, parts = np.zeros((len(codes), groups)), np.zeros(columns)
    if columns == 0:
        return told(scores, codes, folds), parts
    objective: dict[str, Any] = (
        {"objective": "binary"} if groups == 2 else {"objective": "multiclass", "num_class": groups}
    )
    settings = {**_SETTINGS, **objective, "seed": seed % 2**31}
    for fold in range(FOLDS):
        seen, held = folds != fold, np.flatnonzero(folds == fold)
        part = lightgbm.Dataset(
            matrix[seen], codes[seen], categorical_feature=list(categories), params=settings
        )
        model = lightgbm.train(settings, part, _TREES)
        found = np.asarray(model.predict(matrix[held], num_threads=1))
        scores[held] = np.column_stack([1 - found, found]) if groups == 2 else found
        few = matrix[held[:_EXPLAINED]]
        shapley = np.abs(model.predict(few, pred_contrib=True, num_threads=1))
        parts += shapley.reshape(-1, columns + 1).sum(axis=0)[:columns]
    return told(scores, codes, folds), parts / max(parts.sum(), 1e-300)


def told_by_lines(matrix: Array, codes: Codes, folds: Codes) -> Told:
    """Return how well weighted sums of columns (n, d) tell the groups of those held out.

    The weights are those of least squares on each group's membership, held small by a ridge of
    0.01, since the columns of a design matrix have variances about 1.
    """
    from threadpoolctl import threadpool_limits

    scores = np.zeros((len(codes), int(codes.max()) + 1))
    member = np.eye(scores.shape[1])[codes]
    with threadpool_limits(1):  # sums of several threads differ in their last bits
        for fold in range(FOLDS):
            seen, held = folds != fold, folds == fold
            middle = matrix[seen].mean(axis=0)
            centred = matrix[seen] - middle
            square = centred.T @ centred + 0.01 * seen.sum() * np.eye(matrix.shape[1])
            weights = np.linalg.solve(
                square, centred.T @ (member[seen] - member[seen].mean(axis=0))
            )
            scores[held] = (matrix[held] - middle) @ weights
    return told(scores, codes, folds)


def _both(columns: Sequence[Array], infos: Sequence[FeatureInfo]) -> Any:
    return zip(columns, infos, strict=True)


def _column(values: pa.ChunkedArray, info: FeatureInfo) -> Array:
    """Return a feature as numbers (n,), categories by their place in the alphabet."""
    if info.kind == "category":
        texts = values.cast(pa.string())
        known = sorted(one for one in pc.unique(texts).to_pylist() if one is not None)
        values = pc.index_in(texts, pa.array(known, pa.string()))
    found = values.cast(pa.float64()).to_numpy()
    return np.asarray(found, dtype=np.float64)


def _bins(values: Array, info: FeatureInfo) -> Codes:
    """Return the part that each value is in: its category, or one of 16 quantiles; -1 if none."""
    if info.kind == "category":
        return np.where(np.isnan(values), -1, values).astype(np.int64)
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(len(values), dtype=np.int64)
    cuts = np.unique(np.quantile(known, np.arange(1, _BINS) / _BINS, method="inverted_cdf"))
    found = np.searchsorted(cuts, values)
    return np.where(np.isnan(values), -1, found).astype(np.int64)
