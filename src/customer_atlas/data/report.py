"""Reports: what an ingestion made of the rows of each source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from customer_atlas.registry import FileRecord

__all__ = ["Counts", "SourceReport", "reasons_of"]


@dataclass(frozen=True)
class Counts:
    """Rows by what became of them; `adds_up` must always hold.

    >>> Counts(read=3, kept=1, filtered=1, quarantined=1, deduplicated=0).adds_up
    True
    """

    read: int = 0
    kept: int = 0
    filtered: int = 0
    quarantined: int = 0
    deduplicated: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether every row that was read is accounted for once."""
        return self.read == self.kept + self.filtered + self.quarantined + self.deduplicated

    @classmethod
    def of(cls, files: Iterable[FileRecord]) -> Counts:
        """Return the sum over files."""
        total = cls()
        for file in files:
            total = cls(
                total.read + file.read,
                total.kept + file.kept,
                total.filtered + file.filtered,
                total.quarantined + file.quarantined,
                total.deduplicated + file.deduplicated,
            )
        return total


@dataclass(frozen=True)
class SourceReport:
    """What one ingestion did to a source.

    The counts `read` to `deduplicated` and `reasons` are of the files read this time; `totals`
    and `total_reasons` of all files of the source. `look_alikes` counts rows, among those read
    last, that equal another in every column. `version` is the version of the lake's table that
    readers read from now on; `seconds` is how long reading and writing took.
    """

    source: str
    files_read: int
    files_unchanged: int
    files_gone: int
    read: int
    kept: int
    filtered: int
    quarantined: int
    deduplicated: int
    totals: Counts
    reasons: Mapping[str, int]
    total_reasons: Mapping[str, int]
    look_alikes: int
    notes: tuple[str, ...]
    changed: bool
    version: int
    seconds: float


def reasons_of(files: Iterable[FileRecord]) -> dict[str, int]:
    """Return the quarantined rows of files by reason, the most frequent first."""
    total: Counter[str] = Counter()
    for file in files:
        total.update(file.reasons)
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))
