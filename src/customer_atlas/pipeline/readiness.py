"""How ready the data is, against the profile that an earlier run kept."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from customer_atlas.data import Baseline, Profile, Readiness, check_readiness
from customer_atlas.errors import ArtifactError
from customer_atlas.pipeline.progress import Progress, silent
from customer_atlas.pipeline.workspace import Workspace

__all__ = ["check_data", "profile_path"]

_LOOKED_BACK = 200  # runs, among which one read other data than there is now


def check_data(work: Workspace, progress: Progress = silent) -> Readiness:
    """Judge the lake as it is pinned now; the caller holds the project alone."""
    progress("check the data")
    return check_readiness(
        work.file.project,
        work.lake,
        work.registry,
        work.engine,
        now=datetime.now(UTC).replace(tzinfo=None),
        baseline=lambda versions: _baseline(work, versions),
    )


def profile_path(work: Workspace, run: int) -> Path:
    """Where a run keeps the profile of what it read."""
    return work.run_folder(run) / "profile.json"


def _baseline(work: Workspace, versions: Mapping[str, int]) -> Baseline | None:
    """Return the newest finished run that read other versions of the tables than there are now."""
    for run in work.registry.runs(_LOOKED_BACK):
        path = profile_path(work, run.id)
        if run.status == "done" and path.exists():
            with suppress(ArtifactError):  # a damaged profile is not worth a failed run
                profile = Profile.read(path)
                if profile.versions != versions:
                    return Baseline(run.id, profile)
    return None
