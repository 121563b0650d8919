"""Overlap: how many of one source's keys another source knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from customer_atlas.config import Role
from customer_atlas.data.quality.survey import Survey, shared_view_of
from customer_atlas.engine import Connection, quoted

__all__ = ["Overlap", "overlaps"]

_NORMAL = "lower(ltrim(trim({key}), '0'))"


@dataclass(frozen=True)
class Overlap:
    """How much of the `column` of `source` is in `others`, in keys and in rows.

    `alike` counts the keys that would be known if case, blanks and leading zeros did not matter;
    it is looked up only where most keys are not known.
    """

    source: str
    others: tuple[str, ...]
    column: str
    keys: int
    known: int
    rows: int
    known_rows: int
    alike: int


def overlaps(connection: Connection, surveys: Sequence[Survey]) -> list[Overlap]:
    """Compare the keys of all sources: products with products, customers with customers."""
    return [
        _overlap(connection, source, others, column) for source, others, column in _pairs(surveys)
    ]


def _pairs(surveys: Sequence[Survey]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    by_role: dict[Role, list[str]] = {}
    for one in surveys:
        by_role.setdefault(one.profile.role, []).append(one.profile.source)
    acting = (*by_role.get(Role.TRANSACTIONS, ()), *by_role.get(Role.EVENTS, ()))
    products, people = by_role.get(Role.PRODUCTS, []), by_role.get(Role.CUSTOMERS, [])
    for one in surveys:
        name, profile = one.profile.source, one.profile
        if name in acting and products and profile.column("product"):
            yield name, tuple(products), "product"
        if name in acting and people:
            yield name, tuple(people), "customer_id"
        if name in people and acting:
            yield name, acting, "customer_id"


def _overlap(connection: Connection, source: str, others: Sequence[str], column: str) -> Overlap:
    keys, rows, known, known_rows = _known(connection, source, others, column, "{key}")
    alike = known
    if 2 * known < keys:
        alike = _known(connection, source, others, column, _NORMAL)[2]
    return Overlap(source, tuple(others), column, keys, known, rows, known_rows, alike)


def _known(
    connection: Connection, source: str, others: Sequence[str], column: str, form: str
) -> tuple[int, int, int, int]:
    key = form.format(key=quoted(column))
    listed = " UNION ".join(
        f"SELECT {key} AS key FROM {quoted(shared_view_of(other))}" for other in others
    )
    (found,) = connection.rows(
        f"SELECT count(*), sum(n), count(listed.key), sum(n) FILTER (listed.key IS NOT NULL) "
        f"FROM (SELECT {key} AS key, count(*) AS n FROM {quoted(shared_view_of(source))} "
        f"WHERE {quoted(column)} IS NOT NULL GROUP BY 1) AS mine "
        f"LEFT JOIN (SELECT DISTINCT key FROM ({listed})) AS listed ON mine.key = listed.key",
        step=f"compare keys of {source}",
    )
    return found[0], int(found[1] or 0), found[2], int(found[3] or 0)
