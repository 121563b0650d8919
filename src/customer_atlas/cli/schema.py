"""`atlas schema`: the JSON Schema of the project file."""

from __future__ import annotations

from pathlib import Path

from customer_atlas.cli.output import AsJson, ProjectPath, emit_json

__all__ = ["schema"]


def schema(project: ProjectPath = Path("atlas.yaml"), json: AsJson = False) -> None:
    """Print the JSON Schema of atlas.yaml, for editors that complete and check it.

    It is JSON with and without --json, and the same for every project.
    """
    from customer_atlas.config import Project

    document = Project.model_json_schema()
    emit_json({"$schema": "https://json-schema.org/draft/2020-12/schema"} | document)
