"""Where segments stand: against pandas and SciPy, and without saying a thing twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.stats import rankdata

from customer_atlas.features import FeatureInfo
from customer_atlas.report.people import People, traits_of
from customer_atlas.report.standing import UNKNOWN, Standing, standing_of
from tests.report.made import INFOS, made_people, made_segments


def _standing(people: People, count: int, infos=INFOS) -> Standing:
    return standing_of(people, traits_of(people, infos), made_segments(people, count))


def test_differences_are_those_of_standardised_means():
    people = made_people(4, 240)
    found = _standing(people, 4)
    for at, trait in enumerate(found.traits):
        series = pd.Series(trait.scaled())
        standardised = (series - series.mean()) / series.std(ddof=0)
        expected = standardised.groupby(people.segment).mean()
        np.testing.assert_allclose(found.differences[:, at], expected)


def test_ranks_are_mean_percentiles_with_ties_in_the_middle():
    people = made_people(3, 90)
    found = _standing(people, 3)
    for at, trait in enumerate(found.traits):
        known = ~np.isnan(trait.values)
        ranks = 100 * (rankdata(trait.values[known]) - 0.5) / known.sum()
        expected = pd.Series(ranks).groupby(people.segment[known]).mean()
        np.testing.assert_allclose(found.ranks[:, at], expected)


def test_everyone_together_stands_in_the_middle():
    found = _standing(made_people(1, 60), 1)
    np.testing.assert_allclose(found.differences, 0, atol=1e-12)
    np.testing.assert_allclose(found.ranks, 50)


def test_a_segment_that_is_mostly_unknown_is_not_spoken_for():
    values = [1.0, 2.0, 3.0, 4.0, 9.0, None, None]
    people = People(pa.table({"x": values}), np.array([0, 0, 0, 0, 1, 1, 1]), 7)
    found = _standing(people, 2, [FeatureInfo("x", "attributes", "number", "x")])
    assert np.isnan(found.differences[1, 0])
    assert np.isnan(found.ranks[1, 0])
    assert found.values[1][0] == UNKNOWN
    assert found.values[0][0] == "2.5"


def test_the_most_telling_come_first_and_twins_are_left_out():
    draw = np.random.default_rng(1)
    segment = np.repeat([0, 1], 100)
    strong = segment + draw.normal(0, 0.2, 200)
    table = pa.table(
        {"weak": segment * 0.4 + draw.normal(0, 1, 200), "strong": strong,
         "twin": -3 * strong + draw.normal(0, 0.01, 200), "noise": draw.normal(0, 1, 200)}
    )  # fmt: skip
    infos = [FeatureInfo(name, "attributes", "number", name) for name in table.column_names]
    found = _standing(People(table, segment, 200), 2, infos)
    names = [found.traits[at].info.name for at in found.telling]
    assert set(names) == {"weak", "noise"} | {names[0]}
    assert names[0] in ("strong", "twin")
    assert names[-1] == "noise"
    assert found.distinct == found.telling
