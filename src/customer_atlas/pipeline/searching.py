"""The search of a run: quick or thorough, as the project file says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering import Recipe, Search
from customer_atlas.config import Segmentation
from customer_atlas.features import Selection
from customer_atlas.pipeline.computing import Asked
from customer_atlas.pipeline.hindsight import hindsight
from customer_atlas.pipeline.leftovers import SEARCHES
from customer_atlas.pipeline.model import NULL_LEVEL, Searcher
from customer_atlas.pipeline.progress import Progress
from customer_atlas.pipeline.workspace import Workspace

__all__ = ["quickly", "searcher"]

Array = NDArray[np.float64]


def searcher(
    work: Workspace, asked: Asked, selection: Selection, progress: Progress,
    incumbent: Recipe | None,
) -> Searcher:  # fmt: skip
    """Return the search that a segmentation asks for; its finished trials stay in the lake.

    A quick one chooses the `incumbent` again, unless another division is clearly better.

    Raises:
        MissingExtraError: it is thorough, and Optuna is not installed.
    """
    settings, wanted = asked.settings, asked.settings.search
    if wanted.kind == "quick":
        return quickly(settings, incumbent)

    def search(points: Array, weights: Array, names: Sequence[str]) -> Search:
        from customer_atlas.clustering import Objective, thorough_search

        future = None
        if wanted.objective.future:
            progress("look back in time")
            future = hindsight(work, asked, selection)
        progress("try candidates")
        return thorough_search(
            points,
            weights,
            min_share=settings.min_segment_share,
            max_clusters=settings.max_segments,
            level=NULL_LEVEL,
            seed=settings.seed,
            names=names,
            trials=wanted.trials,
            objective=Objective.of(wanted.objective.model_dump()),
            future=future,
            minutes=wanted.minutes,
            folder=work.root / SEARCHES,
            progress=lambda done, total: progress("try candidates", done, total),
        )

    return search


def quickly(settings: Segmentation, incumbent: Recipe | None = None) -> Searcher:
    """Return the quick search with the settings of a segmentation."""

    def search(points: Array, weights: Array, names: Sequence[str]) -> Search:
        from customer_atlas.clustering import quick_search

        return quick_search(
            points,
            weights,
            min_share=settings.min_segment_share,
            max_clusters=settings.max_segments,
            level=NULL_LEVEL,
            seed=settings.seed,
            names=names,
            incumbent=incumbent,
        )

    return search
