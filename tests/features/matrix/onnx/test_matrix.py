"""The design matrix as ONNX, made by onnxruntime, beside the one of this package."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from customer_atlas.config import Transforms
from customer_atlas.errors import FeatureError
from customer_atlas.features import DesignMatrix, FeatureInfo, matrix_nodes
from customer_atlas.onnx_graph import Graph

from ..test_transforms import CHOICES, INFOS, customers

__all__: list[str] = []

Feed = dict[str, np.ndarray[Any, Any]]


def fed(table: pa.Table, names: tuple[str, ...]) -> Feed:
    """The columns of a table as inputs (n, 1)."""
    found = {}
    for name in names:
        values = table[name].to_pylist()
        if pa.types.is_string(table[name].type):
            found[name] = np.array([value or "" for value in values], object)[:, None]
        else:
            unknown = [np.nan if value is None else value for value in values]
            found[name] = np.array(unknown, np.float64)[:, None]
    return found


def rebuilt(matrix: DesignMatrix, table: pa.Table) -> np.ndarray[Any, Any]:
    """The matrix as onnxruntime makes it of the same features."""
    graph = Graph()
    graph.output("points", matrix_nodes(graph, matrix), "number", max(1, len(matrix.fitted)))
    content = graph.model("matrix", {})
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    (points,) = onnxruntime.InferenceSession(content).run(None, fed(table, graph.inputs))
    return np.asarray(points)


def strange(n: int, seed: int) -> pa.Table:
    """Customers as no training has seen them: far out, unknown, infinite, of new categories."""
    draw = np.random.default_rng(seed)
    table = customers(n, seed)
    odd = [np.nan, np.inf, -np.inf, 0.0, -1.0, 1e-13, -1e9, 1e150, -1e300, 0.5]
    for name in ("orders", "spend", "recency", "value", "income"):
        values = np.array(table[name].to_pylist(), np.float64)
        rows = draw.random(n) < 0.4
        values[rows] = draw.choice(odd, int(rows.sum()))
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    for name, known in (("region", "north"), ("tier", "mid")):
        texts = pa.array(
            [(known, None, "north ", "Ünseen", "top")[i] for i in draw.integers(5, size=n)]
        )
        table = table.set_column(table.column_names.index(name), name, texts)
    return table


@pytest.mark.parametrize("choice", CHOICES)
def test_onnxruntime_makes_the_same_matrix_under_every_choice(choice: str) -> None:
    table = customers()
    matrix = DesignMatrix.fit(table, INFOS, transforms=Transforms.model_validate(CHOICES[choice]))
    for rows in (table, strange(2000, 1)):
        assert rebuilt(matrix, rows) == pytest.approx(matrix.transform(rows), abs=1e-9, rel=1e-9)


def joined(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda drawn: {k: v for one in drawn for k, v in one.items()})


_NUMBERS = st.fixed_dictionaries(
    {},
    optional={
        "skew": st.sampled_from(["auto", "log", "yeo-johnson", "none"]),
        "winsorise": st.sampled_from([0, 0.01, 0.2]),
        "scale": st.sampled_from(["standard", "robust"]),
    },
)
_IMPUTE = st.one_of(
    st.sampled_from([{"impute": "median"}, {"impute": "iterative"}]),
    st.floats(-1e3, 1e3).map(lambda value: {"impute": "constant", "impute_value": value}),
)
_THEN = st.sampled_from(["cap", "flag", "exclude"])
_OUTLIERS = st.one_of(
    st.just({"find": "none"}),
    st.tuples(st.floats(2, 6), _THEN).map(
        lambda drawn: {"find": "z-score", "limit": drawn[0], "then": drawn[1]}
    ),
    st.tuples(st.floats(0.005, 0.3), _THEN).map(
        lambda drawn: {"find": "isolation-forest", "limit": drawn[0], "then": drawn[1]}
    ),
)
_CATEGORY: list[dict[str, Any]] = [
    {},
    {"encode": "one-hot"},
    {"encode": "frequency"},
    {"encode": "ordinal"},
    {"encode": "ordinal", "levels": ["mid", "low"], "skew": "yeo-johnson"},
]
_NUMBER = joined(_NUMBERS, _IMPUTE)
_TRANSFORMS = joined(
    _NUMBER,
    st.fixed_dictionaries(
        {
            "encode": st.sampled_from(["one-hot", "ordinal", "frequency"]),
            "outliers": _OUTLIERS,
            "shrink": st.booleans(),
            "features": st.fixed_dictionaries(
                {"tier": st.sampled_from(_CATEGORY)},
                optional={"orders": _NUMBER, "income": _NUMBER, "value": _NUMBER},
            ),
        }
    ),
)


@given(_TRANSFORMS, st.integers(0, 999), st.integers(1, 7))
def test_onnxruntime_makes_the_same_matrix_of_any_features_and_settings(
    transforms: dict[str, Any], seed: int, many: int
) -> None:
    some = [INFOS[i] for i in np.random.default_rng(seed).permutation(len(INFOS))[:many]]
    names = {info.name for info in some}
    own = {name: way for name, way in transforms.get("features", {}).items() if name in names}
    table = customers(600, seed)
    asked = Transforms.model_validate(transforms | {"features": own})
    try:
        matrix = DesignMatrix.fit(table, some, transforms=asked)
    except FeatureError:  # more outliers than others
        assume(False)
        raise
    for rows in (table, strange(300, seed)):
        made = matrix.transform(rows)
        assert rebuilt(matrix, rows) == pytest.approx(made, abs=1e-9, rel=1e-9)


@pytest.mark.parametrize("power", [0.0, 2.0, 1e-9, -5.0, 5.0])
def test_every_power_is_the_same_from_tiny_to_large_numbers(power: float) -> None:
    info = FeatureInfo("x", "rfm", "number", "x")
    sizes = np.concatenate([10.0 ** np.arange(-15, 4), [0.0]])
    table = pa.table({"x": np.concatenate([sizes, -sizes])})
    matrix = DesignMatrix.fit(table, [info])
    column = replace(matrix.fitted[0], log=False, power=power, low=-np.inf, high=np.inf,
                     center=0.0, factor=1e12)  # fmt: skip
    matrix = replace(matrix, fitted=(column,))
    assert rebuilt(matrix, table) == pytest.approx(matrix.transform(table), rel=1e-12)


def test_what_is_predicted_stays_within_what_is_known() -> None:
    table = customers(900)
    choice = Transforms.model_validate({"impute": "iterative"})
    matrix = DesignMatrix.fit(table, INFOS, transforms=choice)
    assert matrix.imputer
    ends = matrix.imputer.low, matrix.imputer.high
    narrow = replace(matrix.imputer, low=ends[0] * 0.01, high=ends[1] * 0.01)
    narrowed = replace(matrix, imputer=narrow)
    assert (matrix.transform(table) != narrowed.transform(table)).any()
    assert rebuilt(narrowed, table) == pytest.approx(narrowed.transform(table), abs=1e-9)


@pytest.mark.parametrize("strength", [0.0, 3.0, np.inf])
def test_any_prior_draws_alike_where_nothing_was_counted_too(strength: float) -> None:
    table = customers(900)
    matrix = DesignMatrix.fit(table, INFOS)
    (learnt,) = matrix.shrinkages
    other = replace(learnt, prior=replace(learnt.prior, strength=strength))
    matrix = replace(matrix, shrinkages=(other,))
    rows = strange(900, 2)
    assert rebuilt(matrix, rows) == pytest.approx(matrix.transform(rows), abs=1e-9, rel=1e-9)


def test_where_all_customers_are_alike_there_is_a_zero_for_each() -> None:
    for values, kind in (([7.0, 7.0], "number"), (["a", "a"], "category")):
        table = pa.table({"x": values})
        info = FeatureInfo("x", "rfm", "number", "x", kind=kind)  # type: ignore[arg-type]
        matrix = DesignMatrix.fit(table, [info])
        assert matrix.columns == ()
        assert rebuilt(matrix, pa.table({"x": [values[0], None]})).tolist() == [[0.0], [0.0]]


def test_an_empty_text_that_is_a_category_is_refused_by_name() -> None:
    table = pa.table({"region": ["", "north", "", "south"]})
    info = FeatureInfo("region", "attributes", "category", "region", kind="category")
    with pytest.raises(FeatureError, match="An empty text is one of the values of 'region'"):
        rebuilt(DesignMatrix.fit(table, [info]), table)
