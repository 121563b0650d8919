"""A condition as SQL, in the dialects of the engines that people keep their features in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from customer_atlas.config import Condition
from customer_atlas.errors import UnknownNameError
from customer_atlas.features import FeatureInfo

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["DIALECTS", "Dialect", "condition_sql", "customers_sql", "known_sql"]

Dialect = Literal["duckdb", "snowflake", "bigquery", "spark"]
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)


def customers_sql(
    condition: Condition,
    infos: Mapping[str, FeatureInfo],
    dialect: Dialect = "duckdb",
    *,
    table: str = "features",
) -> str:
    """Return the query of the customers of whom a condition on features holds.

    `table` is what `atlas export features` writes: a row a customer, `customer_id` first. The
    values are first made NULL where they are unknown (an engine may take NaN for a number larger
    than all others), and 0 where unknown means none.

    >>> age = FeatureInfo("age", "demographic", "number", "age")
    >>> print(customers_sql(Condition.of({"feature": "age", "below": 30}), {"age": age}))
    WITH known AS (
      SELECT
        "customer_id",
        NULLIF("age", CAST('NaN' AS DOUBLE)) AS "age"
      FROM "features"
    )
    SELECT
      "customer_id"
    FROM known
    WHERE
      "age" < 30
    """
    from sqlglot import exp

    names = dict.fromkeys(str(one.feature) for _, one in condition.walk() if one.feature)
    columns = [known_sql(_info(name, infos), dialect) for name in names]
    source = exp.to_table(table)
    for part in source.find_all(exp.Identifier):
        part.set("quoted", True)
    known = exp.select(exp.column("customer_id", quoted=True), *columns).from_(source)
    query = (
        exp.select(exp.column("customer_id", quoted=True))
        .from_("known")
        .where(condition_sql(condition, infos))
        .with_("known", as_=known)
    )
    return query.sql(dialect=dialect, pretty=True)


def condition_sql(condition: Condition, infos: Mapping[str, FeatureInfo]) -> exp.Expr:
    """Return a condition on features as an expression over the columns of `known_sql`.

    It is NULL or false where the condition does not hold.
    """
    from sqlglot import exp

    match condition.kind:
        case "all":
            return exp.and_(*(condition_sql(one, infos) for one in condition.parts))
        case "any":
            return exp.or_(*(condition_sql(one, infos) for one in condition.parts))
        case "not":
            inner = condition_sql(condition.parts[0], infos)
            return exp.not_(exp.func("COALESCE", inner, exp.false()))
        case "feature":
            info = _info(str(condition.feature), infos)
            return exp.and_(*_comparisons(condition, exp.column(info.name, quoted=True)))
        case kind:
            raise TypeError(f"'{kind}' is not a condition on features")


def known_sql(info: FeatureInfo, dialect: Dialect = "duckdb") -> exp.Expr:
    """Return a feature's column with NULL for what is unknown, and 0 where that means none."""
    from sqlglot import exp

    value: exp.Expr = exp.column(info.name, quoted=True)
    if info.kind == "number":
        # NaN equals itself everywhere but in BigQuery.
        nan = exp.cast(exp.Literal.string("NaN"), "double")
        if dialect == "bigquery":
            value = exp.func("IF", exp.IsNan(this=value), exp.null(), value.copy())
        else:
            value = exp.Nullif(this=value, expression=nan)
        if info.zero:
            value = exp.func("COALESCE", value, exp.Literal.number(0))
    return exp.alias_(value, info.name, quoted=True)


def _comparisons(condition: Condition, column: exp.Expr) -> Iterable[exp.Expr]:
    from sqlglot import exp

    signs: Mapping[str, Any] = {
        "at_least": exp.GTE, "above": exp.GT, "at_most": exp.LTE, "below": exp.LT,
        "equals": exp.EQ,
    }  # fmt: skip
    for name, given in condition.tests.items():
        if name == "known":
            missing = exp.Is(this=column.copy(), expression=exp.null())
            yield exp.not_(missing) if given else missing
        elif name == "between":
            low, high = map(_number, given)
            yield exp.Between(this=column.copy(), low=low, high=high)
        elif name in signs:
            yield signs[name](this=column.copy(), expression=_number(given))
        else:
            texts = [exp.Literal.string(text) for text in ([given] if name == "is" else given)]
            equal = exp.EQ(this=column.copy(), expression=texts[0])
            yield equal if len(texts) == 1 else exp.In(this=column.copy(), expressions=texts)


def _number(value: float) -> exp.Expr:
    from sqlglot import exp

    if value.is_integer() and abs(value) < 2**53:
        return exp.convert(int(value))
    # As a decimal, some engines would compare with fewer digits than a double has.
    return exp.cast(exp.Literal.string(repr(value)), "double")


def _info(name: str, infos: Mapping[str, FeatureInfo]) -> FeatureInfo:
    if name not in infos:
        raise UnknownNameError("feature", name, infos)
    return infos[name]
