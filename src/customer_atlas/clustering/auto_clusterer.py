"""`AutoClusterer`: any table, no k, no algorithm named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from customer_atlas.clustering.algorithms import Clusterer, KMeans
from customer_atlas.clustering.algorithms.clusterer import Found
from customer_atlas.clustering.calibration import Reliability, calibrate
from customer_atlas.clustering.checks import checked_weights
from customer_atlas.clustering.choice import Choice
from customer_atlas.clustering.levels import SegmentTree
from customer_atlas.clustering.levels.dividing import Limits, divide
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.search import Leaderboard, Search
from customer_atlas.clustering.search.quick import quick_search
from customer_atlas.clustering.search.thorough import Objective, thorough_search
from customer_atlas.clustering.served import KINDS, Calibrated, Judged
from customer_atlas.clustering.structure_test import NullTest
from customer_atlas.clustering.table import Table, table_of
from customer_atlas.errors import ClusteringError

if TYPE_CHECKING:
    from customer_atlas.clustering.stability import StabilityReport

__all__ = ["AutoClusterer"]


class AutoClusterer(Clusterer):
    """Find the groups that are there in any table, by the algorithm that sees them, or say none.

    `fit` takes NumPy, pandas, Polars or Arrow with numbers, truth values and categories, some of
    them missing. It tests first whether there is any structure (at the level `null_level`), then
    lets k-means, mixtures and, in few columns, density-based algorithms compete, each with the
    number of segments that can be reproduced. `max_clusters` bounds that number, `min_share` is
    the smallest share of the customers that is a segment.

    With `search` "thorough" (and the extra ``search``) preprocessing, algorithm, settings and
    number of segments are searched for in `trials`, by the weighted mean of `objective`: weights
    by the names of its parts (see `Objective`). What customers do later needs a history, which a
    table has none of: there `future` does not count, and projects do it.

    A membership probability is that of keeping the cluster when the model is fitted to other
    customers (`reliability_`: how well that holds). Who is likelier to move is undecided, and who
    is farther from the cluster than its members plausibly are is an outlier.

    Learned: `labels_` (n,), `n_clusters_`, `probabilities_` (n,), `kinds_` (n,); `null_test_`,
    with statistic, p-value and a sentence; `leaderboard_`, every candidate with its scores and why
    it lost; `choice_`, the curves of the number of segments; `reason_`; `algorithm_`, the one
    that won, fitted; `table_`, how tables become matrices; `served_`, which scores such a matrix;
    `tree_`, the segments as a tree that can be cut. With `levels` of 2 or 3 each segment is
    searched for sub-segments; `labels_` and `predict` tell of level 1, and `predict_path` of all.

    >>> draw = np.random.default_rng(0)
    >>> X = draw.normal(size=(300, 2)) + np.repeat([[0, 0], [9, 0], [0, 9]], 100, axis=0)
    >>> AutoClusterer(random_state=0).fit(X).n_clusters_
    3
    """

    title = "AutoClusterer"

    null_test_: NullTest
    leaderboard_: Leaderboard
    choice_: Choice
    reason_: str
    algorithm_: Clusterer
    table_: Table
    served_: Calibrated
    reliability_: Reliability | None
    tree_: SegmentTree

    def __init__(
        self, *, max_clusters: int = 50, min_share: float = 0.01,
        search: Literal["quick", "thorough"] = "quick", trials: int = 50,
        objective: Mapping[str, float] | None = None, null_level: float = 0.01,
        random_state: int = 0, levels: int = 1,
    ) -> None:  # fmt: skip
        self.max_clusters = max_clusters
        self.min_share = min_share
        self.search = search
        self.trials = trials
        self.objective = objective
        self.null_level = null_level
        self.random_state = random_state
        self.levels = levels

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.categorical = tags.input_tags.string = True
        return tags

    def fit(self, X: Any, y: object = None, sample_weight: Array | None = None) -> Self:
        """Find the groups of the rows of a table; a row counts as its weight says.

        Raises `ClusteringError` for what cannot be clustered. The rows count in their order: the
        same rows, settings and versions give the same clusters to the bit.
        """
        self._check()
        table = table_of(X)
        weights = checked_weights(sample_weight, table.num_rows)
        self.table_ = Table.fit(table, weights)
        points = self.table_.transform(table)
        self.n_features_in_ = table.num_columns
        if hasattr(X, "columns") or isinstance(X, pa.Table | pa.RecordBatch):
            self.feature_names_in_ = np.array(self.table_.names, dtype=object)
        self._take(self._search(points, weights), points, weights)
        limits = Limits(
            self.levels, self.min_share, self.max_clusters, self.null_level, self.random_state
        )
        self.tree_ = divide(points, weights, self.served_, limits)
        return self

    def predict_path(self, X: Any) -> NDArray[np.int32]:
        """Return the segment of each row at each level (n, depth of the tree).

        Segments of a level are numbered through; -1 is who has no sub-segment there.
        """
        points = self._points(X)
        return self.tree_.paths(points, self.predict(X))

    def stability(
        self, X: Any, sample_weight: Array | None = None, *, seed: int = 0
    ) -> StabilityReport:
        """Say whether the same clusters come back, which column they hang on, and who moves.

        The algorithm that won is fitted again, with its settings; see `Clusterer.stability`.
        """
        from customer_atlas.clustering.stability.probing import stability_report

        names = self.table_.features
        return stability_report(self.algorithm_, self._points(X), sample_weight, names, seed=seed)

    def _search(self, points: Array, weights: Array) -> Search:
        settings: dict[str, Any] = {
            "min_share": self.min_share, "max_clusters": self.max_clusters,
            "level": self.null_level, "seed": self.random_state,
            "names": self.table_.columns,
        }  # fmt: skip
        if self.search == "quick":
            return quick_search(points, weights, **settings)
        objective = Objective.of(self.objective or {})
        return thorough_search(points, weights, trials=self.trials, objective=objective, **settings)

    _judged: Judged

    @property
    def probabilities_(self) -> Array:
        """How sure the membership of each row (n,) is that was fitted."""
        check_is_fitted(self)
        return self._judged.probability

    @property
    def kinds_(self) -> NDArray[np.str_]:
        """The kind of membership of each row (n,) that was fitted: see `predict_kind`."""
        check_is_fitted(self)
        return np.asarray(KINDS)[self._judged.kind]

    def predict_kind(self, X: Any) -> NDArray[np.str_]:
        """Return the kind of membership of each row (n,): learned, undecided or outlier."""
        return np.asarray(KINDS)[self.served_.assign(self._points(X)).kind]

    def _take(self, found: Search, points: Array, weights: Array) -> None:
        recipe = found.recipe
        model = recipe.clusterer(self.random_state) if recipe else KMeans(1)
        self.algorithm_ = model.fit(points, sample_weight=weights)
        self.null_test_, self.leaderboard_ = found.null, found.leaderboard
        self.choice_, self.reason_ = found.choice, found.reason
        self.served_, self.reliability_ = calibrate(model, points, weights, self.random_state)
        self.labels_ = model.labels_
        self.n_clusters_, self.shares_ = model.n_clusters_, model.shares_
        self.facts_ = {"reason": found.reason, "algorithm": model.describe().algorithm}
        self.facts_ |= model.facts_
        self._judged = self.served_.assign(points)

    def _fit(self, X: Array, weights: Array) -> Found:
        raise NotImplementedError("AutoClusterer fits what its search finds")

    def _points(self, X: Any) -> Array:
        check_is_fitted(self)
        return self.table_.transform(table_of(X))

    def _check(self) -> None:
        if self.max_clusters < 2 or not 0 < self.min_share < 1:
            raise ClusteringError(
                "max_clusters must be at least 2 and min_share between 0 and 1; found"
                f" {self.max_clusters} and {self.min_share}."
            )
        if self.search not in ("quick", "thorough"):
            raise ClusteringError(f"search is 'quick' or 'thorough'; found {self.search!r}.")
        if not 1 <= self.levels <= 3:
            raise ClusteringError(f"levels are 1, 2 or 3; found {self.levels}.")
        if not 0 < self.null_level < 1:
            raise ClusteringError(f"null_level must be between 0 and 1; found {self.null_level}.")
