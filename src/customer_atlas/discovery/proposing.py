"""Propose: from the tables of a folder to a project, tables looked at beside one another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pyarrow as pa

from customer_atlas.config import Role
from customer_atlas.discovery import candidates as c
from customer_atlas.discovery import vocabulary as v
from customer_atlas.discovery.proposal import Answers, Proposal, ProposedSource
from customer_atlas.discovery.roles import Decision, decide
from customer_atlas.discovery.tables import LeftOut, Table, is_copy

__all__ = ["project_name", "propose"]

_ALONE = "it lists products, and no table says who bought them"
_LINKED = 0.5
_SEXES = frozenset({"male", "female", "man", "woman", "masculine", "feminine", "diverse"})
_NOT_OF_PEOPLE = frozenset({"account", "order", "product", "membership", "store", "page"})


def propose(
    name: str, tables: Sequence[Table], left_out: Sequence[LeftOut], answers: Answers
) -> Proposal:
    """Return the project that the tables suggest.

    Args:
        name: what the project may be called.
        tables: what was looked at.
        left_out: what could not be.
        answers: what a person said, by table and question.
    """
    naming = {table.name for table in tables if c.names_person(table)}
    decisions = {
        table.name: decide(table, answers, _links(table, tables), alone=not naming - {table.name})
        for table in tables
    }
    sources = [one.source for one in decisions.values() if one.source]
    gone = [one.left_out for one in decisions.values() if one.left_out]
    copies = dict(_copies(tables, decisions))
    for one in [one for one in sources if one.name in copies]:
        gone.append(LeftOut(", ".join(one.paths), copies[one.name]))
        sources.remove(one)
    if all(one.role is Role.PRODUCTS for one in sources):
        gone += [LeftOut(", ".join(one.paths), _ALONE) for one in sources]
        sources = []
    sources = list(_with_own_scales(sources))
    by_name = {table.name: table for table in tables}
    kept = {one.name for one in sources}
    return Proposal(
        re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-._") or "customers",
        tuple(sources),
        dict(_contacts(sources, by_name)),
        dict(_protected(sources, by_name)),
        tuple(doubt for key, one in decisions.items() if key in kept for doubt in one.doubts),
        (*gone, *left_out),
    )


def _links(table: Table, tables: Sequence[Table]) -> dict[str, str]:
    """Return the columns of a table that are keys of what other tables name, with their role."""
    links: dict[str, str] = {}
    keys = [column for column in table.columns if column.is_key and column.is_id_like]
    if not keys or table.sample.num_rows < 2:
        return links
    for other in tables:
        if other is table:
            continue
        named = [("customers", one) for one in c.people(other) if one.score >= 5]
        named += [("products", one) for one in c.products(other)]
        for role, one in named:
            if one.column.is_key:
                continue
            for key in keys:
                alike = c.is_key_of(key, table, one.column)
                if alike and c.overlap(other, one.name, table, key.name) >= _LINKED:
                    links.setdefault(key.name, role)
    return links


def _copies(tables: Sequence[Table], decisions: dict[str, Decision]) -> Iterator[tuple[str, str]]:
    """Yield the tables of orders or events whose rows another table has too, and why."""
    held = [(table.name, _rows(table, decisions)) for table in tables if table.whole]
    timed = sorted(
        ((name, rows) for name, rows in held if rows is not None),
        key=lambda pair: pair[1].num_rows,
    )
    for (one, small), (other, large) in combinations(timed, 2):
        if small.column_names == large.column_names and is_copy(small, large):
            yield one, f"its rows are those of {other}, which would count twice"


def _rows(table: Table, decisions: dict[str, Decision]) -> pa.Table | None:
    """Return when what was done for how much: what tells rows, whoever the person is named."""
    source = decisions[table.name].source
    if source is None or source.role not in (Role.TRANSACTIONS, Role.EVENTS):
        return None
    names = [source.columns.get(key, "") for key in ("timestamp", "amount", "quantity", "type")]
    names = [name if name in table.sample.column_names else "" for name in names]
    held = {str(place): table.sample[name] for place, name in enumerate(names) if name}
    return pa.table(held).combine_chunks() if len(held) > 1 else None


def _with_own_scales(sources: Sequence[ProposedSource]) -> Iterator[ProposedSource]:
    """Yield the sources, no scale of which has the name of another's."""
    taken: set[str] = set()
    for source in sources:
        own = [
            replace(one, name=f"{source.name}_{one.name}") if one.name in taken else one
            for one in source.scales
        ]
        taken.update(one.name for one in own)
        yield replace(source, scales=tuple(own))


def _contacts(
    sources: Sequence[ProposedSource], tables: dict[str, Table]
) -> Iterator[tuple[str, str]]:
    for source in sources:
        if source.role is Role.PRODUCTS:
            continue
        for column in tables[source.name].columns:
            reason = c.is_contact(column)
            if reason and column.name not in source.columns.values():
                yield column.name, reason


def _protected(
    sources: Sequence[ProposedSource], tables: dict[str, Table]
) -> Iterator[tuple[str, str]]:
    for source in sources:
        if source.role is not Role.CUSTOMERS:
            continue
        aside = {*source.columns.values(), *(label.column for label in source.labels)}
        for column in tables[source.name].columns:
            said = set(column.said)
            if column.name in aside or c.is_contact(column):
                continue
            if said & v.PROTECTED and not said & _NOT_OF_PEOPLE and len(said) <= 3:
                yield column.name, "by its name"
            elif column.levels and {level.casefold() for level in column.levels} <= _SEXES:
                yield column.name, "by its values"


def project_name(place: Path) -> str:
    """Return what a project of these files may be called: as their folder, or file."""
    resolved = place.resolve()
    return resolved.name if resolved.is_dir() else resolved.name.split(".")[0]
