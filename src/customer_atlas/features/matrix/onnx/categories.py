"""Categories in a graph: the text is looked up in a table that `Column.apply` has filled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from customer_atlas.errors import FeatureError
from customer_atlas.features.matrix.columns import Column
from customer_atlas.onnx_graph import Graph, Value

__all__ = ["looked_up"]


def looked_up(graph: Graph, feature: str, columns: Sequence[Column]) -> tuple[Value, Value]:
    """Return the columns (n, c) of a category, and where (n, c) they are unknown.

    Raises `FeatureError` where an empty text is a category of its own.
    """
    known = sorted({text for one in columns for text in (*one.levels, one.level)} - {""})
    if any("" in one.levels or (one.form == "level" and not one.level) for one in columns):
        raise FeatureError(
            f"An empty text is one of the values of '{feature}', and in an ONNX file it means that "
            "the value is unknown. Make it NULL, or give it a word, under 'columns' of its source."
        )
    never_seen = max(known, default="") + "?"
    texts = pa.array([*known, None, never_seen], pa.string())
    table = np.stack([column.apply(texts) for column in columns], axis=1)
    unknown = np.stack([column.unknown(texts) for column in columns], axis=1)
    row = graph.add(
        "LabelEncoder", graph.input(feature, "text"), domain="ai.onnx.ml",
        keys_strings=[*known, ""], values_int64s=range(len(known) + 1),
        default_int64=len(known) + 1,
    ).flat()  # fmt: skip
    return graph.add("Gather", table, row, axis=0), graph.add("Gather", unknown, row, axis=0)
