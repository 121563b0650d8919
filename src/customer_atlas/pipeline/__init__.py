"""The steps of a run in order, and what the last one published."""

from __future__ import annotations

from customer_atlas.pipeline.bias import bias_of, mitigation_of
from customer_atlas.pipeline.certainty import say_doubts, say_membership
from customer_atlas.pipeline.changes import Change
from customer_atlas.pipeline.driving import drivers_of
from customer_atlas.pipeline.explaining import (
    CustomerExplanation,
    Explainer,
    SegmentExplanation,
    Why,
)
from customer_atlas.pipeline.feature_tables import Features
from customer_atlas.pipeline.feature_views import (
    FeatureExplanation,
    FeatureSet,
    FeatureView,
    InSegment,
    explain_feature,
    view_features,
)
from customer_atlas.pipeline.habits import habits_of
from customer_atlas.pipeline.history import RunView, view_run
from customer_atlas.pipeline.moments import EVERY, every, instant
from customer_atlas.pipeline.moving import DAYS, CustomerMoves
from customer_atlas.pipeline.onnx_file import OnnxFile, write_onnx
from customer_atlas.pipeline.outcomes import Measured, Outcome, outcomes_of
from customer_atlas.pipeline.progress import Progress, silent
from customer_atlas.pipeline.published import CustomerView, Published
from customer_atlas.pipeline.readiness import check_data
from customer_atlas.pipeline.run import RunResult, ingest_sources, run_project
from customer_atlas.pipeline.spread import Spread
from customer_atlas.pipeline.stability import WINDOWS, stability_of
from customer_atlas.pipeline.stories import Asking, ask_for_stories
from customer_atlas.pipeline.workspace import Workspace

__all__ = [
    "DAYS",
    "EVERY",
    "WINDOWS",
    "Asking",
    "Change",
    "CustomerExplanation",
    "CustomerMoves",
    "CustomerView",
    "Explainer",
    "FeatureExplanation",
    "FeatureSet",
    "FeatureView",
    "Features",
    "InSegment",
    "Measured",
    "OnnxFile",
    "Outcome",
    "Progress",
    "Published",
    "RunResult",
    "RunView",
    "SegmentExplanation",
    "Spread",
    "Why",
    "Workspace",
    "ask_for_stories",
    "bias_of",
    "check_data",
    "drivers_of",
    "every",
    "explain_feature",
    "habits_of",
    "ingest_sources",
    "instant",
    "mitigation_of",
    "outcomes_of",
    "run_project",
    "say_doubts",
    "say_membership",
    "silent",
    "stability_of",
    "view_features",
    "view_run",
    "write_onnx",
]
