"""One simulated retailer for all tests that only look at it."""

from __future__ import annotations

import pytest

from customer_atlas.simulate import Retailer, simulate_retailer


@pytest.fixture(scope="package")
def retailer() -> Retailer:
    """Two years of 4,000 customers of the kinds as they are."""
    return simulate_retailer(4000, seed=11)
