"""What a person declares: the project file as frozen models, knowing no engine."""

from __future__ import annotations

from customer_atlas.config.conditions import Condition, Following, Rule, RuleSize
from customer_atlas.config.declarations import (
    AGGREGATES,
    DERIVED,
    FeatureDeclaration,
    duration,
    ordered,
)
from customer_atlas.config.expressions import (
    bind_expression,
    comparisons,
    expression_columns,
    rests_on,
)
from customer_atlas.config.models import (
    PACKS,
    PEOPLE_PACKS,
    FeatureSelection,
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
from customer_atlas.config.rfm import RfmCuts
from customer_atlas.config.roles import ACTIONS, ACTS, COMPLAINTS, ROLES, ColumnType, Role
from customer_atlas.config.search import ObjectiveWeights, SearchSettings
from customer_atlas.config.stories import StoryBudget, StorySettings
from customer_atlas.config.transforms import FeatureTransforms, Outliers, Steps, Transforms

__all__ = [
    "ACTIONS",
    "ACTS",
    "AGGREGATES",
    "COMPLAINTS",
    "DERIVED",
    "PACKS",
    "PEOPLE_PACKS",
    "ROLES",
    "ColumnType",
    "Condition",
    "FeatureDeclaration",
    "FeatureSelection",
    "FeatureTransforms",
    "Following",
    "Geography",
    "Label",
    "ObjectiveWeights",
    "Outliers",
    "Privacy",
    "Project",
    "ProjectFile",
    "ReadOptions",
    "RfmCuts",
    "Role",
    "Rule",
    "RuleSize",
    "Scale",
    "SearchSettings",
    "Segmentation",
    "Source",
    "State",
    "Steps",
    "StoryBudget",
    "StorySettings",
    "Transforms",
    "bind_expression",
    "comparisons",
    "duration",
    "expression_columns",
    "ordered",
    "rests_on",
]
