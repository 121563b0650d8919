"""The thorough search: many candidates on the same draws, under an objective that is stated."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array, one_thread
from customer_atlas.clustering.search.found import Search
from customer_atlas.clustering.search.leaderboard import Budget, Entry, Leaderboard
from customer_atlas.clustering.search.quick import quick_search
from customer_atlas.clustering.search.recipe import Recipe
from customer_atlas.clustering.search.thorough.future import Future
from customer_atlas.clustering.search.thorough.judge import RUNGS, Judge, Judged
from customer_atlas.clustering.search.thorough.objective import Components, Objective
from customer_atlas.clustering.search.thorough.space import Space
from customer_atlas.clustering.search.thorough.trials import Trials
from customer_atlas.errors import ClusteringError

__all__ = ["thorough_search"]

_ENOUGH = 40  # rows, for draws of them to tell anything
_LIBRARIES = ("customer-atlas", "lightgbm", "numpy", "optuna", "scikit-learn", "scipy")


def thorough_search(
    X: Array, weights: Array, *, min_share: float, max_clusters: int, level: float, seed: int,
    names: Sequence[str] = (), trials: int = 50, objective: Objective | None = None,
    future: Future | None = None, minutes: float | None = None, folder: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Search:  # fmt: skip
    """Search preprocessing, algorithm, its settings and k for rows (n, d) and weights (n,).

    First the quick search, with its null test: where there is no structure, there is one
    segment. What it found is the first candidate, and is judged as the others are, so that the
    winner is at least as good by the `objective`. The budget is `trials`; `minutes` only caps
    it. In a `folder` finished trials stay, and a search of the same rows, settings and versions
    goes on after them: the same search, whether it was interrupted or not, ends the same to the
    bit, unless its time ran out. `progress` is told of trials done, and of how many.

    Raises `MissingExtraError` without Optuna, and `ClusteringError` for less than one trial.
    """
    if trials < 1:
        raise ClusteringError(f"A thorough search needs at least 1 trial; found {trials}.")
    objective = objective or Objective()
    settings = {"min_share": min_share, "max_clusters": max_clusters, "level": level, "seed": seed}
    name = _name(X, weights, settings, objective, future) if folder else ""
    kept = Trials(seed, name, folder)
    quick = quick_search(
        X, weights, min_share=min_share, max_clusters=max_clusters, level=level, seed=seed,
        names=names,
    )  # fmt: skip
    if not quick.null.structured or len(X) < _ENOUGH:
        return quick
    with one_thread():
        judge = Judge(X, weights, min_share, max_clusters, seed, future)
        found = dict(quick.recipe.settings) if quick.recipe else {}
        space = Space(X.shape[1], max(judge.most, found.get("n_clusters", 2)))
        first = space.first(quick.recipe, _others(quick), quick.choice.k, judge.white())
        run = _Run(judge, space, objective, kept, first)
        capped = run.until(trials, minutes, progress)
    return _found(quick, run.tried(trials), objective, future, (trials, minutes, capped))


@dataclass
class _Run:
    judge: Judge
    space: Space
    objective: Objective
    trials: Trials
    first: list[Recipe]

    def until(
        self, count: int, minutes: float | None, progress: Callable[[int, int], None]
    ) -> bool:
        """Do trials until there are `count`; return whether time ran out before."""
        begun = time.monotonic()
        progress(min(len(self.trials), count), count)
        while (number := len(self.trials)) < count:
            if minutes is not None and number and time.monotonic() - begun > 60 * minutes:
                return True
            self._one(number)
            progress(number + 1, count)
        return False

    def _one(self, number: int) -> None:
        mine = number < len(self.first)
        trial = self.trials.begin(self.space.parameters(self.first[number]) if mine else None)
        recipe = self.space.suggested(trial)
        before = next((one for one in self.tried() if one.recipe == recipe), None)
        if before is not None:
            facts = replace(before, same=before.number, number=number).to_dict()
            for step, value in enumerate(before.values):
                trial.report(value, step)
            early = before.end == "early"
            self.trials.finish(trial, before.values[-1], facts, early=early)
            return
        values: list[float] = []
        found: Judged | None = None
        end, why = "whole", ""
        try:
            for step, found in enumerate(self.judge.rungs(recipe)):
                values.append(self._value(found, step))
                trial.report(values[-1], step)
                if not mine and trial.should_prune():
                    end = "early"
                    break
        except ValueError as error:  # an algorithm that these rows are no good for
            end, why = "failed", str(error)
            values.append(-1.0)
        one = _Tried(number, recipe, found, tuple(values), end, why)
        self.trials.finish(trial, values[-1], one.to_dict(), early=end == "early")

    def _value(self, found: Judged, step: int) -> float:
        """Return what is searched for: candidates that break a limit come after all others.

        On the few rows of the first rung limits may seem to break by chance: there none counts.
        """
        return self.objective.total(found.components) - (step > 0 and bool(found.fault))

    def tried(self, count: int | None = None) -> list[_Tried]:
        """Return the trials done, in order."""
        return [_Tried.from_dict(facts) for facts in self.trials.facts()[:count]]


@dataclass(frozen=True)
class _Tried:
    """A trial: what was judged and how far, its value after each rung, and how it ended."""

    number: int
    recipe: Recipe
    judged: Judged | None
    values: tuple[float, ...]
    end: str
    why: str = ""
    same: int | None = None

    def to_dict(self) -> dict[str, Any]:
        judged = asdict(self.judged) if self.judged else None
        if judged:
            del judged["recipe"]
        return {
            "number": self.number,
            "recipe": [self.recipe.algorithm, dict(self.recipe.settings)],
            "judged": judged,
            "values": list(self.values),
            "end": self.end,
            "why": self.why,
            "same": self.same,
        }

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> _Tried:
        recipe = Recipe.of(facts["recipe"][0], **facts["recipe"][1])
        judged = facts["judged"]
        if judged:
            components = Components(**judged["components"])
            judged = Judged(**{**judged, "recipe": recipe, "components": components})
        return cls(
            facts["number"], recipe, judged, tuple(facts["values"]), facts["end"], facts["why"],
            facts["same"],
        )  # fmt: skip


def _found(
    quick: Search, tried: list[_Tried], objective: Objective, future: Future | None,
    spent: tuple[int, float | None, bool],
) -> Search:  # fmt: skip
    alone = [one for one in tried if one.same is None]
    sound = [one for one in alone if one.end == "whole" and one.judged and not one.judged.fault]
    best = max(sound, key=lambda one: (one.values[-1], -one.number), default=None)
    asked, minutes, capped = spent
    early = sum(one.end == "early" for one in alone)
    budget = Budget(asked, len(tried), len(tried) - len(alone), early, minutes, capped)
    entries = [_entry(one, best, quick, objective) for one in alone if one.judged or one.why]
    told = future.sentence if future else ""
    board = Leaderboard.of(entries, objective.sentence(told), budget)
    if best is None or best.judged is None:
        reason = f"{quick.reason} Of {len(alone)} candidates none keeps the limits."
        return replace(quick, reason=reason, leaderboard=board)
    return Search(quick.null, best.recipe, _reason(best, alone, quick), quick.choice, board)


def _entry(one: _Tried, best: _Tried | None, quick: Search, objective: Objective) -> Entry:
    judged, recipe = one.judged, one.recipe
    verdict = _verdict(one, best, quick, objective)
    if judged is None:
        return Entry(
            recipe.algorithm, dict(recipe.settings), recipe.title, 0, 0.0, 0.0, 0.0, 0, 0.0, 0.0,
            0.0, verdict,
        )  # fmt: skip
    return Entry(
        recipe.algorithm, dict(recipe.settings), recipe.title, judged.k,
        max(0.0, one.values[-1]), judged.stability, judged.apart, judged.back,
        judged.dissolving, judged.smallest_share, judged.silhouette, verdict,
        judged.components.known,
    )  # fmt: skip


def _verdict(one: _Tried, best: _Tried | None, quick: Search, objective: Objective) -> str:
    if one is best or (best is None and one.recipe == quick.recipe):
        return "chosen"
    if one.judged is None:
        return f"cannot be fitted: {one.why}"
    if one.end == "early":
        rung = f"{len(one.values)} of {len(RUNGS)}"
        why = (one.judged.fault if one.values[-1] < 0 else "") or "below the median"
        return f"stopped early: after rung {rung}, {why}"
    if one.end == "failed":
        return f"cannot be fitted to all draws: {one.why}"
    if one.judged.fault:
        return one.judged.fault
    if best is None or best.judged is None:
        return ""
    mine, theirs = one.judged.components, best.judged.components
    name = objective.worst(mine, theirs)
    if one.values[-1] == best.values[-1]:
        return "as good, and tried later"
    return f"behind in {name}: {mine.known[name]:.2f} against {theirs.known[name]:.2f}"


def _reason(best: _Tried, tried: list[_Tried], quick: Search) -> str:
    assert best.judged is not None
    judged = best.judged
    parts = ", ".join(f"{name} {value:.2f}" for name, value in judged.components.known.items())
    said = (
        f"{judged.k} segments by {best.recipe.title}: the best of {len(tried)} candidates,"
        f" {best.values[-1]:.2f} of 1 ({parts})."
    )
    first = tried[0]
    if quick.recipe is None or first.recipe != quick.recipe or first.judged is None:
        return said
    if first is best:
        return f"{said} The quick search found the same."
    value = first.judged.fault or f"{first.values[-1]:.2f}"
    return f"{said} The quick search found {first.judged.k} by {quick.recipe.title}: {value}."


def _others(quick: Search) -> Iterator[Recipe]:
    return (
        Recipe.of(entry.algorithm, **entry.settings)
        for entry in quick.leaderboard.entries
        if not entry.chosen
    )


def _name(
    X: Array, weights: Array, settings: dict[str, Any], objective: Objective, future: Future | None
) -> str:
    """Return a digest of all that decides which trials there are, but not how many."""
    found = hashlib.blake2b(digest_size=16)
    versions = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    found.update(json.dumps([settings, objective.weights, versions], sort_keys=True).encode())
    arrays: list[NDArray[Any]] = [X, weights]
    if future:
        arrays += [future.X, future.half, *(one.values for one in future.telling)]
        found.update(json.dumps([[one.name, one.reference] for one in future.telling]).encode())
    for array in arrays:
        found.update(str(array.shape).encode() + np.ascontiguousarray(array).tobytes())
    return found.hexdigest()
