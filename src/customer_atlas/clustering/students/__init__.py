"""Students: what scores for algorithms that know only the customers they saw."""

from __future__ import annotations

from customer_atlas.clustering.students.agreement import agreement
from customer_atlas.clustering.students.forest import fit_trees
from customer_atlas.clustering.students.prototypes import fit_prototypes
from customer_atlas.clustering.students.student import Student, fit_student

__all__ = ["Student", "agreement", "fit_prototypes", "fit_student", "fit_trees"]
