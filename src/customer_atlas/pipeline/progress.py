"""How a run tells what it is doing."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "silent"]


class Progress(Protocol):
    """Told the step, how much of it is done, and of how much in all (0: not known)."""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Take note."""


def silent(step: str, done: int = 0, total: int = 0) -> None:
    """Take no note."""
