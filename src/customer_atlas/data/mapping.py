"""Mapping: which columns of a source become the standard columns of its role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from customer_atlas.config import (
    ROLES,
    ColumnType,
    ProjectFile,
    Role,
    Source,
    bind_expression,
    expression_columns,
)
from customer_atlas.data.casts import RawColumn
from customer_atlas.engine import quoted
from customer_atlas.errors import ConfigError, nearest

__all__ = ["ROW_NUMBER", "Bindings", "bind", "lake_name", "raw_columns"]

ROW_NUMBER = "CAST(__row AS VARCHAR)"
"""The SQL of the id that customers without any id take."""

_RESERVED = ("bucket", "_file", "_row")


@dataclass(frozen=True)
class Bindings:
    """A source's mapping, bound to its columns.

    `renamed` holds standard names that are simply another name of a column; `computed` those
    that are SQL over the source's columns, with the columns that each uses in `inputs`; `own`
    the columns that stay under their own name.
    """

    renamed: Mapping[str, str]
    computed: Mapping[str, str]
    inputs: Mapping[str, tuple[str, ...]]
    own: tuple[str, ...]
    where: str | None
    where_inputs: tuple[str, ...]

    @property
    def used(self) -> frozenset[str]:
        """The source's columns that something rests on."""
        computed = (column for names in self.inputs.values() for column in names)
        return frozenset((*self.renamed.values(), *computed, *self.where_inputs))

    @property
    def standard(self) -> tuple[str, ...]:
        """The mapped names."""
        return (*self.renamed, *self.computed)


def bind(file: ProjectFile, name: str, columns: Sequence[str]) -> Bindings:
    """Bind the mapping of source `name` to its columns.

    Raises:
        ConfigError: a column that is not there, or a required name without a column; says where,
            which columns there are, and the nearest.
    """
    source = file.project.sources[name]
    renamed: dict[str, str] = {}
    computed: dict[str, str] = {}
    inputs: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for standard, text in _wanted(source, columns).items():
        place = file.where("sources", name, "columns", standard)
        try:
            sql = bind_expression(text, columns, where=place)
            used = expression_columns(text, columns, where=place)
        except ConfigError as error:
            problems += error.problems
            continue
        if len(used) == 1 and sql == quoted(used[0]) and used[0] not in renamed.values():
            renamed[standard] = used[0]
        else:
            computed[standard], inputs[standard] = sql, used
    mapped = {*renamed, *computed}
    if source.role is Role.CUSTOMERS and "customer_id" not in {*mapped, *source.columns}:
        computed["customer_id"], inputs["customer_id"] = ROW_NUMBER, ()
        mapped.add("customer_id")
    problems += _unfit_names(file, name, source)
    problems += _absent(file, name, {*mapped, *source.columns}, columns)
    problems += _unknown_labels(file, name, columns)
    problems += _unknown_items(file, name, columns)
    where: str | None = None
    where_inputs: tuple[str, ...] = ()
    if source.where is not None:
        place = file.where("sources", name, "where")
        try:
            condition = bind_expression(source.where, columns, where=place)
            # A row for which the condition fails does not meet it.
            where = f"TRY(CAST(({condition}) AS BOOLEAN))"
            where_inputs = expression_columns(source.where, columns, where=place)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    own = _own(columns, renamed, mapped)
    return Bindings(renamed, computed, inputs, own, where, where_inputs)


def raw_columns(
    bindings: Bindings,
    raw: Mapping[str, str],
    role: Role,
    known: Mapping[str, ColumnType],
    recipes: Mapping[str, str],
) -> list[RawColumn]:
    """Return what is known of each raw column: its role's type first, then the lake's.

    Args:
        bindings: the bound mapping.
        raw: SQL types by name.
        role: what the rows are.
        known: the types of the lake's columns.
        recipes: how the lake's columns were read before.
    """
    standard = {column: name for name, column in bindings.renamed.items()}
    return [
        RawColumn(
            column,
            kind,
            _fixed_type(standard.get(column), lake_name(column, known), role, known),
            column in bindings.used,
            recipe=recipes.get(standard.get(column, lake_name(column, known))),
        )
        for column, kind in raw.items()
    ]


def lake_name(column: str, known: Iterable[str] = ()) -> str:
    """Return the lake's name of a source's own column: the same, unless Atlas needs that name.

    A `known` name of the lake that differs by case alone wins, since tables hold no two such.

    >>> lake_name("Country"), lake_name("bucket"), lake_name("age", ["Age"])
    ('Country', 'bucket_', 'Age')
    """
    name = f"{column}_" if column.casefold() in _RESERVED else column
    return next((one for one in known if one.casefold() == name.casefold()), name)


def _wanted(source: Source, columns: Sequence[str]) -> dict[str, str]:
    """Return the declared mapping, and each other standard name that a column has."""
    folded: dict[str, list[str]] = {}
    for column in columns:
        folded.setdefault(column.casefold(), []).append(column)
    wanted = {}
    for standard, text in source.mapping.items():
        alike = folded.get(standard, [])
        if standard in source.columns:
            wanted[standard] = text
        elif standard in alike or len(alike) == 1:
            wanted[standard] = standard if standard in alike else alike[0]
    return wanted


def _unfit_names(file: ProjectFile, name: str, source: Source) -> list[str]:
    seen: dict[str, str] = {}
    problems = []
    for standard in source.columns:
        folded = standard.casefold()
        place = file.where("sources", name, "columns", standard)
        if folded in _RESERVED:
            problems.append(f"{place}: '{standard}' belongs to Atlas; choose another name.")
        if folded in seen:
            problems.append(
                f"{place}: '{seen[folded]}' and '{standard}' differ by case alone; keep one."
            )
        seen[folded] = standard
    return problems


def _absent(file: ProjectFile, name: str, present: set[str], columns: Sequence[str]) -> list[str]:
    required = ROLES[file.project.sources[name].role].required
    return [
        f"{file.where('sources', name, 'columns')}: '{standard}' is required for the role "
        f"{file.project.sources[name].role.value}, and no column has that name. "
        f"Write `columns: {{{standard}: ...}}` with one of the source's columns."
        f"{nearest(standard, columns)}"
        for standard in required
        if standard not in present
    ]


def _unknown_labels(file: ProjectFile, name: str, columns: Sequence[str]) -> list[str]:
    folded = {column.casefold() for column in columns}
    return [
        f"{file.where('sources', name, 'labels', label)}: found the column '{found.column}'."
        f"{nearest(found.column, columns)}"
        for label, found in file.project.sources[name].labels.items()
        if found.column.casefold() not in folded
    ]


def _unknown_items(file: ProjectFile, name: str, columns: Sequence[str]) -> list[str]:
    source = file.project.sources[name]
    known = {one.casefold() for one in (*columns, *source.columns)}
    return [
        f"{file.where('sources', name, 'scales', scale, 'items')}: found the column '{item}'."
        f"{nearest(item, columns)}"
        for scale, declared in source.scales.items()
        for item in declared.items
        if item.casefold() not in known
    ]


def _own(columns: Sequence[str], renamed: Mapping[str, str], mapped: set[str]) -> tuple[str, ...]:
    taken = {name.casefold() for name in mapped}
    return tuple(
        column
        for column in columns
        if column not in renamed.values() and lake_name(column).casefold() not in taken
    )


def _fixed_type(
    standard: str | None, own: str, role: Role, known: Mapping[str, ColumnType]
) -> ColumnType | None:
    types = ROLES[role].types
    if standard in types:
        return types[standard]
    return known.get(standard or own)
