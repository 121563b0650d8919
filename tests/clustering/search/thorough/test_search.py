from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import (
    AutoClusterer,
    Future,
    FutureOutcome,
    Objective,
    Search,
    load_served,
    quick_search,
    save_served,
    thorough_search,
)
from customer_atlas.clustering.search import Entry, Recipe
from customer_atlas.errors import ClusteringError, MissingExtraError

__all__: list[str] = []

Array = np.ndarray[Any, np.dtype[np.float64]]
_SETTINGS: dict[str, Any] = {"min_share": 0.02, "max_clusters": 6, "level": 0.05, "seed": 3}
_TRIALS = 8

# A search in a process of its own that is killed in the middle of its fourth trial.
_KILLED = """
import os, signal, sys, threading
from pathlib import Path
import numpy as np
from customer_atlas.clustering import thorough_search

def told(done, total):
    if done == 3:
        threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGKILL)).start()

X = np.load(sys.argv[1])
thorough_search(
    X, np.ones(len(X)), min_share=0.02, max_clusters=6, level=0.05, seed=3, trials=8,
    folder=Path(sys.argv[2]), progress=told,
)
"""


def _search(X: Array, trials: int = _TRIALS, **asked: Any) -> Search:
    return thorough_search(X, np.ones(len(X)), trials=trials, **{**_SETTINGS, **asked})


@dataclass
class _Done:
    X: Array
    found: Search
    folder: Path
    told: list[tuple[int, int]]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> _Done:
    """A search of three groups that took no break."""
    draw = np.random.default_rng(1)
    X = np.repeat(draw.normal(size=(3, 5)) * 3, 80, axis=0) + draw.normal(size=(240, 5))
    folder = tmp_path_factory.mktemp("searches")
    told: list[tuple[int, int]] = []
    found = _search(X, folder=folder, progress=lambda *one: told.append(one))
    return _Done(X, found, folder, told)


def test_a_search_that_was_killed_ends_as_if_it_never_had_been(done: _Done, tmp_path: Path) -> None:
    np.save(tmp_path / "X.npy", done.X)
    kept = tmp_path / "searches"
    child = subprocess.run(
        [sys.executable, "-c", _KILLED, str(tmp_path / "X.npy"), str(kept)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    told: list[int] = []
    again = _search(done.X, folder=kept, progress=lambda done, total: told.append(done))
    assert 3 <= told[0] < _TRIALS
    assert again == done.found
    assert json.dumps(again.to_dict()) == json.dumps(done.found.to_dict())


def test_a_search_repeats_to_the_bit_and_needs_no_folder(done: _Done) -> None:
    assert _search(done.X) == done.found


def test_a_search_that_ended_tells_again_what_it_found_and_a_longer_one_goes_on(
    done: _Done, tmp_path: Path
) -> None:
    shutil.copytree(done.folder, tmp_path / "kept")
    told: list[int] = []
    more = _search(
        done.X, _TRIALS + 2, folder=tmp_path / "kept", progress=lambda at, total: told.append(at)
    )
    assert told == [_TRIALS, _TRIALS + 1, _TRIALS + 2]
    assert {e.title for e in done.found.leaderboard.entries} <= {
        e.title for e in more.leaderboard.entries
    }
    assert _search(done.X, folder=tmp_path / "kept") == done.found


def test_time_only_caps_and_is_told(done: _Done, tmp_path: Path) -> None:
    shutil.copytree(done.folder, tmp_path / "kept")
    found = _search(done.X, 20, folder=tmp_path / "kept", minutes=1e-9)
    budget = found.leaderboard.budget
    assert budget is not None
    assert (budget.asked, budget.done, budget.capped) == (20, _TRIALS, True)
    assert "8 of 20 trials, ended by the cap of 1e-09 min" in budget.sentence
    assert found.recipe == done.found.recipe


def test_every_candidate_is_kept_with_what_it_reached_and_why_it_lost(done: _Done) -> None:
    board = done.found.leaderboard
    budget = board.budget
    assert budget is not None
    assert done.told == [(at, _TRIALS) for at in range(_TRIALS + 1)]
    assert len(board.entries) == budget.done - budget.repeated
    assert sum("stopped early" in one.verdict for one in board.entries) == budget.stopped
    assert [one.chosen for one in board.entries].count(True) == 1
    for one in board.entries:
        assert one.verdict
        assert {"stability", "separation", "size", "simplicity"} == set(one.components)
        assert all(0 <= value <= 1 for value in one.components.values())
    assert "stability 1, separation 1, size 1, simplicity 0.25" in board.objective
    assert Search.from_dict(json.loads(json.dumps(done.found.to_dict()))) == done.found


def test_a_score_is_the_weighted_mean_of_the_components(done: _Done) -> None:
    weights = Objective().weights
    for one in done.found.leaderboard.entries:
        if one.score > 0:
            total = sum(weights[name] * value for name, value in one.components.items())
            mean = total / sum(weights[name] for name in one.components)
            assert one.score == pytest.approx(mean)


def _narrow() -> tuple[Array, Array]:
    """Two groups along a narrow direction, between columns that vary together."""
    draw = np.random.default_rng(0)
    side = np.repeat([-1.0, 1.0], 150)
    wide = draw.normal(size=(300, 2)) * 3
    beside = wide[:, 0] + side * 0.3 + draw.normal(0, 0.05, 300)
    return np.column_stack([wide[:, 0], beside, wide[:, 1], draw.normal(size=(300, 2))]), side


def _best(found: Search) -> Entry:
    return next(one for one in found.leaderboard.entries if one.chosen)


def _labels(found: Search, X: Array) -> Any:
    assert found.recipe is not None
    return found.recipe.clusterer(0).fit(X).labels_


def test_groups_along_a_narrow_direction_are_found_by_whitening_and_not_quickly(
    tmp_path: Path,
) -> None:
    X, side = _narrow()
    quick = quick_search(X, np.ones(len(X)), **_SETTINGS)
    assert adjusted_rand_score(side, _labels(quick, X)) < 0.1
    found = _search(X, 4)
    assert adjusted_rand_score(side, _labels(found, X)) > 0.99
    assert "whitening" in found.reason
    assert f"The quick search found {_best(quick).k} by {_best(quick).title}" in found.reason
    begun = next(e for e in found.leaderboard.entries if e.title == _best(quick).title)
    assert begun.score < _best(found).score
    assert found.recipe is not None
    model = found.recipe.clusterer(0).fit(X)
    save_served(model.served_, tmp_path)
    assert load_served(tmp_path).predict(X).tolist() == model.labels_.tolist()


def _two_sights(seed: int = 0) -> tuple[Array, NDArray[np.int64], Future]:
    """Two groups that lie far apart, and within them two that shade, which tell revenue."""
    draw = np.random.default_rng(seed)
    far, near = draw.integers(0, 2, 400), draw.integers(0, 2, 400)
    X = draw.normal(size=(400, 5)) * [1.0, 1.0, 0.5, 0.5, 0.5]
    X[:, 0] += 10 * far
    X[:, 1] += 2.4 * near
    revenue = near * 2.0 + draw.normal(0, 0.5, 400)
    half = draw.permutation(400) % 2
    return X, near, Future(X, half, (FutureOutcome("revenue", revenue, 0.6),), "Planted.")


def test_what_matters_later_wins_where_the_future_counts_and_not_where_it_does_not() -> None:
    X, near, future = _two_sights()

    def told(found: Search) -> float:
        half = future.half == 0
        assert found.recipe is not None
        labels = found.recipe.clusterer(0).fit(X[half]).predict(X)
        return future.told(0, labels, int(labels.max()) + 1)

    blind = _search(X, 6, future=future, objective=Objective.of({"future": 0}))
    seeing = _search(X, 12, future=future, objective=Objective.of({"future": 4}))
    assert told(blind) < 0.1
    assert told(seeing) > 0.6
    assert seeing.leaderboard.objective.endswith("Planted.")
    assert _best(seeing).components["future"] == pytest.approx(told(seeing), abs=0.2)
    groups = [near[_labels(seeing, X) == j].mean() for j in range(_best(seeing).k)]
    assert max(groups) > 0.8
    assert min(groups) < 0.2


def test_a_table_alone_is_searched_thoroughly(done: _Done) -> None:
    model = AutoClusterer(
        min_share=0.02, max_clusters=6, search="thorough", trials=2, objective={"separation": 2}
    ).fit(done.X)
    assert model.n_clusters_ == 3
    assert "separation 2" in model.leaderboard_.objective
    assert len(model.leaderboard_.entries) == 2


def test_one_trial_judges_what_the_quick_search_found(done: _Done) -> None:
    found = _search(done.X, 1)
    quick = [one for one in done.found.leaderboard.entries if one.title == _best(found).title]
    assert found.recipe == Recipe.of(_best(found).algorithm, **_best(found).settings)
    assert "The quick search found the same." in found.reason
    assert quick[0].score <= _best(done.found).score


def test_without_optuna_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'customer-atlas\[search\]'"):
        _search(np.zeros((9, 2)))


def test_no_structure_and_too_few_rows_need_no_trials() -> None:
    noise = _search(np.random.default_rng(0).normal(size=(120, 5)))
    assert noise.recipe is None
    assert noise.leaderboard.entries == ()
    few = _search(np.repeat([[0.0, 0.0], [9.0, 9.0]], 6, axis=0))
    assert few.leaderboard.budget is None


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"trials": 0}, "at least 1 trial; found 0"),
        ({"objective": {"stabilty": 1}}, "Did you mean 'stability'?"),
        ({"objective": {"size": -1.0}}, "weight of size must be 0 or more and finite; found -1"),
        ({"search": "slow"}, "'quick' or 'thorough'; found 'slow'"),
    ],
)
def test_what_cannot_be_searched_for_is_refused(asked: dict[str, Any], message: str) -> None:
    model = AutoClusterer(**{"search": "thorough", **asked})
    with pytest.raises(ClusteringError, match=message):
        model.fit(np.random.default_rng(0).normal(size=(60, 2)))


def test_an_objective_needs_one_weight() -> None:
    with pytest.raises(ClusteringError, match="At least one weight"):
        Objective.of(dict.fromkeys(Objective().weights, 0))
