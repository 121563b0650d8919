"""Rules for one column: what its profile tells of gaps, codes, outliers and odd times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from customer_atlas.config import ACTIONS, ColumnType, Role
from customer_atlas.data.quality.findings import Finding, Severity, share
from customer_atlas.data.quality.numbers import looks_coded
from customer_atlas.data.quality.profile import ColumnProfile, NumberProfile, SourceProfile
from customer_atlas.data.quality.profiling import BUSINESS_BEGINS

__all__ = ["column_findings"]

_BAD, _WARNING, _INFORMATION = Severity.BAD, Severity.WARNING, Severity.INFORMATION
_MONEY = ("amount", "quantity", "price", "value", "discount")
# Absent where there is nothing to say: no discount, no end of validity.
_OFTEN_ABSENT = {
    Role.TRANSACTIONS: ("discount",),
    Role.EVENTS: ("product", "category", "value", "session_id"),
    Role.CUSTOMERS: ("valid_from", "valid_to"),
    Role.PRODUCTS: (),
    Role.MESSAGES: ("channel", "variant"),
    Role.TEXTS: ("text", "kind", "rating"),
}
_ENOUGH = 10  # rows, below which nothing is said of what values are usual


@dataclass(frozen=True)
class _Column:
    """A column within its source."""

    source: SourceProfile
    profile: ColumnProfile

    @property
    def name(self) -> str:
        return self.profile.name

    @property
    def attribute(self) -> bool:
        """Whether it describes customers, and may become a feature."""
        return self.source.role is Role.CUSTOMERS and not self.profile.standard

    @property
    def used(self) -> bool:
        return self.profile.standard or self.attribute

    def found(
        self, code: str, severity: Severity, sentence: str, action: str = "", loss: float = 0.0
    ) -> Finding:
        return Finding(
            code, severity, self.source.source, self.name, sentence, action, round(loss, 1)
        )

    def mapped(self, expression: str) -> str:
        """Return the advice to map the column by an expression over what it comes from."""
        return (
            f"map it under `columns` of {self.source.source} as "
            f'{self.name}: "{expression.format(self.profile.origin or self.name)}"'
        )

    def of_rows(self, rows: int) -> str:
        """Return a count of rows, and their share of those that have a value."""
        about = "about " if self.source.sampled else ""
        counted = self.source.scaled(rows)
        noun = "row" if counted == 1 else "rows"
        return f"{about}{counted:,} {noun} ({share(rows, self.profile.filled)})"


def column_findings(source: SourceProfile) -> Iterator[Finding]:
    """Yield what the profiles of a source's columns tell, column by column."""
    for profile in source.columns:
        column = _Column(source, profile)
        yield from _completeness(column)
        if source.role is Role.MESSAGES and profile.name == "action":
            yield from _actions(column)
        if profile.filled >= _ENOUGH:
            yield from _sameness(column)
            yield from _words(column)
            yield from _times(column)
        if profile.numbers is not None and column.used:
            yield from _numbers(column, profile.numbers)


def _actions(column: _Column) -> Iterator[Finding]:
    """Actions that mean nothing to the role count for nothing, in silence."""
    known = {*ACTIONS, *(other for others in ACTIONS.values() for other in others)}
    odd = [one for one in column.profile.levels if one.value.strip().casefold() not in known]
    rows = sum(one.rows for one in odd)
    if odd:
        said = ", ".join(f"'{one.value}'" for one in odd[:3])
        yield column.found(
            "unknown_action",
            _BAD if rows == column.profile.filled else _WARNING,
            f"{share(rows, column.profile.filled)} of the actions are of no known kind, such as "
            f"{said}; known are {', '.join(ACTIONS)}.",
            column.mapped("CASE {} WHEN '...' THEN 'open' ... END"),
            100 * rows / column.profile.filled,
        )


def _completeness(column: _Column) -> Iterator[Finding]:
    rows, filled = column.source.looked_at, column.profile.filled
    optional = column.name in _OFTEN_ABSENT[column.source.role] and column.profile.standard
    if not rows or filled == rows or not column.used:
        return
    missing = 1 - filled / rows
    if optional:
        if filled == 0:
            yield column.found("empty", _INFORMATION, f"{column.name} is empty in every row.")
        return
    if filled == 0:
        money = column.name == "amount" and column.profile.standard
        yield column.found(
            "empty",
            _BAD if money else _WARNING,
            f"{column.name} is empty in every row.",
            "map it to a column that has values, or leave it out of `columns`"
            if column.profile.standard
            else "ask where its values went, or leave the column out of the export",
            100,
        )
        return
    sentence = f"{column.name} is empty in {share(rows - filled, rows)} of the rows."
    advice = "fill it where the export is made, or map it to another column"
    if column.profile.standard and missing >= 0.05:
        severity = _BAD if column.name == "amount" and missing >= 0.5 else _WARNING
        yield column.found("missing", severity, sentence, advice, 100 * missing)
    elif column.attribute and missing >= 0.2:
        yield column.found("missing", _WARNING, sentence, advice, 50 * missing)
    elif missing >= 0.001:
        yield column.found("missing", _INFORMATION, sentence)


def _sameness(column: _Column) -> Iterator[Finding]:
    profile, name = column.profile, column.name
    if not column.used or name == "customer_id" or profile.type is ColumnType.TIMESTAMP:
        return
    numbers = profile.numbers
    if profile.distinct == 1:
        shown = f" ({numbers.least:g})" if numbers else ""
        money = name == "amount" and profile.standard
        yield column.found(
            "constant",
            _WARNING if money else _INFORMATION,
            f"{name} has one value{shown} in every row that has any: it tells nobody apart.",
            "check that it is mapped to what a purchase costs" if money else "",
            30 if money else 0,
        )
    elif numbers and numbers.at_commonest > 0.95 * profile.filled:
        yield column.found(
            "dominant",
            _INFORMATION,
            f"{share(numbers.at_commonest, profile.filled)} of {name} is {numbers.commonest:g}.",
        )
    elif profile.levels and profile.levels[0].rows > 0.95 * profile.filled:
        top = profile.levels[0]
        yield column.found(
            "dominant",
            _INFORMATION,
            f"{share(top.rows, profile.filled)} of {name} is '{top.value}'.",
        )


def _words(column: _Column) -> Iterator[Finding]:
    profile, name = column.profile, column.name
    if profile.type is not ColumnType.TEXT or not column.used:
        return
    if profile.unknown >= max(1, 0.001 * profile.filled):
        much = profile.standard and profile.unknown >= 0.05 * profile.filled
        yield column.found(
            "unknown",
            _WARNING if much else _INFORMATION,
            f"{name} says that it is not known (N/A, unknown, none ...) in "
            f"{column.of_rows(profile.unknown)}: they count as a value of their own.",
            column.mapped("NULLIF({}, 'N/A')") + ", with the word that it uses" if much else "",
            15 if much else 0,
        )
    folded: dict[str, int] = {}
    for level in profile.levels:
        key = " ".join(level.value.casefold().split())
        folded[key] = folded.get(key, 0) + 1
    if doubled := sum(1 for count in folded.values() if count > 1):
        yield column.found(
            "spelling",
            _WARNING,
            f"{f'{doubled} values' if doubled > 1 else 'A value'} of {name} "
            f"{'occur' if doubled > 1 else 'occurs'} in several spellings, which differ by case or "
            "blanks alone.",
            column.mapped("lower(trim({}))"),
            10,
        )
    if profile.distinct > 50 and 0.9 * profile.filled <= profile.numeric < profile.filled:
        yield column.found(
            "numbers_in_text",
            _WARNING,
            f"{share(profile.numeric, profile.filled)} of {name} are numbers, and the rest keeps "
            "it a column of text, which takes no part.",
            column.mapped("TRY_CAST({} AS DOUBLE)"),
            40,
        )


def _times(column: _Column) -> Iterator[Finding]:
    times = column.profile.times
    if times is None:
        return
    filled = column.profile.filled
    for day, rows in times.defaults.items():
        if rows >= max(5, 0.001 * filled) and rows < filled:
            yield column.found(
                "default_time",
                _WARNING,
                f"{column.name} is midnight of {day} in {column.of_rows(rows)}: many systems "
                "write that where they know no date.",
                column.mapped(f"NULLIF({{}}, TIMESTAMP '{day}')"),
                min(60.0, 10 + 100 * rows / filled),
            )
    usual = column.profile.standard and column.name == "timestamp"
    if usual and 0 < times.early < 0.5 * filled:
        yield column.found(
            "early",
            _WARNING,
            f"{column.name} is before {BUSINESS_BEGINS} in {column.of_rows(times.early)}.",
            f'leave them out: `where: "{column.profile.origin or column.name} >= '
            f"'{BUSINESS_BEGINS}'\"` of {column.source.source}",
            min(60.0, 10 + 100 * times.early / filled),
        )


def _numbers(column: _Column, numbers: NumberProfile) -> Iterator[Finding]:
    filled, name = column.profile.filled, column.name
    code = _sentinel(numbers, filled)
    if code is not None:
        value, rows = code
        yield column.found(
            "sentinel",
            _WARNING,
            f"{name} is {value:g} in {column.of_rows(rows)}, far from every other value: it looks "
            "like a code for 'not known'.",
            column.mapped(f"NULLIF({{}}, {value:g})"),
            20,
        )
    elif numbers.far:
        heavy = numbers.far_share >= 0.1
        yield column.found(
            "far_out",
            _WARNING if heavy else _INFORMATION,
            f"{name} is out of all proportion in {column.of_rows(numbers.far)}: up to "
            f"{max(abs(numbers.least), abs(numbers.most)):,.10g}, where the middle is "
            f"{numbers.median:,.10g}; "
            f"they make {share(numbers.far_share, 1)} of the sum.",
            "look at them: a wrong order of that size moves the means of its segment"
            if heavy
            else "",
            20 if heavy else 0,
        )
    if name not in _MONEY or not column.profile.standard:
        return
    yield from _signs(column, numbers, filled)


def _signs(column: _Column, numbers: NumberProfile, filled: int) -> Iterator[Finding]:
    name, negatives, zeros = column.name, numbers.negatives, numbers.zeros
    if negatives and name == "price":
        yield column.found(
            "negative", _WARNING, f"price is below 0 in {column.of_rows(negatives)}.",
            column.mapped("CASE WHEN {0} >= 0 THEN {0} END"), 15,
        )  # fmt: skip
    elif negatives > 0.3 * filled and name in ("amount", "quantity"):
        yield column.found(
            "negative",
            _WARNING,
            f"{name} is below 0 in {column.of_rows(negatives)}: too many to be returns.",
            column.mapped("-({})") + " if the signs are turned around",
            40,
        )
    elif negatives and name in ("amount", "quantity"):
        yield column.found(
            "negative", _INFORMATION,
            f"{name} is below 0 in {column.of_rows(negatives)}: returns or corrections.",
        )  # fmt: skip
    if name in ("amount", "price") and zeros >= 0.001 * filled:
        many = zeros >= 0.2 * filled
        yield column.found(
            "zero",
            _WARNING if many else _INFORMATION,
            f"{name} is 0 in {column.of_rows(zeros)}.",
            "check that it is mapped to what is paid" if many else "",
            40 * zeros / filled if many else 0,
        )


def _sentinel(numbers: NumberProfile, filled: int) -> tuple[float, int] | None:
    """Return a code at an end of the values, and its rows: a round of one digit, far from all."""
    if numbers.next_least is None or numbers.next_most is None:
        return None
    often = max(2, 0.0005 * filled)
    low, high = numbers.least, numbers.most
    apart = low == -1 or numbers.next_least - low > 2 * (high - numbers.next_least)
    if low < 0 <= numbers.next_least and apart and looks_coded(-low) and numbers.at_least >= often:
        return low, numbers.at_least
    # A long run of one digit is no measurement, even once.
    long = high >= 1000
    lonely = high > 2 * numbers.next_most and high > 3 * numbers.quantiles[-2]
    if high > 10 and lonely and looks_coded(high) and (numbers.at_most >= often or long):
        return high, numbers.at_most
    return None
