"""The rule segments of a segmentation, and which other segmentations they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from customer_atlas.config import Project, Rule
from customer_atlas.errors import ConfigError
from customer_atlas.pipeline.workspace import Workspace

__all__ = ["home_of", "in_order", "rules_of", "rules_state"]


def home_of(project: Project, rule: Rule) -> str:
    """Return the segmentation whose features a rule reads."""
    return rule.segmentation or next(iter(project.segmentations))


def rules_of(project: Project, segmentation: str) -> dict[str, Rule]:
    """Return the rules of a segmentation by name."""
    return {
        name: rule for name, rule in project.rules.items() if home_of(project, rule) == segmentation
    }


def in_order(work: Workspace) -> list[str]:
    """Return the segmentations, each after those that its rules rest on.

    Raises:
        ConfigError: they rest on one another in a circle.
    """
    project = work.file.project
    done: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " -> ".join((*path[path.index(name) :], name))
            raise ConfigError(
                [f"{work.file.where('rules')}: segmentations rest on one another in a circle by "
                 f"their rules: {circle}"]
            )  # fmt: skip
        for other in sorted(_others(project, name)):
            if other not in done:
                visit(other, (*path, name))
        done.append(name)

    for name in project.segmentations:
        if name not in done:
            visit(name, ())
    return done


def rules_state(work: Workspace, segmentation: str) -> Mapping[str, Any]:
    """Return all that decides who is in the rule segments besides features and members."""
    project = work.file.project
    rules = rules_of(project, segmentation)
    served = {one: work.registry.serving(one) for one in sorted(_others(project, segmentation))}
    return {
        "rules": {name: rule.model_dump(mode="json") for name, rule in rules.items()},
        "rest on": {name: pointer.run if pointer else None for name, pointer in served.items()},
    }


def _others(project: Project, segmentation: str) -> set[str]:
    return set(_named(project, segmentation)) - {segmentation}


def _named(project: Project, segmentation: str) -> Iterator[str]:
    for rule in rules_of(project, segmentation).values():
        for _, one in rule.when.walk():
            if one.rule:
                yield home_of(project, project.rules[one.rule])
            if one.segment:
                yield one.segmentation or segmentation
