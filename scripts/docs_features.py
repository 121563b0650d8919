"""Write the reference page of the features from their declarations."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.verdict import ROOT

if TYPE_CHECKING:
    from customer_atlas.features import FeatureInfo

__all__ = ["PAGE", "main", "page_text"]

PAGE = ROOT / "docs" / "reference" / "features.md"
_INTRODUCTION = """\
# The features

Written from the declarations. These are the features where a source has every standard column of
its role; a feature whose columns are not there is left out. `CATEGORY` and `TYPE` stand for each
category and each type of event that the customers know, `region`, `education` and `…_column` for
each usable column of a customers table, and `SCALE` for each declared scale.

All packs but `calendar` are on where nothing else is written; that one takes as long as several
others, and is on where it is listed under `packs`.

A feature that forms no segments describes them: it is in profiles and exports. What a `frozen`
feature needs to know of everybody, such as the cuts of a score, is learned with a generation and
kept in its `model.json` under `population.learned`, by the name of the feature: for `big_spender`
that is the threshold with its 95 % interval. The rules are told in
[Scores, classes and stages](../explanations/scores-and-stages.md).

An empty value means *none* (taken as 0) or *unknown* (imputed, with a flag). What recency, windows
and the cutoff mean is told in [Features and time](../explanations/features-and-time.md)."""


def page_text() -> str:
    """The page as the packs declare it."""
    from customer_atlas.config import PACKS

    return "\n\n".join([_INTRODUCTION, *(part for pack in PACKS for part in _section(pack))]) + "\n"


def _section(pack: str) -> Iterator[str]:
    module = importlib.import_module(f"customer_atlas.features.packs.{pack}")
    yield f"## {pack}"
    yield (module.__doc__ or "").strip()
    head = ["feature", "what it is", "unit", "how", "liveness", "forms segments", "empty"]
    head += ["in names, low / high"]
    rows = [head, ["---"] * len(head), *(_row(info) for info in _declared(pack))]
    yield "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


def _declared(pack: str) -> list[FeatureInfo]:
    from customer_atlas.config import ACTS, ROLES, ColumnType, Geography
    from customer_atlas.features import LearnedScale, Population
    from customer_atlas.features.packs import declared_features
    from customer_atlas.features.population import Place

    themes = {"region": "geographic", "education": "demographic"}
    population = Population(
        categories=("CATEGORY",),
        event_types=("TYPE",),
        acts=tuple(ACTS),
        attributes={
            **{f"{kind.value}_column": kind for kind in ColumnType},
            **dict.fromkeys(themes, ColumnType.TEXT),
        },
        themes=themes,
        births=("date_of_birth",),
        place=Place("latitude", "longitude", (52.52, 13.4), Geography().bands_km),
        scales={"SCALE": LearnedScale(("item_1", "item_2", "item_3"), ("item_3",), 1, 5)},
    )
    columns = {*population.attributes, *population.births, "latitude", "longitude"}
    columns |= {item for scale in population.scales.values() for item in scale.items}
    available = {role: frozenset({*known.names, *columns}) for role, known in ROLES.items()}
    return [feature.info for feature in declared_features([pack], available, population)]


def _row(info: FeatureInfo) -> list[str]:
    names = f"{info.low or '-'} / {info.high or '-'}" if info.low or info.high else ""
    empty = "none" if info.zero else "unknown"
    forms = "no" if info.describes else "yes"
    cells = [info.label, info.unit, info.formula, info.liveness, forms, empty, names]
    return [f"`{info.name}`", *(cell.replace("|", "\\|") for cell in cells)]


def main(page: Path = PAGE) -> None:
    """Write the page; the only argument may be another place for it."""
    page = Path(sys.argv[1]) if len(sys.argv) > 1 else page
    page.write_text(page_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
