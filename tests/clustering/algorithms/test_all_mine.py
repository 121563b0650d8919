from __future__ import annotations
from typing import Any
from customer_atlas.clustering import (
    DBSCAN, HDBSCAN, Agglomerative, BayesianMixture, Clusterer, GaussianMixture, Spectral)
from ..conformance import Conformance
class TestG(Conformance):
    algorithm = GaussianMixture
class TestGdiag(Conformance):
    algorithm = GaussianMixture
    settings = {"covariance": "diagonal"}
class TestB(Conformance):
    algorithm = BayesianMixture
    weighing = "close"
    def make(self, k: int = 4, **settings: Any) -> Clusterer:
        return self.algorithm(max_clusters=2*k, **settings)
class TestA(Conformance):
    algorithm = Agglomerative
    weighing = "close"
class TestAv(Conformance):
    algorithm = Agglomerative
    settings = {"linkage": "average"}
    weighing = "close"
class TestS(Conformance):
    algorithm = Spectral
    weighing = "close"
class TestD(Conformance):
    algorithm = DBSCAN
    weighing = "close"
    def make(self, k: int = 4, **settings: Any) -> Clusterer:
        return self.algorithm(**settings)
class TestH(Conformance):
    algorithm = HDBSCAN
    weighing = "close"
    def make(self, k: int = 4, **settings: Any) -> Clusterer:
        return self.algorithm(**settings)
