"""SQL expressions of the project file: parsed, limited to a source's own columns, bound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from customer_atlas.errors import ConfigError, nearest

if TYPE_CHECKING:
    from sqlglot import Expr

__all__ = ["bind_expression", "comparisons", "expression_columns", "rests_on"]

# The last two lines are sqlglot's own names for strptime, strftime, epoch and the like.
_FUNCTIONS = frozenset({
    "abs", "cast", "try_cast", "case", "if", "coalesce", "nullif", "ifnull", "least", "greatest",
    "round", "floor", "ceil", "ceiling", "trunc", "sign", "sqrt", "ln", "log", "log10", "exp",
    "pow", "power", "mod", "concat", "lower", "upper", "trim", "ltrim", "rtrim", "length", "len",
    "replace", "substr", "substring", "left", "right", "split_part", "starts_with", "ends_with",
    "contains", "strpos", "position", "regexp_matches", "regexp_replace", "regexp_extract",
    "like", "ilike", "between", "in", "is", "not", "and", "or", "date_trunc", "date_part",
    "extract", "year", "month", "day", "hour", "minute", "dayofweek", "date_diff", "date_add",
    "epoch", "to_timestamp", "strptime", "strftime", "make_date", "isnan", "isfinite",
    "str_to_time", "time_to_str", "time_to_unix", "unix_to_time", "timestamp_trunc",
    "regexp_like", "str_position", "date_from_parts",
})  # fmt: skip


def bind_expression(text: str, columns: Sequence[str], *, where: str) -> str:
    """Return the DuckDB SQL of a column name or expression over `columns`.

    An exact column name always wins over being read as an expression; other names resolve
    exactly, else without regard to case.

    Raises:
        ConfigError: unknown column, or something that is not a plain expression; `where` (such
            as ``atlas.yaml:12: sources.orders.columns.amount``) opens the message.

    >>> bind_expression("Quantity * UnitPrice", ["Quantity", "UnitPrice"], where="here")
    '"Quantity" * "UnitPrice"'
    >>> bind_expression("unit price", ["unit price"], where="here")
    '"unit price"'
    """
    if text in columns:
        return '"' + text.replace('"', '""') + '"'
    tree = _parsed(text, where).copy()
    from sqlglot import exp

    for column in list(tree.find_all(exp.Column)):
        name = _resolved(column.name, columns, where)
        column.replace(exp.column(exp.to_identifier(name, quoted=True)))
    if isinstance(tree, exp.Column):
        tree = exp.column(exp.to_identifier(_resolved(tree.name, columns, where), quoted=True))
    return tree.sql(dialect="duckdb")


def expression_columns(text: str, columns: Sequence[str], *, where: str) -> tuple[str, ...]:
    """Return the columns that a column name or expression uses, in order of first use.

    >>> expression_columns("a * b - A", ["a", "b"], where="here")
    ('a', 'b')
    """
    if text in columns:
        return (text,)
    from sqlglot import exp

    found = _parsed(text, where).find_all(exp.Column, bfs=False)
    return tuple(dict.fromkeys(_resolved(column.name, columns, where) for column in found))


def rests_on(text: str, names: Iterable[str]) -> bool:
    """Return whether a column name or expression uses one of `names`, whatever their case.

    >>> rests_on("CASE WHEN Age > 60 THEN 'senior' END", ["age"]), rests_on("page", ["age"])
    (True, False)
    """
    folded = {name.casefold() for name in names}
    if text.casefold() in folded:
        return True
    from sqlglot import exp

    try:
        tree = _parsed(text, "here")
    except ConfigError:  # then it is the name of a column, or ingestion refuses it
        return False
    return any(column.name.casefold() in folded for column in tree.find_all(exp.Column))


@lru_cache(maxsize=512)
def _parsed(text: str, where: str) -> Expr:
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        trees = sqlglot.parse(text, dialect="duckdb")
    except SqlglotError as error:
        place = getattr(error, "errors", None) or [{}]
        near = f" near column {place[0]['col']}" if "col" in place[0] else ""
        raise ConfigError([f"{where}: found '{text}', which is not SQL{near}"]) from None
    if len(trees) != 1 or trees[0] is None:
        raise ConfigError([f"{where}: found '{text}'; one expression is allowed"])
    tree = trees[0]
    refused = sorted(set(_refusals(tree.walk())))
    if refused:
        raise ConfigError(
            [
                f"{where}: found '{text}', which uses {', '.join(refused)}; allowed are the "
                "source's own columns, constants, arithmetic, comparisons, CASE and plain "
                "functions of text, numbers and dates"
            ]
        )
    return tree


def _refusals(nodes: Iterable[Expr]) -> Iterable[str]:
    from sqlglot import exp as e

    plain = (
        e.Column, e.Identifier, e.Literal, e.Boolean, e.Null, e.Paren, e.Binary, e.Unary, e.Tuple,
        e.Interval, e.Var, e.DataType, e.DataTypeParam, e.Between, e.In, e.Is,
    )  # fmt: skip
    unfit = (e.Query, e.Table, e.AggFunc, e.Window, e.Lambda, e.Placeholder, e.Parameter, e.Star)
    for node in nodes:
        if isinstance(node, unfit):
            yield _described(node)
        elif isinstance(node, e.Column):
            if node.table:
                yield f"the table name '{node.table}'"
        elif isinstance(node, e.Func) and not isinstance(node, e.Connector):
            name = node.name if isinstance(node, e.Anonymous) else node.sql_name()
            names = {name.lower(), *(other.lower() for other in _sql_names(node))}
            if not names & _FUNCTIONS:
                yield f"{name.upper()}()"
        elif not isinstance(node, plain):
            yield _described(node)


def _sql_names(node: Expr) -> Iterable[str]:
    names = getattr(type(node), "sql_names", None)
    return names() if names else ()


def _described(node: Expr) -> str:
    return "a " + type(node).__name__.lower()


def _resolved(name: str, columns: Sequence[str], where: str) -> str:
    if name in columns:
        return name
    folded = [column for column in columns if column.casefold() == name.casefold()]
    if len(folded) == 1:
        return folded[0]
    if folded:
        alike = ", ".join(f"'{column}'" for column in folded)
        raise ConfigError([f"{where}: found '{name}', which may mean {alike}; write one exactly"])
    raise ConfigError([f"{where}: found the column '{name}'.{nearest(name, columns)}"])


def comparisons(text: str, *, where: str) -> tuple[tuple[str, str, Any], ...] | None:
    """Return the comparisons of a column with constants whose conjunction `text` is, else None.

    >>> comparisons("weekday >= 5 AND category = 'tea'", where="here")
    (('weekday', '>=', 5.0), ('category', '==', 'tea'))
    >>> comparisons("price > cost", where="here") is None
    True
    """
    from sqlglot import exp

    signs: dict[Any, str] = {
        exp.EQ: "==", exp.GT: ">", exp.LT: "<", exp.GTE: ">=", exp.LTE: "<=",
    }  # fmt: skip

    def found(node: Any) -> Iterable[tuple[str, str, Any] | None]:
        if isinstance(node, exp.Paren):
            yield from found(node.this)
        elif isinstance(node, exp.And):
            yield from found(node.left)
            yield from found(node.right)
        elif isinstance(node, exp.In) and isinstance(node.this, exp.Column):
            texts = tuple(_constant(each) for each in node.expressions)
            fit = texts and all(isinstance(each, str) for each in texts)
            yield (node.this.name, "in", texts) if fit else None
        elif type(node) in signs and isinstance(node.left, exp.Column):
            value = _constant(node.right)
            yield None if value is None else (node.left.name, signs[type(node)], value)
        else:
            yield None

    parts = tuple(found(_parsed(text, where)))
    return None if None in parts else tuple(part for part in parts if part)


def _constant(node: Expr) -> float | str | bool | None:
    from sqlglot import exp

    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and not node.this.is_string:
        return -float(node.this.this)
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_string else float(node.this)
    return bool(node.this) if isinstance(node, exp.Boolean) else None
