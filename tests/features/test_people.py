"""The themes of customers' columns, by oracles that compute each value another way."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas import Atlas
from customer_atlas.config import ColumnType, Role
from customer_atlas.engine import DuckDB
from customer_atlas.features import LearnedScale, Population, learn_population
from customer_atlas.features.packs.demographic import AgeYears
from customer_atlas.features.packs.geographic import DistanceBand, DistanceKm
from customer_atlas.features.packs.people_columns import ComputedAttribute
from customer_atlas.features.packs.psychographic import ScaleScore
from customer_atlas.features.population import Place
from customer_atlas.pipeline import RunView

Compute = Callable[..., pd.DataFrame]
Learn = Callable[..., Population]
CUTOFF = datetime(2026, 3, 1)
BERLIN = (52.52, 13.405)
THEMES = ("geographic", "demographic", "psychographic", "attributes")


def values(
    attribute: ComputedAttribute, columns: Mapping[str, Any], cutoff: datetime = CUTOFF
) -> list[Any]:
    """What a computed attribute is for each row of some columns."""
    table = pa.table(columns)
    with DuckDB(threads=1).connect() as connection:
        connection.register("people", table)
        people = ibis.table(ibis.Schema.from_pyarrow(table.schema), name="people")
        named = people.select(attribute.expression(people, cutoff).name("value"))
        query = ibis.to_sql(named, dialect="duckdb")
        return list(connection.arrow(query, step="compute")["value"].to_pylist())


@pytest.fixture
def learn(tmp_path: Path) -> Learn:
    """Return a function from columns of people, and what a project declares, to a population."""

    def learned(
        columns: Mapping[str, Any],
        source: Mapping[str, Any] | None = None,
        packs: tuple[str, ...] = THEMES,
        **declared: Any,
    ) -> Population:
        ids = [f"c{place}" for place in range(len(next(iter(columns.values()))))]
        pq.write_table(pa.table({"customer_id": ids, **columns}), tmp_path / "people.parquet")
        people = {"path": "people.parquet", "role": "customers", **(source or {})}
        project = {"project": "p", "sources": {"people": people}, **declared}
        (tmp_path / "atlas.yaml").write_text(json.dumps(project))
        with Atlas.open(tmp_path / "atlas.yaml") as atlas:
            atlas.ingest()
            work = atlas.workspace
            snapshot, told = work.snapshot(), atlas.project
            with work.engine.connect() as connection:
                return learn_population(
                    connection,
                    snapshot,
                    work.cutoff(snapshot),
                    packs=packs,
                    never=told.never_features,
                    geography=told.geography,
                    scales=told.scales,
                )

    return learned


# Distances


@pytest.mark.parametrize(
    ("place", "kilometres"),
    [
        ((48.8566, 2.3522), 878),  # Paris
        ((51.5074, -0.1278), 931),  # London
        ((40.7128, -74.0060), 6385),  # New York
        ((-33.8688, 151.2093), 16095),  # Sydney
        ((52.52, 13.405), 0),
    ],
)
def test_distances_from_berlin_are_those_of_the_atlas(
    place: tuple[float, float], kilometres: float
) -> None:
    columns = {"lat": [place[0]], "lon": [place[1]]}
    (found,) = values(DistanceKm("lat", "lon", BERLIN), columns)
    assert found == pytest.approx(kilometres, rel=0.002, abs=0.01)


@given(
    st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180)
)  # fmt: skip
def test_the_distance_is_the_angle_between_two_vectors(
    north: float, east: float, here: float, there: float
) -> None:
    def vector(latitude: float, longitude: float) -> np.ndarray:
        up, around = math.radians(latitude), math.radians(longitude)
        return np.array(
            [math.cos(up) * math.cos(around), math.cos(up) * math.sin(around), math.sin(up)]
        )

    one, other = vector(north, east), vector(here, there)
    angle = math.atan2(float(np.linalg.norm(np.cross(one, other))), float(one @ other))
    (found,) = values(DistanceKm("lat", "lon", (north, east)), {"lat": [here], "lon": [there]})
    assert found == pytest.approx(6371.0088 * angle, rel=1e-6, abs=0.15)


def test_coordinates_that_are_on_no_globe_are_unknown() -> None:
    columns = {"lat": [90.5, 10.0, None, 0.0], "lon": [0.0, -180.1, 5.0, None]}
    assert values(DistanceKm("lat", "lon", BERLIN), columns) == [None] * 4
    assert values(DistanceBand("lat", "lon", BERLIN, (5.0,)), columns) == [None] * 4


def test_the_antipode_is_half_the_way_around() -> None:
    columns = {"lat": [-52.52], "lon": [13.405 - 180]}
    (found,) = values(DistanceKm("lat", "lon", BERLIN), columns)
    assert found == pytest.approx(math.pi * 6371.0088)


def test_bands_begin_where_the_one_before_ends() -> None:
    degrees = [0.0, 4.9, 5.1, 19.9, 20.1, 500.0]
    columns = {"lat": [km / 111.195 for km in degrees], "lon": [0.0] * 6}
    found = values(DistanceBand("lat", "lon", (0.0, 0.0), (5.0, 20.0)), columns)
    assert found == ["under 5 km"] * 2 + ["5 to 20 km"] * 2 + ["over 20 km"] * 2


# Ages


def test_an_age_is_of_completed_years() -> None:
    born = [datetime(1986, 3, 1), datetime(1986, 3, 2), datetime(2026, 2, 28), None]
    columns = {"dob": pa.array(born, pa.timestamp("us"))}
    assert values(AgeYears("dob"), columns) == [40, 39, 0, None]


def test_an_age_that_nobody_has_is_unknown() -> None:
    columns = {"year": [1905.0, 1906.0, 2026.0, 2027.0, 0.0, None]}
    assert values(AgeYears("year"), columns) == [None, 120, 0, None, None, None]


# Scales

ANSWER = st.one_of(st.none(), st.integers(-1, 7).map(float))


@given(st.lists(st.tuples(ANSWER, ANSWER, ANSWER, ANSWER), min_size=1, max_size=20))
def test_a_score_is_the_mean_of_the_answers_turned_around(rows: list[tuple[Any, ...]]) -> None:
    scale = ScaleScore("a", ("b", "c", "d"), frozenset({"b", "d"}), 1, 5)
    columns = dict(zip("abcd", map(list, zip(*rows, strict=True)), strict=True))
    table = {name: pa.array(column, pa.float64()) for name, column in columns.items()}
    frame = pd.DataFrame(columns, dtype=float)
    frame = frame.where((frame >= 1) & (frame <= 5))
    frame[["b", "d"]] = 6 - frame[["b", "d"]]
    expected = frame.mean(axis=1).where(frame.count(axis=1) >= 2)
    found = pd.Series(values(scale, table), dtype=float)
    pd.testing.assert_series_equal(found, expected, check_names=False)


def test_a_scale_may_begin_at_0() -> None:
    scale = ScaleScore("a", ("b",), frozenset({"b"}), 0, 10)
    assert values(scale, {"a": [10.0, 0.0], "b": [0.0, 11.0]}) == [10, 0]


def alpha(frame: pd.DataFrame) -> float:
    """Cronbach's alpha by the mean variance and the mean covariance of the items."""
    covariance = frame.dropna().cov().to_numpy()
    k = len(covariance)
    mean_variance = np.trace(covariance) / k
    mean_covariance = (covariance.sum() - np.trace(covariance)) / (k * (k - 1))
    return float(k * mean_covariance / (mean_variance + (k - 1) * mean_covariance))


def survey(seed: int = 0, people: int = 300) -> dict[str, list[float | None]]:
    rng = np.random.default_rng(seed)
    opinion = rng.normal(size=people)
    columns: dict[str, list[float | None]] = {}
    for item, sign in (("q1", 1), ("q2", 1), ("q3", -1)):
        said = np.clip(np.round(3 + sign * opinion + rng.normal(size=people) * 0.7), 1, 5)
        columns[item] = [None if draw < 0.05 else float(one) for one, draw in
                         zip(said, rng.random(people), strict=True)]  # fmt: skip
    columns["q1"][0] = 99.0
    return columns


TRUST = {"scales": {"trust": {"items": ["q1", "q2", "q3"], "reversed": ["q3"], "points": 5}}}


def test_alpha_is_that_of_an_independent_formula(learn: Learn) -> None:
    columns = survey()
    scale = learn(columns, TRUST).scales["trust"]
    frame = pd.DataFrame(columns, dtype=float)
    frame["q1"] = frame["q1"].where(frame["q1"] <= 5)
    frame["q3"] = 6 - frame["q3"]
    assert scale.alpha == pytest.approx(alpha(frame))
    assert (scale.complete, scale.outside) == (len(frame.dropna()), 1)
    assert scale.alpha is not None
    assert 0.7 < scale.alpha < 0.95


def test_alpha_of_yes_and_no_is_the_kr_20_of_the_textbook(learn: Learn) -> None:
    # Five items of six people, computed by hand: p q summed is 1.0, the variance of the sums 35/12.
    rows = ["11111", "11110", "11100", "11000", "10000", "00000"]
    columns = {f"i{at}": [float(row[at]) for row in rows] for at in range(5)}
    scales = {"scales": {"skill": {"items": list(columns), "points": 2, "from": 0}}}
    found = learn(columns, scales).scales["skill"].alpha
    shares = [sum(column) / 6 for column in columns.values()]
    kr20 = 5 / 4 * (1 - sum(p * (1 - p) for p in shares) / (35 / 12))
    assert found == pytest.approx(kr20)


# Thirty departments on seven questions (S. Chatterjee and B. Price, "Regression Analysis by
# Example", 1977); the alpha that is printed of them in the manual of R's package psych is 0.84.
ATTITUDE = """
43 63 71 61 81 43 58 71 72 67 64 67 69 68 77 81 74 65 65 50 50 64 53 40 63 66 78 48 85 82
51 64 70 63 78 55 67 75 82 61 53 60 62 83 77 90 85 60 70 58 40 61 66 37 54 77 75 57 85 82
30 51 68 45 56 49 42 50 72 45 53 47 57 83 54 50 64 65 46 68 33 52 52 42 42 66 58 44 71 39
39 54 69 47 66 44 56 55 67 47 58 39 42 45 72 72 69 75 57 54 34 62 50 58 48 63 74 45 71 59
61 63 76 54 71 54 66 70 71 62 58 59 55 59 79 60 79 55 75 64 43 66 63 50 66 88 80 51 77 64
92 73 86 84 83 49 68 66 83 80 67 74 63 77 77 54 79 80 85 78 64 80 80 57 75 76 78 83 74 78
45 47 48 35 47 34 35 41 31 41 34 41 25 35 46 36 63 60 46 52 33 41 37 49 33 72 49 38 55 39
"""


def test_alpha_is_that_of_a_published_example(learn: Learn) -> None:
    lines = ATTITUDE.strip().splitlines()
    columns = {f"item_{at}": list(map(float, line.split())) for at, line in enumerate(lines)}
    scales = {"scales": {"attitude": {"items": list(columns), "points": 101, "from": 0}}}
    assert learn(columns, scales).scales["attitude"].alpha == pytest.approx(0.84, abs=0.005)


def test_items_are_no_features_by_themselves_and_the_scale_is_kept(learn: Learn) -> None:
    found = learn({**survey(), "plan": ["a", "b"] * 150}, TRUST)
    assert list(found.attributes) == ["plan"]
    assert found.scales["trust"].items == ("q1", "q2", "q3")
    assert Population.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_items_may_be_named_as_the_file_names_them_or_as_they_are_mapped(learn: Learn) -> None:
    mapped = {**TRUST, "columns": {"first": "q1", "Q2": "NULLIF(q2, 3)"}}
    found = learn(survey(), mapped)
    assert found.scales["trust"].items == ("first", "Q2", "q3")


@pytest.mark.parametrize(
    ("aside", "reason"),
    [
        ({"protected": ["Q3"]}, "its item 'q3' is never a feature (protected)"),
        ({"privacy": {"contact": ["q3"]}}, "its item 'q3' is never a feature (contact)"),
    ],
)
def test_a_scale_rests_on_nothing_that_is_never_a_feature(
    learn: Learn, aside: dict[str, Any], reason: str
) -> None:
    found = learn(survey(), TRUST, **aside)
    assert not found.scales
    assert not found.attributes
    assert found.left_out["trust"] == reason


def test_a_scale_rests_on_no_label(learn: Learn) -> None:
    found = learn(survey(), {**TRUST, "labels": {"said": {"column": "q3"}}})
    assert found.left_out["trust"] == "its item 'q3' is never a feature (label)"


def test_neither_an_age_nor_a_distance_is_made_of_what_is_never_a_feature(learn: Learn) -> None:
    columns = {
        "birth_year": [1980.0, 1990.0, 1985.0],
        "born": [1980.0, 1990.0, 1985.0],
        "lat": [52.0, 53.0, 54.0],
        "lon": [13.0, 14.0, 15.0],
    }
    found = learn(
        columns,
        {"columns": {"yob": "birth_year + 0"}},
        protected=["birth_year", "lon"],
        geography={"origin": BERLIN},
    )
    assert found.births == ("born",)
    assert found.place is None
    assert found.left_out["yob"] == found.left_out["lon"] == "protected"


# Themes


def people_of_everything() -> dict[str, list[Any]]:
    count = 40
    return {
        "country": ["DE", "FR"] * (count // 2),
        "zip": [10000.0 + place for place in range(count)],
        "latitude": [52.0 + place / 10 for place in range(count)],
        "longitude": [13.0 + place / 10 for place in range(count)],
        "Year_Birth": [1950.0 + place for place in range(count)],
        "income": [1000.0 + place % 7 for place in range(count)],
        "plan": ["a", "b"] * (count // 2),
    }


def test_each_column_belongs_to_one_theme(learn: Learn) -> None:
    found = learn(people_of_everything(), geography={"origin": BERLIN})
    assert {pack: list(found.of_theme(pack)) for pack in THEMES} == {
        "geographic": ["country"],
        "demographic": ["income"],
        "psychographic": [],
        "attributes": ["plan"],
    }
    assert found.births == ("Year_Birth",)
    assert found.place == Place("latitude", "longitude", BERLIN, (5.0, 20.0, 50.0, 200.0))
    assert "postcode" in found.left_out["zip"]


def test_without_an_origin_there_is_no_distance_and_no_coordinate(learn: Learn) -> None:
    found = learn(people_of_everything())
    assert found.place is None
    assert "origin" in found.left_out["latitude"]
    assert "longitude" not in found.attributes


def test_attributes_alone_mean_all_columns_as_they_are(learn: Learn) -> None:
    found = learn(
        {**people_of_everything(), **survey(people=40)},
        TRUST,
        packs=("rfm", "attributes"),
        geography={"origin": BERLIN},
    )
    assert set(found.attributes) == {*people_of_everything(), "q1", "q2", "q3"}
    assert (found.themes, found.births, found.place, found.scales) == ({}, (), None, {})


def test_columns_of_a_theme_that_is_not_asked_for_say_so(learn: Learn) -> None:
    found = learn(people_of_everything(), packs=("geographic",))
    assert list(found.attributes) == ["country"]
    assert found.left_out["income"] == "of the pack demographic, which is not asked for"
    assert found.left_out["Year_Birth"] == "of the pack demographic, which is not asked for"


def test_a_future_address_birthday_or_answer_changes_nothing(compute: Compute) -> None:
    begins = [CUTOFF - timedelta(days=9), CUTOFF + timedelta(days=1)]
    rows = {
        "customer_id": ["a", "a", "b", "b"],
        "valid_from": begins * 2,
        "latitude": [52.52, 10.0, 48.8566, 10.0],
        "longitude": [13.405, 10.0, 2.3522, 10.0],
        "birth_year": [1980.0, 1999.0, 1990.0, 1999.0],
        "q1": [5.0, 1.0, 2.0, 1.0],
        "q2": [4.0, 1.0, 2.0, 1.0],
        "region": ["east", "west", "south", "west"],
    }
    population = Population(
        attributes={"region": ColumnType.TEXT},
        themes={"region": "geographic"},
        births=("birth_year",),
        place=Place("latitude", "longitude", BERLIN, (5.0,)),
        scales={"trust": LearnedScale(("q1", "q2"), (), 1, 5)},
    )
    found = compute({Role.CUSTOMERS: rows}, CUTOFF, population)
    known = pd.DataFrame(rows).iloc[::2]
    pd.testing.assert_frame_equal(found, compute({Role.CUSTOMERS: known}, CUTOFF, population))
    assert found.loc["a"].to_dict() == {
        "distance_km": 0, "distance_band": "under 5 km", "region": "east", "age_years": 46,
        "trust": 4.5,
    }  # fmt: skip


def test_computed_values_are_equal_by_what_is_declared_of_them() -> None:
    one, same = (DistanceKm("lat", "lon", BERLIN) for _ in range(2))
    assert (one, hash(one)) == (same, hash(same))
    assert one != DistanceKm("lat", "lon", (0.0, 0.0))


# Whole runs


def run(folder: Path, columns: Mapping[str, Any], project: Mapping[str, Any]) -> RunView:
    pq.write_table(pa.table(dict(columns)), folder / "people.parquet")
    (folder / "atlas.yaml").write_text(json.dumps(project))
    with Atlas.open(folder / "atlas.yaml") as atlas:
        (result,) = atlas.run()
        (again,) = atlas.run()
        assert again.warnings == result.warnings
        view = atlas.run_view()
        (folder / "warnings.json").write_text(json.dumps(result.warnings))
    return view


def test_a_scale_whose_items_do_not_agree_is_warned_of(tmp_path: Path) -> None:
    columns = {"customer_id": [f"c{place}" for place in range(300)], **survey()}
    scale = {"trust": {"items": ["q1", "q2", "q3"], "points": 5}}
    source = {"path": "people.parquet", "role": "customers", "scales": scale}
    view = run(tmp_path, columns, {"project": "p", "sources": {"people": source}})
    (warning,) = json.loads((tmp_path / "warnings.json").read_text())
    assert warning.startswith("atlas.yaml:1: sources.people.scales.trust: the items of scale")
    assert "hardly measure one thing" in warning
    alpha_found = view.scales["trust"].alpha
    assert alpha_found is not None
    assert alpha_found < 0


def test_every_feature_of_the_marketing_campaign_is_that_of_pandas(
    compute: Compute, shared_data: Callable[[str], Path]
) -> None:
    path = shared_data("customer_personality") / "marketing_campaign.csv"
    raw = path.read_text(encoding="utf-8-sig")
    frame = pd.read_csv(path, sep=";" if ";" in raw.splitlines()[0] else "\t")
    frame["customer_id"] = frame["ID"].astype(str)
    frame["Dt_Customer"] = pd.to_datetime(frame["Dt_Customer"], dayfirst=True, format="mixed")
    numbers = [name for name in frame.select_dtypes("number") if name != "ID"]
    texts = ["Education", "Marital_Status"]
    themes = dict.fromkeys(("Income", "Kidhome", "Teenhome", *texts), "demographic")
    population = Population(
        attributes={
            **{name: ColumnType.NUMBER for name in numbers if name != "Year_Birth"},
            **dict.fromkeys(texts, ColumnType.TEXT),
            "Dt_Customer": ColumnType.TIMESTAMP,
        },
        themes=themes,
        births=("Year_Birth",),
        scales={"taste": LearnedScale(("Kidhome", "Teenhome"), ("Teenhome",), 0, 2)},
    )
    cutoff = datetime(2014, 7, 1)
    found = compute({Role.CUSTOMERS: frame}, cutoff, population).loc[frame["customer_id"]]
    age = 2014 - frame["Year_Birth"]
    expected = {
        **{name: frame[name].astype(float) for name in numbers if name != "Year_Birth"},
        **{name: frame[name] for name in texts},
        "Dt_Customer": (cutoff - frame["Dt_Customer"]) / pd.Timedelta(days=1),
        "age_years": age.where(age.between(0, 120)).astype(float),
        "taste": (frame["Kidhome"] + 2 - frame["Teenhome"]) / 2,
    }
    assert (set(found.columns), int(expected["age_years"].isna().sum())) == (set(expected), 1)
    for name, column in expected.items():
        column.index = found.index
        pd.testing.assert_series_equal(found[name], column, check_names=False, check_dtype=False)
