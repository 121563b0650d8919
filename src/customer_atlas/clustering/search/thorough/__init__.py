"""The thorough search: a budget of trials, spent under an objective that is stated."""

from __future__ import annotations

from customer_atlas.clustering.search.thorough.future import Future, FutureOutcome
from customer_atlas.clustering.search.thorough.objective import Components, Objective
from customer_atlas.clustering.search.thorough.search import thorough_search

__all__ = ["Components", "Future", "FutureOutcome", "Objective", "thorough_search"]
