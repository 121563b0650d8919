"""`model.plot()`: figures that are valid, true to the model, the same every time, and safe."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import polars as pl
import pytest

from customer_atlas.clustering import (
    DBSCAN,
    Agglomerative,
    AutoClusterer,
    Choice,
    Curve,
    KMeans,
    KPrototypes,
    silhouettes_of,
)
from customer_atlas.clustering.pictures import Crowd, Seen, map_picture, plot
from customer_atlas.clustering.pictures.style import COLOURS
from customer_atlas.errors import ClusteringError
from tests.clustering.blobs import planted

KINDS: list[Any] = ["map", "silhouette", "sizes", "centroids", "dendrogram"]
NAMES = ["<b>R&D</b>", "second", "third"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    X, _ = planted(3, 4, n=240, apart=4.0, seed=2)
    return pd.DataFrame(X, columns=["orders", "spend", "<i>days</i>", "visits"])


@pytest.fixture(scope="module")
def model(table: pd.DataFrame) -> KMeans:
    return KMeans(3).fit(table)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_valid_figure_and_the_same_every_time(
    kind: Any, model: KMeans, table: pd.DataFrame
):
    figure = model.plot(kind, table)
    assert isinstance(figure, go.Figure)
    assert figure.layout.title.text
    assert figure.to_json() == model.plot(kind, table).to_json()


@pytest.mark.parametrize("dims", [2, 3])
def test_each_customer_is_a_point_of_its_cluster(dims: int, model: KMeans, table: pd.DataFrame):
    figure = model.plot("map", table, dims=dims)
    assert [len(trace.x) for trace in figure.data] == np.bincount(model.predict(table)).tolist()
    assert {trace.type for trace in figure.data} == {"scatter" if dims == 2 else "scatter3d"}


@pytest.mark.parametrize("method", ["tsne", "umap"])
def test_a_map_of_neighbours_says_what_its_distances_mean(
    method: Any, model: KMeans, table: pd.DataFrame
):
    if method == "umap":
        pytest.importorskip("umap", reason="umap-learn is not installed")
    figure = model.plot("map", table, method=method)
    assert sum(len(trace.x) for trace in figure.data) == 240
    assert "says nothing" in figure.layout.title.subtitle.text


def test_past_a_hundred_thousand_a_sample_lies_over_a_density_of_all(
    model: KMeans, table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
):
    assert map_picture.DENSE == 100_000
    monkeypatch.setattr(map_picture, "DENSE", 200)
    monkeypatch.setattr(map_picture, "_DRAWN", {"pca": 100})
    figure = model.plot("map", table)
    shades = [trace for trace in figure.data if trace.type == "heatmap"]
    points = [trace for trace in figure.data if trace.type == "scatter"]
    counted = sum(np.square(np.array(trace.z)).sum() for trace in shades)
    assert counted == pytest.approx(240)
    drawn = sum(len(trace.x) for trace in points)
    assert 90 <= drawn <= 110
    assert f"{drawn} of 240 customers; the shading counts all" in figure.layout.title.subtitle.text


def test_bars_are_the_silhouettes_and_the_shares(model: KMeans, table: pd.DataFrame):
    found = silhouettes_of(table.to_numpy(), model.labels_, 3)
    assert found
    for trace, values in zip(model.plot("silhouette", table).data, found.values, strict=True):
        np.testing.assert_allclose(trace.x, values)
    np.testing.assert_allclose(model.plot("sizes").data[0].x, model.shares_)


def test_centroids_are_the_means_in_the_units_of_the_table(model: KMeans, table: pd.DataFrame):
    (trace,) = model.plot("centroids", table).data
    means = table.groupby(model.predict(table)).mean().to_numpy()
    apart = (means - table.mean().to_numpy()) / table.std(ddof=0).to_numpy()
    np.testing.assert_allclose(np.array(trace.z)[:, :-1], apart.T, atol=1e-9)
    np.testing.assert_array_equal(np.array(trace.z)[:, -1], 0)
    assert float(trace.text[0][1]) == pytest.approx(means[1, 0], rel=5e-3)


@pytest.mark.parametrize(
    "make",
    [lambda t: t, lambda t: t.to_numpy(), pl.from_pandas],
    ids=["pandas", "numpy", "polars"],
)
def test_any_table_will_do(make: Any, table: pd.DataFrame):
    given = make(table)
    made = KMeans(3).fit(given)
    assert len(made.plot("centroids", given).data[0].y) == 4


def test_categories_and_yes_or_no_are_shown_as_shares(table: pd.DataFrame):
    told = table.assign(
        plan=np.where(table["orders"] > table["orders"].median(), "gold", "basic"),
        churned=table["spend"] > 0,
        note=[f"note {at}" for at in range(240)],  # names people: it is not drawn
        gone=np.nan,
    )
    kinds = KPrototypes(3, categorical=["plan", "churned"]).fit(told.drop(columns=["note", "gone"]))
    crowd = Crowd(told, np.zeros((240, 1)), kinds.labels_)
    seen = Seen("k-prototypes", kinds.shares_, {}, None, crowd, ())
    figure = plot(seen, "centroids")
    (trace,) = figure.data
    names = ["orders", "spend", "&lt;i&gt;days&lt;/i&gt;", "visits"]
    assert list(figure.layout.yaxis.ticktext) == [*names, "plan: basic", "plan: gold", "churned"]
    gold = (told["plan"] == "gold").groupby(kinds.labels_).mean()
    assert [float(one) for one in trace.text[5][:3]] == pytest.approx(gold.tolist(), abs=6e-4)


def test_unusual_customers_are_drawn_in_quiet_and_counted():
    X, _ = planted(3, 2, n=300, apart=9.0, seed=3)
    X = np.vstack([X, [[99.0, 99.0]]])
    made = DBSCAN().fit(X)
    assert (made.predict(X) < 0).any(), "or nothing was tried"
    figure = made.plot("map", X)
    assert figure.data[0].name == "like no group"
    assert sum(len(trace.x) for trace in figure.data) == 301
    shares = made.plot("sizes").data[0].x
    assert sum(shares) == pytest.approx(1.0)
    made.plot("silhouette", X)
    made.plot("dendrogram", X)


def test_hierarchical_clustering_shows_its_own_tree_with_the_cut(table: pd.DataFrame):
    made = Agglomerative(3).fit(table)
    figure = made.plot("dendrogram")
    (line,) = figure.layout.shapes
    heights = made.dendrogram_[:, 2]
    assert (heights > line.x0).sum() == 2
    assert max(one for one in figure.data[0].x if one is not None) == heights.max()


def test_curves_are_shown_where_the_number_was_chosen(model: KMeans, table: pd.DataFrame):
    curve = Curve(
        "silhouette", "Silhouette", (2, 3), (0.1, 0.4), (0.01, 0.01), "higher", 3, "Three."
    )
    chosen = KMeans(3).fit(table)
    chosen.choice_ = Choice(3, "3 segments.", (), (curve,) * 4)
    figure = chosen.plot("k")
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert [list(trace.y) for trace in lines] == [[0.1, 0.4]] * 4
    assert len({trace.xaxis for trace in lines}) == 4
    with pytest.raises(ClusteringError, match="was told how many clusters to make"):
        model.plot("k")
    chosen.choice_ = Choice(1, "Too few.", ())
    with pytest.raises(ClusteringError, match=r"There are no curves to show\. Too few\."):
        chosen.plot("k")


def test_what_chose_its_own_number_shows_every_kind_of_any_table(table: pd.DataFrame):
    told = table.assign(plan=np.where(np.arange(240) % 3, "gold", "basic"))
    told.loc[3, "orders"] = np.nan
    found = AutoClusterer(max_clusters=6).fit(told)
    for kind in [*KINDS, "k"]:
        assert isinstance(found.plot(kind, told), go.Figure)


def test_names_stand_in_place_of_numbers_and_cannot_be_html(model: KMeans, table: pd.DataFrame):
    for kind in KINDS:
        shown = str(model.plot(kind, table, names=NAMES).to_dict())
        assert "second" in shown
        assert "&lt;b&gt;R&amp;D" in shown
        assert "<b>R" not in shown
        assert "<i>" not in shown
    with pytest.raises(ClusteringError, match="Found 1 names for 3 clusters"):
        model.plot("sizes", names=["one"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "pie"}, "a kind among map, silhouette"),
        ({"kind": "map"}, r"give a table of at least one, as in model.plot\('map', X\)"),
        ({"kind": "map", "dims": 4}, "in 2 or 3"),
        ({"kind": "map", "method": "lda"}, "by pca, tsne or umap"),
        ({"kind": "dendrogram"}, "give a table"),
    ],
)
def test_what_cannot_be_drawn_is_said(arguments: dict[str, Any], message: str, model: KMeans):
    with pytest.raises(ClusteringError, match=message):
        model.plot(**arguments)


@pytest.mark.parametrize("rows", [1, 2])
def test_odd_tables_are_drawn_or_refused_in_words(rows: int, model: KMeans, table: pd.DataFrame):
    few = table.iloc[np.argsort(model.predict(table))[[0, -1]][:rows]]
    for kind in KINDS:
        if rows == 1 and kind != "sizes":
            with pytest.raises(ClusteringError):
                model.plot(kind, few)
        else:
            model.plot(kind, few)


def test_one_cluster_of_one_column_is_a_strip_and_has_no_silhouette():
    X = np.arange(20.0)[:, None]
    one = KMeans(1).fit(X)
    assert len(one.plot("map", X).data) == 1
    assert len(one.plot("map", X, dims=3).data[0].z) == 20
    for kind in ("silhouette", "dendrogram"):
        with pytest.raises(ClusteringError):
            one.plot(kind, X)
    alike = np.ones((5, 2))
    with pytest.raises(ClusteringError, match="5 customers are all alike"):
        KMeans(1).fit(alike).plot("map", alike)


def test_fifty_clusters_are_drawn_and_can_be_read():
    X, _ = planted(50, 5, n=1_000, apart=9.0)
    made = KMeans(50, n_init=1).fit(X)
    figures = {kind: made.plot(kind, X) for kind in KINDS}
    for kind in ("silhouette", "sizes", "dendrogram"):
        assert figures[kind].layout.height / 50 >= 24


def test_the_colours_are_those_of_the_report():
    css = files("customer_atlas.report").joinpath("page.css").read_text(encoding="utf-8")
    assert tuple(re.findall(r"--s\d+: light-dark\((#\w{6})", css)) == COLOURS
