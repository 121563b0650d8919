"""Recipes: how the text of one column is read as numbers, timestamps or truth values, in SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from customer_atlas.config import ColumnType
from customer_atlas.engine import DuckDB, literal
from customer_atlas.errors import EngineError

__all__ = [
    "NULL_WORDS",
    "Recipe",
    "boolean_recipe",
    "in_utc",
    "is_date_format",
    "number_recipes",
    "timestamp_recipes",
]

NULL_WORDS = ("na", "n/a", "#n/a", "null", "none", "nan", "nil", "-", "?", "unknown")
"""Words that people and programs write for a number or a time that is not there."""

# Named, since three capitals before digits are more often a code, such as SKU123.
_CODES = (
    "USD|EUR|GBP|JPY|CHF|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|BRL|MXN|ARS|CLP|COP|INR|"
    "CNY|RUB|UAH|TRY|ZAR|KRW|SGD|HKD|THB|ILS|AED|SAR"
)
_CURRENCY = rf"(?:[$€£¥₹₽₩₺₴₪฿]|{_CODES}|kr|zł|R\$|Fr)?"
_GAP = r"[\s\x{00A0}\x{202F}'’]"
_SIGNS = r"[-+−]?"


@dataclass(frozen=True)
class Recipe:
    r"""One way to read text: `{c}` in `sql` stands for the column; what does not fit is null.

    >>> number_recipes(None)[0].of('"price"')
    'CASE WHEN NOT contains("price", \'_\') THEN TRY_CAST("price" AS DOUBLE) END'
    """

    name: str
    type: ColumnType
    sql: str

    def of(self, column: str) -> str:
        """Return the SQL that reads `column`."""
        return self.sql.replace("{c}", column)


def number_recipes(decimal: str | None) -> list[Recipe]:
    """Return the ways to read numbers, for a declared decimal mark or for either."""
    number = partial(Recipe, type=ColumnType.NUMBER)
    # DuckDB reads 1_000 as a number; in a file it is a code.
    plain = "CASE WHEN NOT contains({c}, '_') THEN TRY_CAST({c} AS DOUBLE) END"
    recipes = [
        number("plain", sql=plain),
        number("point", sql=f"coalesce({plain}, {_decorated(',', '.')})"),
        number("comma", sql=_decorated(".", ",")),
    ]
    if decimal == ",":
        return recipes[2:]
    return recipes[:2] if decimal == "." else recipes


def boolean_recipe() -> Recipe:
    """Return the way to read truth values: the words true and false.

    >>> boolean_recipe().name
    'words'
    """
    sql = "CASE lower(trim({c})) WHEN 'true' THEN true WHEN 'false' THEN false END"
    return Recipe("words", ColumnType.BOOLEAN, sql)


def in_utc(sql: str, timezone: str) -> str:
    """Return the SQL of a naive timestamp of `timezone` as a naive timestamp of UTC.

    >>> in_utc("t", "Europe/London")
    "timezone('UTC', timezone('Europe/London', t))"
    """
    return sql if timezone == "UTC" else f"timezone('UTC', timezone({literal(timezone)}, {sql}))"


def is_date_format(engine: DuckDB, form: str) -> bool:
    """Say whether a declared format of dates is one that the engine can read by."""
    if form in ("day-first", "month-first"):
        return True
    try:
        with engine.connect() as connection:
            asked = f"SELECT try_strptime('1', {literal(form)})"
            connection.rows(asked, step="try the format of dates")
    except EngineError:
        return False
    return "%" in form


def timestamp_recipes(
    values: Sequence[str], declared: str | None, timezone: str, *, digits: bool
) -> list[Recipe]:
    """Return the ways to read timestamps that the look of some values suggests.

    Args:
        values: some texts of the column.
        declared: ``day-first``, ``month-first`` or a strptime format, where the project says so.
        timezone: the zone that naive timestamps mean.
        digits: whether bare digits (20240131, seconds since 1970) may be timestamps.
    """
    recipe = partial(Recipe, type=ColumnType.TIMESTAMP)
    if declared and "%" in declared:
        return [recipe("declared", sql=_declared(declared, timezone))]
    iso = _iso(timezone)
    recipes = []
    if _any(r"\s*\d{4}[-/]\d", values) and not declared:
        recipes.append(recipe("iso", sql=iso))
    orders = [declared] if declared else ["day-first", "month-first"]
    for order in orders:
        if formats := _formats(values, day_first=order == "day-first"):
            parsed = in_utc(_strptime(formats), timezone)
            recipes.append(recipe(order, sql=f"coalesce({iso}, {parsed})"))
    if len(recipes) > 1 and recipes[-1].sql == recipes[-2].sql:
        recipes.pop()
    if declared and not recipes:
        recipes.append(recipe("iso", sql=iso))
    if digits and _any(r"\d{8}(?:\d{6})?", values):
        compact = in_utc(_strptime(["%Y%m%d", "%Y%m%d%H%M%S"]), timezone)
        recipes.append(
            recipe("compact", sql=f"CASE WHEN length(trim({{c}})) IN (8, 14) THEN {compact} END")
        )
    if digits and _any(r"\d{9,19}(?:\.\d+)?", values):
        recipes.append(recipe("epoch", sql=_EPOCH))
    return recipes


# Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size.
_SINCE_1970 = "TRY_CAST({c} AS DOUBLE)"
_EPOCH = (
    f"CASE WHEN {_SINCE_1970} BETWEEN 1e8 AND 1e11 "
    f"THEN make_timestamp(CAST(round({_SINCE_1970} * 1e6) AS BIGINT)) "
    f"WHEN {_SINCE_1970} BETWEEN 1e11 AND 1e14 "
    f"THEN make_timestamp(CAST(round({_SINCE_1970} * 1e3) AS BIGINT)) "
    f"WHEN {_SINCE_1970} BETWEEN 1e14 AND 1e17 "
    f"THEN make_timestamp(TRY_CAST({{c}} AS BIGINT)) "
    f"WHEN {_SINCE_1970} BETWEEN 1e17 AND 1e19 "
    f"THEN make_timestamp(TRY_CAST({{c}} AS BIGINT) // 1000) END"
)


def _decorated(group: str, decimal: str) -> str:
    """Numbers with currency, grouping, and signs before, behind or as parentheses."""
    number = (
        rf"(?:\d{{1,3}}(?:(?:{re.escape(group)}|{_GAP})\d{{3}})+|\d+)?(?:{re.escape(decimal)}\d+)?"
    )
    pattern = rf"\s*\(?{_SIGNS}\s*{_CURRENCY}\s*{_SIGNS}{number}\s*{_CURRENCY}\s*[-−]?\)?\s*"
    digits = f"regexp_replace({{c}}, {literal(f'[^0-9{decimal}]')}, '', 'g')"
    value = f"TRY_CAST(replace({digits}, {literal(decimal)}, '.') AS DOUBLE)"
    return (
        f"CASE WHEN regexp_full_match({{c}}, {literal(pattern)}) THEN "
        f"CASE WHEN regexp_matches({{c}}, '[(−-]') THEN 0 - {value} ELSE {value} END END"
    )


def _iso(timezone: str) -> str:
    zoned = (
        "length(trim({c})) > 10 AND "
        r"regexp_matches({c}, ':.*(?:[zZ]|UTC|GMT|[+-]\d\d(?::?\d\d)?)\s*$')"
    )
    # DuckDB wants +02:00, and no space before it.
    colon = r"regexp_replace(trim({c}), '\s*([+-]\d\d):?(\d\d)$', '\1:\2')"
    naive = in_utc("TRY_CAST({c} AS TIMESTAMP)", timezone)
    return (
        r"CASE WHEN NOT regexp_matches({c}, '^\s*\d{4}[-/]\d') THEN NULL "
        f"WHEN {zoned} THEN timezone('UTC', TRY_CAST({colon} AS TIMESTAMPTZ)) "
        f"ELSE {naive} END"
    )


def _declared(form: str, timezone: str) -> str:
    parsed = f"try_strptime(trim({{c}}), {literal(form)})"
    if "%z" in form or "%Z" in form:
        return f"timezone('UTC', {parsed})"
    return in_utc(parsed, timezone)


def _strptime(formats: Sequence[str]) -> str:
    listed = ", ".join(literal(form) for form in formats)
    return f"try_strptime(trim({{c}}), [{listed}])"


def _any(pattern: str, values: Iterable[str]) -> bool:
    return any(re.match(pattern, value) for value in values)


_CLOCK = (
    r"(?P<clock>(?:T|,?\s+)(?P<hour>\d{1,2}):\d{2}"
    r"(?P<second>:\d{2}(?P<part>\.\d+)?)?\s*(?P<half>[AaPp][Mm])?)?"
)
_NUMERIC = re.compile(
    rf"\s*\d{{1,2}}(?P<mark>[/.-])\d{{1,2}}(?P=mark)(?P<year>\d{{4}}|\d{{2}}){_CLOCK}\s*"
)
_DAY_NAMED = re.compile(
    r"\s*\d{1,2}(?P<mark>[ -])(?P<month>[A-Za-z]{3,9})(?P=mark),?(?P<year>\d{4}|\d{2})"
    rf"{_CLOCK}\s*"
)
_NAMED_DAY = re.compile(rf"\s*(?P<month>[A-Za-z]{{3,9}}) \d{{1,2}},? (?P<year>\d{{4}}){_CLOCK}\s*")


def _formats(values: Iterable[str], *, day_first: bool) -> list[str]:
    """Return the strptime formats of dates with a numeric or named month, short years first."""
    found: set[str] = set()
    for value in values:
        for pattern in (_NUMERIC, _DAY_NAMED, _NAMED_DAY):
            if match := pattern.fullmatch(value):
                found.add(_date(match, value, day_first) + _clock(match))
    # %Y would read 24 as the year 24; %y leaves the rest of 2024 and fails as it should.
    return sorted(found, key=lambda form: ("%Y" in form, form))


def _date(match: re.Match[str], value: str, day_first: bool) -> str:
    year = "%Y" if len(match["year"]) == 4 else "%y"
    if match.re is _NUMERIC:
        first, second = ("%d", "%m") if day_first else ("%m", "%d")
        return match["mark"].join((first, second, year))
    month = "%b" if len(match["month"]) == 3 else "%B"
    if match.re is _DAY_NAMED:
        return match["mark"].join(("%d", month, year))
    return f"{month} %d, {year}" if "," in value.split(":")[0] else f"{month} %d {year}"


def _clock(match: re.Match[str]) -> str:
    if not match["clock"]:
        return ""
    lead = match["clock"][: match.start("hour") - match.start("clock")]
    seconds = (":%S.%f" if match["part"] else ":%S") if match["second"] else ""
    spaced = " " if match["half"] and match["clock"][-3].isspace() else ""
    half = f"{spaced}%p" if match["half"] else ""
    return f"{lead}{'%I' if half else '%H'}:%M{seconds}{half}"
