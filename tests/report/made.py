"""Facts made up for the tests of this room: as many segments and customers as a test asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from customer_atlas.clustering import (
    Choice,
    Curve,
    Entry,
    KScore,
    Leaderboard,
    NullTest,
    Probe,
    ProbeKind,
    Recipe,
    Reliability,
    Search,
    StabilityReport,
    Trial,
)
from customer_atlas.data import Counts
from customer_atlas.features import DesignMatrix, FeatureInfo
from customer_atlas.pipeline import Measured, Outcome
from customer_atlas.report import Facts
from customer_atlas.report.geometry import geometry_of
from customer_atlas.report.people import People, traits_of
from customer_atlas.report.quality import Example, SourceQuality
from customer_atlas.report.standing import standing_of
from customer_atlas.segments import Driver, Drivers, Segment, SegmentDrivers

__all__ = ["INFOS", "made_facts", "made_people", "made_segments"]

INFOS = (
    FeatureInfo("recency_days", "rfm", "days", "days since the last order", formula="a"),
    FeatureInfo("monetary", "rfm", "money", "net spend", zero=True, formula="sum of amounts"),
    FeatureInfo("frequency", "rfm", "orders", "orders", zero=True),
    FeatureInfo("discount", "basket", "share", "share saved by discounts"),
    FeatureInfo("newsletter", "attributes", "number", "newsletter"),
    FeatureInfo("plan", "attributes", "category", "plan", kind="category"),
)


def made_people(segments: int, customers: int, infos: Sequence[FeatureInfo] = INFOS) -> People:
    """Customers whose features depend on their segment; a tenth of the plans is unknown."""
    draw = np.random.default_rng(3)
    owner = np.sort(np.arange(customers) % segments)
    columns = {
        "recency_days": draw.gamma(2.0, 5.0 * (owner + 1)),
        "monetary": draw.lognormal(6.0 - 0.5 * owner, 0.5),
        "frequency": draw.poisson(20.0 / (owner + 1)).astype(float),
        "discount": np.clip(draw.normal(0.1 + 0.02 * owner, 0.05), 0.0, 1.0),
        "newsletter": (draw.random(customers) < 0.9 / (owner + 1)).astype(float),
        "plan": pa.array(
            np.array(["gold", "basic", "free"])[(owner + draw.integers(0, 2, customers)) % 3],
            mask=draw.random(customers) < 0.1,
        ),
    }
    table = pa.table({info.name: columns[info.name] for info in infos})
    return People(table, owner.astype(np.int64), customers)


def made_segments(
    people: People, count: int, *, money: bool = True, names: Sequence[str] = ()
) -> tuple[Segment, ...]:
    """The segments of those people, with revenue shares that add up to 1."""
    sizes = np.bincount(people.segment, minlength=count)
    revenue = np.arange(count, 0, -1) / (count * (count + 1) / 2)
    return tuple(
        Segment(
            id=f"g1-{place:04x}",
            name=names[place] if place < len(names) else f"Segment {place + 1}",
            cluster=place,
            size=int(sizes[place]),
            share=float(sizes[place]) / len(people),
            revenue_share=float(revenue[place]) if money else None,
            probability=0.8,
            centroid={},
            overall={},
            telling=(),
            reasons=("have spent 3,440 in all against 1,210",),
            typical=("customer-4711",),
            sentence="",
        )
        for place in range(count)
    )


def made_facts(
    segments: int = 4,
    customers: int = 240,
    *,
    money: bool = True,
    curve: bool = True,
    names: Sequence[str] = (),
    infos: Sequence[FeatureInfo] = INFOS,
) -> Facts:
    """Return facts with all that a page needs."""
    people = made_people(segments, customers, infos)
    listed = made_segments(people, segments, money=money, names=names)
    table = people.features
    return Facts(
        project="corner-shop",
        segmentation="main",
        run=7,
        generation=3,
        as_of=datetime(2024, 5, 1, tzinfo=UTC),
        made=datetime(2024, 5, 2, 10, 30, tzinfo=UTC),
        segments=listed,
        people=people,
        standing=standing_of(people, traits_of(people, infos), listed),
        geometry=geometry_of(people, DesignMatrix.fit(table, infos), listed),
        search=_search(_choice(segments) if curve else Choice(segments, "Too few to divide.", ())),
        stability=_stability(listed, infos),
        drivers=_drivers(listed, infos),
        reliability=_reliability() if segments > 1 else None,
        kinds={"learned": customers - 31, "undecided": 30, "outlier": 1},
        infos=tuple(infos),
        sources=(_source(),),
        unused={"age": "protected", "spend_365d": "nearly the same as 'monetary' (correlation 1)"},
        outcomes=(_outcome(listed),),
        protected=("age",),
        readiness={
            "score": 79,
            "mend_first": [
                {"place": "orders.amount", "sentence": "9 % are <i>odd</i>.", "action": "look"}
            ],
        },
        libraries={"numpy": "2.4.6"},
    )


def _drivers(segments: Sequence[Segment], infos: Sequence[FeatureInfo]) -> Drivers:
    """Each feature contributes half of the one before; the first two tell the same, the last is
    noise."""
    if len(segments) < 2:
        return Drivers((), reason="There is one segment: nothing tells it from another.")
    sizes = [0.5**at for at in range(len(infos))]
    labels = [info.label for info in infos]
    drivers = tuple(
        Driver(
            info.name, info.label, size, 0.1 * size, size, 0.1 * size, size / sum(sizes),
            2.0 if at == len(infos) - 1 else 0.0, 0.5, 0.01, 1.2, 1.0, 1.4, "3.1", "12", "",
            (labels[1 - at],) if at < 2 < len(infos) else (),
        )
        for at, (info, size) in enumerate(zip(infos, sizes, strict=True))
    )  # fmt: skip
    told = tuple(SegmentDrivers(one.id, 0.9, 0.9, one.share, 20, drivers) for one in segments)
    return Drivers(told, 0.9, 1 / len(segments), 0.9, 160, 80)


def _stability(segments: Sequence[Segment], infos: Sequence[FeatureInfo]) -> StabilityReport:
    """Each segment comes back a little less than the one before; a tenth of each moves on."""
    k = len(segments)
    labels: dict[ProbeKind, Sequence[str]] = {
        "seeds": ("seed 1", "seed 2"),
        "bootstrap": ("draw 1", "draw 2"),
        "features": tuple(info.name for info in infos),
    }
    flows = np.zeros((k + 1, k + 1))
    for at in range(k):
        flows[at, at], flows[at, (at + 1) % k] = 0.9 / k, flows[at, (at + 1) % k] + 0.1 / k
    probes = tuple(
        Probe(
            kind,
            tuple(
                Trial(name, 0.5 + 0.05 * at, 0.1, tuple(0.9 - 0.4 * one / k for one in range(k)))
                for at, name in enumerate(names)
            ),
            tuple(map(tuple, flows.tolist())),
            0.3,
            0.6,
            0.9,
        )
        for kind, names in labels.items()
    )
    shares = tuple(one.share for one in segments)
    names = tuple(one.name for one in segments)
    return StabilityReport(names, shares, 180, 240, 0, probes, {"windows": "Too short a history."})


def _reliability() -> Reliability:
    draw = np.random.default_rng(0)
    said = np.sort(draw.beta(6, 1, (10, 400)), axis=1)
    kept = (draw.random((10, 400)) < said).astype(np.float64)
    return Reliability.of(said, said[0] ** 3, kept, np.ones(400), 10, 120)


def _search(choice: Choice) -> Search:
    null = NullTest(
        True,
        0.0025,
        3.0,
        "inertia",
        None,
        None,
        None,
        0.01,
        199,
        240,
        "There are groups (p = 0.0025).",
    )
    recipe = Recipe.of("KMeans", n_clusters=choice.k)
    entries = tuple(
        Entry(
            "KMeans", {"n_clusters": row.k}, "k-means", row.k, row.score, row.stability, row.apart,
            row.apart + row.shading, row.dissolving, row.smallest_share, row.silhouette,
            row.verdict,
        )
        for row in choice.curve
    )  # fmt: skip
    board = Leaderboard.of(entries, "The most usable segments.")
    return Search(null, recipe, choice.reason, choice, board)


def _choice(chosen: int) -> Choice:
    rows = tuple(
        KScore(
            k, 0.9 - k / 50, 0.01, 0.3, 0.01, 1, 1, 0.1, 0.5 / k, 2.0 / k,
            score=1.0 if k == chosen else 0.4, verdict="chosen" if k == chosen else "less usable",
        )
        for k in range(2, 21)
    )  # fmt: skip
    return Choice(chosen, f"{chosen} segments: they come back.", rows, _curves(chosen))


def _curves(chosen: int) -> tuple[Curve, ...]:
    """One with errors that picks what was chosen, one that picks two, one that picks none."""
    ks = tuple(range(2, 21))
    values = tuple(0.9 - k / 50 for k in ks)
    return (
        Curve("stability", "Stability", ks, values, (0.02,) * 19, "higher", chosen, "Come back?"),
        Curve("silhouette", "Silhouette", ks, values, None, "higher", 2, "Lie apart?"),
        Curve("elbow", "Elbow", (1, *ks), (2.0, *values), None, "lower", None, "No knee."),
    )


def _outcome(segments: Sequence[Segment]) -> Outcome:
    """What a label says; of the last segment nothing is known."""
    known = {one.id: Measured(0.25, 0.2, 0.3, 60) for one in segments[:-1]}
    return Outcome("churned", "share", "Yes", Measured(0.274, 0.251, 0.298, 180), known)


def _source() -> SourceQuality:
    return SourceQuality(
        "orders",
        "transactions",
        2,
        Counts(read=10, kept=7, filtered=1, quarantined=2, deduplicated=0),
        1,
        {"unparsable_number": 2},
        ("Read as latin-1.",),
        (Example("unparsable_number", "orders.csv", "row 3", "amount", "aaaa 99"),),
    )
