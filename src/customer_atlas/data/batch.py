"""A batch: files of one source with the same columns, bound, typed and judged as one query."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from customer_atlas.config import ROLES, ColumnType, ProjectFile
from customer_atlas.data.casts import ABSENT, Cast, RawColumn, cast_columns, shown
from customer_atlas.data.checks import Check, judged, misfit_reason, value_checks
from customer_atlas.data.contacts import Contacts
from customer_atlas.data.files import file_literal
from customer_atlas.data.lake_columns import (
    LakeColumn,
    covered_columns,
    lake_columns,
    masked_columns,
)
from customer_atlas.data.mapping import ROW_NUMBER, Bindings, bind, raw_columns
from customer_atlas.data.staging import Staged
from customer_atlas.engine import Connection, DuckDB, literal, quoted
from customer_atlas.errors import ConfigError, EngineError

__all__ = ["Batch", "Chunk", "prepare_batch"]


# Why a row is refused whose expression fails.
_FAILED = {
    ColumnType.NUMBER: "unparsable_number",
    ColumnType.TIMESTAMP: "unparsable_timestamp",
    ColumnType.TEXT: "type_changed",
    ColumnType.BOOLEAN: "type_changed",
}


@dataclass(frozen=True)
class Chunk:
    """Rows `first` to before `last` of some files of a batch, read by one worker."""

    files: tuple[Staged, ...]
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True)
class Batch:
    """Files with the same columns, and all that turns their rows into rows of the lake."""

    files: tuple[Staged, ...]
    columns: tuple[LakeColumn, ...]
    values: tuple[str, ...]
    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    layers: tuple[str, ...]
    record: str
    verdict: str
    contacts: Contacts

    def guard(self, connection: Connection) -> None:
        """Make a connection ready for expressions that fail, many columns, and hashes."""
        _guard(connection)
        self.contacts.prepare(connection)

    def rows(self, chunk: Chunk, *, judged: bool = True) -> str:
        """Return SQL that can follow FROM: the rows of a chunk as `__file` (file id), `__row`.

        The lake's columns follow as `__0`, `__1` and so on, and `__verdict` where it is asked for.
        """
        values = "".join(f", {value} AS __{place}" for place, value in enumerate(self.values))
        verdict = f", {self.verdict} AS __verdict" if judged else ""
        return f"(SELECT __file, __row{values}{verdict} FROM {self._typed(chunk)})"

    def refused(self, chunk: Chunk) -> str:
        """Return SQL that can follow FROM: the refused rows of a chunk.

        They have `__file`, `__row`, `__verdict`, `__record` (JSON of the raw row) and `__found`
        (the value that a check refused).
        """
        found = " ".join(
            f"WHEN {2 + place} THEN left(CAST({check.found} AS VARCHAR), 200)"
            for place, check in enumerate(self.checks)
        )
        # Judged first, so that what only refused rows need is made for them alone.
        return (
            f"(SELECT *, CASE __verdict {found} END AS __found, {self.record} AS __record "
            f"FROM (SELECT *, {self.verdict} AS __verdict FROM {self._typed(chunk)}) "
            "WHERE __verdict > 1)"
        )

    def _typed(self, chunk: Chunk) -> str:
        query = _scan(chunk)
        for layer in self.layers:
            query = f"(SELECT {layer} FROM {query})"
        return query


def prepare_batch(
    engine: DuckDB,
    file: ProjectFile,
    source: str,
    files: Sequence[Staged],
    known: Mapping[str, LakeColumn],
    names: Sequence[str],
    contacts: Contacts,
    now: datetime,
) -> Batch:
    """Bind, type and judge the files of one batch.

    Args:
        engine: where queries run.
        file: the project file.
        source: the name of the source.
        files: staged files with the same raw columns.
        known: the columns that the lake has, or will have from batches before.
        names: every column that files of this source are known to have.
        contacts: which columns are kept as hashes only, or not at all.
        now: the time of ingestion, with a zone.

    Raises:
        ConfigError: the mapping or condition does not fit the columns.
    """
    declared = file.project.sources[source]
    raw = dict.fromkeys(names, ABSENT) | dict(files[0].columns)
    bindings = bind(file, source, list(raw))
    hidden = contacts.among(raw, declared.columns)
    types = {name: column.type for name, column in known.items()}
    recipes = {name: column.recipe for name, column in known.items() if column.recipe}
    rows = sum(one.rows for one in files)
    timezone = file.project.timezone
    scan = _scan(Chunk(tuple(files)))
    absent = ", ".join(f"NULL AS {quoted(name)}" for name, kind in raw.items() if kind == ABSENT)
    whole = f"(SELECT *{', ' + absent if absent else ''} FROM {scan})"
    with engine.connect() as connection:
        _guard(connection)
        contacts.prepare(connection)
        columns = raw_columns(bindings, raw, declared.role, types, recipes)
        # A telephone number is no number.
        columns = [
            replace(one, type=ColumnType.TEXT) if one.name in hidden and one.type is None else one
            for one in columns
        ]
        casts = cast_columns(connection, whole, rows, columns, declared.read, timezone)
        inner = _typing_layer(casts)
        typed = f"(SELECT {inner} FROM {whole})"
        computed = _computed(connection, file, source, bindings, casts, typed)
        tried, outer = _computing_layers(bindings, computed)
        middle = f"(SELECT {outer} FROM (SELECT {tried} FROM {typed}))"
        renamed = [_prefixed(one, types, recipes) for one in computed]
        computed_casts = cast_columns(connection, middle, rows, renamed, declared.read, timezone)
    layers = [f"*, {absent}"] if absent else []
    layers.append(inner)
    if computed:
        layers += [tried, outer, _computed_layer(computed_casts)]
    outputs = lake_columns(file, source, bindings, casts, computed_casts, types)
    before, after = _checks(file, source, bindings, casts, computed_casts, outputs, now)
    covered = covered_columns(file, source, bindings, outputs, hidden)
    after = [replace(one, found="NULL") if one.column in covered else one for one in after]
    outputs = masked_columns(outputs, covered, contacts)
    return Batch(
        tuple(files),
        tuple(column for column, _ in outputs),
        tuple(value for _, value in outputs),
        (*before, *after),
        tuple(note for cast in (*casts, *computed_casts) for note in cast.notes),
        tuple(layers),
        _record(casts, hidden),
        judged(before, bindings.where, after),
        contacts,
    )


def _scan(chunk: Chunk) -> str:
    paths = ", ".join(file_literal(one.parquet) for one in chunk.files if one.parquet)
    ids = ", ".join(literal(one.file.file_id) for one in chunk.files)
    file_id = f"[{ids}][CAST(file_index AS BIGINT) + 1]" if len(chunk.files) > 1 else ids
    part = ""
    if chunk.first is not None:
        part = f" WHERE file_row_number >= {chunk.first} AND file_row_number < {chunk.last}"
    columns = ", ".join(quoted(name) for name, _ in chunk.files[0].columns)
    return (
        f"(SELECT {file_id} AS __file, CAST(file_row_number AS BIGINT) AS __row, {columns} "
        f"FROM read_parquet([{paths}], hive_partitioning = false){part})"
    )


def _typing_layer(casts: Sequence[Cast]) -> str:
    """Columns typed under their own names, and raw ones beside them for the checks."""
    present = [cast.column.name for cast in casts if cast.column.raw != ABSENT]
    return ", ".join(
        [
            "__file",
            "__row",
            *(f"{cast.sql} AS {quoted(cast.column.name)}" for cast in casts),
            *(f"{quoted(name)} AS {quoted('__raw_' + name)}" for name in present),
        ]
    )


def _computing_layers(bindings: Bindings, computed: Sequence[RawColumn]) -> tuple[str, str]:
    """Return two layers: each expression tried, then its value; a failed one has no struct."""
    tried, values = ["*"], ["*"]
    for one in computed:
        sql, value = bindings.computed[one.name], quoted("__c_" + one.name)
        if _can_fail(sql):
            attempt = quoted("__t_" + one.name)
            tried.append(f"TRY(struct_pack(v := {sql})) AS {attempt}")
            values.append(f"struct_extract({attempt}, 'v') AS {value}")
        else:
            tried.append(f"{sql} AS {value}")
    return ", ".join(tried), ", ".join(values)


def _guard(connection: Connection) -> None:
    # The optimizer would take a subexpression that occurs twice out of its TRY, and make a join
    # of each IN, which takes minutes where hundreds of columns are compared with words. There is
    # no order of joins to find, and the search for it grows with the square of the columns.
    connection.run(
        "SET disabled_optimizers = 'common_subexpressions,in_clause,join_order'",
        step="guard expressions",
    )


def _can_fail(sql: str) -> bool:
    """Say whether an expression may fail for some rows: plain arithmetic does not."""
    return "(" in sql and sql != ROW_NUMBER


def _record(casts: Sequence[Cast], hidden: Collection[str]) -> str:
    """Return the SQL of the raw row as JSON text, without the columns that are hidden.

    JSON knows no NaN, so that becomes text.
    """
    pairs = []
    for cast in casts:
        if cast.column.name in hidden:
            continue
        raw = quoted(f"__raw_{cast.column.name}")
        raw = shown(cast.column, raw)
        if cast.column.raw in ("DOUBLE", "FLOAT"):
            raw = f"CASE WHEN isfinite({raw}) THEN to_json({raw}) ELSE to_json({raw}::VARCHAR) END"
        if cast.column.raw != ABSENT:
            pairs.append(f"{literal(cast.column.name)}, {raw}")
    return f"CAST(json_object({', '.join(pairs)}) AS VARCHAR)"


def _computed(
    connection: Connection,
    file: ProjectFile,
    source: str,
    bindings: Bindings,
    casts: Sequence[Cast],
    typed: str,
) -> list[RawColumn]:
    """Return the computed columns with the SQL types that their expressions have."""
    role = ROLES[file.project.sources[source].role]
    times = {cast.column.name for cast in casts if cast.type is ColumnType.TIMESTAMP}
    kinds = {cast.column.name: cast.type for cast in casts}
    columns = []
    for name, sql in bindings.computed.items():
        place = file.where("sources", source, "columns", name)
        kind = _expression_type(connection, typed, sql, place, bindings.inputs[name], kinds)
        is_utc = bool(times & set(bindings.inputs[name]))
        columns.append(RawColumn(name, kind, role.types.get(name), used=True, is_utc=is_utc))
    if bindings.where is not None:
        place = file.where("sources", source, "where")
        _expression_type(connection, typed, bindings.where, place, bindings.where_inputs, kinds)
    return columns


def _expression_type(
    connection: Connection,
    typed: str,
    sql: str,
    place: str,
    inputs: Sequence[str],
    kinds: Mapping[str, ColumnType],
) -> str:
    try:
        described = connection.rows(f"DESCRIBE SELECT {sql} FROM {typed}", step="bind columns")
        # Some constants, such as patterns, are looked at when the query runs.
        connection.rows(f"SELECT TRY({sql}) IS NULL FROM {typed} LIMIT 1", step="try columns")
    except EngineError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        listed = ", ".join(f"{name} is {kinds[name].value}" for name in inputs)
        raise ConfigError(
            [f"{place}: the expression does not fit its columns ({listed}): {reason}"]
        ) from None
    return str(described[0][1])


def _prefixed(
    column: RawColumn, types: Mapping[str, ColumnType], recipes: Mapping[str, str]
) -> RawColumn:
    return RawColumn(
        f"__c_{column.name}",
        column.raw,
        column.type or types.get(column.name),
        column.used,
        column.is_utc,
        recipes.get(column.name),
    )


def _computed_layer(casts: Sequence[Cast]) -> str:
    return ", ".join(
        [
            "*",
            *(
                f"{cast.sql} AS {quoted(cast.column.name.replace('__c_', '__m_', 1))}"
                for cast in casts
            ),
        ]
    )


def _checks(
    file: ProjectFile,
    source: str,
    bindings: Bindings,
    casts: Sequence[Cast],
    computed: Sequence[Cast],
    outputs: Sequence[tuple[LakeColumn, str]],
    now: datetime,
) -> tuple[list[Check], list[Check]]:
    role = file.project.sources[source].role
    standard = {column: name for name, column in bindings.renamed.items()}
    names = ROLES[role].types
    first: list[Check] = []
    misfits: list[Check] = []
    for cast in casts:
        if cast.misfit is None:
            continue
        column = cast.column.name
        raw, typed = quoted(f"__raw_{column}"), quoted(column)
        reason = misfit_reason(cast, fixed_by_role=standard.get(column) in names)
        misfit = cast.misfit.format(raw=raw, cast=typed)
        check = Check(reason, standard.get(column, column), misfit, shown(cast.column, raw))
        (first if column in bindings.where_inputs else misfits).append(check)
    for cast in computed:
        if cast.misfit is None:
            continue
        name = cast.column.name.removeprefix("__c_")
        raw, typed = quoted(f"__c_{name}"), quoted(f"__m_{name}")
        reason = misfit_reason(cast, fixed_by_role=name in names)
        misfit = cast.misfit.format(raw=raw, cast=typed)
        misfits.append(Check(reason, name, misfit, shown(cast.column, raw)))
    misfits += [
        Check(_FAILED[cast.type], name, f"{quoted('__t_' + name)} IS NULL")
        for cast in computed
        if _can_fail(bindings.computed[name := cast.column.name.removeprefix("__c_")])
    ]
    latest = (now.astimezone(UTC) + timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S")
    values = [(column.name, column.type, sql) for column, sql in outputs]
    keys, rest = value_checks(role, values, latest)
    return first, [*keys, *misfits, *rest]
