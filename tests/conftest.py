"""What every test may use: real data beside the repository, and counts that the proof raises."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

__all__: list[str] = []

ROOT = Path(__file__).resolve().parents[1]
PROOF = os.environ.get("ATLAS_PROOF") == "1"

# Derandomized, so that a red run on one machine is red on the next; the proof draws anew.
settings.register_profile(
    "default",
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "proof",
    max_examples=500,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("proof" if PROOF else "default")


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """A function from the name of a data set to its folder; the test is skipped where it is absent.

    The data sets are too large for the repository: they lie in ``shared/data`` beside it.
    """

    def find(name: str) -> Path:
        folder = ROOT.parent / "shared" / "data" / name
        if not folder.exists():
            pytest.skip(f"the data set '{name}' is not there: it belongs in ../shared/data/{name}")
        return folder

    return find


@pytest.fixture(scope="session")
def proof_count() -> Callable[[int, int], int]:
    """A function of a reduced and a full number of trials: the full one when ATLAS_PROOF=1."""

    def choose(reduced: int, full: int) -> int:
        return full if PROOF else reduced

    return choose


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str, object], None]:
    """A function that keeps a named figure of this test for the page of proof (docs/proof.md)."""

    def keep(name: str, value: object) -> None:
        record_property(name, value)

    return keep
