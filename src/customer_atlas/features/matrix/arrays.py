"""Records of arrays: equal when all their numbers are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Arrays"]


class Arrays:
    """A frozen dataclass, made with eq=False, whose fields are all arrays."""

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Return the fields by their names after a prefix."""
        return {f"{prefix}.{name}": getattr(self, name) for name in self._names()}

    @classmethod
    def from_arrays(cls, prefix: str, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return what `to_arrays` took apart; raises `KeyError` where a field is missing."""
        return cls(**{name: arrays[f"{prefix}.{name}"] for name in cls._names()})

    @classmethod
    def _names(cls) -> list[str]:
        return [field.name for field in fields(cls)]  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in self._names()
        )

    __hash__ = None  # type: ignore[assignment]
