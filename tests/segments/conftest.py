"""The shop that the tests of this room look at."""

from __future__ import annotations

import pytest

from tests.segments.shop import INFOS, shop


@pytest.fixture(scope="session")
def infos():
    return INFOS


@pytest.fixture(scope="session")
def tables():
    return shop()
