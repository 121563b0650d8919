"""Whether a condition fits the features that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from customer_atlas.config import Condition
from customer_atlas.errors import nearest
from customer_atlas.features import FeatureInfo

__all__ = ["check_features"]

_CATEGORY = {"is", "in"}


def check_features(condition: Condition, infos: Mapping[str, FeatureInfo]) -> Iterator[str]:
    """Yield what is wrong with one condition, without those in it.

    >>> infos = {"age": FeatureInfo("age", "demographic", "number", "age")}
    >>> list(check_features(Condition.of({"feature": "aeg", "below": 30}), infos))
    ["found the feature 'aeg'. Did you mean 'age'?"]
    >>> list(check_features(Condition.of({"feature": "age", "is": "old"}), infos))
    ["'age' is a number; allowed: at_least, above, at_most, below, equals, between, known"]
    """
    if condition.feature is None:
        return
    info = infos.get(condition.feature)
    if info is None:
        yield f"found the feature '{condition.feature}'.{nearest(condition.feature, infos)}"
        return
    numbers = condition.tests.keys() - _CATEGORY - {"known"}
    if info.kind == "number" and condition.tests.keys() & _CATEGORY:
        yield (
            f"'{info.name}' is a number; allowed: at_least, above, at_most, below, equals, "
            "between, known"
        )
    elif info.kind == "category" and numbers:
        yield f"'{info.name}' is a category; allowed: is, in, known"
    elif info.kind == "list" and (numbers or condition.tests.keys() & _CATEGORY):
        yield f"'{info.name}' is a list; allowed: known"
