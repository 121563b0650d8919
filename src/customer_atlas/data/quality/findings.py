"""Findings: what is wrong or worth knowing, how much it matters, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Severity", "share"]


class Severity(StrEnum):
    """How much a finding matters: `bad` does not hold, `warning` may be wrong."""

    BAD = "bad"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True)
class Finding:
    """One thing found in a column of a source, or in the source as a whole (`column` is None).

    `code` names the rule. `loss` is how many of 100 points the column, or the source, loses by
    it; `gain` how many the project wins by mending it. `action` is empty where nothing is to do.
    """

    code: str
    severity: Severity
    source: str
    column: str | None
    sentence: str
    action: str = ""
    loss: float = 0.0
    gain: float = 0.0

    @property
    def place(self) -> str:
        """Source and column, as people write them."""
        return f"{self.source}.{self.column}" if self.column else self.source


def share(part: float, whole: float) -> str:
    """Return a share as text that never rounds to nothing or to all.

    >>> share(1, 3), share(1, 100000), share(99999, 100000), share(0, 5)
    ('33 %', 'under 0.1 %', 'over 99.9 %', '0 %')
    """
    if not whole or not part:
        return "0 %"
    percent = 100 * part / whole
    if percent < 0.1:
        return "under 0.1 %"
    if 99.9 < percent < 100:
        return "over 99.9 %"
    return f"{percent:.1f} %" if percent < 10 or 90 < percent < 100 else f"{percent:.0f} %"
