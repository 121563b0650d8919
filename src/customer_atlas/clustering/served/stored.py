"""Served models on disk: npz and JSON, never pickle."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from customer_atlas.clustering.served.calibrated import FORMS, Calibrated
from customer_atlas.clustering.served.served import Served
from customer_atlas.errors import ArtifactError

__all__ = ["load_served", "save_served"]

_FORMAT = 1
_KINDS: dict[str, type[Served]] = FORMS | {Calibrated.kind: Calibrated}


def save_served(model: Served, folder: Path) -> None:
    """Write `clusters.json` and `clusters.npz` into the folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {"format": _FORMAT, "kind": model.kind}
    (folder / "clusters.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    np.savez(folder / "clusters.npz", allow_pickle=False, **model.to_arrays())


def load_served(folder: Path) -> Served:
    """Read what `save_served` wrote. Raises `ArtifactError` when it is missing or damaged."""
    try:
        facts = json.loads((folder / "clusters.json").read_text(encoding="utf-8"))
        if facts["format"] != _FORMAT:
            raise ValueError(f"format {facts['format']} instead of {_FORMAT}")
        with np.load(folder / "clusters.npz", allow_pickle=False) as arrays:
            return _KINDS[facts["kind"]].from_arrays(dict(arrays))
    except Exception as cause:
        raise ArtifactError(f"The clusters in {folder} cannot be read: {cause}") from cause
