"""The search: preprocessing, algorithm and number of segments, by a stated objective."""

from __future__ import annotations

from customer_atlas.clustering.search.found import Search
from customer_atlas.clustering.search.leaderboard import Entry, Leaderboard
from customer_atlas.clustering.search.recipe import Recipe

__all__ = ["Entry", "Leaderboard", "Recipe", "Search"]
