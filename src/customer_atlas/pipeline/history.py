"""A run as it can be looked at afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from customer_atlas.clustering import Reliability, Search
from customer_atlas.errors import AtlasError
from customer_atlas.features import LearnedScale
from customer_atlas.pipeline.model import Model
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.registry import GenerationRecord, RunRecord

__all__ = ["RunView", "view_run"]


@dataclass(frozen=True)
class RunView:
    """A run, the generation that it scored with, and how that one was trained.

    `search` is how algorithm and k were chosen; `reliability` is how its probabilities fared;
    `unused` says of each column of the customers and of each column of the design matrix that took
    no part, why not, and of excluded outliers how many; `scales` is how well the items of each
    scale agree.
    """

    run: RunRecord
    generation: GenerationRecord | None = None
    search: Search | None = None
    reliability: Reliability | None = None
    unused: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, LearnedScale] = field(default_factory=dict)


def view_run(work: Workspace, number: int | None = None) -> RunView:
    """Return a run by its number, or the last one.

    Raises:
        UnknownNameError: there is no such run.
        AtlasError: there is none at all.
    """
    if number is None:
        last = work.registry.runs(limit=1)
        if not last:
            raise AtlasError("There are no runs yet. Run: atlas run")
        run = last[0]
    else:
        run = work.registry.run(number)
    if run.generation is None:
        return RunView(run)
    generation = work.registry.generation(run.generation)
    model = Model.load(work.root / generation.artifacts)
    dropped = {one.name: one.why for one in model.selection.dropped}
    dropped |= {one.column or one.feature: one.reason for one in model.matrix.dropped}
    if model.matrix.excluded:
        dropped["outliers"] = f"{model.matrix.excluded:,} customers took no part in training"
    population = model.population
    unused = {**population.left_out, **dropped}
    return RunView(run, generation, model.search, model.reliability, unused, population.scales)
