"""Sub-segments from the project file to members, pages and an ONNX file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import adjusted_rand_score
from typer.testing import CliRunner

from customer_atlas import Atlas
from customer_atlas.cli.app import app
from customer_atlas.config import Segmentation
from customer_atlas.errors import UsageError
from customer_atlas.pipeline import Explainer, bias_of, drivers_of, write_onnx
from customer_atlas.pipeline.model import Model
from customer_atlas.report.facts import compare
from customer_atlas.report.persona_cards import personas_html
from customer_atlas.report.personas import personas_of
from customer_atlas.segments import Segment, holds

__all__: list[str] = []

PROJECT = """\
project: club
state: {buckets: 2}
protected: [side]
sources:
  people: {path: people.parquet, role: customers, labels: {churned: {column: churned}}}
segmentations:
  main: {packs: [attributes], max_segments: 5, levels: 2}
  flat: {packs: [attributes], max_segments: 5}
"""


def people(n: int = 600) -> tuple[pa.Table, pa.Table]:
    """Three groups; the first has two halves that differ in what varies little among them."""
    draw = np.random.default_rng(0)
    broad, half = draw.integers(0, 3, n), draw.integers(0, 2, n)
    noise = draw.normal(size=(n, 5))
    X = noise + 14 * np.eye(3, 5)[broad]
    for column in (3, 4):
        inside = 0.15 * (noise[:, column] + 5 * (half - 0.5))
        X[:, column] = np.where(broad == 0, inside, noise[:, column])
    names = ("visits", "age", "income", "spend", "basket")
    table = {name: X[:, at] for at, name in enumerate(names)}
    ids = [f"c{number:03d}" for number in range(n)]
    side = np.where(draw.random(n) < np.where(broad == 0, half, 0.5), "left", "right")
    churned = (draw.random(n) < 0.1 + 0.3 * (broad == 0) * half).astype(float)
    truth = {"truth": broad * 2 + half * (broad == 0)}
    return pa.table({"customer_id": ids, **table, "side": side, "churned": churned}), pa.table(
        truth
    )


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("club")
    pq.write_table(people()[0], folder / "people.parquet")
    (folder / "atlas.yaml").write_text(PROJECT, encoding="utf-8")
    with Atlas.open(folder / "atlas.yaml") as atlas:
        atlas.run()
    return folder / "atlas.yaml"


@pytest.fixture
def atlas(club: Path) -> Iterator[Atlas]:
    with Atlas.open(club) as opened:
        yield opened


@pytest.fixture
def divided(atlas: Atlas) -> Segment:
    """The broad segment that has sub-segments."""
    (parent,) = {one.parent for one in atlas.segments() if one.level == 2}
    return atlas.published().segment(str(parent))


def test_members_of_each_level_add_up(atlas: Atlas, divided: Segment) -> None:
    members = atlas.members()
    assert members.column_names == [
        "customer_id", "segmentation", "segment_id", "segment", "kind", "level", "probability",
        "generation", "as_of",
    ]  # fmt: skip
    broad = members.filter(pc.equal(members["level"], 1))
    deeper = members.filter(pc.equal(members["level"], 2))
    assert broad.num_rows == 600
    assert len(set(broad["customer_id"].to_pylist())) == 600
    inside = broad.filter(pc.equal(broad["segment_id"], divided.id))
    assert deeper["customer_id"].to_pylist() == inside["customer_id"].to_pylist()
    counts = {
        one["values"]: one["counts"] for one in pc.value_counts(members["segment_id"]).to_pylist()
    }
    assert counts == {one.id: one.size for one in atlas.segments()}
    assert sum(one.size for one in atlas.segments() if one.parent == divided.id) == divided.size
    assert members["customer_id"].to_pylist() == sorted(members["customer_id"].to_pylist())


def test_the_planted_groups_are_the_segments_of_both_levels(atlas: Atlas) -> None:
    members = atlas.members()
    last = dict(
        zip(members["customer_id"].to_pylist(), members["segment_id"].to_pylist(), strict=True)
    )
    truth = people()[1]["truth"].to_pylist()
    labels = [last[f"c{number:03d}"] for number in range(600)]
    assert len(set(labels)) == 4
    assert adjusted_rand_score(truth, labels) > 0.97


def test_sub_segments_are_told_apart_within_their_segment(atlas: Atlas, divided: Segment) -> None:
    inside = [one for one in atlas.segments() if one.parent == divided.id]
    assert len({one.name for one in inside}) == len({one.id for one in inside}) == 2
    for one in inside:
        assert one.level == 2
        assert one.name.startswith(f"{divided.name} / ")
        assert one.id.startswith("g1-2-")
        assert {telling.feature for telling in one.telling[:2]} == {"spend", "basket"}
        assert f"of “{divided.name}”" in one.sentence
        assert one.share == pytest.approx(one.size / 600)
        assert one.overall == pytest.approx(divided.centroid)
    names = [one.name for one in atlas.segments()]
    assert names.index(divided.name) + 1 == names.index(inside[0].name)


def test_sub_segments_are_driven_by_what_differs_inside_their_segment(
    atlas: Atlas, divided: Segment
) -> None:
    published = atlas.published()
    drivers = drivers_of(published, within=divided)
    inside = published.inside(divided)
    assert {one.segment for one in drivers.segments} == {one.id for one in inside}
    for one in drivers.segments:
        assert {driver.feature for driver in one.told} <= {"spend", "basket"}
        assert one.told
        assert one.held == pytest.approx(0.3 * published.segment(one.segment).size, abs=1)
    assert drivers.balanced is not None
    assert drivers.balanced > 0.9
    again = drivers_of(published, within=divided)  # it is kept
    assert again == drivers
    assert drivers_of(published).segments != drivers.segments


def test_a_rule_inside_a_segment_is_measured_on_that_segment_alone(
    atlas: Atlas, divided: Segment
) -> None:
    published = atlas.published()
    features, members = published.features(), published._table("members").sort_by("customer_id")
    infos = {info.name: info for info in published.model.infos}
    inside = published.inside(divided)
    assert set(published.inside_rules) == {one.id for one in inside}
    for segment in inside:
        rule = published.inside_rules[segment.id]
        assert {one.feature for _, one in rule.when.walk() if one.feature} <= {"spend", "basket"}
        whole = members["cluster"].to_numpy() == divided.cluster
        like = holds(rule.when, features, infos) & whole
        own = members["cluster_2"].to_numpy() == segment.cluster
        assert (rule.matched, rule.inside) == (like.sum(), (like & own).sum())
        assert rule.size == segment.size
        assert rule.precision is not None
        assert rule.precision > 0.9
        assert published.segment_rules[segment.id].within is None


def test_a_sub_segment_is_explained_inside_its_segment(
    club: Path, atlas: Atlas, divided: Segment
) -> None:
    one = atlas.published().inside(divided)[0]
    found = Explainer(atlas.published()).segment(one.id)
    assert (found.segment.id, found.parent) == (one.id, divided)
    assert found.drivers == drivers_of(atlas.published(), within=divided).of(one.id)
    shown = CliRunner().invoke(app, ["show", "segment", one.id, "--project", str(club), "--json"])
    told = json.loads(shown.stdout)
    assert told["drivers"]["segment"] == one.id
    assert told["rule_inside"]["within"] == divided.id


def test_bias_inside_a_segment_is_of_its_customers_alone(
    club: Path, atlas: Atlas, divided: Segment
) -> None:
    published = atlas.published()
    report = bias_of(published, within=divided)
    (side,) = report.attributes
    assert report.customers == divided.size
    assert {one.segment for one in side.segments} == {one.name for one in published.inside(divided)}
    assert report.fails  # its halves are the sides
    (of_all,) = bias_of(published).attributes
    assert {one.segment for one in of_all.segments} == {one.name for one in published.segments}
    asked = ["bias", "--inside", divided.id, "--strict", "--project", str(club)]
    assert CliRunner().invoke(app, asked).exit_code == 3
    whole = next(one for one in published.segments if not published.inside(one))
    with pytest.raises(UsageError, match=f"'{re.escape(whole.name)}' has no sub-segments"):
        bias_of(published, within=whole)


def test_a_card_has_a_small_card_for_each_sub_segment(atlas: Atlas, divided: Segment) -> None:
    published = atlas.published()
    personas = personas_of(published, compare(published)[2])
    (card,) = [one for one in personas if one.parts]
    assert card.segment == divided
    assert [one.segment for one in card.parts] == published.inside(divided)
    page = personas_html(personas)
    assert page.count("<h5>") == 2
    for part in card.parts:
        assert part.rule is not None
        assert part.rule.sentence in page
        assert f"{part.segment.size:,} customers, " in page


def test_one_level_has_one_row_a_customer(atlas: Atlas) -> None:
    members = atlas.members("flat")
    assert members.num_rows == 600
    assert set(members["level"].to_pylist()) == {1}
    assert [one.id for one in atlas.segments("flat") if one.level > 1] == []
    flat = {one.name: one.size for one in atlas.segments("flat")}
    assert flat == {one.name: one.size for one in atlas.segments() if one.level == 1}


def test_a_label_is_measured_once_for_everyone_and_for_every_level(
    atlas: Atlas, divided: Segment
) -> None:
    (churned,) = atlas.outcomes()
    assert churned.everyone.known == 600
    assert churned.everyone.value == pytest.approx(pc.mean(people()[0]["churned"]).as_py())
    assert set(churned.segments) == {one.id for one in atlas.segments()}
    inside = [one for one in atlas.segments() if one.parent == divided.id]
    assert sum(churned.segments[one.id].known for one in inside) == divided.size
    assert churned.segments[divided.id].known == divided.size


def test_run_again_ids_and_names_stay(club: Path, atlas: Atlas) -> None:
    before = [(one.id, one.name, one.level, one.parent) for one in atlas.segments()]
    runs = atlas.run(as_of="2030-01-01")
    assert not runs[0].trained
    assert runs[0].changed
    assert [(one.id, one.name, one.level, one.parent) for one in atlas.segments()] == before
    assert runs[0].customers == 600
    assert "3 segments, 2 sub-segments in them," in runs[0].outcome


def test_a_model_is_kept_and_read_with_its_tree(atlas: Atlas) -> None:
    published = atlas.published()
    model = published.model
    again = Model.load(atlas.workspace.root / published.generation.artifacts)
    features = published.features()
    assert again.assign(features).equals(model.assign(features))
    assert again.tree.nodes == model.tree.nodes
    leaves = [node.reason for node in model.tree.at(1) if not model.tree.divided(node)]
    assert len(leaves) == 2
    assert all("null test finds no structure" in reason for reason in leaves)
    assert model.tree.cut(2).n == 2


def test_an_onnx_file_says_both_levels_alike(atlas: Atlas, tmp_path: Path) -> None:
    published = atlas.published()
    written = write_onnx(published, tmp_path / "model.onnx")
    assert written.outputs[-3:] == ("segment_id_2", "cluster_2", "probability_2")
    features = published.features()
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    given = {name: features[name].to_numpy()[:, None] for name in written.inputs}
    found = dict(zip(written.outputs, session.run(list(written.outputs), given), strict=True))
    ours = published.model.assign(features)
    assert (found["cluster_2"] == ours["cluster_2"].to_numpy()).all()
    assert found["probability_2"] == pytest.approx(ours["probability_2"].to_numpy(), abs=1e-9)
    members = atlas.members()
    deeper = members.filter(pc.equal(members["level"], 2))
    inside = found["segment_id_2"] != ""
    ids = features["customer_id"].filter(pa.array(inside)).to_pylist()
    assert ids == deeper["customer_id"].to_pylist()
    assert found["segment_id_2"][inside].tolist() == deeper["segment_id"].to_pylist()


def test_the_terminal_shows_the_tree(club: Path, atlas: Atlas, divided: Segment) -> None:
    inside = [one for one in atlas.segments() if one.parent == divided.id]

    def show(*words: str) -> str:
        found = CliRunner().invoke(app, ["show", *words, "--project", str(club)])
        assert found.exit_code == 0, found.output
        return found.stdout

    shown = show("segments")
    assert shown.index(divided.id) < shown.index(inside[0].id) < shown.index(inside[1].id)
    assert divided.id in show("segment", inside[0].id).split("Part of")[1]
    told = json.loads(show("segment", divided.id, "--json"))
    assert told["children"] == [one.id for one in inside]
    assert "2 sub-segments, by" in told["inside"]
    who = inside[1].typical[0]
    told = json.loads(show("customer", who, "--json"))
    assert told["segment_id"] == divided.id
    assert [one["segment_id"] for one in told["inside"]] == [inside[1].id]
    assert inside[1].id in " ".join(show("customer", who).split())


def test_the_family_of_a_segment_is_known(atlas: Atlas, divided: Segment) -> None:
    published = atlas.published()
    parent, inside = published.family(divided)
    assert parent is None
    assert sum(one.size for one in inside) == divided.size
    assert published.family(inside[0]) == (divided, [])
    assert published.segments == [one for one in atlas.segments() if one.level == 1]


def test_segments_written_before_there_were_levels_are_broad(divided: Segment) -> None:
    stored = divided.to_dict()
    del stored["level"], stored["parent"]
    assert Segment.from_dict(stored) == divided


@pytest.mark.parametrize("levels", [0, 4, "two"])
def test_levels_that_cannot_be_are_refused(levels: object) -> None:
    with pytest.raises(ValueError, match="levels"):
        Segmentation.model_validate({"levels": levels})
