"""Persona cards: safe, offline, one for each segment, and without a person."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from customer_atlas import Atlas
from customer_atlas.errors import UsageError
from customer_atlas.report import write_personas
from customer_atlas.report.drawing import Bar, Spoke, columns_svg, lying_bars_svg, radar_svg
from customer_atlas.report.persona_cards import personas_html
from customer_atlas.report.personas import Example, Persona
from customer_atlas.report.words import clean
from customer_atlas.segments import WEEKDAYS, Advice, Habit, Habits, Print
from customer_atlas.simulate import simulate_retailer
from tests.report.made import made_people, made_segments
from tests.report.test_page import HOSTILE, read

PROJECT = """\
project: shop
state: {buckets: 3}
sources:
  orders: {path: data/transactions.csv, role: transactions}
  products: {path: data/products.csv, role: products}
segmentations: {main: {max_segments: 6}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    simulate_retailer(150, seed=5).write(folder / "data", format="csv")
    path = folder / "atlas.yaml"
    path.write_text(PROJECT, encoding="utf-8")
    with Atlas.open(path) as atlas:
        atlas.run()
        published = atlas.published()
        published.annotate(
            published.segments[0], name="Our <b>best</b>", owner="CRM & co", note="Call them."
        )
    return path


@pytest.fixture(scope="module")
def page(project: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    target = tmp_path_factory.mktemp("out") / "p.html"
    with Atlas.open(project) as atlas:
        write_personas(atlas.published(), target)
    return target.read_text(encoding="utf-8")


def made_personas(names: list[str]) -> list[Persona]:
    """Personas whose every text is one of some names."""
    segments = made_segments(made_people(len(names), 240), len(names), names=names)
    even = Print(50, 500, (1 / 7,) * 7, (0.01,) * 7)
    kinds = Print(50, 500, (1 / len(names),) * len(names), (0.01,) * len(names))
    groups = {one.id: even for one in segments}
    habits = Habits(
        240, 240,
        (
            Habit("weekday", "orders", WEEKDAYS, even, groups),
            Habit("category", "spend", tuple(names), kinds, dict.fromkeys(groups, kinds)),
        ),
    )  # fmt: skip
    return [
        Persona(
            segment, place, name, {name: 0.5}, "top", tuple(Spoke(one, 50.0) for one in names),
            habits, (Example(name, ((name, name),)),), Advice((name,), (name,)), name, name,
            (name,),
        )
        for place, (segment, name) in enumerate(zip(segments, names, strict=True))
    ]  # fmt: skip


def test_hostile_names_make_no_element_and_no_attribute():
    evil, plain = (personas_html(made_personas(one)) for one in (HOSTILE, ["a", "b", "c"] * 2))
    found = read(evil).elements
    assert {tag for tag, _ in found} == {tag for tag, _ in read(plain).elements}
    assert not [a for _, attributes in found for a in attributes if a.startswith("on")]
    told = "".join(text for _, text in read(evil).texts)
    for name in HOSTILE:
        assert told.count(clean(name)) >= 5  # name, story, advice, owner, note
    assert "\u202e" not in evil


def test_every_segment_has_a_card_and_every_id_is_there_once(project: Path, page: str):
    with Atlas.open(project) as atlas:
        published = atlas.published()
        segments, stories = published.segments, published.stories
    elements = read(page).elements
    cards = [one["id"] for tag, one in elements if tag == "article"]
    assert cards == [f"persona-{place + 1}" for place in range(len(segments))]
    ids = Counter(one["id"] for _, one in elements if "id" in one)
    assert set(ids.values()) == {1}
    for _, one in elements:
        href, label = one.get("href"), one.get("aria-labelledby")
        assert href is None or (href[0] == "#" and href[1:] in ids)
        assert label is None or label in ids
    told = " ".join(text for _, text in read(page).texts)
    for segment in segments:
        assert segment.name in told
        assert stories[segment.id].text in told


def test_what_people_say_of_a_segment_is_on_its_card(page: str):
    told = [text for _, text in read(page).texts]
    for said in ("Our <b>best</b>", "CRM & co", "Call them.", "Found as "):
        assert said in told


def test_nothing_is_loaded_and_only_our_script_may_run(page: str):
    assert len(page) < 200_000
    for tag, attributes in read(page).elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base")
        assert "src" not in attributes
    assert page.count("<script>") == 1
    assert not re.search(r"@import|url\(|https?://", page)
    assert re.search("default-src 'none'; script-src 'sha256-[^']+';", page)


def test_pictures_can_be_read_without_being_seen(page: str):
    pictures = [one for tag, one in read(page).elements if tag == "svg"]
    assert pictures
    for one in pictures:
        assert one["role"] == "img"
        assert re.search(r"\d", one["aria-label"] or "")


def test_nobody_is_named(project: Path, page: str):
    with Atlas.open(project) as atlas:
        ids = set(atlas.members()["customer_id"].to_pylist())
    words = set(re.findall(r"[\w.-]+", page))
    assert ids
    assert not ids & words
    assert re.search(r"<b>[A-Z2-7]{4}-[A-Z2-7]{4}</b>", page)


def test_a_folder_has_a_page_of_all_and_one_of_each(project: Path, tmp_path: Path, page: str):
    with Atlas.open(project) as atlas:
        published = atlas.published()
        written = write_personas(published, tmp_path / "cards")
        names = {f"{one.id}.html" for one in published.segments}
    assert {path.name for path in (tmp_path / "cards").iterdir()} == names | {"index.html"}
    assert written.bytes == sum(path.stat().st_size for path in written.paths)
    assert (tmp_path / "cards" / "index.html").read_text(encoding="utf-8") == page
    for path in written.paths[1:]:
        assert path.read_text(encoding="utf-8").count("<article") == 1


@pytest.mark.parametrize(
    ("place", "said"),
    [("none/p.html", "does not exist"), ("none/p", "does not exist"), ("file", "is a file")],
)
def test_a_place_that_cannot_be_written_is_refused(
    project: Path, tmp_path: Path, place: str, said: str
):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with Atlas.open(project) as atlas, pytest.raises(UsageError, match=said):
        write_personas(atlas.published(), tmp_path / place)


@pytest.mark.parametrize(
    ("file", "role", "rows"),
    [
        ("o.csv", "transactions", "customer_id,timestamp,amount\na,2024-01-02,5\n"),
        ("p.csv", "customers", "customer_id,visits\n" + "".join(f"q{n}q,{n}\n" for n in range(9))),
    ],
    ids=["a segment of one", "people alone"],
)
def test_a_card_has_what_there_is(tmp_path: Path, file: str, role: str, rows: str):
    (tmp_path / file).write_text(rows, encoding="utf-8")
    path = tmp_path / "atlas.yaml"
    path.write_text(f"project: s\nsources:\n  s: {{path: {file}, role: {role}}}\n")
    with Atlas.open(path) as atlas:
        atlas.run()
        written = write_personas(atlas.published(), tmp_path / "p.html")
        (segment,), (story,) = atlas.segments(), atlas.published().stories.values()
    page = written.paths[0].read_text(encoding="utf-8")
    assert page.count("<article") == 1
    told = " ".join(text for _, text in read(page).texts)
    assert story.text in told
    assert "On which day" not in told
    assert ("Typical customers" in told) == (segment.size >= 5)


def test_bars_are_as_long_as_their_shares():
    bars = [Bar("a", 0.5, 0.25), Bar("b", 0.25, 0.5, strong=True), Bar("c", 0.0, 0.0)]
    for drawn, size in ((columns_svg(bars, "s"), "height"), (lying_bars_svg(bars, "s"), "width")):
        found = re.findall(rf'<rect class="(.*?)".*? {size}="(.*?)"', drawn)
        long, short, none = (float(value) for _, value in found)
        assert short == pytest.approx(long / 2, abs=0.06)
        assert none == 0
        assert [kind for kind, _ in found] == ["share", "share strong", "share"]


def test_a_radar_puts_ranks_on_their_spokes_and_leaves_out_what_is_unknown():
    spokes = [Spoke("a", 100.0), Spoke("b", 50.0), Spoke("c", None), Spoke("d", 0.0)]
    drawn = radar_svg(spokes, "s")
    dots = re.findall(r'class="dot" cx="(.*?)" cy="(.*?)"', drawn)
    points = np.array(dots, dtype=float) - (170, 125)
    assert np.hypot(*points.T) == pytest.approx([82, 41, 0], abs=0.1)
    assert drawn.count("<tspan") == 4


def test_a_card_without_habits_says_so():
    (one, *_) = made_personas(["a", "b", "c"])
    habit = one.habits.found[0]
    few = replace(one, habits=Habits(9, 9, (replace(habit, groups={}),)))
    assert "too little" in personas_html([few])
    assert "too little" not in personas_html([one])
