"""Two conditions of a query together, where the first may be none."""

from __future__ import annotations

from typing import Any

__all__ = ["both"]


def both(where: Any, condition: Any) -> Any:
    """Return the condition that both hold."""
    return condition if where is None else where & condition
