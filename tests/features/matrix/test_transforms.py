"""The design matrix under every choice that can be made for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from customer_atlas.config import Transforms
from customer_atlas.errors import ConfigError, FeatureError
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix import DesignMatrix
from customer_atlas.features.shrinkage import learn_prior, shrunk

__all__: list[str] = []

N = 3000

INFOS = (
    FeatureInfo("orders", "rfm", "orders", "orders", zero=True),
    FeatureInfo("spend", "rfm", "money", "spend"),
    FeatureInfo("recency", "rfm", "days", "recency"),
    FeatureInfo("value", "basket", "money", "mean order value", evidence="orders"),
    FeatureInfo("income", "attributes", "number", "income"),
    FeatureInfo("region", "attributes", "category", "region", kind="category"),
    FeatureInfo("tier", "attributes", "category", "tier", kind="category"),
)

CHOICES: dict[str, dict[str, object]] = {
    "default": {},
    "log": {"skew": "log"},
    "yeo-johnson": {"skew": "yeo-johnson"},
    "raw": {"skew": "none", "winsorise": 0},
    "robust": {"scale": "robust", "winsorise": 0.1},
    "ordinal": {"encode": "ordinal", "features": {"tier": {"levels": ["low", "mid", "top"]}}},
    "frequency": {"encode": "frequency", "features": {"tier": {"encode": "one-hot"}}},
    "constant": {"impute": "constant", "impute_value": -3.5},
    "iterative": {"impute": "iterative"},
    "iterative ordinal": {"impute": "iterative", "encode": "ordinal"},
    "z cap": {"outliers": {"find": "z-score", "limit": 2.5, "then": "cap"}},
    "z flag": {"outliers": {"find": "z-score", "then": "flag"}},
    "z exclude": {"outliers": {"find": "z-score", "then": "exclude"}},
    "forest cap": {"outliers": {"find": "isolation-forest"}, "winsorise": 0},
    "forest flag": {"outliers": {"find": "isolation-forest", "then": "flag"}},
    "forest exclude": {"outliers": {"find": "isolation-forest", "limit": 0.1, "then": "exclude"}},
    "unshrunk": {"shrink": False},
    "everything": {
        "skew": "yeo-johnson",
        "scale": "robust",
        "encode": "frequency",
        "impute": "iterative",
        "outliers": {"find": "isolation-forest", "then": "flag"},
        "features": {
            "orders": {"skew": "log", "winsorise": 0},
            "tier": {"encode": "ordinal", "levels": ["low", "mid", "top"], "scale": "standard"},
            "income": {"impute": "constant", "impute_value": 10},
        },
    },
}


def customers(n: int = N, seed: int = 0) -> pa.Table:
    draw = np.random.default_rng(seed)
    orders = draw.geometric(0.4, n) - 1.0
    means = np.exp(draw.normal(3, 0.4, n))
    value = means + draw.normal(0, 15, n) / np.sqrt(np.maximum(orders, 1))
    value[orders == 0] = np.nan
    income = means * 1000 + draw.normal(0, 3000, n)
    income[draw.random(n) < 0.25] = np.nan
    spend = np.exp(draw.normal(4, 1, n))
    spend[:4] = 1e7
    recency = draw.uniform(0, 365, n)
    recency[:4] = 3000
    return pa.table(
        {
            "customer_id": [f"c{i:05}" for i in range(n)],
            "orders": pa.array(np.where(orders == 0, np.nan, orders), from_pandas=True),
            "spend": spend,
            "recency": recency,
            "value": pa.array(value, from_pandas=True),
            "income": pa.array(income, from_pandas=True),
            "region": draw.choice(["north", "south", "east", "west"], n, p=[0.5, 0.3, 0.15, 0.05]),
            "tier": pa.array([("low", "mid", "top", None)[i] for i in draw.integers(4, size=n)]),
        }
    )


def fitted(choice: str, table: pa.Table | None = None) -> DesignMatrix:
    transforms = Transforms.model_validate(CHOICES[choice])
    return DesignMatrix.fit(table or customers(), INFOS, transforms=transforms)


def number(matrix: DesignMatrix, name: str, table: pa.Table) -> np.ndarray:
    return matrix.transform(table)[:, matrix.columns.index(name)]


@pytest.fixture(params=list(CHOICES))
def choice(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_saved_and_loaded_it_is_the_same_to_the_bit(tmp_path: Path, choice: str) -> None:
    matrix = fitted(choice)
    matrix.save(tmp_path)
    again, other = DesignMatrix.load(tmp_path), customers(500, seed=9)
    assert again == matrix
    assert again.transform(other).tobytes() == matrix.transform(other).tobytes()
    assert (again.trains(other) == matrix.trains(other)).all()


def test_learning_twice_gives_the_same_bytes(tmp_path: Path, choice: str) -> None:
    for name in ("a", "b"):
        fitted(choice).save(tmp_path / name)
    for file in ("matrix.json", "matrix.npz"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_each_customer_is_transformed_alone(choice: str) -> None:
    matrix, table = fitted(choice), customers(20_000, seed=3)
    rows = [0, 3, 17_000, 19_999]
    assert matrix.transform(table.take(rows)).tobytes() == matrix.transform(table)[rows].tobytes()


def test_each_pack_weighs_at_most_like_one_feature_and_strange_customers_are_finite(
    choice: str,
) -> None:
    matrix, table = fitted(choice), customers()
    X = matrix.transform(table)[matrix.trains(table)]
    packs = np.array([column.pack for column in matrix.fitted])
    for pack in set(packs) - {"outlier"}:
        assert X[:, packs == pack].var(axis=0).sum() < 1.0 + 1e-6
    numbers = [info.name for info in INFOS if info.kind == "number"]
    strange: dict[str, list[object]] = {
        name: [np.inf, -1e300, None, 1e300, -1.0] for name in numbers
    }
    strange |= {name: ["never seen", None, "", "low", "north"] for name in ("region", "tier")}
    found = matrix.transform(pa.table(strange))
    assert np.isfinite(found).all()
    assert np.abs(found).max() < 40


def test_what_was_unknown_is_flagged_whatever_fills_it(choice: str) -> None:
    assert "income: missing" in fitted(choice).columns


def test_single_features_follow_their_own_settings() -> None:
    matrix = fitted("everything")
    columns = {column.name: column for column in matrix.fitted}
    assert columns["orders"].log
    assert columns["orders"].power == 1.0
    assert columns["spend"].power != 1.0
    assert not columns["spend"].log
    assert columns["tier"].form == "ordinal"
    assert columns["region"].form == "frequency"
    assert columns["income"].fill == 10.0


def test_iterative_imputation_is_nearer_to_the_truth_than_the_median() -> None:
    draw = np.random.default_rng(0)
    true = draw.normal(size=N)
    near = true + draw.normal(size=N) * 0.4
    gaps = draw.random(N) < 0.3
    holes = pa.array(np.where(gaps, np.nan, true), from_pandas=True)
    table = pa.table({"a": holes, "b": near, "c": draw.normal(size=N)})
    infos = [FeatureInfo(name, name, "number", name) for name in "abc"]
    errors = {}
    for impute in ("median", "iterative"):
        transforms = Transforms.model_validate({"impute": impute})
        found = number(DesignMatrix.fit(table, infos, transforms=transforms), "a", table)
        line = np.polyfit(found[~gaps], true[~gaps], 1)
        errors[impute] = ((np.polyval(line, found[gaps]) - true[gaps]) ** 2).mean()
    assert errors["iterative"] < 0.3 * errors["median"]


def test_a_flag_is_one_more_column_that_says_who_is_an_outlier() -> None:
    for choice in ("z flag", "forest flag"):
        matrix, table = fitted(choice), customers()
        assert matrix.columns == (*fitted("default").columns, "outlier")
        assert matrix.detector is not None
        flags = number(matrix, "outlier", table)
        assert len(set(flags.tolist())) == 2
        assert (flags > 0)[:4].all()
        assert 0 < (flags > 0).mean() < 0.05


def test_a_flag_that_nobody_gets_is_dropped_and_says_so() -> None:
    transforms = Transforms.model_validate(
        {"outliers": {"find": "z-score", "limit": 1e6, "then": "flag"}}
    )
    matrix = DesignMatrix.fit(customers(), INFOS, transforms=transforms)
    assert matrix.columns == fitted("default").columns
    assert ("outlier", "nobody is one") in {(d.feature, d.reason) for d in matrix.dropped}


@pytest.mark.parametrize("choice", ["z exclude", "forest exclude"])
def test_what_is_learnt_without_outliers_is_what_the_others_alone_teach(choice: str) -> None:
    table = customers()
    matrix = fitted(choice, table)
    trains = matrix.trains(table)
    assert matrix.excluded == (~trains).sum() > 0
    assert not trains[:4].any()
    shrinkless = Transforms(shrink=False)
    unshrunk = DesignMatrix.fit(
        table, INFOS,
        transforms=Transforms.model_validate({**CHOICES[choice], "shrink": False}),
    )  # fmt: skip
    left = table.filter(pa.array(unshrunk.trains(table)))
    alone = DesignMatrix.fit(left, INFOS, transforms=shrinkless)
    assert unshrunk.transform(table).tobytes() == alone.transform(table).tobytes()


def test_excluded_customers_are_placed_like_everybody() -> None:
    matrix, table = fitted("z exclude"), customers()
    assert matrix.transform(table).shape == (N, len(matrix.columns))


def test_capping_pulls_only_what_is_far_in() -> None:
    table = customers()
    capped = DesignMatrix.fit(
        table, INFOS,
        transforms=Transforms.model_validate(
            {"winsorise": 0, "skew": "none", "outliers": {"find": "z-score", "limit": 3}}
        ),
    )  # fmt: skip
    found = number(capped, "recency", table)
    recency = table["recency"].to_numpy()
    assert np.corrcoef(found[4:], recency[4:])[0, 1] == pytest.approx(1.0)  # nobody is far in it
    spend = number(capped, "spend", table)
    assert len(set(spend[:4])) == 1
    assert (spend.max() - spend.mean()) / spend.std() < 30


def test_a_mean_of_few_observations_is_drawn_to_everybodys() -> None:
    table = customers()
    matrix, plain = fitted("default"), fitted("unshrunk")
    prior = learn_prior(
        table["value"].fill_null(np.nan).to_numpy(), table["orders"].fill_null(0.0).to_numpy()
    )
    assert prior is not None
    assert [(each.feature, each.evidence, each.prior) for each in matrix.shrinkages] == [
        ("value", "orders", prior)
    ]
    assert plain.shrinkages == ()
    drawn = shrunk(
        table["value"].fill_null(np.nan).to_numpy(),
        table["orders"].fill_null(0.0).to_numpy(),
        prior,
    )
    by_hand = table.set_column(4, "value", pa.array(drawn))
    column = matrix.fitted[matrix.columns.index("value")]
    assert number(matrix, "value", table) == pytest.approx(column.apply(drawn))
    assert number(plain, "value", table) != pytest.approx(number(plain, "value", by_hand))
    assert "value: missing" in matrix.columns


def test_who_has_no_observation_gets_the_mean_of_all() -> None:
    table, matrix = customers(), fitted("default")
    none = table["orders"].is_null().to_numpy(zero_copy_only=False)
    column = matrix.fitted[matrix.columns.index("value")]
    mean = matrix.shrinkages[0].prior.mean
    assert set(number(matrix, "value", table)[none]) == set(column.apply(np.array([mean])))


def test_without_evidence_in_the_table_nothing_is_shrunk() -> None:
    table = customers().drop_columns(["orders"])
    infos = [info for info in INFOS if info.name != "orders"]
    shrinking, plain = (
        DesignMatrix.fit(table, infos, transforms=Transforms(shrink=on)) for on in (True, False)
    )
    assert shrinking == plain
    assert shrinking.transform(table).tobytes() == plain.transform(table).tobytes()


def test_evidence_that_was_learnt_with_is_needed_ever_after() -> None:
    matrix = fitted("default")
    with pytest.raises(FeatureError, match="no column 'orders'"):
        matrix.transform(customers().drop_columns(["orders"]))


def test_customers_who_differ_by_chance_alone_make_no_column_or_a_tame_one() -> None:
    draw = np.random.default_rng(2)
    counts = draw.geometric(0.3, N).astype(float)
    table = pa.table({"n": counts, "x": 5 + draw.normal(size=N) / np.sqrt(counts)})
    infos = [
        FeatureInfo("n", "rfm", "orders", "n"),
        FeatureInfo("x", "basket", "money", "x", evidence="n"),
    ]
    matrix = DesignMatrix.fit(table, infos)
    assert np.isfinite(matrix.transform(table)).all()
    assert matrix.shrinkages[0].prior.strength > 50


def test_settings_of_a_feature_that_is_not_there_are_refused_with_the_nearest() -> None:
    transforms = Transforms.model_validate({"features": {"spent": {"skew": "log"}}})
    with pytest.raises(ConfigError, match=r"features\.spent: .*Did you mean 'spend'\?"):
        DesignMatrix.fit(customers(), INFOS, transforms=transforms)


@pytest.mark.parametrize(
    ("feature", "settings", "said"),
    [
        ("spend", {"encode": "frequency"}, "'encode' is for categories, and it is a number"),
        ("region", {"skew": "log"}, "'skew' is for numbers, and it is a category"),
        ("region", {"impute": "iterative"}, "'impute' is for numbers, and it is a category"),
    ],
)
def test_settings_that_a_feature_cannot_follow_are_refused(
    feature: str, settings: dict[str, object], said: str
) -> None:
    transforms = Transforms.model_validate({"features": {feature: settings}})
    with pytest.raises(ConfigError, match=said):
        DesignMatrix.fit(customers(), INFOS, transforms=transforms)


def test_a_loaded_matrix_needs_neither_scikit_learn_nor_scipy(tmp_path: Path) -> None:
    fitted("everything").save(tmp_path)
    code = (
        "import sys, pathlib\n"
        "import pyarrow as pa\n"
        "from customer_atlas.features import DesignMatrix\n"
        "for name in ('sklearn', 'scipy', 'pickle'):\n"
        "    assert name == 'pickle' or name not in sys.modules, name\n"
        "matrix = DesignMatrix.load(pathlib.Path(sys.argv[1]))\n"
        "row = {i.name: [1.0 if i.kind == 'number' else 'low'] for i in matrix.infos}\n"
        "assert matrix.transform(pa.table(row)).shape == (1, len(matrix.columns))\n"
        "assert not {'sklearn', 'scipy'} & set(sys.modules)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
