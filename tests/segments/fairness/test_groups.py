"""How values become groups: as they are, in bands, or unknown."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

from customer_atlas.segments.fairness import groups_of

__all__: list[str] = []


def test_a_number_of_few_values_stays_as_it_is() -> None:
    found = groups_of("senior", pa.array([0.0, 1.0, 0.0, None]))
    assert (found.labels, found.codes.tolist(), found.how) == (("0", "1"), [0, 1, 0, -1], "")


def test_bands_hold_about_as_many_people_each_and_say_so() -> None:
    ages = np.random.default_rng(0).normal(45, 15, 4_000).round()
    found = groups_of("age", pa.array(ages))
    assert len(found.labels) == 4
    assert all(0.21 < size / 4_000 < 0.29 for size in found.sizes)
    assert "quartiles" in found.how
    cut = float(found.labels[0].removeprefix("up to "))
    assert found.codes.tolist() == pytest.approx(np.where(ages <= cut, 0, found.codes).tolist())


def test_bands_of_a_number_that_most_share_do_not_fall_apart() -> None:
    values = np.concatenate([np.zeros(900), np.arange(1, 101)])
    found = groups_of("children", pa.array(values))
    assert found.sizes.sum() == 1_000
    assert found.sizes.tolist() == [900, 100]


def test_time_is_told_by_its_year() -> None:
    births = [datetime(1950 + at, 5, 1) for at in range(40)]
    found = groups_of("birth", pa.array(births, pa.timestamp("us")))
    assert found.labels[0] == "up to 1959"


def test_words_for_nothing_are_unknown_and_truth_is_two_groups() -> None:
    found = groups_of("gender", pa.array([" f ", "Unknown", "", None, "m"]))
    assert (found.labels, found.codes.tolist()) == (("f", "m"), [0, -1, -1, -1, 1])
    assert groups_of("married", pa.array([True, False, None])).labels == ("false", "true")


def test_many_categories_become_the_largest_and_the_others() -> None:
    values = [f"c{at}" for at in range(30) for _ in range(40 - at)]
    found = groups_of("origin", pa.array(values))
    assert len(found.labels) == 12
    assert found.labels[-1] == "others"
    assert "11 largest of 30" in found.how
    assert found.sizes.sum() == len(values)
    assert found.sizes[found.labels.index("c0")] == 40


@pytest.mark.parametrize("kind", [pa.string(), pa.float64()])
def test_nothing_known_is_no_group(kind: pa.DataType) -> None:
    found = groups_of("age", pa.array([None, None], kind))
    assert (found.labels, found.codes.tolist()) == ((), [-1, -1])
