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
from customer_atlas.config.roles import ACTIONS, COMPLAINTS, ROLES, ColumnType, Role

__all__ = [
    "ACTIONS",
    "COMPLAINTS",
    "ROLES",
    "ColumnType",
    "Label",
    "Privacy",
    "Project",
    "ProjectFile",
    "ReadOptions",
    "Role",
    "Segmentation",
    "Source",
    "State",
    "bind_expression",
    "expression_columns",
    "rests_on",
]
