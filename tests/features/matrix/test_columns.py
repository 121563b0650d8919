from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from customer_atlas.errors import FeatureError
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix.columns import Column, missing, read

__all__: list[str] = []

NUMBER = FeatureInfo("x", "rfm", "number", "x")
CATEGORY = FeatureInfo("x", "attributes", "category", "x", kind="category")


@pytest.mark.parametrize(
    "column", [[1, None], [True, None], [1.0, None], [1.0, np.nan], [1.0, np.inf]]
)
def test_numbers_of_any_make_are_read_and_what_is_not_finite_is_missing(
    column: list[float],
) -> None:
    values = read(pa.table({"x": column}), NUMBER)
    assert values.dtype == np.float64
    assert missing(values).tolist() == [False, True]


def test_categories_are_read_from_text_dictionaries_and_chunks() -> None:
    text = pa.chunked_array([["a"], [None, "b"]])
    for column in (text, text.dictionary_encode()):
        values = read(pa.table({"x": column}), CATEGORY)
        assert values.to_pylist() == ["a", None, "b"]
        assert missing(values).tolist() == [False, True, False]


def test_a_column_that_is_not_there_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(FeatureError, match="no column 'x'.*Compute the features"):
        read(pa.table({"y": [1.0]}), NUMBER)


def test_reading_does_not_touch_the_table() -> None:
    table = pa.table({"x": [1.0, 4.0]})
    values = read(table, NUMBER)
    column = Column("x", "x", "rfm", "number", log=True, high=3.0, center=1.0, factor=2.0)
    column.apply(values)
    assert values.tolist() == table.column("x").to_pylist() == [1.0, 4.0]


def test_the_logarithm_keeps_the_sign() -> None:
    column = Column("x", "x", "rfm", "number", log=True)
    found = column.apply(np.array([-np.e + 1, 0.0, np.e - 1]))
    assert found.tolist() == pytest.approx([-1.0, 0.0, 1.0])
