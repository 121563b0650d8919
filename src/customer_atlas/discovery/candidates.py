"""Candidates: which columns of a table may hold the person, the moment, the money and the like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from customer_atlas.config import ColumnType
from customer_atlas.discovery import vocabulary as v
from customer_atlas.discovery.facts import ColumnFacts
from customer_atlas.discovery.tables import Table

__all__ = [
    "Candidate",
    "amounts",
    "best",
    "campaigns",
    "categories",
    "channels",
    "discounts",
    "events",
    "is_contact",
    "is_key_of",
    "keys",
    "kinds",
    "names_person",
    "orders",
    "overlap",
    "people",
    "products",
    "quantities",
    "ratings",
    "row_ids",
    "sessions",
    "texts",
    "times",
    "unit_prices",
]

_PLAIN_ID = v.ID | {"rec", "record", "row", "unique", "index", "pk", "master", "sample"}
_QUALIFIERS = v.ID | {"unique", "pseudo", "anonymous", "key", "full", "master", "global", "name"}
_STATES = frozenset({"first", "last", "signup", "registered", "joined", "since", "birth", "start"})
_WEAK = frozenset({"account", "contact", "profile", "lead", "prospect", "anonymous", "konto"})
_IDS = frozenset({"id", "ids", "uuid", "guid", "uid", "cid", "identifier", "ref"})
_NO_MONEY = frozenset({"tax", "shipping", "freight", "fee", "weight", "bin", "count", "rate"})
_ONE_EACH = 0.98
_NAMED = 5.0
"""The score from which a column's name says that it names the person."""
_ABOUT_TEXT = v.LATER | {"title", "subject", "note", "notes"}
_NUMBER, _TEXT = ColumnType.NUMBER, ColumnType.TEXT


@dataclass(frozen=True)
class Candidate:
    """A column that may play a part, and how much speaks for it."""

    column: ColumnFacts
    score: float

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name


def best(candidates: Sequence[Candidate]) -> ColumnFacts | None:
    """Return the column for which most speaks, the first of equals."""
    return max(candidates, key=lambda one: one.score).column if candidates else None


def people(table: Table) -> list[Candidate]:
    """Columns that may say whose a row is, the likeliest first."""
    found = [Candidate(c, score) for c in table.columns if c.filled and (score := _person(c))]
    if any(v.has(c.said, v.TIME | v.WHEN) for c in table.columns) and (
        amounts(table) or unit_prices(table) or orders(table)
    ):
        # Where things are sold, a plain id of its own in each row is that of the sale.
        found = [one for one in found if one.score >= _NAMED or not _is_of_rows(one.column)]
        found = [
            Candidate(one.column, one.score + 2.5) if one.column.email else one for one in found
        ]
    return sorted(found, key=lambda one: -one.score)


def times(table: Table) -> list[Candidate]:
    """Columns that may say when the thing of a row happened, the likeliest first."""
    found = [
        Candidate(c, _time(c))
        for c in table.columns
        if c.filled and c.is_time and not v.has(c.said, v.BIRTH | v.LOADED) and _is_named_time(c)
    ]
    return sorted(found, key=lambda one: -one.score)


def amounts(table: Table) -> list[Candidate]:
    """Numbers that may be what was paid for a row."""
    unfit = v.DISCOUNT | v.ID | v.QUANTITY | v.PERSON | _NO_MONEY | {"per"}
    found = _columns_named(table, v.AMOUNT, unfit, lambda c: c.type is _NUMBER and c.distinct > 1)
    part = frozenset({"subtotal", "refunded", "refund", "net"})
    return [
        Candidate(one.column, one.score - 2 * v.has(one.column.said, part))
        for one in found
        if not v.has(one.column.said, v.EACH)
    ]


def unit_prices(table: Table) -> list[Candidate]:
    """Numbers that may be the price of one piece."""
    unfit = v.DISCOUNT | v.ID | _NO_MONEY | {"total", "subtotal", "sales"}

    def fits(c: ColumnFacts) -> bool:
        priced = v.has(c.said, v.UNIT_PRICE - {"unit"}) or v.has(c.said, v.EACH)
        return c.type is _NUMBER and priced and v.has(c.said, v.AMOUNT | v.UNIT_PRICE - {"unit"})

    return _columns_named(table, v.UNIT_PRICE | {"cost", "amount"}, unfit, fits)


def quantities(table: Table) -> list[Candidate]:
    """Whole numbers that may count pieces."""
    unfit = v.ID | v.AMOUNT | v.UNIT_PRICE | v.DISCOUNT
    return _columns_named(table, v.QUANTITY, unfit, lambda c: c.type is _NUMBER and c.whole)


def discounts(table: Table) -> list[Candidate]:
    """Numbers that may be what was taken off the price."""
    unfit = v.ID | {"rate", "percent", "pct", "code", "type"}
    return _columns_named(table, v.DISCOUNT, unfit, lambda c: c.type is _NUMBER and c.distinct > 1)


def orders(table: Table) -> list[Candidate]:
    """Identifiers of orders."""
    unfit = (
        v.TIME | v.AMOUNT - {"sales"} | v.QUANTITY | {"status", "type", "line", "item", "detail"}
    )
    return _columns_named(table, v.ORDER, unfit, _is_identifier, needs_id=True)


def products(table: Table) -> list[Candidate]:
    """Identifiers of products; a name of the product where there is no identifier."""
    known = v.PRODUCT | v.ID | {"name", "title", "purchased", "bought", "viewed"}
    found = _columns_named(table, v.PRODUCT, frozenset(), _is_identifier)
    return [
        Candidate(one.column, one.score + 2 * v.has(one.column.said, v.ID))
        for one in found
        if set(one.column.said) <= known
    ]


def categories(table: Table) -> list[Candidate]:
    """Texts that may be the kind of a product: few enough to count, many enough to tell."""
    unfit = v.ID | v.PERSON | v.PROTECTED | {"device", "ticket", "payment"}
    found = _columns_named(table, v.CATEGORY, unfit, lambda c: c.type is _TEXT and c.distinct >= 2)
    # Eight to forty departments say more than three hundred kinds of cheese.
    return [
        Candidate(one.column, one.score - (one.column.distinct > 60) - (one.column.distinct < 4))
        for one in found
    ]


def events(table: Table) -> list[Candidate]:
    """Texts that may say what a person did."""
    unfit = v.ID - {"name"} | v.TIME | v.PRODUCT | {"card", "payment"}

    def fits(c: ColumnFacts) -> bool:
        kind = "type" in c.said and not set(c.said) <= v.EVENT | v.ID | {"ticket", "interaction"}
        few = c.distinct <= 300 or c.variety < 0.05
        return c.type is _TEXT and c.words < 6 and few and not kind

    found = _columns_named(table, v.EVENT, unfit - {"code", "key"}, fits)
    return [
        Candidate(one.column, one.score + 2 * v.has(one.column.said, frozenset({"event"})))
        for one in found
    ]


def keys(table: Table) -> list[Candidate]:
    """Identifiers that every row has one of its own of, and that name no person."""
    others = v.PRODUCT | v.ORDER | v.SESSION | v.CATEGORY | v.CAMPAIGN
    found = [
        Candidate(column, 3.0)
        for column in table.columns
        if column.is_key and column.is_id_like and set(column.said) & v.ID and not _person(column)
    ]
    return [one for one in found if not v.has(one.column.said, others) and one.column.rows > 1]


def row_ids(table: Table) -> list[Candidate]:
    """The plain id of a row, which names an order where nothing else does."""
    return [
        Candidate(column, 3.0)
        for column in table.columns
        if column.is_key
        and column.is_id_like
        and set(column.said) <= {"id", "uuid", "guid"}
        and column.said
    ]


def sessions(table: Table) -> list[Candidate]:
    """Identifiers of visits."""
    unfit = v.TIME | {"count", "length", "duration", "type"}
    return _columns_named(table, v.SESSION, unfit, _is_identifier, needs_id=True)


def campaigns(table: Table) -> list[Candidate]:
    """Identifiers or names of campaigns."""
    unfit = v.TIME | v.CONTACT | {"type", "response", "cost", "city", "zip", "state", "country"}
    return _columns_named(table, v.CAMPAIGN, unfit - {"mail", "email"}, _is_identifier)


def channels(table: Table) -> list[Candidate]:
    """Texts that may say over which channel."""
    found = _columns_named(
        table, v.CHANNEL, v.ID, lambda c: c.type is _TEXT and 2 <= c.distinct <= 60
    )
    return [Candidate(one.column, one.score + (one.column.said[-1] in v.CHANNEL)) for one in found]


def texts(table: Table) -> list[Candidate]:
    """Columns of prose; what a person wrote before its title, and before what was replied."""
    return [
        Candidate(c, 3.0 + min(c.words, 50.0) / 50 - 2 * v.has(c.said, _ABOUT_TEXT))
        for c in table.columns
        if c.type is _TEXT and c.words >= 4 and c.variety > 0.3
    ]


def kinds(table: Table) -> list[Candidate]:
    """Texts that may say of what kind a ticket, review or answer is."""
    unfit = v.ID | v.CHANNEL | v.PERSON

    def fits(c: ColumnFacts) -> bool:
        return c.type is _TEXT and 2 <= c.distinct <= 60

    found = _columns_named(table, v.KIND, unfit, fits)
    said = frozenset({"type", "kind"})
    return [Candidate(one.column, one.score + v.has(one.column.said, said)) for one in found]


def ratings(table: Table) -> list[Candidate]:
    """Numbers that may be how content a person is, on a scale of a few steps."""
    unfit = v.ID | v.QUANTITY | v.TIME
    return _columns_named(
        table, v.RATING, unfit, lambda c: c.type is _NUMBER and 2 <= c.distinct <= 101
    )


def is_contact(column: ColumnFacts) -> str:
    """Return why a column holds contacts, or an empty text where it does not."""
    if column.email:
        return "its values are e-mail addresses"
    said = [word for word in column.said if not word.isdigit()]
    if not said or column.type in (ColumnType.BOOLEAN, ColumnType.TIMESTAMP):
        return ""
    if column.reaches:
        return "e-mail or network addresses stand in its values"
    if column.type is _TEXT and set(said) & v.NAMES:
        return "it names people"
    many = column.distinct > 30 or column.variety > 0.5
    tail = frozenset({"number", "no", "nr", "address", "name", "line", "hash", "sec", "id"})
    while len(said) > 1 and said[-1] in tail and said[-2] in v.CONTACT | tail:
        said.pop()
    if many and said[-1] in v.CONTACT and not v.has(said, frozenset({"product", "store"})):
        return "by its name"
    named = [word for word in column.said if word not in ("billing", "shipping")]
    if named[-1:] == ["name"] and column.type is _TEXT:
        others = set(column.said) - {"name"}
        if others & v.NAMED or (many and (not others or others & v.PERSON)):
            return "it names people"
    return "its values are phone numbers" if column.phone and column.type is _TEXT else ""


def names_person(table: Table) -> bool:
    """Say whether a column's name says that it names the person of a row."""
    return any(one.score >= _NAMED for one in people(table))


def is_key_of(key: ColumnFacts, table: Table, naming: ColumnFacts) -> bool:
    """Say whether a table's key may be what a column of another table names, by their names.

    Small whole numbers are alike everywhere: 1 to 99 are as good for payments as for people.
    """
    said = set(key.said) - v.ID
    if said:
        return said <= set(naming.said)
    about, named = set(table.said), set(naming.said) - v.ID
    return bool(about & named or (about & v.PERSON and named & v.PERSON))


def overlap(table: Table, column: str, other: Table, key: str) -> float:
    """Return the share of a column's values that another table's column has, in the samples."""
    mine, theirs = _as_text(table, column), _as_text(other, key)
    share: float | None = pc.mean(pc.is_in(mine, value_set=theirs).cast("double")).as_py()
    return share or 0.0


def _as_text(table: Table, column: str) -> pa.Array:
    values = pc.unique(table.sample[column]).drop_null()
    if table.column(column).whole:
        values = values.cast("int64", safe=False)
    return values.cast("string")


def _person(column: ColumnFacts) -> float:
    said = set(column.said)
    # A person is in many rows, or has one: what hardly differs names nobody.
    if column.distinct < 2 and column.rows > 1 and not said & v.PERSON:
        return 0.0
    is_id = column.is_id_like or (column.type is _NUMBER and said & v.ID)
    if said & v.PERSON and said <= v.PERSON | _QUALIFIERS and is_id:
        if "name" in said:
            return 0.0
        weak = bool(said & _WEAK) and not said - v.PERSON - v.ID and not said & (v.PERSON - _WEAK)
        if weak and not said & v.ID and column.variety < 0.2:
            return 0.0
        return 10.0 + 2 * bool(said & v.ID) + ("unique" in said) - 3 * weak
    if said and said <= _PLAIN_ID and said & _IDS and column.is_id_like:
        return 3.0 + ("master" in said)
    if column.email:
        return 2.0 + bool(said & v.PERSON)
    return 0.0


def _is_of_rows(column: ColumnFacts) -> bool:
    return not column.email and column.variety >= _ONE_EACH


def _is_named_time(column: ColumnFacts) -> bool:
    if column.type is not ColumnType.TIMESTAMP or v.has(column.said, v.ID):
        return v.has(column.said, v.TIME)
    return True


def _time(column: ColumnFacts) -> float:
    said = set(column.said)
    score: float = 5.0 + 3 * bool(said & v.WHEN) + bool(said & v.TIME) + ("timestamp" in said)
    score -= 6 * bool(said & v.LATER) + 4 * bool(said & (v.PERSON | _STATES))
    alike = column.distinct < 2 < column.rows
    return score - 3 * (column.share_filled < 0.5) - 2 * alike


def _is_identifier(column: ColumnFacts) -> bool:
    return column.distinct > 1 and (
        column.type is _TEXT or (column.type is _NUMBER and column.whole)
    )


def _columns_named(
    table: Table,
    wanted: frozenset[str],
    unfit: frozenset[str],
    fits: Callable[[ColumnFacts], bool],
    *,
    needs_id: bool = False,
) -> list[Candidate]:
    """Columns whose names hold a wanted word and no unfit one; short names count more."""
    found = []
    for column in table.columns:
        said = set(column.said)
        if not said & wanted or said & (unfit - wanted) or not column.filled or not fits(column):
            continue
        alone = said <= wanted
        if needs_id and not (said & v.ID or alone):
            continue
        found.append(Candidate(column, 3.0 + alone + bool(said & v.ID) - 0.2 * len(said)))
    return sorted(found, key=lambda one: -one.score)
