"""How many components a mixture keeps that may have as many as it likes."""

from __future__ import annotations

import numpy as np

from customer_atlas.clustering.criteria.curve import Curve
from customer_atlas.clustering.lloyd import Array

__all__ = ["dirichlet_curve", "dirichlet_weights"]

_STEPS = 300  # components that are not needed fade slowly, in two or three columns above all
_NOTHING = 1e-9  # of the longest axis: less is rounding


def dirichlet_weights(X: Array, most: int, *, seed: int) -> Array:
    """Return the posterior weights (c,), largest first, of a Dirichlet-process mixture.

    Gaussians along the principal axes of the rows of `X` (n, d), with a variance for each,
    fitted by variational inference (Blei and Jordan, 2006), cut off at c = `most` components or
    fewer rows; those that are not needed keep next to no weight. The axes are scaled alike, so
    that no unit matters: the fit adds a fixed little to each variance, and starts from k-means.

    >>> X = np.repeat([[0.0], [9.0]], 30, axis=0) + np.linspace(-1, 1, 60)[:, None]
    >>> dirichlet_weights(X, 4, seed=0).round(1).tolist()
    [0.5, 0.5, 0.0, 0.0]
    """
    from sklearn.mixture import BayesianGaussianMixture

    centred = X - X.mean(axis=0)
    along, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    points = along[:, lengths > _NOTHING * lengths[0]] * np.sqrt(len(X))
    mixture = BayesianGaussianMixture(
        n_components=min(most, len(X)), covariance_type="diag", random_state=seed,
        max_iter=_STEPS,
        weight_concentration_prior_type="dirichlet_process",
    )  # fmt: skip
    mixture.fit(points if points.shape[1] else centred)
    return np.sort(np.asarray(mixture.weights_, np.float64))[::-1]


def dirichlet_curve(weights: Array, *, least: float) -> Curve:
    """Return the weights of the components and how many hold at least the share `least`.

    `ks` number the components, the largest first; `values` are their weights.

    >>> dirichlet_curve(np.array([0.6, 0.39, 0.01]), least=0.05).choice
    2
    """
    choice = int((weights >= least).sum()) or None
    found = (
        f"none holds {least:.1%} of them, so it picks none" if choice is None
        else f"it keeps {'one kind' if choice == 1 else f'{choice} kinds'}"
        f" with at least {least:.1%} of them"
    )  # fmt: skip
    return Curve(
        name="dirichlet", title="Dirichlet-process mixture",
        ks=tuple(range(1, len(weights) + 1)), values=tuple(weights.tolist()), errors=None,
        better="higher", choice=choice,
        sentence=(
            "Describes the customers by as many bell-shaped kinds as it needs, each of a width of"
            f" its own: {found}."
        ),
    )  # fmt: skip
