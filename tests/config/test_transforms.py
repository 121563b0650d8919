"""The settings of transforms: their defaults, their meaning, and what does not go together."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from customer_atlas.config import ProjectFile, Segmentation, Steps, Transforms
from customer_atlas.errors import ConfigError

__all__: list[str] = []


def transforms(**keys) -> Transforms:
    return Transforms.model_validate(keys)


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "atlas.yaml"
    path.write_text(
        "project: p\nsources: {o: {path: o.csv, role: transactions}}\nsegmentations:\n  main:\n"
        f"    transforms: {text}\n"
    )
    with pytest.raises(ConfigError) as raised:
        ProjectFile.load(path)
    return str(raised.value)


def test_without_settings_everything_is_as_ever() -> None:
    assert Segmentation().transforms == Transforms()
    assert Transforms().of("anything") == Steps()
    assert Steps() == Steps("auto", 0.005, "standard", "one-hot", (), "median", 0.0)
    assert Transforms().shrink
    assert Transforms().outliers.find == "none"


def test_what_a_feature_does_not_say_is_as_for_all() -> None:
    chosen = transforms(skew="log", scale="robust", features={"a": {"skew": "none"}, "b": {}})
    assert (chosen.of("a").skew, chosen.of("a").scale) == ("none", "robust")
    assert chosen.of("b") == chosen.of("c") == Steps(skew="log", scale="robust")


def test_a_feature_may_go_back_to_what_is_the_default() -> None:
    chosen = transforms(winsorise=0.1, features={"a": {"winsorise": 0.005}, "b": {"winsorise": 0}})
    assert [chosen.of(name).winsorise for name in "abc"] == [0.005, 0.0, 0.1]


def test_codes_of_categories_keep_tails_and_skew_unless_their_own_settings_say_otherwise() -> None:
    chosen = transforms(skew="log", encode="frequency", features={"a": {"winsorise": 0.1}})
    assert chosen.of("a", category=True) == Steps("none", 0.1, encode="frequency")
    assert chosen.of("b", category=True) == Steps("none", 0.0, encode="frequency")


@pytest.mark.parametrize(
    ("find", "bound"), [("none", 0.0), ("z-score", 4.0), ("isolation-forest", 0.01)]
)
def test_each_way_to_find_outliers_has_a_limit_of_its_own(find: str, bound: float) -> None:
    assert transforms(outliers={"find": find}).outliers.bound == bound


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{winsorise: 0.25}", "transforms.winsorise: found 0.25; input should be less than 0.25"),
        ("{winsorise: -0.1}", "greater than or equal to 0"),
        ("{skew: lgo}", "Did you mean 'log'?"),
        ("{skwe: log}", "transforms.skwe: unknown key. Did you mean 'skew'?"),
        ("{features: {a: {scal: robust}}}", "scal: unknown key. Did you mean 'scale'?"),
        ("{impute_value: 3}", "'impute_value' needs impute: constant"),
        ("{impute: constant, impute_value: .nan}", "impute_value: found nan; input should be a fi"),
        ("{outliers: {limit: 3}}", "'limit' and 'then' need outliers to be looked for"),
        ("{outliers: {then: flag}}", "set 'find' to z-score or isolation-forest"),
        ("{outliers: {find: isolation-forest, limit: 4}}", "a share of customers, at most 0.5"),
        ("{outliers: {find: z-score, limit: 0}}", "limit: found 0; input should be greater than 0"),
        (
            "{features: {a: {levels: [x, y]}}}",
            "features.a: 'levels' are for encode: ordinal; it is",
        ),
        ("{features: {a: {encode: ordinal, levels: [x]}}}", "at least 2"),
        ("{features: {a: {encode: ordinal, levels: [x, x]}}}", "a level is listed twice"),
        ("{features: {a: {impute_value: 1}}}", "'impute_value' needs impute: constant; it is medi"),
        ("{features: {a: {encode: one-hot, skew: log}}}", "one-hot makes none of a category"),
    ],
)
def test_what_does_not_go_together_is_refused_in_a_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    found = refused(tmp_path, text)
    assert said in found
    assert found.startswith("atlas.yaml:5: segmentations.main.transforms")


def test_levels_may_be_given_where_all_categories_are_ordinal() -> None:
    chosen = transforms(encode="ordinal", features={"stars": {"levels": [1, 2, 3]}})
    assert chosen.of("stars").levels == ("1", "2", "3")


def test_a_general_constant_may_be_for_one_feature_only() -> None:
    chosen = transforms(impute_value=7, features={"a": {"impute": "constant"}})
    assert chosen.of("a").impute_value == 7.0
    assert chosen.of("b").impute == "median"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Transforms().skew = "log"
