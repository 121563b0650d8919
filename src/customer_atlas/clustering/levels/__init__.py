"""Levels: broad segments, the sub-segments inside them, and a tree of both that can be cut."""

from __future__ import annotations

from customer_atlas.clustering.levels.cutting import Cut
from customer_atlas.clustering.levels.joining import Join, Joined
from customer_atlas.clustering.levels.tree import Division, Node, SegmentTree

__all__ = ["Cut", "Division", "Join", "Joined", "Node", "SegmentTree"]
