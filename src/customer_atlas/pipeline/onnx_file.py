"""What serves as one ONNX file: from raw features to segments, for programs without Atlas."""

from __future__ import annotations

import importlib.metadata
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from customer_atlas.clustering import Scored, served_nodes, tree_nodes
from customer_atlas.errors import UsageError
from customer_atlas.features import matrix_nodes
from customer_atlas.onnx_graph import Graph, Value
from customer_atlas.pipeline.published import Published
from customer_atlas.pipeline.tiers import TIERS, tier_nodes

__all__ = ["OnnxFile", "write_onnx"]


@dataclass(frozen=True)
class OnnxFile:
    """An ONNX file that was written: of which generation, and what goes in and comes out."""

    path: Path
    bytes: int
    segmentation: str
    generation: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def write_onnx(published: Published, path: Path) -> OnnxFile:
    """Write the generation that serves, with all that is done to its features.

    Inputs (n, 1) have the names of the features used: float64 with NaN for unknown, or text that
    is empty for unknown. Outputs: `segment_id` (n,) text, empty where no customer was in the
    segment; `cluster` (n,) int64, -1 for who is like none and is in the nearest segment;
    `probability` (n,); `probabilities` (n, k); `distance` (n,); `kind` (n,) text, that of members.
    Where there are sub-segments, also `segment_id_2`, `cluster_2` and `probability_2` (n,), and so
    on for each level: empty, -1 and 0 for who is in none.
    The metadata tells project, segmentation, generation, kind (learned, or rule for value
    tiers), cutoff, the names of segments by their ids, and versions; nothing of one customer.

    Raises:
        MissingExtraError: the extra ``onnx`` is not installed.
        UsageError: no file can be at the path, or a feature is called like an output.
        FeatureError: an empty text is a category of its own.
    """
    if path.suffix.lower() != ".onnx":
        raise UsageError(f"Found the file name '{path.name}'; it may end in .onnx.")
    graph, model = Graph(), published.model
    points: Value | None = None
    if model.tiered:
        k, scored = len(TIERS), tier_nodes(graph, {info.name for info in model.infos})
    else:
        k, points = model.clusters.n_clusters, matrix_nodes(graph, model.matrix)
        scored = served_nodes(points, model.clusters)
    ids = [""] * k
    for segment in published.segments:
        ids[segment.cluster] = segment.id
    place = (scored.segment or scored.cluster).flat()
    graph.output("segment_id", graph.add("Gather", np.array(ids), place), "text")
    scored.give_out(k)
    if points is not None:
        _deeper(published, points, scored)
    graph.save(path, "customer-atlas", _facts(published))
    size, generation = path.stat().st_size, published.generation
    return OnnxFile(path, size, generation.segmentation, generation.id, graph.inputs, graph.outputs)


def _deeper(published: Published, points: Value, broad: Scored) -> None:
    """Give out the sub-segments, level by level."""
    graph, tree = points.graph, published.model.tree
    above = broad.segment or broad.cluster, broad.probability
    for level in range(2, tree.depth + 1):
        above = tree_nodes(points, tree, level, *above)
        ids = [""] * (len(tree.at(level)) + 1)
        for segment in published.every_segment:
            if segment.level == level:
                ids[segment.cluster] = segment.id
        cluster, probability = above[0].flat(), above[1].flat()
        graph.output(f"segment_id_{level}", graph.add("Gather", np.array(ids), cluster), "text")
        graph.output(f"cluster_{level}", cluster, "whole")
        graph.output(f"probability_{level}", probability, "number")


def _facts(published: Published) -> dict[str, str]:
    generation = published.generation
    names = {segment.id: segment.name for segment in published.every_segment}
    versions = {"customer-atlas": importlib.metadata.version("customer-atlas")}
    return {
        "project": published.work.file.project.project,
        "segmentation": generation.segmentation,
        "generation": str(generation.id),
        "kind": "rule" if published.model.tiered else "learned",
        "as_of": generation.as_of.isoformat(),
        "segments": json.dumps(names, ensure_ascii=False),
        "versions": json.dumps(versions | dict(generation.libraries), sort_keys=True),
    }
