from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from customer_atlas.clustering import Centroids, KMeans, load_served, save_served
from customer_atlas.errors import ArtifactError

from ..blobs import planted

__all__: list[str] = []


def test_saved_and_loaded_it_gives_the_same_bits(tmp_path: Path) -> None:
    X, _ = planted(4, 5, n=1000, apart=1.0)
    model = KMeans(4, n_init=3, random_state=7).fit(X).served_
    save_served(model, tmp_path / "model")
    again = load_served(tmp_path / "model")
    assert isinstance(again, Centroids)
    assert again.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()


def test_saving_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    X, _ = planted(3, 2, n=100)
    for name in ("a", "b"):
        save_served(KMeans(3).fit(X).served_, tmp_path / name)
    for file in ("clusters.json", "clusters.npz"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize("damage", ["missing json", "missing npz", "format", "kind", "text"])
def test_a_damaged_model_is_an_error_for_people(tmp_path: Path, damage: str) -> None:
    save_served(Centroids(np.array([[1.5]]), 0.5), tmp_path)
    facts = tmp_path / "clusters.json"
    if damage == "missing json":
        facts.unlink()
    elif damage == "missing npz":
        (tmp_path / "clusters.npz").unlink()
    elif damage in ("format", "kind"):
        facts.write_text(json.dumps(json.loads(facts.read_text()) | {damage: 99}))
    else:
        facts.write_text("{")
    with pytest.raises(ArtifactError, match=r"clusters in .* cannot be read"):
        load_served(tmp_path)
