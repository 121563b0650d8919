"""A condition as a person would say it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from customer_atlas.config import Condition
from customer_atlas.features import FeatureInfo

__all__ = ["say_condition"]

_SIGNS = {
    "at_least": "at least", "above": "above", "at_most": "at most", "below": "below",
    "equals": "exactly",
}  # fmt: skip
_SINCE = re.compile(r"^days since (?P<what>the .+)$")


def say_condition(condition: Condition, infos: Mapping[str, FeatureInfo]) -> str:
    """Return a condition in words, every figure as it is written.

    >>> infos = {"orders_90d": FeatureInfo("orders_90d", "rfm", "orders", "orders in 90 days"),
    ...          "recency": FeatureInfo("recency", "rfm", "days", "days since the last order")}
    >>> say_condition(Condition.of({"all": [{"feature": "orders_90d", "at_least": 5},
    ...                                     {"feature": "recency", "at_most": 12}]}), infos)
    'orders in 90 days at least 5 and the last order at most 12 days ago'
    """
    match condition.kind:
        case "all":
            return _joined(condition, " and ", "any", infos)
        case "any":
            return _joined(condition, ", or ", "all", infos)
        case "not":
            return f"not ({say_condition(condition.parts[0], infos)})"
        case "feature":
            return _feature(condition, infos)
        case "segment":
            where = f" of {condition.segmentation}" if condition.segmentation else ""
            return f"in the segment “{condition.segment}”{where}"
        case "rule":
            return f"in the rule segment “{condition.rule}”"
        case _:
            return f"{_rows(condition)} {_bounds(condition, '')}"


def _joined(condition: Condition, word: str, other: str, infos: Mapping[str, FeatureInfo]) -> str:
    """Join the parts; alternatives inside of what must all hold stand in brackets."""
    texts = []
    for one in condition.parts:
        text = say_condition(one, infos)
        bracketed = one.kind == "any" and len(condition.parts) > 1
        texts.append(f"({text})" if bracketed else text)
    return word.join(texts)


def _feature(condition: Condition, infos: Mapping[str, FeatureInfo]) -> str:
    info = infos.get(str(condition.feature))
    label = info.label if info else str(condition.feature)
    tests = condition.tests
    if "known" in tests:
        return f"{label} {'known' if tests['known'] else 'unknown'}"
    if "is" in tests:
        return f"{label} {tests['is']}"
    if "in" in tests:
        *most, last = tests["in"]
        return f"{label} {', '.join(most) + ' or ' if most else ''}{last}"
    bounds = _bounds(condition, info.unit if info else "number")
    if since := _SINCE.match(label):
        return f"{since['what']} {bounds} days ago"
    return f"{label} {bounds}"


def _bounds(condition: Condition, unit: str) -> str:
    said = []
    for sign, bound in condition.tests.items():
        if sign == "between":
            low, high = (_figure(one, unit) for one in bound)
            said.append(f"from {low} to {high}")
        else:
            said.append(f"{_SIGNS[sign]} {_figure(bound, unit)}")
    return " and ".join(said)


def _figure(value: float, unit: str) -> str:
    """Return a figure with all its digits: a rule holds from there on, not from nearby."""
    if unit == "share":
        return f"{value * 100:.12g}%"
    return f"{value:,.15g}"


def _rows(condition: Condition) -> str:
    kind = condition.kind
    of = str(getattr(condition, kind))
    said = {"count": "rows", "sum": f"sum of {of}", "mean": f"mean of {of}"}
    parts = [said.get(kind, f"different {of}")]
    if condition.source:
        parts.append(f"in {condition.source}")
    if condition.where:
        parts.append(f"where {condition.where}")
    if condition.window:
        parts.append(f"in the last {condition.window}")
    for word, then in (
        ("followed", condition.followed_by),
        ("not followed", condition.not_followed_by),
    ):
        if then:
            what = f"{then.source or 'rows'}{f' where {then.where}' if then.where else ''}"
            parts.append(f"{word} within {then.within} by {what}")
    return " ".join(parts) + ":"
