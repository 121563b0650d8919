"""The Bayesian information criterion: does a further segment explain more than it costs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from customer_atlas.clustering.criteria.curve import Curve, best
from customer_atlas.clustering.criteria.partition import Partition

__all__ = ["bic", "bic_curve", "kmeans_bic", "kmeans_log_likelihood"]


def bic(log_likelihood: float, parameters: int, customers: float) -> float:
    """Return the criterion of Schwarz (1978) for any fitted model; lower is better.

    >>> round(bic(-100.0, 3, 50), 3)
    211.736
    """
    return parameters * math.log(customers) - 2.0 * log_likelihood


def kmeans_log_likelihood(partition: Partition) -> float:
    """Return the log-likelihood of the customers and their segments, as k-means sees them.

    The model that k-means means is a mixture of round Gaussians with one variance, each
    customer belonging to one of them for sure; the variance, the inertia over customers and
    columns, is the most likely one. Where Gaussians overlap, this is below the likelihood of
    the customers alone, so that cutting a cloud does not pay.
    """
    n, d = float(partition.masses.sum()), partition.centers.shape[1]
    shares = float(partition.masses @ np.log(partition.masses / n))
    variance = max(partition.floored / (n * d), 1e-300)
    return float(shares - n * d / 2 * (math.log(2 * math.pi * variance) + 1))


def kmeans_bic(partition: Partition) -> float:
    """Return the criterion of a k-means division (after Pelleg and Moore, 2000, X-means).

    The parameters are k centres, k - 1 shares and one variance.
    """
    k, d = partition.centers.shape
    likelihood = kmeans_log_likelihood(partition)
    return bic(likelihood, k * d + k, float(partition.masses.sum()))


def bic_curve(
    ks: Sequence[int], values: Sequence[float], errors: Sequence[float] | None = None
) -> Curve:
    """Return the curve of values by k, with their standard errors; the lowest is picked."""
    choice = best(ks, values, "lower")
    found = (
        "no division is worth its price" if choice == 1
        else f"{choice} segments are as many as are worth it" if choice < ks[-1]
        else f"even {choice} segments, the most that were tried, are worth it"
    )  # fmt: skip
    return Curve(
        name="bic", title="Bayesian information criterion", ks=tuple(ks),
        values=tuple(values), errors=tuple(errors) if errors else None,
        better="lower", choice=choice,
        sentence=(
            "Weighs how well round segments of one width explain the customers against the"
            f" price of describing more of them: {found}."
        ),
    )  # fmt: skip
