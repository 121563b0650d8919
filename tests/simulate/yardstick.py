"""What a classifier told the truth makes of simple features: the yardstick for segmentations."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from customer_atlas.simulate import Retailer

__all__ = ["forest_agreement", "simple_features"]

_DAY = pd.Timedelta(days=1)


def simple_features(retailer: Retailer) -> pd.DataFrame:
    """Recency, frequency, monetary and their kin by customer, in pandas; unknown is -1."""
    lines = retailer.transactions.to_pandas()
    end = lines["timestamp"].max().normalize() + _DAY
    start = lines["timestamp"].min().normalize()
    lines["day"] = lines["timestamp"].dt.normalize()
    sold = lines[lines["amount"] > 0]
    by, orders = sold.groupby("customer_id"), sold.drop_duplicates("order_id")
    days = sold.drop_duplicates(["customer_id", "day"])
    gaps = (days.groupby("customer_id")["day"].diff() / _DAY).groupby(days["customer_id"])
    lines_by_category = sold.groupby(["customer_id", "category"]).size()
    share = lines_by_category / lines_by_category.groupby("customer_id").transform("sum")
    first, last = by["timestamp"].min(), by["timestamp"].max()
    late = orders[orders["timestamp"] >= start + (end - start) / 2].groupby("customer_id").size()
    frequency = by["order_id"].nunique()
    returned = lines[lines["amount"] < 0].groupby("customer_id").size()
    lines_sold = by.size()
    features = {
        "recency": (end - last) / _DAY,
        "frequency": frequency,
        "monetary": lines.groupby("customer_id")["amount"].sum(),
        "basket_value": by["amount"].sum() / frequency,
        "basket_size": lines_sold / frequency,
        "gap_mean": gaps.mean(),
        "gap_deviation": gaps.std(),
        "discount_share": by["discount"].sum() / (by["amount"].sum() + by["discount"].sum()),
        "category_entropy": -(share * np.log(share)).groupby("customer_id").sum(),
        "tenure": (end - first) / _DAY,
        "trend": late.reindex(frequency.index).fillna(0) / frequency,
        "return_share": returned.reindex(frequency.index).fillna(0) / lines_sold,
    }
    return pd.DataFrame(features).fillna(-1.0).sort_index()


def forest_agreement(retailer: Retailer) -> float:
    """Adjusted Rand index of cross-validated predictions of a random forest with the truth."""
    features = simple_features(retailer)
    truth = retailer.truth.to_pandas().set_index("customer_id")["kind"].loc[features.index]
    forest = RandomForestClassifier(100, random_state=0, min_samples_leaf=2)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    predicted = cross_val_predict(forest, features.to_numpy(), truth, cv=folds)
    return float(adjusted_rand_score(truth, predicted))
