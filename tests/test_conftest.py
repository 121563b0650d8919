"""What tests are given: data that may be absent, and counts that the proof raises."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest


def test_a_data_set_that_is_absent_skips_with_a_sentence(
    shared_data: Callable[[str], Path],
) -> None:
    with pytest.raises(pytest.skip.Exception, match="the data set 'atlantis' is not there"):
        shared_data("atlantis")


def test_counts_are_reduced_unless_the_proof_is_asked_for(
    proof_count: Callable[[int, int], int],
) -> None:
    assert proof_count(3, 300) == (300 if os.environ.get("ATLAS_PROOF") == "1" else 3)
