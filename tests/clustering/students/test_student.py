from __future__ import annotations

import time

import numpy as np
import pytest

from customer_atlas.clustering.lloyd import one_thread
from customer_atlas.clustering.served import Prototypes, Trees
from customer_atlas.clustering.students import agreement, fit_prototypes, fit_student, fit_trees

from ..blobs import planted
from ..shapes import SHAPES, shape

__all__: list[str] = []


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("fit", [fit_prototypes, fit_trees])
def test_each_candidate_learns_shapes(name: str, fit: object) -> None:
    assert callable(fit)
    X, truth = shape(name)
    others, expected = shape(name, 4000, seed=5)
    student = fit(X, truth.astype(np.int32), np.ones(len(X)), 0, unusual=False)
    assert (student.predict(others) == expected).mean() >= 0.985


@pytest.mark.parametrize("name", SHAPES)
def test_the_student_agrees_on_held_out_rows_and_scores_many_in_a_moment(name: str) -> None:
    X, truth = shape(name)
    student = fit_student(X, truth.astype(np.int32), np.ones(len(X)), 0, unusual=True)
    assert student.facts["agreement"]["all"] >= 0.99
    assert min(student.facts["agreement"][cluster] for cluster in "01") >= 0.99
    begun = time.process_time()
    student.served.predict(shape(name, 30_000)[0])
    assert time.process_time() - begun < 1.0


def test_axis_parallel_boxes_are_left_to_trees_and_equals_to_prototypes() -> None:
    X = np.random.default_rng(0).uniform(size=(2000, 8))
    boxes = (X[:, 0] > 0.5).astype(np.int32)
    student = fit_student(X, boxes, np.ones(2000), 0, unusual=False)
    assert isinstance(student.served, Trees)
    rivals = student.facts["rivals"]
    assert rivals["trees"] > rivals["prototypes"]
    assert student.facts["agreement"]["all"] == rivals["trees"]
    X, truth = planted(3, 2, n=300, apart=30.0)
    student = fit_student(X, truth.astype(np.int32), np.ones(300), 0, unusual=False)
    assert student.facts["rivals"] == {"prototypes": 1.0, "trees": 1.0}
    assert isinstance(student.served, Prototypes)


def test_agreement_is_measured_on_rows_that_were_not_learned() -> None:
    X = np.random.default_rng(0).normal(size=(2000, 3))
    labels = np.random.default_rng(1).integers(0, 2, 2000).astype(np.int32)
    student = fit_student(X, labels, np.ones(2000), 0, unusual=False)
    assert student.facts["agreement"]["all"] == pytest.approx(0.5, abs=0.1)


def test_small_clusters_are_learned_and_their_agreement_is_told_as_unknown() -> None:
    X, truth = planted(2, 2, n=30_000, apart=9.0)
    labels = truth.astype(np.int32)
    labels[[5, 17]], X[[5, 17]] = 2, 500.0
    with one_thread():  # which also silences k-means on the two who are equal
        student = fit_student(X, labels, np.ones(30_000), 0, unusual=False)
    assert student.facts["agreement"]["2"] is None
    assert student.served.n_clusters == 3
    assert student.served.predict(np.full((1, 2), 500.0)).tolist() == [2]


def test_weights_decide_what_agreement_means() -> None:
    taught, said = np.array([0, 0, 1], np.int32), np.array([0, 1, 1], np.int32)
    assert agreement(taught, said, np.array([3.0, 1.0, 4.0])) == {"all": 0.875, "0": 0.75, "1": 1.0}


def test_probabilities_are_of_use() -> None:
    X, truth = planted(3, 2, n=6000, apart=1.5, seed=4)
    labels = truth.astype(np.int32)
    for fit in (fit_prototypes, fit_trees):
        student = fit(X[::2], labels[::2], np.ones(3000), 0, unusual=False)
        shares = student.predict_proba(X[1::2])
        certain = np.eye(3)[student.predict(X[1::2])]
        right = (np.arange(3000), labels[1::2])
        losses = [-np.log(np.maximum(each[right], 1e-3)).mean() for each in (shares, certain)]
        assert losses[0] < 0.6 * losses[1]
