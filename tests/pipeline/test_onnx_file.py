"""A generation as one ONNX file, scored by a process that knows nothing of this package."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from customer_atlas import Atlas
from customer_atlas.cli import main
from customer_atlas.clustering import (
    Centroids,
    Mixture,
    Prototypes,
    Served,
    Trees,
    served_nodes,
)
from customer_atlas.clustering.students import fit_trees
from customer_atlas.config import Transforms
from customer_atlas.errors import MissingExtraError, UsageError
from customer_atlas.features import DesignMatrix, matrix_nodes
from customer_atlas.onnx_graph import Graph
from customer_atlas.pipeline import write_onnx
from customer_atlas.pipeline.tiers import SCORES, TIERS, tier_nodes, tiers_of
from customer_atlas.simulate import simulate_retailer

from ..features.matrix.onnx.test_matrix import fed, strange
from ..features.matrix.test_transforms import CHOICES, INFOS, customers

__all__: list[str] = []

_SCORE = """
import json, sys
import numpy, onnxruntime, pyarrow, pyarrow.parquet

model, features, target = sys.argv[1:]
session = onnxruntime.InferenceSession(model)
table = pyarrow.parquet.read_table(features)

def given(wanted):
    column = table[wanted.name]
    if wanted.type == "tensor(string)":
        return column.fill_null("").to_numpy().astype(object)[:, None]
    return column.cast("double").to_numpy()[:, None]

names = [output.name for output in session.get_outputs()]
found = dict(zip(names, session.run(names, {one.name: given(one) for one in session.get_inputs()})))
found["probabilities"] = pyarrow.array(found["probabilities"].tolist())
found["customer_id"] = table["customer_id"]
pyarrow.parquet.write_table(pyarrow.table(found), target)
assert not any(name.startswith("customer_atlas") for name in sys.modules)
print(json.dumps(session.get_modelmeta().custom_metadata_map))
"""

_PROJECT = """\
project: shop
state: {buckets: 4}
sources:
  orders: {path: data/transactions.parquet, role: transactions}
  products: {path: data/products.parquet, role: products}
  people: {path: data/customers.parquet, role: customers}
segmentations:
  main: {max_segments: 8}
  other:
    packs: [rfm, basket, attributes]
    transforms: {skew: yeo-johnson, encode: frequency, impute: iterative,
                 outliers: {find: isolation-forest, then: flag}}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has run once, with two segmentations."""
    folder = tmp_path_factory.mktemp("shop")
    simulate_retailer(600, seed=7).write(folder / "data")
    (folder / "atlas.yaml").write_text(_PROJECT)
    with Atlas.open(folder / "atlas.yaml") as opened:
        opened.run()
    return folder


@pytest.fixture
def atlas(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Any]:
    """A function that runs a command in a folder and returns the document that it prints."""

    def ask(folder: Path, *arguments: str, code: int = 0) -> Any:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["atlas", *arguments, "--json"])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert (ended.value.code or 0) == code, err
        return json.loads(out)

    return ask


@pytest.mark.parametrize("name", ["main", "other"])
def test_onnxruntime_alone_scores_exported_features_as_atlas_did(
    atlas: Callable[..., Any], shop: Path, tmp_path: Path, name: str
) -> None:
    target = {kind: str(tmp_path / kind) for kind in ("f.parquet", "m.parquet", "s.parquet")}
    model = str(tmp_path / "model.onnx")
    written = atlas(shop, "export", "model", "--onnx", model, "-s", name)
    atlas(shop, "export", "features", "-o", target["f.parquet"], "-s", name)
    atlas(shop, "export", "members", "-o", target["m.parquet"], "-s", name)
    done = subprocess.run(
        [sys.executable, "-I", "-c", _SCORE, model, target["f.parquet"], target["s.parquet"]],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    ours = pq.read_table(target["m.parquet"]).sort_by("customer_id")
    theirs = pq.read_table(target["s.parquet"]).sort_by("customer_id")
    assert len(set(ours["segment_id"].to_pylist())) > 1
    assert set(ours["kind"].to_pylist()) <= {"learned", "undecided", "outlier"}
    assert theirs["kind"].to_pylist() == ours["kind"].to_pylist()
    assert theirs["customer_id"].to_pylist() == ours["customer_id"].to_pylist()
    assert theirs["segment_id"].to_pylist() == ours["segment_id"].to_pylist()
    assert np.abs(theirs["probability"].to_numpy() - ours["probability"].to_numpy()).max() < 1e-5
    every = np.array(theirs["probabilities"].to_pylist())
    sure = theirs["probability"].to_numpy()
    assert (every.max(axis=1) >= sure - 1e-12).all()
    assert every.max(axis=1)[sure > 0.5 + 1e-8] == pytest.approx(sure[sure > 0.5 + 1e-8], abs=1e-12)
    assert written["outputs"] == [
        "segment_id", "cluster", "probability", "probabilities", "distance", "kind",
    ]  # fmt: skip
    facts = json.loads(done.stdout)
    names = dict(zip(ours["segment_id"].to_pylist(), ours["segment"].to_pylist(), strict=True))
    assert names.items() <= json.loads(facts["segments"]).items()
    assert (facts["project"], facts["segmentation"]) == ("shop", name)
    assert int(facts["generation"]) == written["generation"] == ours["generation"][0].as_py()


def test_value_tiers_are_written_where_they_stand_in_for_segments(
    atlas: Callable[..., Any], tmp_path: Path
) -> None:
    draw = np.random.default_rng(0)
    days = [f"2024-01-{1 + int(day):02d}" for day in draw.integers(28, size=900)]
    lines = [f"c{i % 150},{day},{draw.gamma(3):.2f}" for i, day in enumerate(days)]
    (tmp_path / "orders.csv").write_text("\n".join(["customer_id,timestamp,amount", *lines]))
    source = "{path: orders.csv, role: transactions}"
    (tmp_path / "atlas.yaml").write_text(
        f"project: shop\nsources: {{orders: {source}}}\nsegmentations: {{main: {{packs: [rfm]}}}}\n"
    )
    with Atlas.open(tmp_path / "atlas.yaml") as opened:
        opened.run()
        members, features = opened.members(), opened.published().features()
    assert set(members["kind"].to_pylist()) == {"rule"}
    inputs = atlas(tmp_path, "export", "model", "--onnx", "model.onnx")["inputs"]
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    wanted = ["segment_id", "probability", "kind"]
    ids, sure, kinds = session.run(wanted, fed(features, tuple(inputs)))
    assert set(kinds.tolist()) == {"rule"}
    assert ids.tolist() == members["segment_id"].to_pylist()
    assert len(set(ids.tolist())) > 2
    assert sure.tolist() == members["probability"].to_pylist()
    assert session.get_modelmeta().custom_metadata_map["kind"] == "rule"


@pytest.mark.parametrize("known", [SCORES, SCORES[:2], SCORES[1:2]])
def test_every_sum_of_scores_is_in_the_same_tier(known: tuple[str, ...]) -> None:
    every = np.array(np.meshgrid(*[[0.0, 1, 2, 3, 4, 5, np.nan]] * 3)).reshape(3, -1)
    table = pa.table({name: every[j] for j, name in enumerate(known)})
    graph = Graph()
    tier_nodes(graph, known).give_out(len(TIERS))
    session = onnxruntime.InferenceSession(graph.model("", {}))
    found, shares = session.run(["cluster", "probabilities"], fed(table, graph.inputs))
    assert found.tolist() == tiers_of(table).tolist()
    assert shares.argmax(axis=1).tolist() == found.tolist()


def test_the_file_is_valid_and_names_no_customer(
    atlas: Callable[..., Any], shop: Path, tmp_path: Path
) -> None:
    atlas(shop, "export", "model", "-o", str(tmp_path / "model.onnx"))
    content = (tmp_path / "model.onnx").read_bytes()
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    with Atlas.open(shop / "atlas.yaml") as opened:
        ids = opened.members()["customer_id"].to_pylist()
    assert not [one for one in ids if one.encode() in content]
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--onnx", "model.bin"), "it may end in .onnx"),
        (("--onnx", "no/such/model.onnx"), "does not exist"),
        (("--onnx", "folder.onnx"), "is a folder"),
        (("--onnx", "model.onnx", "-s", "mian"), "Did you mean 'main'?"),
        ((), "Missing option"),
    ],
)
def test_a_wrong_request_is_a_sentence(
    atlas: Callable[..., Any], shop: Path, arguments: tuple[str, ...], said: str
) -> None:
    (shop / "folder.onnx").mkdir(exist_ok=True)
    assert said in atlas(shop, "export", "model", *arguments, code=2)["error"]["message"]


def test_a_file_that_the_system_refuses_leaves_nothing(
    atlas: Callable[..., Any], shop: Path, tmp_path: Path
) -> None:
    target = tmp_path / ("x" * 245 + ".onnx")
    refused = atlas(shop, "export", "model", "--onnx", str(target), code=1)
    assert "The system refused" in refused["error"]["message"]
    assert list(tmp_path.iterdir()) == []


def test_before_the_first_run_there_is_nothing_to_write(
    atlas: Callable[..., Any], tmp_path: Path
) -> None:
    simulate_retailer(50, seed=7).write(tmp_path / "data")
    (tmp_path / "atlas.yaml").write_text(_PROJECT)
    refused = atlas(tmp_path, "export", "model", "--onnx", "model.onnx", code=1)
    assert refused["error"]["message"] == "There are no segments yet. Run: atlas run"


def test_without_the_library_the_extra_is_named(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with (
        Atlas.open(shop / "atlas.yaml") as opened,
        pytest.raises(MissingExtraError, match=r"pip install 'customer-atlas\[onnx\]'"),
    ):
        write_onnx(opened.published(), tmp_path / "model.onnx")


def test_a_feature_that_is_called_as_an_output_is_refused_by_name() -> None:
    graph = Graph()
    given = graph.input("distance")
    with pytest.raises(UsageError, match="A feature is called 'distance'"):
        graph.output("distance", given, "number", 1)


@pytest.mark.parametrize("choice", CHOICES)
def test_features_to_clusters_agree_under_every_choice_in_every_form(choice: str) -> None:
    table = customers(900)
    matrix = DesignMatrix.fit(table, INFOS, transforms=Transforms.model_validate(CHOICES[choice]))
    names = ["cluster", "probability", "probabilities"]
    for form in (Centroids, Mixture, Prototypes, Trees):
        model = some(form, matrix.transform(table))
        graph = Graph()
        served_nodes(matrix_nodes(graph, matrix), model).give_out(model.n_clusters)
        session = onnxruntime.InferenceSession(graph.model("", {}))
        for rows in (table, strange(900, 3)):
            points = matrix.transform(rows)
            ours, shares = model.assign(points), model.predict_proba(points)
            cluster, probability, every = session.run(names, fed(rows, graph.inputs))
            assert every == pytest.approx(shares, abs=1e-5)
            assert probability == pytest.approx(ours.probability, abs=1e-5)
            assert (cluster == ours.cluster).mean() >= (0.9999 if form is Trees else 1.0)


def some(form: type[Served], points: np.ndarray[Any, Any]) -> Served:
    """A model of a form for such points, with what it knows drawn from them."""
    draw = np.random.default_rng(0)
    k, d = 4, points.shape[1]
    centers = points[draw.permutation(len(points))[:k]]
    if form is Centroids:
        return Centroids(centers, 2.0)
    if form is Prototypes:
        near = centers.repeat(3, axis=0) + draw.normal(0, 0.3, (3 * k, d))
        return Prototypes(
            near, np.arange(k, dtype=np.int32).repeat(3), draw.gamma(9, 0.4, 3 * k), 2.0
        )
    if form is Mixture:
        factors = np.triu(draw.normal(0, 0.1, (k, d, d)), 1) + np.eye(d) * 0.7
        return Mixture(np.full(k, 1 / k), centers, factors, np.arange(k, dtype=np.int32), -60.0)
    labels = Centroids(centers, 2.0).predict(points)
    return fit_trees(points, labels, np.ones(len(points)), 0, unusual=True)
