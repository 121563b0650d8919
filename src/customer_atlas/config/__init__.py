"""What a person declares: the project file as frozen models, knowing no engine."""

from __future__ import annotations

from customer_atlas.config.expressions import bind_expression, expression_columns, rests_on
from customer_atlas.config.models import (
    Label,
    Privacy,
    Project,
    ReadOptions,
    Segmentation,
    Source,
    State,
)
from customer_atlas.config.project_file import ProjectFile
from customer_atlas.config.rfm import RfmCuts
from customer_atlas.config.roles import ACTIONS, ACTS, ROLES, ColumnType, Role
from customer_atlas.config.transforms import FeatureTransforms, Outliers, Steps, Transforms

__all__ = [
    "ACTIONS",
    "ACTS",
    "ROLES",
    "ColumnType",
    "FeatureTransforms",
    "Label",
    "Outliers",
    "Privacy",
    "Project",
    "ProjectFile",
    "ReadOptions",
    "RfmCuts",
    "Role",
    "Segmentation",
    "Source",
    "State",
    "Steps",
    "Transforms",
    "bind_expression",
    "expression_columns",
    "rests_on",
]
