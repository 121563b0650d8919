"""Every form of model as ONNX, scored by onnxruntime beside the form itself."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.clustering import (
    DBSCAN,
    HDBSCAN,
    KINDS,
    Agglomerative,
    BayesianMixture,
    Birch,
    Calibrated,
    Centroids,
    Clusterer,
    GaussianMixture,
    KMeans,
    KPrototypes,
    Merged,
    MiniBatchKMeans,
    MixedCentroids,
    Mixture,
    OnlineKMeans,
    Preprocessed,
    Prototypes,
    Served,
    Spectral,
    Trees,
    calibrate,
    to_onnx,
)
from customer_atlas.clustering.students import fit_trees
from customer_atlas.errors import UsageError

from ..blobs import planted

__all__: list[str] = []

ALGORITHMS: dict[str, Clusterer] = {
    "k-means": KMeans(4),
    "mini-batch": MiniBatchKMeans(4),
    "online": OnlineKMeans(4),
    "birch": Birch(4),
    "gaussian": GaussianMixture(4),
    "gaussian, some unusual": GaussianMixture(4, unusual=0.05),
    "bayesian": BayesianMixture(),
    "agglomerative": Agglomerative(4),
    "dbscan": DBSCAN(),
    "hdbscan": HDBSCAN(),
    "spectral": Spectral(4),
    "whitened": Preprocessed(KMeans(4), "whitening", variance=0.9),
    "robust, a mixture": Preprocessed(GaussianMixture(4), "robust"),
}


def scored(model: Served, X: np.ndarray[Any, Any], folder: Path) -> dict[str, Any]:
    """What onnxruntime alone makes of a matrix, by the names of the outputs."""
    to_onnx(model, folder / "model.onnx")
    content = (folder / "model.onnx").read_bytes()
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    session = onnxruntime.InferenceSession(content)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"X": X}), strict=True))


def agrees(model: Served, X: np.ndarray[Any, Any], folder: Path, near: float = 1e-5) -> None:
    """Hold that both say the same of a matrix: clusters exactly, but where two tie."""
    ours, shares = model.assign(X), model.predict_proba(X)
    theirs = scored(model, X, folder)
    assert {name: value.shape for name, value in theirs.items()} == {
        "cluster": (len(X),), "probability": (len(X),), "probabilities": shares.shape,
        "distance": (len(X),), **({"kind": (len(X),)} if isinstance(model, Calibrated) else {}),
    }  # fmt: skip
    assert theirs["cluster"].dtype == np.int64
    assert theirs["probabilities"] == pytest.approx(shares, abs=near)
    assert theirs["probability"] == pytest.approx(ours.probability, abs=near)
    ordered = np.sort(np.column_stack([shares, np.zeros(len(X))]))
    sure = ordered[:, -1] - ordered[:, -2] > 1e-9
    assert sure.mean() > 0.5
    assert (theirs["cluster"] == ours.cluster)[sure].all()
    same = theirs["cluster"] == ours.cluster
    assert theirs["distance"][same] == pytest.approx(ours.distance[same], abs=near)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_what_an_algorithm_found_scores_alike_without_this_package(
    name: str, tmp_path: Path
) -> None:
    X, _ = planted(4, 3, n=900, apart=4.0)
    model = ALGORITHMS[name].fit(X).served_
    far = np.random.default_rng(1).normal(0, 6, (2000, 3))
    agrees(model, np.concatenate([X, far]), tmp_path)
    if name in ("dbscan", "hdbscan", "gaussian, some unusual"):
        assert (scored(model, far * 9, tmp_path)["cluster"] == -1).any()


@pytest.mark.parametrize("name", ["k-means", "gaussian, some unusual", "dbscan", "spectral"])
def test_clusters_that_are_one_segment_score_alike(name: str, tmp_path: Path) -> None:
    X, _ = planted(4, 3, n=900, apart=4.0)
    model = ALGORITHMS[name].fit(X).served_
    far = np.random.default_rng(1).normal(0, 6, (2000, 3))
    merged = Merged(model, np.arange(model.n_clusters) % 3 % 2)
    agrees(merged, np.concatenate([X, far]), tmp_path)


@pytest.mark.parametrize("name", ["k-means", "gaussian, some unusual", "agglomerative", "dbscan"])
@pytest.mark.parametrize("apart", [1.0, 4.0])
def test_calibrated_probabilities_and_kinds_are_the_same_without_this_package(
    name: str, apart: float, tmp_path: Path
) -> None:
    X, _ = planted(4, 3, n=900, apart=apart)
    model, _ = calibrate(ALGORITHMS[name].fit(X), X, np.ones(900), 0)
    rows = np.concatenate([X, np.random.default_rng(1).normal(0, 9, (2000, 3))])
    agrees(model, rows, tmp_path)
    kinds = np.array(KINDS)[model.assign(rows).kind]
    assert (scored(model, rows, tmp_path)["kind"] == kinds).all()
    assert (kinds == "outlier").any()


@pytest.mark.parametrize("unusual", [False, True])
def test_labels_of_trees_are_the_same_to_the_last_customer(unusual: bool, tmp_path: Path) -> None:
    X, truth = planted(5, 6, n=3000, apart=0.6)
    labels = truth.astype(np.int32)
    model = fit_trees(X[::2], labels[::2], np.ones(1500), 3, unusual=unusual)
    rows = np.concatenate([X, X * 9, np.full((1, 6), 1e100), np.full((1, 6), -1e100)])
    found = scored(model, rows, tmp_path)["cluster"]
    assert (found == model.predict(rows)).all()
    assert (found == -1).any() == unusual
    agrees(model, rows, tmp_path)


def test_a_tree_that_is_one_leaf_gives_everybody_the_same(tmp_path: Path) -> None:
    leaf = np.array([[0, 0]])
    threshold, votes = np.zeros(1, np.float32), np.array([[1, 3]], np.float32)
    centers = np.array([[0.0], [1.0]])
    model = Trees(np.array([0]), leaf, np.zeros(1, int), threshold, votes, centers)
    found = scored(model, np.array([[0.0], [5.0]]), tmp_path)
    assert found["cluster"].tolist() == [1, 1]
    assert found["probabilities"].tolist() == [[0.25, 0.75]] * 2


def test_who_no_tree_votes_for_is_with_the_nearest(tmp_path: Path) -> None:
    children = np.array([[1, 2], [1, 1], [2, 2]])
    votes = np.array([[0, 0, 0], [0, 0, 1], [1, 1, 0]], np.float32)
    model = Trees(
        np.array([0]), children, np.zeros(3, int), np.array([0, 0, 0], np.float32), votes,
        np.array([[-1.0], [-9.0]]),
    )  # fmt: skip
    rows = np.array([[-8.0], [-2.0], [1.0]])
    found = scored(model, rows, tmp_path)
    assert found["cluster"].tolist() == model.predict(rows).tolist() == [-1, -1, 0]
    assert found["probabilities"].tolist() == [[0, 1], [1, 0], [0.5, 0.5]]


def test_who_is_beyond_the_reach_of_the_nearest_prototype_is_unusual(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    model = Prototypes(
        draw.normal(0, 2, (6, 2)), np.array([0, 0, 1, 1, 1, 2], np.int32), draw.gamma(4, 0.3, 6),
        0.5,
    )  # fmt: skip
    rows = draw.normal(0, 3, (500, 2))
    assert 50 < (model.predict(rows) == -1).sum() < 450
    agrees(model, rows, tmp_path)


def test_several_gaussians_of_one_cluster_are_added_up(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    factors = np.triu(draw.normal(0, 0.3, (5, 3, 3))) + np.eye(3)
    model = Mixture(
        draw.dirichlet(np.full(5, 9.0)), draw.normal(0, 0.7, (5, 3)), factors,
        np.array([0, 1, 1, 0, 2], np.int32), -9.0,
    )  # fmt: skip
    rows = draw.normal(0, 3, (500, 3))
    assert 50 < (model.predict(rows) == -1).sum() < 450
    likeliest = model.groups[model.responsibilities(rows).argmax(axis=1)]
    assert (likeliest != model.predict_proba(rows).argmax(axis=1)).sum() > 9
    agrees(model, rows, tmp_path)


def test_numbers_and_categories_together(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    group = draw.integers(3, size=600)
    table: dict[str, Any] = {
        "spend": 30.0 * group + draw.normal(0, 4, 600),
        "visits": 5.0 - group + draw.normal(0, 1, 600),
        "city": np.array([["Rome", "Oslo", None][i] for i in group], object),
    }
    matrix = np.column_stack([np.array(column, object) for column in table.values()])
    model = KPrototypes(3).fit(matrix).served_
    rows = np.column_stack([draw.normal(30, 30, 900), draw.normal(4, 2, 900), np.zeros(900)])
    rows[:, 2] = draw.integers(-3, 6, size=900)  # those from 0 to 2 were seen
    agrees(model, rows, tmp_path)


def test_categories_alone(tmp_path: Path) -> None:
    model = MixedCentroids(
        np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0, 1]), (("a", "b"), ("x", "y")),
        np.zeros(0), np.ones(0), gamma=1.0, variance=0.5,
    )  # fmt: skip
    agrees(model, np.array([[0.0, 1], [1, 0], [0, 0], [-1, 9], [1, 1], [0, 1], [0, 1]]), tmp_path)


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 7), st.floats(0.01, 100))
def test_centres_and_prototypes_of_any_number_agree(
    seed: int, k: int, d: int, variance: float
) -> None:
    draw = np.random.default_rng(seed)
    rows = draw.normal(0, 2, (300, d))
    clusters = np.sort(np.concatenate([np.arange(k), draw.integers(k, size=9)])).astype(np.int32)
    radii = draw.gamma(3, size=len(clusters)) if draw.random() < 0.5 else np.empty(0)
    points = draw.normal(0, 2, (len(clusters), d))
    with tempfile.TemporaryDirectory() as folder:
        agrees(Centroids(points[:k], variance), rows, Path(folder))
        agrees(Prototypes(points, clusters, radii, variance), rows, Path(folder))


def test_the_same_model_is_the_same_file(tmp_path: Path) -> None:
    X, _ = planted(3, 2, n=300)
    model = KMeans(3).fit(X).served_
    for name in ("one.onnx", "two.onnx"):
        to_onnx(model, tmp_path / name)
    assert (tmp_path / "one.onnx").read_bytes() == (tmp_path / "two.onnx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.onnx", "two.onnx"]


class Odd(Centroids):
    kind: ClassVar[str] = "odd"


def test_a_form_that_nobody_wrote_down_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="A model of the form 'odd' cannot be ONNX; these can"):
        to_onnx(Odd(np.zeros((2, 1)), 1.0), tmp_path / "model.onnx")


def test_a_path_that_cannot_be_is_refused(tmp_path: Path) -> None:
    model = Centroids(np.array([[0.0], [1.0]]), 1.0)
    with pytest.raises(UsageError, match="is a folder; name a file in it"):
        to_onnx(model, tmp_path)
    with pytest.raises(UsageError, match="does not exist"):
        to_onnx(model, tmp_path / "nowhere" / "model.onnx")
    assert list(tmp_path.iterdir()) == []
