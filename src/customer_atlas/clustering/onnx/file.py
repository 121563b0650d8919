"""A served model as an ONNX file, for those who have a matrix and no project."""

from __future__ import annotations

from pathlib import Path

from customer_atlas.clustering.onnx.forms import served_nodes
from customer_atlas.clustering.served import Served
from customer_atlas.onnx_graph import Graph

__all__ = ["to_onnx"]


def to_onnx(model: Served, path: str | Path) -> None:
    """Write a model, such as the `served_` of a clusterer, as an ONNX file.

    Its input is `X`, a matrix (n, d) of float64, all of it known. Its outputs are `cluster` (n,)
    int64, where -1 is like no group, `probability` (n,), `probabilities` (n, k), `distance` (n,)
    and, of a calibrated model, `kind` (n,) text. Raises `MissingExtraError` without the extra
    ``onnx``, and `UsageError` where no file can be at the path.

    >>> import numpy as np, onnxruntime, tempfile
    >>> from customer_atlas.clustering import Centroids
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     to_onnx(Centroids(np.array([[0.0], [9.0]]), 1.0), f"{folder}/model.onnx")
    ...     session = onnxruntime.InferenceSession(f"{folder}/model.onnx")
    >>> session.run(["cluster"], {"X": np.array([[1.0], [8.0]])})[0].tolist()
    [0, 1]
    """
    graph = Graph()
    points = graph.input("X", width=model.n_features)
    served_nodes(points, model).give_out(model.n_clusters)
    graph.save(Path(path), "clusters", {"form": model.kind})
