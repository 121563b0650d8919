"""The main job by other means: the usual notebook, and the floor that no product goes below.

Run as ``python benchmarks/_main_job_peers.py notebook|floor transactions.parquet``. Both make the
same features of the same file and place every customer in a segment:

* ``notebook``: pandas and scikit-learn as an analyst writes them: recency, frequency and monetary
  value, orders and spend of 30, 90 and 365 days, gaps between purchase days, basket, logarithms,
  a standard scaler, k from 2 to 12 by the silhouette of 20,000 customers, and k-means on all.
* ``floor``: one scan with hand-written aggregates in DuckDB, k-means with ten restarts on 100,000
  customers for one k, and one pass that assigns everyone.
"""

from __future__ import annotations

import json
import sys
import time

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

__all__ = ["floor", "notebook"]

_WINDOWS = (30, 90, 365)
_SAMPLE = 20_000


def notebook(path: str) -> int:
    """Segment the customers of a transactions file the usual way; returns k."""
    lines = pd.read_parquet(
        path, columns=["customer_id", "timestamp", "order_id", "quantity", "amount"]
    )
    features = _notebook_features(lines)
    table = features.fillna(0.0).to_numpy()
    skewed = np.sign(table) * np.log1p(np.abs(table))
    points = StandardScaler().fit_transform(skewed)
    chosen = _by_silhouette(points)
    model = KMeans(chosen, n_init=10, random_state=0).fit(points)
    assert len(model.labels_) == len(features)
    return chosen


def _notebook_features(lines: pd.DataFrame) -> pd.DataFrame:
    end = lines["timestamp"].max()
    day = pd.Timedelta(days=1)
    paid = lines[lines["amount"] > 0]
    by, paid_by = lines.groupby("customer_id"), paid.groupby("customer_id")
    features = pd.DataFrame(
        {
            "recency": (end - paid_by["timestamp"].max()) / day,
            "frequency": paid_by["order_id"].nunique(),
            "monetary": by["amount"].sum(),
            "tenure": (by["timestamp"].max() - by["timestamp"].min()) / day,
            "age": (end - by["timestamp"].min()) / day,
        }
    )
    for length in _WINDOWS:
        recent = paid[paid["timestamp"] >= end - length * day].groupby("customer_id")
        features[f"orders_{length}"] = recent["order_id"].nunique()
        features[f"spend_{length}"] = recent["amount"].sum()
    days = lines.assign(day=lines["timestamp"].dt.floor("D"))
    days = days[["customer_id", "day"]].drop_duplicates().sort_values(["customer_id", "day"])
    gap = days.groupby("customer_id")["day"].diff() / day
    gaps = gap.groupby(days["customer_id"])
    features["gap_mean"], features["gap_std"] = gaps.mean(), gaps.std()
    features["basket_value"] = paid_by["amount"].sum() / features["frequency"]
    features["basket_items"] = paid_by["quantity"].sum() / features["frequency"]
    return features


def _by_silhouette(points: NDArray[np.float64]) -> int:
    drawn = np.random.default_rng(0).choice(len(points), min(_SAMPLE, len(points)), replace=False)
    sample = points[drawn]
    scores = {}
    for k in range(2, 13):
        labels = KMeans(k, n_init=10, random_state=0).fit_predict(sample)
        scores[k] = silhouette_score(sample, labels)
    return max(scores, key=lambda k: scores[k])


def floor(path: str) -> int:
    """Do the least that could be called the main job; returns k."""
    connection = duckdb.connect()
    windows = ", ".join(
        f"count(*) FILTER (WHERE first > latest - INTERVAL {length} DAY) AS orders_{length}, "
        f"sum(amount) FILTER (WHERE first > latest - INTERVAL {length} DAY) AS spend_{length}"
        for length in _WINDOWS
    )
    table = connection.sql(
        f"""
        WITH orders AS (
            SELECT customer_id, order_id, min(timestamp) AS first, max(timestamp) AS last,
                   sum(amount) AS amount, sum(quantity) AS items
            FROM '{path}' GROUP BY 1, 2
        ), latest AS (SELECT max(last) AS latest FROM orders)
        SELECT epoch(max(latest)) - epoch(max(last)) AS recency, count(*) AS frequency,
               sum(amount) AS monetary, epoch(max(last)) - epoch(min(first)) AS tenure,
               sum(items) / count(*) AS items, {windows}
        FROM orders, latest GROUP BY customer_id
        """
    ).fetchnumpy()
    columns = [np.ma.filled(values.astype(float), 0.0) for values in table.values()]
    points = np.log1p(np.maximum(np.column_stack(columns), 0.0))
    points = (points - points.mean(axis=0)) / np.maximum(points.std(axis=0), 1e-9)
    drawn = np.random.default_rng(0).choice(len(points), min(100_000, len(points)), replace=False)
    centers = KMeans(8, n_init=10, random_state=0).fit(points[drawn]).cluster_centers_
    half = (centers**2).sum(axis=1) / 2
    labels = np.argmax(points @ centers.T - half, axis=1)
    return len(np.unique(labels))


if __name__ == "__main__":
    begun = time.perf_counter()
    segments = {"notebook": notebook, "floor": floor}[sys.argv[1]](sys.argv[2])
    print(json.dumps({"seconds": time.perf_counter() - begun, "segments": segments}))
