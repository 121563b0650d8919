"""Scales: what a generation found of the survey scales that the project declares."""

from __future__ import annotations

from collections.abc import Iterator

from customer_atlas.pipeline.model import Model
from customer_atlas.pipeline.workspace import Workspace

__all__ = ["scale_warnings"]

_HARDLY = 0.6
"""Below this alpha, the items of a scale hardly belong together."""


def scale_warnings(work: Workspace, generation: int) -> Iterator[str]:
    """Yield the scales of a generation whose items hardly measure one thing."""
    if not work.file.project.scales:
        return
    model = Model.load(work.root / work.registry.generation(generation).artifacts)
    places = {
        name: work.file.where("sources", source, "scales", name)
        for source, declared in work.file.project.sources.items()
        for name in declared.scales
    }
    for name, scale in model.population.scales.items():
        if scale.alpha is not None and scale.alpha < _HARDLY:
            yield (
                f"{places[name]}: the items of scale '{name}' hardly measure one thing: Cronbach's "
                f"alpha is {scale.alpha:.2f} over {scale.complete:,} complete answers. Look for "
                "items to name under `reversed`, or divide the scale."
            )
    for name in places:
        if why := model.population.left_out.get(name):
            yield f"{places[name]}: the scale '{name}' is not scored: {why}."
