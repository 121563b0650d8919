"""When members of each segment act and what they buy: counted in the lake, kept with the run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from customer_atlas.config import Role
from customer_atlas.engine import Connection, literal, quoted
from customer_atlas.errors import AtlasError
from customer_atlas.features import Snapshot
from customer_atlas.pipeline.published import Published
from customer_atlas.segments import PARTS_OF_DAY, WEEKDAYS, Habit, Habits, Sums, print_of

__all__ = ["habits_of"]

MOST = 100_000
"""As many customers are counted: those of the first buckets, which are as good as drawn."""

_FILE = "habits.json"
_SHOWN = 8  # keys of each group and of everybody that are kept where there are many
_DATES = 0.99  # from such a share at midnight on, timestamps are dates
_HOURS = tuple(f"{hour:02d}" for hour in range(24))
_KEYS = {"weekday": WEEKDAYS, "hour": _HOURS, "part of the day": PARTS_OF_DAY}
_USED = (
    "customer_id", "timestamp", "amount", "order_id", "product", "category", "channel", "type",
)  # fmt: skip


@dataclass(frozen=True)
class _Question:
    """What is counted: the SQL of its key, and of the weight of each row of a table."""

    what: str
    measure: str
    table: str
    key: str
    weight: str = "1"


def habits_of(published: Published) -> Habits:
    """Return when the members of each broad segment act, and what they buy, beside everybody.

    Orders count once, at their first row; where there are no transactions, events count. What is
    bought is counted by spend, returns left out, or by lines where no amounts are known. All is
    as of the memberships, in the zone of the project, of at most about 100,000 customers.
    """
    path = published.folder / _FILE
    with suppress(OSError, ValueError, KeyError, TypeError):  # it can be made anew
        return Habits.from_dict(json.loads(path.read_text(encoding="utf-8")))
    made = _counted(published)
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text(json.dumps(made.to_dict(), ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)
    return made


def _counted(published: Published) -> Habits:
    everyone = sum(segment.size for segment in published.segments)
    snapshot = published.work.snapshot()
    roles = {source.role for source in snapshot.sources}
    role = next((one for one in (Role.TRANSACTIONS, Role.EVENTS) if one in roles), None)
    if role is None:
        return Habits(0, everyone, ())
    parts = list(_parts(published, snapshot))
    asked = _questions(snapshot, role)
    query = snapshot.role_queries(published.as_of, _USED)[role]
    zone = published.work.file.project.timezone

    def count(connection: Connection, part: tuple[int, ...]) -> dict[str, dict[int, Sums]]:
        snapshot.open(connection, part)
        connection.register("members", _members(published, part))
        _open_tables(connection, query, role, zone)
        return {one.what: _sums(connection, one) for one in asked}

    found = list(published.work.engine.map(count, parts))
    names = {segment.cluster: segment.id for segment in published.segments}
    habits = [
        habit
        for one in asked
        if (habit := _habit(one, [part[one.what] for part in found], names)) is not None
    ]
    customers = sum(_rows(published, part) for part in parts)
    return Habits(customers, everyone, _with_hours(habits))


def _parts(published: Published, snapshot: Snapshot) -> Iterator[tuple[int, ...]]:
    """Yield as few first parts of the buckets as have enough customers."""
    held = 0
    for part in snapshot.parts():
        yield part
        held += _rows(published, part)
        if held >= MOST:
            return


def _paths(published: Published, part: Sequence[int]) -> list[Path]:
    paths = published.paths("members")
    if part[-1] >= len(paths):
        raise AtlasError("The lake has more buckets now than the run that serves. Run: atlas run")
    return [paths[bucket] for bucket in part]


def _rows(published: Published, part: Sequence[int]) -> int:
    return sum(pq.read_metadata(path).num_rows for path in _paths(published, part))


def _members(published: Published, part: Sequence[int]) -> pa.Table:
    columns = ["customer_id", "cluster"]
    return pa.concat_tables(
        pq.read_table(path, columns=columns) for path in _paths(published, part)
    )


def _questions(snapshot: Snapshot, role: Role) -> list[_Question]:
    """Return what can be asked of the columns that there are."""
    columns = {name for one in snapshot.sources if one.role is role for name in one.columns}
    listed = {n for one in snapshot.sources if one.role is Role.PRODUCTS for n in one.columns}
    bought = role is Role.TRANSACTIONS
    acts = "orders" if bought else "events"
    day = f"list_extract([{', '.join(map(literal, WEEKDAYS))}], isodow(acted))"
    part = f"list_extract([{', '.join(map(literal, PARTS_OF_DAY))}], hour(acted) // 6 + 1)"
    asked = [
        _Question("weekday", acts, "acts", day),
        _Question("hour", acts, "acts", "strftime(acted, '%H')"),
        _Question("part of the day", acts, "acts", part),
    ]
    known = columns | ({"category"} & listed if "product" in columns and bought else set())
    kinds = ("category", "product") if bought else ("category", "product", "type")
    measure, weight = ("spend", "amount") if "amount" in columns else ("lines", "1")
    if not bought:
        measure, weight = "events", "1"
    asked += [_Question(one, measure, "lines", one, weight) for one in kinds if one in known][:1]
    if "channel" in columns:
        asked.append(_Question("channel", measure, "lines", "channel", weight))
    return asked


def _open_tables(connection: Connection, query: str, role: Role, zone: str) -> None:
    """Make the tables that are counted: lines of what is bought or done, and acts with a time."""
    connection.run(
        "CREATE OR REPLACE TEMP TABLE rows AS SELECT members.cluster, made.* "
        f"FROM ({query}) AS made JOIN members ON made.customer_id = members.customer_id",
        step="read what the members did",
    )
    local = f"timezone({literal(zone)}, {{}}::TIMESTAMPTZ)"
    if role is Role.TRANSACTIONS:
        lines = "SELECT * FROM rows WHERE coalesce(amount > 0, true)"
        acts = (
            f"SELECT cluster, customer_id, {local.format('min(timestamp)')} AS acted FROM rows "
            "GROUP BY cluster, customer_id, coalesce(order_id, CAST(timestamp AS VARCHAR)) "
            "HAVING coalesce(bool_or(amount > 0), true)"
        )
    else:
        lines = "SELECT * FROM rows"
        acts = f"SELECT cluster, customer_id, {local.format('timestamp')} AS acted FROM rows"
    connection.run(f"CREATE OR REPLACE TEMP VIEW lines AS {lines}", step="find what was bought")
    connection.run(f"CREATE OR REPLACE TEMP TABLE acts AS {acts}", step="find when they acted")


def _sums(connection: Connection, asked: _Question) -> dict[int, Sums]:
    """Return the sums of each cluster."""
    connection.run(
        f"CREATE OR REPLACE TEMP TABLE parts AS SELECT cluster, customer_id, {asked.key} AS key, "
        f"sum({asked.weight})::DOUBLE AS x, count(*) AS acts FROM {quoted(asked.table)} "
        "WHERE key IS NOT NULL GROUP BY ALL ORDER BY ALL",
        step=f"count by {asked.what}",
    )
    connection.run(
        "CREATE OR REPLACE TEMP TABLE people AS SELECT cluster, customer_id, sum(x) AS n, "
        "sum(acts) AS acts FROM parts GROUP BY ALL ORDER BY ALL",
        step=f"count by {asked.what}",
    )
    groups = connection.rows(
        "SELECT cluster, count(*), sum(acts)::BIGINT, sum(n), sum(n * n) FROM people "
        "GROUP BY cluster ORDER BY cluster",
        step=f"sum by {asked.what}",
    )
    keys = connection.rows(
        "SELECT cluster, CAST(key AS VARCHAR) AS key, sum(x), sum(x * x), sum(x * n) "
        "FROM parts JOIN people USING (cluster, customer_id) GROUP BY ALL ORDER BY ALL",
        step=f"sum by {asked.what}",
    )
    by_cluster: dict[int, dict[str, tuple[float, float, float]]] = {}
    for cluster, key, *sums in keys:
        by_cluster.setdefault(cluster, {})[key] = (sums[0], sums[1], sums[2])
    return {
        cluster: Sums(customers, acts, total, squares, by_cluster[cluster])
        for cluster, customers, acts, total, squares in groups
    }


def _habit(
    asked: _Question, parts: Sequence[dict[int, Sums]], names: dict[int, str]
) -> Habit | None:
    """Return the prints of all segments of what was counted part by part, None without any."""
    folded: dict[int, Sums] = {}
    for part in parts:
        for cluster, sums in part.items():
            folded[cluster] = folded[cluster] + sums if cluster in folded else sums
    if not folded:
        return None
    everyone = reduce(Sums.__add__, (folded[cluster] for cluster in sorted(folded)))
    keys = _KEYS.get(asked.what) or _largest([everyone, *folded.values()])
    of_all = print_of(everyone, keys)
    if of_all is None:
        return None
    groups = {
        names[cluster]: found
        for cluster, sums in sorted(folded.items())
        if (found := print_of(sums, keys)) is not None
    }
    return Habit(asked.what, asked.measure, tuple(keys), of_all, groups)


def _largest(groups: Sequence[Sums]) -> tuple[str, ...]:
    """Return the keys that are among the largest of any group, everybody's largest first."""
    kept = {
        key
        for group in groups
        for key in sorted(group.parts, key=lambda one: (-group.parts[one][0], one))[:_SHOWN]
    }
    everyone = groups[0].parts
    return tuple(sorted(kept, key=lambda one: (-everyone[one][0], one)))


def _with_hours(habits: Sequence[Habit]) -> tuple[Habit, ...]:
    """Return the habits without those of the clock where timestamps are dates."""
    hours = next((one for one in habits if one.what == "hour"), None)
    dates = hours is not None and hours.everyone.shares[0] >= _DATES
    clock = ("hour", "part of the day") if dates else ()
    return tuple(one for one in habits if one.what not in clock)
