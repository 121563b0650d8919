"""From a folder of files to a project: what its tables hold, and what is not sure."""

from __future__ import annotations

from customer_atlas.discovery.proposal import (
    Answers,
    Doubt,
    Proposal,
    ProposedLabel,
    ProposedScale,
    ProposedSource,
)
from customer_atlas.discovery.proposing import project_name, propose
from customer_atlas.discovery.roles import SKIP
from customer_atlas.discovery.tables import LeftOut, Table, look_at
from customer_atlas.discovery.vocabulary import words_of
from customer_atlas.discovery.yaml_text import project_text

__all__ = [
    "SKIP",
    "Answers",
    "Doubt",
    "LeftOut",
    "Proposal",
    "ProposedLabel",
    "ProposedScale",
    "ProposedSource",
    "Table",
    "look_at",
    "project_name",
    "project_text",
    "propose",
    "words_of",
]
