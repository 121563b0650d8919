"""Aggregates: what is computed of a customer's rows, each by a query and by states that merge."""

from __future__ import annotations

from customer_atlas.features.aggregates.aggregate import (
    Aggregate,
    Found,
    Keyed,
    Keys,
    OfColumn,
    TwoStep,
    Window,
    microseconds,
)
from customer_atlas.features.aggregates.count import Count
from customer_atlas.features.aggregates.decayed import DecayedSum
from customer_atlas.features.aggregates.distinct import Distinct
from customer_atlas.features.aggregates.entropy import Entropy
from customer_atlas.features.aggregates.first import First
from customer_atlas.features.aggregates.gaps import GapLast, GapMean, GapStd
from customer_atlas.features.aggregates.last import Last
from customer_atlas.features.aggregates.max import Max
from customer_atlas.features.aggregates.mean import Mean
from customer_atlas.features.aggregates.min import Min
from customer_atlas.features.aggregates.quantile import Quantile
from customer_atlas.features.aggregates.recent import Recent
from customer_atlas.features.aggregates.repeat import RepeatShare
from customer_atlas.features.aggregates.share import Share
from customer_atlas.features.aggregates.std import Std
from customer_atlas.features.aggregates.sum import Sum
from customer_atlas.features.aggregates.top import Top, TopShare

__all__ = [
    "Aggregate",
    "Count",
    "DecayedSum",
    "Distinct",
    "Entropy",
    "First",
    "Found",
    "GapLast",
    "GapMean",
    "GapStd",
    "Keyed",
    "Keys",
    "Last",
    "Max",
    "Mean",
    "Min",
    "OfColumn",
    "Quantile",
    "Recent",
    "RepeatShare",
    "Share",
    "Std",
    "Sum",
    "Top",
    "TopShare",
    "TwoStep",
    "Window",
    "microseconds",
]
