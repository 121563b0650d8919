from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from customer_atlas.clustering.table import Table, table_of
from customer_atlas.errors import ClusteringError

__all__: list[str] = []


def fit(X: Any) -> Table:
    table = table_of(X)
    return Table.fit(table, np.ones(table.num_rows))


def matrix(X: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    return fit(X).transform(table_of(X))


def objects(*values: Any) -> pd.DataFrame:
    return pd.DataFrame({"it": pd.Series(values, dtype=object)})


class TestReading:
    """Whatever holds a table, it becomes the same columns."""

    def test_columns_without_names_are_numbered(self) -> None:
        for X in (np.eye(3), np.eye(3).tolist(), np.eye(3, dtype=np.int8)):
            assert table_of(X).column_names == ["x0", "x1", "x2"]
            assert np.stack([column.to_numpy() for column in table_of(X)]).tolist() == (
                np.eye(3).tolist()
            )

    def test_names_that_are_no_texts_become_texts(self) -> None:
        assert table_of(pd.DataFrame(np.eye(2))).column_names == ["0", "1"]
        assert table_of(pd.DataFrame(np.eye(2), columns=["a", 7])).column_names == ["a", "7"]

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ([1, 2.5, None], [1.0, 2.5, None]),
            ([1, float("nan"), pd.NA], [1, None, None]),
            ([10**30, 1, 2], [1e30, 1.0, 2.0]),
            ([Decimal("1.5"), 2.0, None], [1.5, 2.0, None]),
            (["1", "2", None], ["1", "2", None]),
            (["a", pd.NaT, float("nan")], ["a", None, None]),
            ([1, "a", None], ["1", "a", None]),
            ([1, "nan", pd.NA], ["1", "nan", None]),
            ([True, None, False], [True, None, False]),
            ([date(2024, 1, 2), None], [date(2024, 1, 2), None]),
            ([None, None], [None, None]),
        ],
    )
    def test_objects_are_read_as_what_they_are(
        self, values: list[Any], expected: list[Any]
    ) -> None:
        assert table_of(objects(*values))["it"].to_pylist() == expected
        held = np.empty((len(values), 1), object)
        held[:, 0] = values
        assert table_of(held)["x0"].to_pylist() == expected

    @pytest.mark.parametrize(
        "X",
        [
            pytest.param(np.array([[1.5], [0.0]], dtype=np.longdouble), id="long double"),
            pytest.param(np.array([[1.5], [0.0]], dtype=np.float16), id="half"),
            pytest.param(np.array([[1.5], [0.0]], dtype=">f8"), id="swapped bytes"),
            pytest.param(np.array([[1.5, 9.0], [0.0, 9.0]])[:, ::2], id="every second column"),
            pytest.param(
                pd.DataFrame.sparse.from_spmatrix(sparse.csr_matrix([[1.5], [0.0]])), id="sparse"
            ),
            pytest.param(pl.DataFrame({"a": [Decimal("1.5"), Decimal(0)]}), id="decimal"),
        ],
    )
    def test_numbers_of_any_width_are_numbers(self, X: Any) -> None:
        column = table_of(X).column(0)
        assert [float(value) for value in column.to_pylist()] == [1.5, 0.0]

    def test_masked_values_are_missing(self) -> None:
        X = np.ma.masked_greater(np.arange(6.0).reshape(3, 2), 3.5)
        assert table_of(X)["x0"].to_pylist() == [0.0, 2.0, None]

    @pytest.mark.parametrize(
        ("X", "why"),
        [
            pytest.param(sparse.csr_matrix(np.eye(3)), "Found a sparse matrix", id="sparse"),
            pytest.param(np.eye(3) * 1j, "Complex data not supported", id="complex"),
            pytest.param(
                pd.DataFrame({"c": [1j]}), "complex numbers in the column 'c'", id="complex column"
            ),
            pytest.param(np.zeros((2, 2, 2)), "found 3 dimension", id="3-D"),
            pytest.param(np.zeros(3), "found 1 dimension", id="1-D"),
            pytest.param(pd.Series([1.0]), "found 1 dimension", id="a series"),
            pytest.param(pl.Series([1.0]), "found 1 dimension", id="a Polars series"),
            pytest.param(pl.LazyFrame({"a": [1]}), "found a LazyFrame", id="lazy"),
            pytest.param(None, "found a NoneType", id="none"),
            pytest.param([[1, 2], [3]], "of one length", id="ragged"),
            pytest.param(objects([1], [2, 3]), "'it' holds lists", id="lists"),
            pytest.param(objects(*[1.0] * 200, {"a": 1}), "'it' holds lists", id="a late one"),
            pytest.param(
                pd.DataFrame(np.eye(2), columns=["a", "a"]), "'a' is there 2 times", id="twice"
            ),
            pytest.param(
                pa.Table.from_arrays([pa.array([1])] * 3, names=["b", "a", "a"]),
                "'a' is there 2 times",
                id="twice in Arrow",
            ),
        ],
    )
    def test_what_is_no_table_is_refused_with_the_reason(self, X: Any, why: str) -> None:
        with pytest.raises(ClusteringError, match=why):
            table_of(X)


class TestFitting:
    """Which columns take part, and how."""

    @pytest.mark.parametrize(
        ("values", "why"),
        [
            (pa.array([date(2024, 1, at) for at in range(1, 31)]), "a moment"),
            (pa.array([datetime(2024, 1, at) for at in range(1, 31)]), "a moment"),
            (pa.array([time(at) for at in range(24)] + [None] * 6), "a moment"),
            (pa.array([timedelta(at) for at in range(30)]), "a moment"),
            (pa.array([[at] for at in range(30)]), "values of the type list<item: int64>"),
            (pa.array([b"x", b"y"] * 15), "values of the type binary"),
            (pa.nulls(30), "known for nobody"),
            (pa.array([7.0] * 30), "the same for every customer"),
        ],
    )
    def test_columns_that_say_nothing_are_left_out_with_the_reason(
        self, values: pa.Array, why: str
    ) -> None:
        table = pa.table({"it": values, "age": np.arange(30.0)})
        assert fit(table).left_out["it"].startswith(why)
        assert matrix(table).shape == (30, 1)

    @pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
    def test_texts_that_are_nearly_all_different_name_people(self, kind: pa.DataType) -> None:
        def of(different: int) -> dict[str, str]:
            texts = pa.array([f"t{at % different}" for at in range(200)], pa.string()).cast(kind)
            return fit(pa.table({"it": texts, "age": np.arange(200.0)})).left_out

        assert of(101)["it"] == "it has 101 different texts, so it names people"
        assert "names people" not in of(100).get("it", "")

    def test_few_different_texts_are_categories_even_of_few_people(self) -> None:
        table = pa.table({"it": [f"t{at}" for at in range(50)], "age": np.arange(50.0)})
        assert "names people" not in fit(table).left_out.get("it", "")

    def test_a_number_counts_as_much_in_any_unit(self) -> None:
        draw = np.random.default_rng(0)
        X = draw.normal(50, 10, size=(200, 2))
        assert matrix(X * [1.0, 2.0**20]) == pytest.approx(matrix(X))
        one, other = matrix(X).std(axis=0)
        assert one == pytest.approx(other, rel=0.05)

    def test_what_is_missing_goes_to_the_middle_with_a_flag(self) -> None:
        age = [20.0, 30.0, 40.0, None] * 25
        points = matrix(pl.DataFrame({"age": age}))
        assert points.shape == (100, 2)
        assert points[3, 0] == points[1, 0]
        assert len({tuple(row) for row in points.round(9).tolist()}) == 4

    def test_nan_is_missing_in_every_holder(self) -> None:
        values = [1.0, float("nan"), 3.0] * 20
        expected = matrix(pa.table({"a": [1.0, None, 3.0] * 20}))
        for X in (np.array(values)[:, None], pd.DataFrame({"a": values}),
                  pl.DataFrame({"a": values}), pa.table({"a": values})):  # fmt: skip
            assert matrix(X).tobytes() == expected.tobytes()

    @pytest.mark.parametrize(
        ("shape", "found"), [((0, 3), "0 sample"), ((5, 0), "0 feature"), ((0, 0), "0 sample")]
    )
    def test_of_nothing_nothing_is_learned(self, shape: tuple[int, int], found: str) -> None:
        with pytest.raises(ClusteringError, match=rf"There is nothing to cluster.*{found}"):
            fit(np.empty(shape))

    def test_where_no_column_can_be_used_each_is_told(self) -> None:
        names = pa.table({"id": [f"c{at}" for at in range(99)], "day": [date(2024, 1, 1)] * 99})
        with pytest.raises(ClusteringError, match=r"id: it has 99 different texts.*day: a moment"):
            fit(names)

    @pytest.mark.parametrize(
        ("bad", "why"),
        [
            (np.inf, "'x1' holds infinity for 1 of 40 customers"),
            (-np.inf, "'x1' holds infinity for 1 of 40 customers"),
            (1e200, r"'x1' holds a number beyond 1e\+150"),
            (-1e200, r"'x1' holds a number beyond 1e\+150"),
        ],
    )
    def test_numbers_that_no_distance_can_be_taken_of_are_refused(
        self, bad: float, why: str
    ) -> None:
        X = np.random.default_rng(0).normal(size=(40, 2))
        fitted = fit(X)
        X[7, 1] = bad
        with pytest.raises(ClusteringError, match=why):
            fit(X)
        with pytest.raises(ClusteringError, match=why):
            fitted.transform(table_of(X))


class TestTransforming:
    """Tables that come later."""

    @pytest.mark.parametrize(
        "hold", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"]
    )
    def test_rows_of_others_are_put_on_the_same_scale(self, hold: Callable[..., Any]) -> None:
        data = {"age": np.arange(60.0), "plan": ["free", "pro", "plus"] * 20}
        fitted = fit(data := hold(data))
        points = fitted.transform(table_of(data))
        some = hold({"plan": ["plus", "free"], "age": [5.0, 30.0]})
        assert fitted.transform(table_of(some)).tolist() == points[[5, 30]].tolist()

    def test_a_category_that_nobody_had_is_none_of_those(self) -> None:
        table = pa.table({"plan": ["free", "pro"] * 20, "age": np.arange(40.0)})
        fitted = fit(table)
        new = fitted.transform(pa.table({"plan": ["gold"], "age": [3.0]}))
        assert np.isfinite(new).all()

    def test_numbers_as_texts_are_read_and_other_texts_refused(self) -> None:
        fitted = fit(pa.table({"age": np.arange(40.0)}))
        read = fitted.transform(pa.table({"age": ["3", "4.0"]}))
        assert read.tolist() == fitted.transform(pa.table({"age": [3.0, 4.0]})).tolist()
        with pytest.raises(ClusteringError, match="'age' held numbers when it was fitted; found"):
            fitted.transform(pa.table({"age": ["three"]}))
        with pytest.raises(ClusteringError, match="'age' held numbers"):
            fitted.transform(pa.table({"age": [[1.0]]}))

    def test_columns_that_are_missing_are_named_and_of_none_left_all_are_alike(self) -> None:
        fitted = fit(np.ones((9, 2)))
        assert fitted.transform(table_of(np.zeros((3, 2)))).tolist() == [[0.0]] * 3
        with pytest.raises(ClusteringError, match=r"1 of 2 are missing, such as 'x1'"):
            fitted.transform(table_of(np.zeros((3, 1))))
