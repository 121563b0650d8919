"""The columns of the lake that a batch gives: their names, types and SQL, contacts masked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from customer_atlas.config import ROLES, ColumnType, ProjectFile
from customer_atlas.data.casts import Cast
from customer_atlas.data.contacts import Contacts
from customer_atlas.data.mapping import Bindings, lake_name
from customer_atlas.engine import quoted
from customer_atlas.errors import ConfigError

__all__ = ["LakeColumn", "covered_columns", "lake_columns", "masked_columns"]


@dataclass(frozen=True)
class LakeColumn:
    """A column of the lake: `origin` is the source's column that it is, if it is one.

    `recipe` says how its text was read, for files to come whose values do not say.
    """

    name: str
    type: ColumnType
    origin: str | None = None
    recipe: str | None = None


def lake_columns(
    file: ProjectFile,
    source: str,
    bindings: Bindings,
    casts: Sequence[Cast],
    computed: Sequence[Cast],
    types: Mapping[str, ColumnType],
) -> list[tuple[LakeColumn, str]]:
    """Return the lake's columns with the SQL of their values, the role's own columns first."""
    by_name = {cast.column.name: cast for cast in casts}
    mapped: dict[str, tuple[LakeColumn, str]] = {}
    for name, column in bindings.renamed.items():
        cast = by_name[column]
        mapped[name] = LakeColumn(name, cast.type, column, cast.recipe), quoted(column)
    for cast in computed:
        name = cast.column.name.removeprefix("__c_")
        mapped[name] = LakeColumn(name, cast.type, None, cast.recipe), quoted(f"__m_{name}")
    order = [*ROLES[file.project.sources[source].role].names, *mapped]
    outputs = [mapped[name] for name in dict.fromkeys(order) if name in mapped]
    for column in bindings.own:
        cast, name = by_name[column], lake_name(column, types)
        # A column without any value has no type yet: it appears when it has one.
        if cast.filled or name in types:
            outputs.append((LakeColumn(name, cast.type, column, cast.recipe), quoted(column)))
    return outputs


def covered_columns(
    file: ProjectFile,
    source: str,
    bindings: Bindings,
    outputs: Sequence[tuple[LakeColumn, str]],
    hidden: Collection[str],
) -> set[str]:
    """Return the columns of the lake by which a hidden one could be read.

    Whether somebody has an address, and when something was, tells nobody's address.

    Raises:
        ConfigError: the role needs one of them as it is, or at all.
    """
    covered = {
        column.name
        for column, _ in outputs
        if column.type in (ColumnType.TEXT, ColumnType.NUMBER)
        and set(bindings.inputs.get(column.name, (column.origin,))) & set(hidden)
    }
    _refuse_unfit(file, source, covered)
    return covered


def masked_columns(
    outputs: Sequence[tuple[LakeColumn, str]], covered: Collection[str], contacts: Contacts
) -> list[tuple[LakeColumn, str]]:
    """Return the columns with what is kept of those that are covered."""
    kept = []
    for column, sql in outputs:
        if column.name not in covered:
            kept.append((column, sql))
        elif hashed := contacts.kept(sql):
            kept.append((replace(column, type=ColumnType.TEXT), hashed))
    return kept


def _refuse_unfit(file: ProjectFile, source: str, covered: Collection[str]) -> None:
    """Refuse contacts that a role needs as they are, or at all; raises ConfigError."""
    role = file.project.sources[source].role
    dropped = file.project.privacy.pseudonymise == "drop"
    unfit = [
        name
        for name, kind in ROLES[role].types.items()
        if name in covered
        and (kind is not ColumnType.TEXT or (dropped and name in ROLES[role].required))
    ]
    if unfit:
        place = file.where("privacy", "contact")
        raise ConfigError(
            [
                f"{place}: the source {source} needs '{name}' as it is, and a contact column is "
                f"mapped to it. Map another column to '{name}', or take it off the list."
                for name in unfit
            ]
        )
