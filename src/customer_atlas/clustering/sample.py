"""A stratified sample of customers from the feature files, for fitting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from customer_atlas.clustering.customer_hash import customer_hash
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.strata import Strata, allocation
from customer_atlas.errors import ClusteringError
from customer_atlas.features import FeatureInfo
from customer_atlas.side_by_side import side_by_side

__all__ = ["stratified_sample"]

_FIRST_LOOK = 20_000
_CUSTOMERS_A_CELL = 4  # of the sample, at least, if all cells were alike


def stratified_sample(
    paths: Sequence[Path], infos: Sequence[FeatureInfo], size: int = 100_000, seed: int = 0
) -> tuple[pa.Table, Array]:
    """Return a sample of the customers in the feature files, and their weights (n,).

    Customers fall into cells by the quantiles of a few telling features (`Strata`). Half of
    the sample is shared out in proportion to the cells' sizes and half to their square roots,
    so that nobody's chance is less than about half of an even draw's, and customers in rare
    cells have several times that chance. A weight is the number of customers that one stands
    for: the weights of a cell add up to its size. Within a cell the customers with the lowest
    hash of seed and id are taken, so the order of rows does not matter. With at most `size`
    customers all are taken, with weight 1. The rows come sorted by customer_id.

    Raises `ClusteringError` when the files hold no customer.
    """
    files = sorted(paths)
    rows = sum(pq.ParquetFile(path).metadata.num_rows for path in files)
    if rows == 0:
        raise ClusteringError("There is no customer to cluster: the feature files are empty.")
    if rows <= size:
        return _sorted(pa.concat_tables([_read(path) for path in files]), np.ones(rows))
    strata = Strata.fit(_first_look(files, seed), infos, size // _CUSTOMERS_A_CELL)
    cells, hashes, lengths = _census(files, strata, seed)
    chosen, weights = _draw(cells, hashes, size)
    bounds = np.cumsum([0, *lengths])

    def take(number: int) -> pa.Table:
        start, end = np.searchsorted(chosen, bounds[number : number + 2])
        return _read(files[number]).take(chosen[start:end] - bounds[number])

    tables = side_by_side(take, range(len(files)))
    return _sorted(pa.concat_tables(tables), weights)


def _first_look(files: Sequence[Path], seed: int) -> pa.Table:
    tables: list[pa.Table] = []
    for path in files:  # a customer's file follows from a hash of the id: any file is a fair draw
        tables.append(_read(path))
        if sum(table.num_rows for table in tables) >= _FIRST_LOOK:
            break
    table = pa.concat_tables(tables)
    hashes = customer_hash(table.column("customer_id"), seed)
    return table.take(np.argsort(hashes, kind="stable")[:_FIRST_LOOK])


def _census(
    files: Sequence[Path], strata: Strata, seed: int
) -> tuple[NDArray[np.int32], NDArray[np.uint64], list[int]]:
    def count(path: Path) -> tuple[NDArray[np.int32], NDArray[np.uint64]]:
        table = _read(path, ["customer_id", *strata.features])
        return strata.cells(table), customer_hash(table.column("customer_id"), seed)

    cells, hashes = zip(*side_by_side(count, files), strict=True)
    return np.concatenate(cells), np.concatenate(hashes), [len(part) for part in cells]


def _draw(
    cells: NDArray[np.int32], hashes: NDArray[np.uint64], size: int
) -> tuple[NDArray[np.int64], Array]:
    # By cell, then by hash: as one number, the hash's last bits aside, in an eighth of the time.
    shift = np.uint64(max(1, int(cells.max()).bit_length()))
    places = cells.astype(np.uint64) << (np.uint64(64) - shift)
    order = np.argsort(places | hashes >> shift)
    starts = np.flatnonzero(np.diff(cells[order], prepend=-1))
    sizes = np.diff(starts, append=len(order))
    takes = allocation(sizes, size)
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    taken = rank < np.repeat(takes, sizes)
    chosen, weights = order[taken], np.repeat(sizes / np.maximum(takes, 1), sizes)[taken]
    by_position = np.argsort(chosen)
    return chosen[by_position], weights[by_position]


def _read(path: Path, columns: list[str] | None = None) -> pa.Table:
    return pq.ParquetFile(path).read(columns)


def _sorted(table: pa.Table, weights: Array) -> tuple[pa.Table, Array]:
    order = np.asarray(pc.sort_indices(table.column("customer_id")))
    return table.take(order), weights[order]
