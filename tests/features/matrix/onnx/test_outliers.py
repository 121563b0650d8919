"""Isolation forests as ONNX, at the borders of their cuts and of what is an outlier."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from customer_atlas.config import Transforms
from customer_atlas.features import DesignMatrix, FeatureInfo
from customer_atlas.features.matrix.forest import Forest

from .test_matrix import rebuilt

__all__: list[str] = []

INFOS = [FeatureInfo(name, "rfm", "number", name) for name in ("x", "y")]


@pytest.fixture(scope="module")
def plain() -> DesignMatrix:
    """A matrix whose forest cuts the numbers as they are."""
    values = np.random.default_rng(0).normal(size=(800, 2))
    choice = {"skew": "none", "outliers": {"find": "isolation-forest", "then": "flag"}}
    table = pa.table({"x": values[:, 0], "y": values[:, 1]})
    matrix = DesignMatrix.fit(table, INFOS, transforms=Transforms.model_validate(choice))
    assert matrix.detector
    columns = tuple(replace(one, center=0.0, factor=1.0) for one in matrix.detector.columns)
    forest = Forest.learn(values)
    return replace(matrix, detector=replace(matrix.detector, columns=columns, forest=forest))


def test_who_is_just_beyond_a_cut_goes_where_single_precision_says(plain: DesignMatrix) -> None:
    assert plain.detector
    assert plain.detector.forest
    cuts = plain.detector.forest.threshold
    beyond = np.nextafter(np.float32(cuts), np.float32(np.inf)).astype(np.float64)
    between = cuts + (beyond - cuts) * np.linspace(0.01, 0.99, len(cuts))
    table = pa.table({"x": between, "y": between})
    scores = plain.detector.forest.scores(np.column_stack([between, between]))
    for limit in np.quantile(scores, [0.1, 0.3, 0.5, 0.7, 0.9]) + 1e-7:
        matrix = replace(plain, detector=replace(plain.detector, limit=float(limit)))
        assert (rebuilt(matrix, table) == matrix.transform(table))[:, -1].all()


def test_who_is_at_the_limit_itself_is_no_outlier(plain: DesignMatrix) -> None:
    assert plain.detector
    assert plain.detector.forest
    values = np.random.default_rng(1).normal(size=(300, 2))
    table = pa.table({"x": values[:, 0], "y": values[:, 1]})
    for limit in plain.detector.forest.scores(values)[:40]:
        matrix = replace(plain, detector=replace(plain.detector, limit=float(limit)))
        assert (rebuilt(matrix, table) == matrix.transform(table))[:, -1].all()
