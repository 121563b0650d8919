"""The page: safe whatever a name holds, offline, the same every time, and fit to be read."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pytest
from numpy.typing import NDArray

from customer_atlas.report import Facts, page_html
from customer_atlas.report.words import clean
from tests.report.made import made_facts

HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "\"quotes\" 'and' `more` & <b>bold</b>",
    "<!-- <script>",
    "😀 عملاء العرب",
    "\u202etext that turns\u202c",
    "${title} $style",
    "long " * 200,
]
VOID = {"meta", "link", "img", "br", "hr", "input"}


class Reader(HTMLParser):
    """What a browser would make of the page: elements, their attributes, texts by element."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "elements close in order"

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    return reader


@pytest.fixture(scope="module")
def page() -> str:
    return page_html(made_facts())


@pytest.fixture(scope="module")
def hostile() -> tuple[Facts, str]:
    made = made_facts(len(HOSTILE), names=HOSTILE)
    (source,) = made.sources
    (example,) = source.examples
    evil = HOSTILE[0]
    source = replace(
        source, source=evil, notes=tuple(HOSTILE), reasons={evil: 2},
        examples=(replace(example, file=evil, column=evil, found=evil, reason=evil),),
    )  # fmt: skip
    facts = replace(
        made,
        project=evil,
        segmentation=evil,
        sources=(source,),
        unused=dict.fromkeys(HOSTILE, evil),
        libraries={evil: evil},
        search=replace(made.search, reason=evil, null=replace(made.search.null, sentence=evil)),
        segments=tuple(replace(one, reasons=tuple(HOSTILE)) for one in made.segments),
    )
    return facts, page_html(facts)


def test_names_from_data_make_no_element_and_no_attribute(hostile: tuple[Facts, str], page: str):
    found = read(hostile[1]).elements
    assert {tag for tag, _ in found} <= {tag for tag, _ in read(page).elements} | {"ul", "li"}
    assert not [a for _, attributes in found for a in attributes if a.startswith("on")]


def test_names_from_data_are_told_as_they_are(hostile: tuple[Facts, str]):
    facts, page = hostile
    told = " ".join(text for _, text in read(page).texts)
    for segment in facts.segments:
        assert clean(segment.name) in told


def test_the_json_of_the_figures_cannot_leave_its_script(hostile: tuple[Facts, str]):
    (figures,) = re.findall(
        r'<script type="application/json" id="figures">(.*?)</script>', hostile[1], re.DOTALL
    )
    assert not set("<>&") & set(figures)
    names = {trace["name"] for trace in json.loads(figures)["figure-map"]["data"]}
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in names


def test_marks_that_turn_text_around_are_gone(hostile: tuple[Facts, str]):
    ours = re.sub(r"<script>.*?</script>", "", hostile[1], flags=re.DOTALL)
    assert "\u202e" not in ours
    assert "\\u202e" not in ours


def test_nothing_is_loaded_from_anywhere(page: str):
    for tag, attributes in read(page).elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base")
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    plain = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"@import|url\(|https?://", plain)
    ours = files("customer_atlas.report").joinpath("page.js").read_text(encoding="utf-8")
    assert not re.search(r"https?:|fetch\(|XMLHttpRequest|import\(", ours)


def test_a_policy_lets_only_our_scripts_run_and_nothing_load(page: str):
    (policy,) = [
        attributes["content"] or ""
        for tag, attributes in read(page).elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "http" not in policy.replace("http-equiv", "")
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = {base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts}
    assert digests == allowed
    assert len(scripts) == 3


def test_each_tab_has_a_panel_and_the_page_says_what_distances_mean(page: str):
    elements = read(page).elements
    tabs = [a for _, a in elements if a.get("role") == "tab"]
    panels = {a["id"]: a for _, a in elements if a.get("role") == "tabpanel"}
    assert [tab["aria-selected"] for tab in tabs][:2] == ["true", "false"]
    assert [tab["aria-controls"] for tab in tabs] == list(panels)
    assert [panel["aria-labelledby"] for panel in panels.values()] == [tab["id"] for tab in tabs]
    told = " ".join(text for _, text in read(page).texts)
    assert "The closer two points, the more alike the customers behave, near and far." in told
    assert "how far apart groups lie, how wide and how dense they are, says nothing" in told


@pytest.mark.parametrize("found", [True, False])
def test_without_umap_the_page_says_how_to_get_it(found: bool, monkeypatch: pytest.MonkeyPatch):
    for module in ("geometry", "map_section"):
        monkeypatch.setattr(f"customer_atlas.report.{module}.can_umap", lambda: found)
    if found:
        pytest.importorskip("umap", reason="umap-learn is not installed")
    told = " ".join(text for _, text in read(page_html(made_facts(2, 40))).texts)
    assert ("pip install 'customer-atlas[maps]'" in told) == (not found)
    assert ("UMAP keeps each customer" in told) == found
    assert "t-SNE keeps each customer" in told


def test_sections_go_from_how_many_to_how_clear_cut_to_which_are_alike_to_the_map(page: str):
    ids = [a["id"] for tag, a in read(page).elements if tag == "section"]
    wanted = ["choice", "silhouettes", "tree", "map"]
    assert [one for one in ids if one in wanted] == wanted


def test_no_customer_is_named(page: str):
    assert "customer-4711" not in page


def test_the_same_facts_make_the_same_bytes(page: str):
    assert page_html(made_facts()) == page


def test_the_time_is_that_of_the_run(page: str):
    assert "made 2 May 2024, 10:30 UTC" in page


def test_every_id_is_there_once_and_every_way_leads_somewhere(page: str):
    elements = read(page).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    ways = [a["href"] or "" for tag, a in elements if tag == "a"]
    assert {way.removeprefix("#") for way in ways} <= set(ids)
    named = [a["aria-labelledby"] for _, a in elements if "aria-labelledby" in a]
    assert set(named) <= set(ids)
    assert named


def test_headings_go_down_one_level_at_a_time(page: str):
    levels = [int(tag[1]) for tag, _ in read(page).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_chart_is_said_to_those_who_cannot_see_it(page: str):
    charts = [a for tag, a in read(page).elements if a.get("class") == "plot"]
    assert charts
    assert all(chart["role"] == "img" and chart["aria-label"] for chart in charts)


def test_what_was_not_used_is_told_in_words(page: str):
    told = " ".join(text for _, text in read(page).texts)
    assert "Protected: kept for audits, and never used to form segments" in told
    assert "Nearly the same as “Net spend”" in told


def test_outcomes_are_told_with_their_intervals_and_unknown_ones_as_such(page: str):
    cells = [text for where, text in read(page).texts if where in ("td", "b", "bdi", "th")]
    assert "Churned" in cells
    at = len(cells) - 1 - cells[::-1].index("Everyone")  # the row of the last table that has one
    assert cells[at + 1 : at + 3] == ["27.4%", " (25.1% to 29.8%)"]
    assert cells[at - 1] == "unknown"


def test_rows_are_accounted_for(page: str):
    cells = [text for where, text in read(page).texts if where in ("td", "b")]
    at = cells.index("transactions")
    assert cells[at + 1 : at + 8] == ["2", "10", "7", "1", "2", "0", "1"]


@pytest.fixture(params=[0, 1], ids=["light", "dark"])
def shades(request: pytest.FixtureRequest) -> dict[str, str]:
    """Colours of the style sheet by name."""
    css = files("customer_atlas.report").joinpath("page.css").read_text(encoding="utf-8")
    pairs = dict(re.findall(r"--([a-z0-9]+): light-dark\((#\w{6}, #\w{6})\)", css))
    return {name: pair.split(", ")[request.param] for name, pair in pairs.items()}


def test_colours_can_be_seen_against_the_cards(shades: dict[str, str]):
    for name in ("ink", "quiet", "accent"):  # text
        assert _contrast(shades[name], shades["card"]) >= 4.5, name
        assert _contrast(shades[name], shades["ground"]) >= 4.5, name
    for name in ("less", "even", "more"):  # numbers stand on them
        assert _contrast(shades["ink"], shades[name]) >= 4.5, name
    for place in range(1, 21):  # marks, and badges with a number on them
        assert _contrast(shades[f"s{place}"], shades["card"]) >= 3.0, place


# How colours look to those who lack a kind of cone: Machado, Oliveira and Fernandes (2009).
VISION = {
    "full": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


@pytest.mark.parametrize("vision", VISION)
def test_segments_can_be_told_apart_by_every_kind_of_vision(shades: dict[str, str], vision: str):
    seen = [_lab(np.array(VISION[vision]) @ _linear(shades[f"s{place}"])) for place in range(1, 21)]
    for count, apart in ((8, 15.0), (20, 7.5)):  # a difference of 2.3 is just noticeable
        pairs = itertools.combinations(seen[:count], 2)
        assert min(float(np.linalg.norm(a - b)) for a, b in pairs) >= apart


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    dark, light = sorted(float(weights @ _linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def _linear(colour: str) -> NDArray[np.float64]:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def _lab(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE L*a*b* of linear sRGB, where distances are as people see them."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ np.clip(linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
