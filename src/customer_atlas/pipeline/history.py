"""A run as it can be looked at afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from customer_atlas.clustering import Choice
from customer_atlas.errors import AtlasError
from customer_atlas.pipeline.model import Model
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.registry import GenerationRecord, RunRecord

__all__ = ["RunView", "view_run"]


@dataclass(frozen=True)
class RunView:
    """A run, the generation that it scored with, and how that one's k was chosen."""

    run: RunRecord
    generation: GenerationRecord | None
    choice: Choice | None


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
        return RunView(run, None, None)
    generation = work.registry.generation(run.generation)
    return RunView(run, generation, Model.load(work.root / generation.artifacts).choice)
