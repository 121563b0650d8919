"""The one door to Optuna: which candidate comes next, which is given up, and what is kept."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from customer_atlas.errors import MissingExtraError

if TYPE_CHECKING:
    from optuna import Study, Trial

__all__ = ["Trials"]

_KEY = "judged"
_STARTUP = 10  # trials drawn by chance before the others tell where to look
_NEVER_STOPPED = 5  # trials that are all judged to the end before any is stopped early


class Trials:
    """The trials of one search, in order; those that are finished stay in a file.

    The next candidate is drawn by the tree-structured Parzen estimator (Bergstra and others,
    2011; over all settings together, Falkner and others, 2018), with a generator seeded by the
    search's seed and the trial's number. So it depends on the finished trials alone, and a search
    that was killed goes on as if it never had been: a trial is written when it is finished, in
    one transaction, and one that was not is done anew. A trial is stopped early where it is below
    the median of the others after the same rung (Golovin and others, 2017).

    Raises `MissingExtraError` where Optuna is not installed.
    """

    def __init__(self, seed: int, name: str, folder: Path | None = None) -> None:
        try:
            import optuna
        except ImportError as error:
            raise MissingExtraError("A thorough search", "search") from error
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._optuna, self._seed = optuna, seed
        pruner = optuna.pruners.MedianPruner(n_startup_trials=_NEVER_STOPPED)
        self._study: Study = optuna.create_study(direction="maximize", pruner=pruner)
        self._kept = self._opened(folder, name) if folder else None
        if self._kept:
            self._study.add_trials(self._kept.get_trials(deepcopy=False))

    def __len__(self) -> int:
        return len(self._study.get_trials(deepcopy=False))

    def begin(self, parameters: Mapping[str, Any] | None) -> Trial:
        """Begin the next trial, of these parameters where there are any."""
        number = len(self)
        seed = int(np.random.SeedSequence([self._seed, number]).generate_state(1)[0])
        with warnings.catch_warnings():
            # Optuna calls these ways of its sampler experimental.
            warnings.simplefilter("ignore", self._optuna.exceptions.ExperimentalWarning)
            self._study.sampler = self._optuna.samplers.TPESampler(
                seed=seed, multivariate=True, group=True, constant_liar=False,
                n_startup_trials=_STARTUP,
            )  # fmt: skip
        if parameters is not None:
            self._study.enqueue_trial(dict(parameters))
        return self._study.ask()

    def finish(self, trial: Trial, value: float, facts: Mapping[str, Any], *, early: bool) -> None:
        """Keep what became of a trial: its value, or, where it was stopped early, none."""
        trial.set_user_attr(_KEY, dict(facts))
        states = self._optuna.trial.TrialState
        if early:
            self._study.tell(trial, state=states.PRUNED)
        else:
            self._study.tell(trial, value)
        if self._kept:
            self._kept.add_trial(self._study.get_trials(deepcopy=False)[-1])

    def facts(self) -> list[dict[str, Any]]:
        """Return what was kept of every finished trial, in order."""
        trials = self._study.get_trials(deepcopy=False)
        return [one.user_attrs[_KEY] for one in trials if _KEY in one.user_attrs]

    def _opened(self, folder: Path, name: str) -> Study:
        """Open the file of a search; a new one is made beside its place, and then put there."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.db"
        if not path.exists():
            beside = folder / f".{name}.partial"
            beside.unlink(missing_ok=True)
            self._storage(beside, name)
            beside.replace(path)
        os.utime(path)  # the searches that were used last are those that stay
        return self._storage(path, name)

    def _storage(self, path: Path, name: str) -> Study:
        from sqlalchemy.pool import NullPool

        storage = self._optuna.storages.RDBStorage(
            f"sqlite:///{path.absolute()}", engine_kwargs={"poolclass": NullPool}
        )
        study: Study = self._optuna.create_study(
            storage=storage, study_name=name, direction="maximize", load_if_exists=True
        )
        return study
