"""What decides a result, as hashes: same definition and inputs, same outcome."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from customer_atlas.config import Project

__all__ = ["definition_of", "digest", "inputs_of", "library_versions"]

_LIBRARIES = (
    "customer-atlas",
    "duckdb",
    "ibis-framework",
    "lightgbm",
    "numpy",
    "pyarrow",
    "scikit-learn",
)


def digest(value: Any) -> str:
    """Return a short hash of a JSON value, whatever the order of its keys.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def definition_of(project: Project, segmentation: str) -> dict[str, Any]:
    """Return all that decides how a segmentation is trained, as JSON values.

    File paths are not in it: the same tables from elsewhere train the same.
    """
    return {
        "project": project.project,
        "timezone": project.timezone,
        "never": sorted(project.never_features),
        "geography": project.geography.model_dump(mode="json"),
        "segmentation": project.segmentations[segmentation].model_dump(mode="json"),
        "sources": {
            name: source.model_dump(mode="json", exclude={"path", "read"})
            for name, source in sorted(project.sources.items())
        },
        "version": importlib.metadata.version("customer-atlas"),
    }


def inputs_of(definition: str, versions: Mapping[str, int], cutoff: datetime) -> str:
    """Return the hash of all that decides a run's memberships."""
    return digest([definition, sorted(versions.items()), cutoff.isoformat()])


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries whose bits end up in a generation."""
    return {name: importlib.metadata.version(name) for name in _LIBRARIES}
