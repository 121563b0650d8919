from __future__ import annotations

import numpy as np
import pyarrow as pa

from customer_atlas.features.selection.customers import aligned, read_customers
from tests.features.selection.planted import info, table


def test_the_draw_is_the_same_whatever_else_is_in_the_table_and_differs_by_seed() -> None:
    ids = [str(number) for number in range(21_000)]
    values = {"x": np.arange(21_000.0)}
    whole = table(ids, values)
    backwards = whole.take(pa.array(range(20_999, -1, -1)))
    drawn = read_customers(whole, [info("x")], 0, "now")
    assert len(drawn) == 20_000
    assert drawn.ids.equals(read_customers(backwards, [info("x")], 0, "now").ids)
    assert not drawn.ids.equals(read_customers(whole, [info("x")], 1, "now").ids)
    assert [float(one) for one in drawn.ids.to_pylist()] == list(drawn.columns["x"].values)


def test_unknown_is_nan_unless_missing_means_none() -> None:
    rows = table(["a", "b", "c"], {"x": [1.0, None, np.inf], "y": [1.0, None, 3.0]})
    drawn = read_customers(rows, [info("x"), info("y", zero=True)], 0, "now")
    known = dict(zip(drawn.ids.to_pylist(), drawn.columns["x"].values, strict=True))
    assert known["a"] == 1
    assert np.isnan([known["b"], known["c"]]).all()
    assert sorted(drawn.columns["y"].values) == [0, 1, 3]


def test_the_levels_of_a_category_are_in_the_order_of_their_text() -> None:
    rows = table(["a", "b", "c", "d"], {"x": ["tea", "cocoa", None, "tea"]})
    column = read_customers(rows, [info("x", kind="category")], 0, "now").columns["x"]
    assert column.levels == ("cocoa", "tea")
    assert sorted(column.counted()) == [0, 1, 1, np.inf]


def test_a_dictionary_encoded_category_is_read_as_its_text() -> None:
    values = pa.array(["tea", "cocoa", "tea"]).dictionary_encode()
    rows = pa.table({"customer_id": ["a", "b", "c"], "x": values})
    assert read_customers(rows, [info("x", kind="category")], 0, "now").columns["x"].levels == (
        "cocoa",
        "tea",
    )


def test_rows_are_aligned_to_ids_and_null_where_there_are_none() -> None:
    rows = aligned(table(["a", "b"], {"x": [1.0, 2.0]}), pa.array(["b", "z", "a"]), "later")
    assert rows.column("x").to_pylist() == [2.0, None, 1.0]
