from __future__ import annotations

import json

import pytest

from customer_atlas.clustering.criteria import Curve
from customer_atlas.clustering.criteria.curve import best

__all__: list[str] = []


@pytest.mark.parametrize("errors", [None, (0.1, 0.2)])
def test_a_curve_survives_json(errors: tuple[float, ...] | None) -> None:
    curve = Curve("gap", "Gap", (2, 3), (0.5, 0.25), errors, "higher", None, "It keeps growing.")
    assert Curve.from_dict(json.loads(json.dumps(curve.to_dict()))) == curve


def test_of_equal_values_the_smallest_number_is_best() -> None:
    assert best([2, 3, 4], [1.0, 3.0, 3.0], "higher") == 3
    assert best([2, 3, 4], [2.0, 1.0, 1.0], "lower") == 3
