"""What runs leave behind on disk: which of it stays, and for how long."""

from __future__ import annotations

import shutil

from customer_atlas.pipeline.workspace import Workspace

__all__ = [
    "SEARCHES",
    "clear_interrupted",
    "forget_old_features",
    "forget_old_searches",
    "served_runs",
]

SEARCHES = "searches"
"""The folder of the lake where thorough searches keep the trials that they have finished."""

_KEPT_FEATURES = 2
_KEPT_SEARCHES = 5


def clear_interrupted(work: Workspace) -> None:
    """Remove what killed runs left, except what serves."""
    served = served_runs(work)
    for run in work.registry.interrupt_stale_runs():
        if run not in served:
            shutil.rmtree(work.run_folder(run), ignore_errors=True)


def served_runs(work: Workspace) -> set[int]:
    """Return the runs whose memberships serve in any segmentation of the project."""
    pointers = (work.registry.serving(name) for name in work.file.project.segmentations)
    return {pointer.run for pointer in pointers if pointer}


def forget_old_features(work: Workspace, latest: int) -> None:
    """Keep the features of the last runs and of what serves; members and models stay."""
    served = served_runs(work)
    folders = sorted((work.root / "runs").glob("*/features"))
    for folder in folders[:-_KEPT_FEATURES]:
        run = int(folder.parent.name)
        if run != latest and run not in served:
            shutil.rmtree(folder, ignore_errors=True)


def forget_old_searches(work: Workspace) -> None:
    """Keep the trials of the searches that were used last, for the same ones to go on after."""
    files = sorted((work.root / SEARCHES).glob("*.db"), key=lambda path: path.stat().st_mtime)
    for path in files[:-_KEPT_SEARCHES]:
        path.unlink(missing_ok=True)
