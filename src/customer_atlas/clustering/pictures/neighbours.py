"""Maps that keep near neighbours near, and say nothing of what is far: for the eye alone."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Literal

import numpy as np

from customer_atlas.clustering.lloyd import Array, one_thread, stay_on_one_thread
from customer_atlas.clustering.pictures.components import Components
from customer_atlas.errors import MissingExtraError
from customer_atlas.side_by_side import side_by_side

__all__ = ["FEWEST", "NeighbourMethod", "can_umap", "neighbour_maps"]

NeighbourMethod = Literal["tsne", "umap"]

FEWEST = 10
"""Of fewer customers, everybody is everybody's neighbour."""
_ROUNDS = 500
_PERPLEXITY = 30.0
_NEIGHBOURS = 15
_EPOCHS = 300
_START = 1e-4  # the deviation of the first coordinate that t-SNE begins with
_WIDTH = 10.0  # and the extent of UMAP's


def can_umap() -> bool:
    """Return whether umap-learn is installed.

    >>> can_umap() in (True, False)
    True
    """
    return find_spec("umap") is not None


def neighbour_maps(
    X: Array, methods: Sequence[NeighbourMethod], dims: int = 2, seed: int = 0
) -> list[Array] | None:
    """Return the rows of `X` (n, d) as points (n, dims), neighbours beside each other, by method.

    `tsne` is t-SNE (van der Maaten and Hinton, 2008), `umap` is UMAP (McInnes, Healy and
    Melville, 2018). Both begin from the principal components, on one thread each: the same rows
    give the same points. Time grows a little faster than n: draw a few thousand rows. None where
    there are fewer than ten rows, or all are alike.

    Raises:
        MissingExtraError: UMAP without the extra ``maps``.
    """
    if "umap" in methods and not can_umap():
        raise MissingExtraError("A map by UMAP", "maps")
    components = Components.fit(X, dims)
    if components is None or len(X) < FEWEST:
        return None
    begin = _begin(components.place(X), dims, seed)

    def draw(method: NeighbourMethod) -> Array:
        points = (_tsne if method == "tsne" else _umap)(X, begin, seed)
        return np.asarray(points, dtype=np.float64)

    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is not installed, and of one thread, as asked
        return list(side_by_side(draw, methods, begin=stay_on_one_thread))


def _begin(placed: Array, dims: int, seed: int) -> Array:
    """Return the components scaled to 1, and where there are too few of them, a little noise."""
    noise = 0.01 * np.random.default_rng(seed).normal(size=(len(placed), dims))
    noise[:, : placed.shape[1]] += placed / placed[:, 0].std()
    return noise


def _tsne(X: Array, begin: Array, seed: int) -> Array:
    from sklearn.manifold import TSNE

    return np.asarray(
        TSNE(
            begin.shape[1], init=(_START * begin).astype(np.float32), max_iter=_ROUNDS, n_jobs=1,
            perplexity=min(_PERPLEXITY, (len(X) - 1) / 3), random_state=seed,
        ).fit_transform(X)
    )  # fmt: skip


def _umap(X: Array, begin: Array, seed: int) -> Array:
    from sklearn.neighbors import NearestNeighbors
    from umap import UMAP

    # Given the neighbours, UMAP need not compile a search for them, which takes seconds.
    count = min(_NEIGHBOURS, len(X) - 1)
    distances, rows = NearestNeighbors(n_neighbors=count, n_jobs=1).fit(X).kneighbors(X)
    return np.asarray(
        UMAP(
            n_neighbors=count, n_components=begin.shape[1], n_jobs=1, n_epochs=_EPOCHS,
            init=(_WIDTH * begin / np.abs(begin).max()).astype(np.float32), random_state=seed,
            precomputed_knn=(rows, distances, None), force_approximation_algorithm=True,
        ).fit_transform(X)
    )  # fmt: skip
