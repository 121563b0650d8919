"""How long it takes to tell what drives segments, why a customer is in one, and what moves them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from _measure import Measure, full_counts, report
from customer_atlas import Atlas
from customer_atlas.features import FeatureInfo
from customer_atlas.pipeline import Explainer
from customer_atlas.pipeline.driving import measure_files
from customer_atlas.simulate import simulate_retailer

__all__ = ["measures"]

_SEGMENTS, _FEATURES, _BUCKETS = 12, 24, 16
_ASKED = 100
_INFOS = [FeatureInfo(f"f{at}", "attributes", "number", f"feature {at}") for at in range(_FEATURES)]
_PROJECT = """\
project: explaining
sources:
  orders: {path: transactions.parquet, role: transactions}
"""


def _write(folder: Path, customers: int) -> tuple[list[Path], list[Path]]:
    """Write features of customers around twelve middles, and their memberships, by bucket."""
    draw = np.random.default_rng(0)
    middles = draw.normal(0, 1.2, (_SEGMENTS, _FEATURES))
    sizes = draw.dirichlet(np.full(_SEGMENTS, 2.0))
    features, members = [], []
    for bucket in range(_BUCKETS):
        count = customers // _BUCKETS
        clusters = draw.choice(_SEGMENTS, count, p=sizes).astype(np.int32)
        values = middles[clusters] + draw.normal(size=(count, _FEATURES))
        ids = pa.array([f"{bucket}-{at:07d}" for at in range(count)])
        table = {"customer_id": ids} | {f"f{at}": values[:, at] for at in range(_FEATURES)}
        ones = np.ones(count)
        features.append(folder / f"features-{bucket:02d}.parquet")
        members.append(folder / f"members-{bucket:02d}.parquet")
        pq.write_table(pa.table(table), features[-1])
        pq.write_table(
            pa.table(
                {"customer_id": ids, "cluster": clusters, "probability": ones, "distance": ones}
            ),
            members[-1],
        )
    return features, members


def _drivers(customers: int) -> Measure:
    with tempfile.TemporaryDirectory() as name:
        features, members = _write(Path(name), customers)
        ids = {at: str(at) for at in range(_SEGMENTS)}
        begun = perf_counter()
        drivers, _ = measure_files(features, members, _INFOS, ids, 0)
        spent = perf_counter() - begun
    errors = [
        one.contribution_error / one.contribution
        for segment in drivers.segments
        for one in segment.told
        if one.contribution_error is not None
    ]
    case = (
        f"drivers of {_SEGMENTS} segments of {customers:,} customers "
        f"(sampling error {median(errors):.1%} of a contribution, {drivers.balanced:.0%} found)"
    )
    return Measure("explaining", case, spent, "s", 30.0)


def _customers(customers: int) -> list[Measure]:
    """Ask about customers of a real project, once the model is loaded."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulate_retailer(customers, seed=1, days=140).write(folder)
        (folder / "atlas.yaml").write_text(_PROJECT, encoding="utf-8")
        with Atlas.open(folder / "atlas.yaml") as atlas:
            atlas.run()
            explainer = Explainer(atlas.published())
            asked = atlas.members()["customer_id"].to_pylist()[:: customers // _ASKED]
            explainer.customer(asked[0])  # it loads the model and compiles the queries
            why, moves = [], []
            for customer in asked:
                begun = perf_counter()
                explainer.customer(customer, moves=False)
                why.append(perf_counter() - begun)
            for customer in asked[: _ASKED // 4]:
                begun = perf_counter()
                explainer.customer(customer)
                moves.append(perf_counter() - begun)
    case, repeats = f"of one customer of {customers:,}", len(why)
    return [
        Measure("explaining", f"reasons {case}", median(why) * 1e3, "ms", 50.0, repeats=repeats),
        Measure(
            "explaining", f"moves {case}", median(moves) * 1e3, "ms", 500.0, repeats=len(moves)
        ),
    ]


def measures() -> list[Measure]:
    """One measurement of the drivers, and medians over customers."""
    return [
        _drivers(1_000_000 if full_counts() else 100_000),
        *_customers(100_000 if full_counts() else 5_000),
    ]


if __name__ == "__main__":
    report(measures())
