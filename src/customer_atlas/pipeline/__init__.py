"""The steps of a run in order, and what the last one published."""

from __future__ import annotations

from customer_atlas.pipeline.feature_tables import Features
from customer_atlas.pipeline.history import RunView, view_run
from customer_atlas.pipeline.moments import EVERY, every, instant
from customer_atlas.pipeline.outcomes import Measured, Outcome, outcomes_of
from customer_atlas.pipeline.progress import Progress, silent
from customer_atlas.pipeline.published import CustomerView, Published
from customer_atlas.pipeline.readiness import check_data
from customer_atlas.pipeline.run import RunResult, ingest_sources, run_project
from customer_atlas.pipeline.workspace import Workspace

__all__ = [
    "EVERY",
    "CustomerView",
    "Features",
    "Measured",
    "Outcome",
    "Progress",
    "Published",
    "RunResult",
    "RunView",
    "Workspace",
    "check_data",
    "every",
    "ingest_sources",
    "instant",
    "outcomes_of",
    "run_project",
    "silent",
    "view_run",
]
