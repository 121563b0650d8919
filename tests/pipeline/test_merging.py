"""Segments that people would not treat differently serve as one, and the run says so."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from customer_atlas.cli.search_page import search_page
from customer_atlas.clustering import Merged, to_onnx
from customer_atlas.config import Segmentation
from customer_atlas.features import FeatureInfo, Population, Selection
from customer_atlas.pipeline.model import Model
from customer_atlas.pipeline.searching import quickly

__all__: list[str] = []

N = 600
GROUP = np.arange(N) % 4


def trained(folder: Path, split: str) -> Model:
    """Two groups by spend and visits, each in two halves by the feature `split`."""
    draw = np.random.default_rng(0)
    names = ("spend", "visits", split)
    apart = (12 * (GROUP // 2), 12 * (GROUP // 2), 12 * (GROUP % 2))
    columns = {name: draw.normal(by, 1.0) for name, by in zip(names, apart, strict=True)}
    ids = [f"c{number:03}" for number in range(N)]
    pq.write_table(pa.table({"customer_id": ids, **columns}), folder / "features.parquet")
    infos = [FeatureInfo(name, "attributes", "number", name) for name in names]
    settings = Segmentation.model_validate({"max_segments": 5})
    every = Selection(names, (), None, (), "")
    return Model.fit(
        [folder / "features.parquet"], infos, Population(), settings, every, quickly(settings)
    )


def test_a_split_that_nobody_acts_on_is_merged_and_told(tmp_path: Path) -> None:
    model = trained(tmp_path, "confidence")
    assert isinstance(model.clusters.inner, Merged)
    assert model.clusters.inner.model.n_clusters == 4
    assert model.clusters.n_clusters == 2 == len(model.tree.at(1))
    assert len(model.search.merged) == 2
    table = pq.read_table(tmp_path / "features.parquet")
    found = model.assign(table)
    cluster = found["cluster"].to_numpy()
    assert len(set(zip(GROUP // 2, cluster, strict=True))) == 2
    assert found["probability"].to_numpy().min() > 0.9
    model.save(tmp_path / "model")
    again = Model.load(tmp_path / "model")
    assert again.assign(table) == found
    assert again.search == model.search
    to_onnx(model.clusters, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    (theirs,) = session.run(["cluster"], {"X": model.matrix.transform(table)})
    assert (theirs == cluster).all()
    page = io.StringIO()
    Console(file=page, width=120).print(*search_page(model.search))
    said = " ".join(page.getvalue().split())
    assert said.count("Merged 2 groups") == 2


def test_a_split_that_people_act_on_stays(tmp_path: Path) -> None:
    model = trained(tmp_path, "loyalty")
    assert not isinstance(model.clusters.inner, Merged)
    assert model.clusters.n_clusters == 4
    assert model.search.merged == ()
