"""What a person declares: the project file as frozen models, knowing no engine."""

from __future__ import annotations

from customer_atlas.config.expressions import bind_expression, expression_columns, rests_on
from customer_atlas.config.models import (
    PEOPLE_PACKS,
    Label,
    Privacy,
    Project,
    ReadOptions,
    Segmentation,
    Source,
    State,
)
from customer_atlas.config.people import Geography, Scale
from customer_atlas.config.project_file import ProjectFile
from customer_atlas.config.roles import ACTIONS, COMPLAINTS, ROLES, ColumnType, Role

__all__ = [
    "ACTIONS",
    "COMPLAINTS",
    "PEOPLE_PACKS",
    "ROLES",
    "ColumnType",
    "Geography",
    "Label",
    "Privacy",
    "Project",
    "ProjectFile",
    "ReadOptions",
    "Role",
    "Scale",
    "Segmentation",
    "Source",
    "State",
    "bind_expression",
    "expression_columns",
    "rests_on",
]
