"""Rules for drift: what of a source is no longer as it was at an earlier run."""

from __future__ import annotations

from collections.abc import Iterator

from customer_atlas.data.quality.drift import ColumnDrift, SourceDrift
from customer_atlas.data.quality.findings import Finding, Severity, share
from customer_atlas.data.quality.profile import SourceProfile

__all__ = ["drift_findings"]

_BAD, _WARNING, _INFORMATION = Severity.BAD, Severity.WARNING, Severity.INFORMATION
_MODERATE, _LARGE = 0.1, 0.25


def drift_findings(profile: SourceProfile, drift: SourceDrift, run: int) -> Iterator[Finding]:
    """Yield what changed since run `run`, column by column."""
    source = profile.source
    whose = f"the {drift.rows:,} rows that came since run {run}" if drift.arrived else "the rows"
    if drift.lost_columns:
        yield Finding(
            "lost_columns", _WARNING, source, None,
            f"{_listed(drift.lost_columns)} {_was(drift.lost_columns)} there in run {run}, and "
            f"{'is' if len(drift.lost_columns) == 1 else 'are'} no longer.",
            "look whether the export or `columns` changed", 20,
        )  # fmt: skip
    if drift.new_columns:
        yield Finding(
            "new_columns", _INFORMATION, source, None,
            f"{_listed(drift.new_columns)} {_was(drift.new_columns)} not there in run {run}.",
        )  # fmt: skip
    if drift.rows_now < 0.9 * drift.rows_then:
        yield Finding(
            "fewer_rows", _WARNING, source, None,
            f"It has {drift.rows_now:,} rows, and had {drift.rows_then:,} in run {run}.",
            "look whether files were cut short or taken away", 20,
        )  # fmt: skip
    for one in drift.columns:
        yield from _column(profile, one, whose, run)


def _column(profile: SourceProfile, one: ColumnDrift, whose: str, run: int) -> Iterator[Finding]:
    source, name = profile.source, one.column
    column = profile.column(name)
    standard = column is not None and column.standard
    change = one.null_now - one.null_then
    if one.certain and change >= 0.05:
        severe = standard and change >= 0.3
        emptied = "every one" if one.null_now == 1 else share(one.null_now, 1)
        yield Finding(
            "emptier", _BAD if severe else _WARNING, source, name,
            f"{name} is empty in {emptied} of {whose}, and was in {share(one.null_then, 1)} of "
            f"those in run {run}.",
            "look whether the export renamed or lost the column",
            min(80.0, 20 + 100 * change) if standard else 20,
        )  # fmt: skip
    elif one.psi >= _MODERATE:
        large = one.psi >= _LARGE
        yield Finding(
            "drift", _WARNING if large else _INFORMATION, source, name,
            f"The values of {name} in {whose} are not spread as in run {run} (population "
            f"stability index {one.psi:.2f}).",
            "look whether its unit, format or meaning changed; if customers changed, run with "
            "--refit"
            if large
            else "",
            20 if large else 0,
        )  # fmt: skip
    if one.added:
        yield Finding(
            "new_levels", _INFORMATION, source, name,
            f"{name} has {_count(one.added)} that it had not in run {run}: {_listed(one.added)}.",
        )  # fmt: skip
    if one.gone:
        yield Finding(
            "gone_levels", _INFORMATION, source, name,
            f"{_listed(one.gone)} of {name} {_was(one.gone)} there in run {run}, and not in "
            f"{whose}.",
        )  # fmt: skip


def _count(values: tuple[str, ...]) -> str:
    return "a value" if len(values) == 1 else f"{len(values)} values"


def _was(values: tuple[str, ...]) -> str:
    return "was" if len(values) == 1 else "were"


def _listed(values: tuple[str, ...]) -> str:
    shown = ", ".join(f"'{value}'" for value in values[:4])
    return f"{shown} and {len(values) - 4} more" if len(values) > 4 else shown
