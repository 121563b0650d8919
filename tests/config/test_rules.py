"""Rule segments of the project file: what is refused, and how it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from customer_atlas.config import ProjectFile, RuleSize
from customer_atlas.errors import ConfigError

HEAD = """\
project: shop
sources:
  orders: {path: orders.csv, role: transactions}
segmentations: {main: {}, other: {}}
rules:
"""


def load(folder: Path, rules: str) -> ProjectFile:
    path = folder / "atlas.yaml"
    path.write_text(HEAD + rules, encoding="utf-8")
    return ProjectFile.load(path)


def problems(folder: Path, rules: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as refused:
        load(folder, rules)
    return refused.value.problems


def test_a_rule_keeps_what_is_declared_of_it(tmp_path: Path) -> None:
    file = load(
        tmp_path,
        "  loyal: {description: d, owner: Marketing, size: {min: 0.01, max: 5000},\n"
        "          when: {all: [{feature: a, at_least: 2, below: 9}, {not: {segment: x}}]}}\n",
    )

    rule = file.project.rules["loyal"]
    assert (rule.description, rule.owner) == ("d", "Marketing")
    assert rule.size == RuleSize(min=0.01, max=5000)
    assert rule.when.to_dict() == {
        "all": [{"feature": "a", "at_least": 2.0, "below": 9.0}, {"not": {"segment": "x"}}]
    }


CASES = {
    "empty": ("  a: {}\n", "atlas.yaml:6: rules.a.when: required, but not written"),
    "no_test": ("  a: {when: {}}\n", "rules.a.when: found a mapping; one of all, any, not,"),
    "no_parts": ("  a: {when: {all: []}}\n", "'all' needs one condition at least"),
    "two_tests": ("  a: {when: {feature: x, rule: b, at_least: 1}}\n", "found feature and rule"),
    "no_comparison": ("  a: {when: {feature: x}}\n", "'feature' needs a comparison: at_least,"),
    "text": (
        "  a:\n    when:\n      any:\n        - {feature: x, at_least: '3'}\n",
        "atlas.yaml:9: rules.a.when.any.0.at_least: found '3'; input should be a valid number",
    ),
    "truth": ("  a: {when: {feature: x, at_least: true}}\n", "found True; input should be a valid"),
    "not_a_number": ("  a: {when: {feature: x, at_least: .nan}}\n", "should be a finite number"),
    "falls": ("  a: {when: {feature: x, between: [3, 2]}}\n", "may not be below the first"),
    "mixed": ("  a: {when: {feature: x, is: y, below: 3}}\n", "cannot stand together"),
    "unknown_key": (
        "  a: {when: {not: {feature: x, at_leest: 3}}}\n",
        "rules.a.when.not.at_leest: unknown key. Did you mean 'at_least'?",
    ),
    "belongs": ("  a: {when: {feature: x, window: 7d, below: 3}}\n", "'feature' has no 'window'"),
    "window": (
        "  a: {when: {count: rows, window: 0d, below: 3}}\n",
        "'0d' may be from one minute to 36500 days",
    ),
    "itself": ("  a: {when: {rule: a}}\n", "rules rest on one another in a circle: a -> a"),
    "circle": (
        "  a: {when: {any: [{rule: b}, {feature: x, below: 1}]}}\n"
        "  b: {when: {not: {rule: c}}}\n  c: {when: {rule: a}}\n",
        "in a circle: a -> b -> c -> a",
    ),
    "unknown_rule": (
        "  loyal: {when: {feature: x, below: 1}}\n  b:\n    when:\n      not: {rule: loyl}\n",
        "atlas.yaml:9: rules.b.when.not.rule: found the rule 'loyl'. Did you mean 'loyal'?",
    ),
    "segmentation": (
        "  a: {segmentation: mian, when: {feature: x, below: 1}}\n",
        "rules.a.segmentation: found the segmentation 'mian'. Did you mean 'main'?",
    ),
    "size": ("  a: {when: {segment: s}, size: {min: 3, max: 2}}\n", "'max' may not be below 'min'"),
    "share": ("  a: {when: {segment: s}, size: {min: 1.5}}\n", "neither a share below 1 nor a"),
    "name": ("  customer_id: {when: {segment: s}}\n", "that of a column of members"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_meant_is_refused_with_its_place(case: str, tmp_path: Path) -> None:
    rules, said = CASES[case]

    found = problems(tmp_path, rules)

    assert any(said in problem for problem in found), found
    assert all(problem.startswith("atlas.yaml:") for problem in found)
