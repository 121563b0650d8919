from __future__ import annotations

from customer_atlas.clustering import KPrototypes

from ..conformance import Conformance

__all__: list[str] = []


class TestConformance(Conformance):
    algorithm = KPrototypes
