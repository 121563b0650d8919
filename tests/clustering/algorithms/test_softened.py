"""The suite of all algorithms, on columns whose few values are softened."""

from __future__ import annotations

from typing import Any

from customer_atlas.clustering import Clusterer, KMeans, Softened
from tests.clustering.conformance import ZERO_WEIGHTS, Conformance


class TestSoftened(Conformance):
    algorithm = Softened
    weighing = "close"  # the noise of a row that counts twice is not that of two rows
    failed_checks = {  # noqa: RUF012
        **ZERO_WEIGHTS,
        "check_fit2d_1sample": "k-means within asks for three customers; the message says so",
    }

    def make(self, k: int = 4, **settings: Any) -> Clusterer:
        seed = settings.pop("random_state", 0)
        return Softened(KMeans(k, **settings), random_state=seed)
