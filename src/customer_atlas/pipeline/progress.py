"""How a run tells what it is doing."""

from __future__ import annotations

import time
from typing import Protocol

__all__ = ["Progress", "Timed", "silent"]


class Progress(Protocol):
    """Told the step, how much of it is done, and of how much in all (0: not known)."""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Take note."""


class Timed:
    """Hands on what it is told, and measures how long each step takes.

    >>> timed = Timed(silent)
    >>> timed("find segments")
    >>> list(timed.seconds())
    ['find segments']
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._begun: dict[str, float] = {}

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Take note, and hand it on."""
        self._begun.setdefault(step, time.perf_counter())
        self._progress(step, done, total)

    def seconds(self) -> dict[str, float]:
        """Return the seconds of each step so far, from its beginning to that of the next."""
        moments = [*self._begun.values(), time.perf_counter()]
        return {
            step: round(end - begin, 3)
            for step, begin, end in zip(self._begun, moments, moments[1:], strict=False)
        }


def silent(step: str, done: int = 0, total: int = 0) -> None:
    """Take no note."""
