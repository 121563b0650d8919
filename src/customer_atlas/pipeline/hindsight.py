"""Hindsight: customers as they were some time ago, and what they have done since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_atlas.config import Role, duration
from customer_atlas.data import bucket_of
from customer_atlas.engine import literal
from customer_atlas.features import Computation, DesignMatrix, Selection, Snapshot, half_told
from customer_atlas.pipeline.computing import Asked, plan_features
from customer_atlas.pipeline.progress import silent
from customer_atlas.pipeline.workspace import Workspace

if TYPE_CHECKING:
    from customer_atlas.clustering import Future, FutureOutcome

__all__ = ["hindsight"]

_LONGEST = timedelta(days=90)
_SHORTEST = timedelta(days=7)
_CUSTOMERS = 6_000  # of that time, as for the selection of features
_FEWEST = 200  # customers known at that time, half of whom are held out
_LATE = 2  # gaps of their own rhythm after which customers no longer count as active

Array = NDArray[np.float64]


def hindsight(work: Workspace, asked: Asked, selection: Selection) -> Future:
    """Return some customers as they were a horizon before the cutoff, and what they did then.

    Their features are those selected, computed point-in-time: all that is learned, the scales of
    the matrix too, is learned of rows before that time. Where the history is shorter than two
    horizons, or fewer than 200 customers were known by then, there are no outcomes, and the
    sentence says why.

    The outcomes: revenue (as log1p), purchase (any order, yes or no) and churn (no order, of
    those who were active: with orders on two days or more, the last no longer ago than two of
    their own mean gaps, which is not longer than the horizon). Where there are events alone, it
    is whether customers return.
    """
    from customer_atlas.clustering import Future, FutureOutcome

    snapshot, cutoff = asked.snapshot, asked.cutoff
    with work.engine.connect() as connection:
        begun = min(snapshot.first_events(connection).values(), default=cutoff)
    declared = asked.settings.search.horizon
    horizon = duration(declared) if declared else min(_LONGEST, (cutoff - begun) / 3)
    if cutoff - begun < 2 * horizon or (horizon < _SHORTEST and not declared):
        return _unknown(f"the history of {_days(cutoff - begun)} is too short")
    since = cutoff - horizon
    past = replace(asked, cutoff=since)
    plan = plan_features(work, past, None, silent)
    computation = Computation(work.engine, snapshot, plan, since)
    infos = [info for info in computation.learn().infos if info.name in selection.kept]
    before = computation.some(_CUSTOMERS)
    if before.num_rows < _FEWEST:
        return _unknown(f"{before.num_rows} customers were known {_days(horizon)} ago, too few")
    names = {info.name for info in infos}
    transforms = asked.settings.transforms
    if not names or not {*transforms.features} <= names:
        return _unknown("not all features that the settings name were known by then")
    points = DesignMatrix.fit(before, infos, transforms=transforms).transform(before)
    if not points.shape[1]:
        return _unknown("all customers were alike by then")
    # Ids are often in the order of people's first orders; the halves are drawn.
    order = np.random.default_rng(asked.settings.seed).permutation(len(points))
    points, half = points[order], np.arange(len(points)) % 2
    outcomes = tuple(
        FutureOutcome(
            name, values[order], half_told(points, values[order], half, asked.settings.seed)
        )
        for name, values in _outcomes(work, snapshot, before, since, cutoff)
    )
    return Future(points, half, outcomes, _sentence(outcomes, since, horizon))


def _unknown(why: str) -> Future:
    from customer_atlas.clustering import Future

    nobody = np.empty(0, np.int64)
    return Future(np.empty((0, 0)), nobody, (), f"The future does not count: {why}.")


def _days(length: timedelta) -> str:
    return f"{length.days} day{'s' * (length.days != 1)}"


def _sentence(outcomes: tuple[FutureOutcome, ...], since: datetime, horizon: timedelta) -> str:
    told = ", ".join(f"{max(0.0, one.reference):.2f} of {one.name}" for one in outcomes)
    slice_ = f"the {_days(horizon)} from {since:%Y-%m-%d}"
    if not told:
        return f"The future does not count: nothing tells what customers did in {slice_}."
    return (
        f"The future is {slice_}. Of customers held out, boosted trees that are told every feature"
        f" explain this share of the variance: {told}. A segmentation is measured against that."
    )


def _outcomes(
    work: Workspace, snapshot: Snapshot, before: pa.Table, since: datetime, until: datetime
) -> Iterator[tuple[str, Array]]:
    """Yield the name and the values (n,) of each outcome, in the order of the customers."""
    queries = snapshot.role_queries(until, {"customer_id", "timestamp", "amount"})
    role = next((one for one in (Role.TRANSACTIONS, Role.EVENTS) if one in queries), None)
    if role is None:
        return
    orders = role is Role.TRANSACTIONS
    paid = orders and any("amount" in one.columns for one in snapshot.sources if one.role is role)
    table = _done(work, snapshot, before, queries[role], since, paid=paid)
    columns = {name: np.asarray(table[name], np.float64) for name in table.column_names[1:]}
    came = columns["later"] > 0
    if paid:
        yield "revenue", np.log1p(np.maximum(columns["spend"], 0.0))
    yield ("purchase" if orders else "return"), came.astype(np.float64)
    gap = columns["stretch"] / np.maximum(columns["days"] - 1, 1)
    horizon = (until - since) / timedelta(days=1)
    active = (columns["days"] >= 2) & (gap <= horizon) & (columns["since"] <= _LATE * gap)
    if active.sum() >= _FEWEST:
        yield "churn", np.where(active, 1.0 - came, np.nan)


def _done(
    work: Workspace, snapshot: Snapshot, before: pa.Table, query: str, since: datetime, *,
    paid: bool,
) -> pa.Table:  # fmt: skip
    """Return what each customer did after a moment, and how regularly before it."""
    ids = before["customer_id"].to_pylist()
    at = f"{literal(since.isoformat())}::TIMESTAMP"
    spend = f"coalesce(sum(amount) FILTER (timestamp >= {at}), 0)" if paid else "0"
    with work.engine.connect() as connection:
        snapshot.open(connection, {bucket_of(one, snapshot.lake.buckets) for one in ids})
        connection.register("wanted", before.select(["customer_id"]))
        return connection.arrow(
            f"""
            WITH done AS (
                SELECT customer_id,
                    count(*) FILTER (timestamp >= {at}) AS later, {spend} AS spend,
                    count(DISTINCT CAST(timestamp AS DATE)) FILTER (timestamp < {at}) AS days,
                    min(timestamp) FILTER (timestamp < {at}) AS first,
                    max(timestamp) FILTER (timestamp < {at}) AS last
                FROM ({query}) GROUP BY customer_id
            )
            SELECT customer_id, CAST(coalesce(later, 0) AS DOUBLE) AS later,
                CAST(coalesce(spend, 0) AS DOUBLE) AS spend,
                CAST(coalesce(days, 0) AS DOUBLE) AS days,
                coalesce(date_diff('second', first, last), 0) / 86400.0 AS stretch,
                coalesce(date_diff('second', last, {at}), 0) / 86400.0 AS since
            FROM wanted LEFT JOIN done USING (customer_id) ORDER BY customer_id
            """,
            step="see what customers did later",
        )
