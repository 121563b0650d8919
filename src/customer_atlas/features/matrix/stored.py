"""A design matrix in files: words in JSON, numbers in npz, nothing that runs when it is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from customer_atlas.features.matrix.columns import Column

__all__ = ["columns_of", "numbers_of", "read_files", "words_of", "write_files"]

_FORMAT = 2
_NUMBERS = ("fill", "low", "high", "center", "factor", "power")


def write_files(folder: Path, facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    """Write `matrix.json` and `matrix.npz` into the folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"format": _FORMAT, **facts}, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "matrix.json").write_text(text + "\n", encoding="utf-8")
    np.savez(folder / "matrix.npz", allow_pickle=False, **arrays)


def read_files(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the facts and the arrays that `write_files` wrote; raises `ValueError` for others."""
    facts = json.loads((folder / "matrix.json").read_text(encoding="utf-8"))
    if facts["format"] != _FORMAT:
        raise ValueError(f"format {facts['format']} instead of {_FORMAT}")
    with np.load(folder / "matrix.npz", allow_pickle=False) as arrays:
        return facts, dict(arrays)


def words_of(columns: Iterable[Column]) -> list[dict[str, Any]]:
    """Return what the columns are, without the numbers that go into arrays."""
    return [
        {name: value for name, value in asdict(column).items() if name not in _NUMBERS}
        for column in columns
    ]


def numbers_of(prefix: str, columns: Iterable[Column]) -> dict[str, Any]:
    """Return the numbers of the columns as arrays by names that begin with a prefix."""
    columns = tuple(columns)
    return {
        f"{prefix}.{name}": np.array([getattr(column, name) for column in columns], np.float64)
        for name in _NUMBERS
    }


def columns_of(
    prefix: str, words: Iterable[dict[str, Any]], arrays: Mapping[str, Any]
) -> tuple[Column, ...]:
    """Return the columns of `words_of` and `numbers_of`."""
    numbers = {name: arrays[f"{prefix}.{name}"].tolist() for name in _NUMBERS}
    return tuple(
        Column(
            **own
            | {"levels": tuple(own["levels"]), "shares": tuple(own["shares"])}
            | {name: values[j] for name, values in numbers.items()}
        )
        for j, own in enumerate(words)
    )
