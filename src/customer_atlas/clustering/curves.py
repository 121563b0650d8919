"""What each criterion says of the evidence: one curve for each, in the order they are shown."""

from __future__ import annotations

from customer_atlas.clustering.candidates import Evidence
from customer_atlas.clustering.criteria import (
    Curve,
    bic_curve,
    calinski_harabasz_curve,
    davies_bouldin_curve,
    dirichlet_curve,
    elbow,
    gap_curve,
    kmeans_bic,
    prediction_strength_curve,
    silhouette_curve,
    stability_curve,
)

__all__ = ["curves_of"]


def curves_of(evidence: Evidence, *, min_share: float) -> tuple[Curve, ...]:
    """Return the curves of all criteria; a kind of customers must hold `min_share` to count."""
    candidates, indices = evidence.candidates, evidence.indices
    ks, undivided = [c.k for c in candidates], evidence.undivided
    references = evidence.references
    whole = undivided.within / float(undivided.masses.sum())
    inertia, scatter, blur, criterion = zip(*(i.errors for i in indices), strict=True)
    first = evidence.undivided_errors
    return (
        stability_curve(
            ks, [c.stability for c in candidates], [c.stability_error for c in candidates]
        ),
        prediction_strength_curve(
            ks, [i.strength for i in indices], [i.strength_error for i in indices]
        ),
        silhouette_curve(
            ks, [c.silhouette for c in candidates], [c.silhouette_error for c in candidates]
        ),
        gap_curve(
            evidence.log_inertia, references.mean(axis=0), references.std(axis=0),
            references=len(references),
        ),
        elbow([1, *ks], [whole, *(c.inertia for c in candidates)], [first[0], *inertia]),
        calinski_harabasz_curve(ks, [i.calinski_harabasz for i in indices], scatter),
        davies_bouldin_curve(ks, [i.davies_bouldin for i in indices], blur),
        bic_curve(
            [1, *ks], [kmeans_bic(undivided), *(i.bic for i in indices)], [first[1], *criterion]
        ),
        dirichlet_curve(evidence.kinds, least=min_share),
    )  # fmt: skip
