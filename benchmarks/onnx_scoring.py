"""How long onnxruntime takes to score with an exported model, beside Atlas, on one thread each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnxruntime
import pyarrow as pa
from threadpoolctl import threadpool_limits

from _measure import Measure, full_counts, report, timed
from customer_atlas.clustering import KMeans, Served, served_nodes
from customer_atlas.features import DesignMatrix, FeatureInfo, matrix_nodes
from customer_atlas.onnx_graph import Graph

__all__ = ["customers", "fed", "main", "session_of"]

_NUMBERS, _LEVELS, _CLUSTERS = 24, ("north", "south", "east", "west"), 8
_MOST = {"arrays": 3.0, "an Arrow table": 3.5}  # times what Atlas takes


def customers(rows: int) -> pa.Table:
    """Features as those of a shop: skewed numbers, some unknown, and two categories."""
    draw = np.random.default_rng(0)
    group = draw.integers(_CLUSTERS, size=rows)
    columns: dict[str, pa.Array] = {}
    for j in range(_NUMBERS):
        values = np.exp(draw.normal(size=_CLUSTERS)[group] + draw.normal(0, 0.5, rows))
        columns[f"number_{j}"] = pa.array(values, mask=draw.random(rows) < 0.02 * (j % 5))
    for j in range(2):
        columns[f"category_{j}"] = pa.array(_LEVELS).take(pa.array((group + j) % len(_LEVELS)))
    return pa.table(columns)


def session_of(matrix: DesignMatrix, served: Served) -> onnxruntime.InferenceSession:
    """The exported model, ready to score on one thread."""
    graph, options = Graph(), onnxruntime.SessionOptions()
    served_nodes(matrix_nodes(graph, matrix), served).give_out(served.n_clusters)
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph.model("benchmark", {}), options)


def fed(session: onnxruntime.InferenceSession, table: pa.Table) -> Mapping[str, np.ndarray]:
    """The columns of a table as what a session takes."""

    def given(name: str, kind: str) -> np.ndarray:
        if kind == "tensor(string)":
            texts = table[name].fill_null("").to_numpy().astype(object)
            return np.asarray(texts[:, None])
        return np.asarray(table[name].cast(pa.float64()).to_numpy()[:, None])

    return {one.name: given(one.name, one.type) for one in session.get_inputs()}


def main() -> None:
    rows, repeats = (1_000_000, 5) if full_counts() else (100_000, 9)
    table = customers(rows)
    infos = [
        FeatureInfo(name, "rfm", "number", name, kind="category" if "cat" in name else "number")
        for name in table.column_names
    ]
    matrix = DesignMatrix.fit(table.slice(0, 50_000), infos)
    served = KMeans(_CLUSTERS).fit(matrix.transform(table.slice(0, 50_000))).served_

    def atlas() -> object:
        with threadpool_limits(1):  # as a run scores
            return served.assign(matrix.transform(table))

    session = session_of(matrix, served)
    given = fed(session, table)
    ours = timed(atlas, repeats)
    theirs = {
        "arrays": timed(lambda: session.run(None, given), repeats),
        "an Arrow table": timed(lambda: session.run(None, fed(session, table)), repeats),
    }
    measures = [
        Measure(
            "onnx_scoring", f"{rows:,} rows from {case}", taken, "s", _MOST[case] * ours,
            repeats=repeats, against=f"{_MOST[case]:g} x Atlas ({ours:.3f} s)",
        )
        for case, taken in theirs.items()
    ]  # fmt: skip
    report(measures)


if __name__ == "__main__":
    main()
