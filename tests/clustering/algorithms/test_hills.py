from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import Hills
from customer_atlas.errors import ClusteringError

from ..conformance import Conformance
from ..shapes import moons

__all__: list[str] = []
