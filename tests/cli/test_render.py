"""Pages for the terminal: legible at 80 columns, without colour, in ASCII, whatever the data."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import dataclass, replace

import pytest
from rich.console import Console

from customer_atlas.cli import render
from customer_atlas.data import Counts, SourceReport
from customer_atlas.features import FeatureInfo
from customer_atlas.segments import Segment, Telling

TELLING = tuple(
    Telling(
        name, label, effect, here, everyone, "higher" if effect > 0 else "lower", "median",
        unit, texts[0], texts[1], phrase,
    )
    for name, label, effect, here, everyone, unit, texts, phrase in (
        ("frequency", "orders", 2.0, 60.0, 20.0, "orders", ("60", "20"),
         "have placed 60 orders in all against 20"),
        ("recency_days", "days since the last order", -1.0, 3.0, 12.0, "days", ("3", "12"),
         "last ordered 3 days ago against 12"),
    )
)  # fmt: skip
TOP = Segment(
    id="g1-a3f2", name="Top active regulars", cluster=0, size=412, share=0.2, revenue_share=0.4,
    probability=0.75, centroid={"frequency": 60.0, "recency_days": 3.0, "city": "York"},
    overall={"frequency": 20.0, "recency_days": 12.0, "city": "Leeds"}, telling=TELLING,
    reasons=tuple(one.phrase for one in TELLING), typical=("c1", "c2"),
    sentence="412 customers (20%) bring 40% of revenue.",
)  # fmt: skip
REST = replace(
    TOP, id="g1-b000", name="Light spenders", size=1648, share=0.8, revenue_share=0.6, telling=(),
    reasons=(),
)  # fmt: skip
INFOS = (
    FeatureInfo("city", "attributes", "category", "city", kind="category"),
    FeatureInfo("recency_days", "rfm", "days", "days since the last order"),
    FeatureInfo("frequency", "rfm", "orders", "orders"),
)


@dataclass(frozen=True)
class Candidate:
    k: int
    score: float
    stability: float = 0.9
    silhouette: float = 0.2
    smallest_share: float = 0.05
    verdict: str = "less stable"


REPORT = SourceReport(
    source="orders", files_read=2, files_unchanged=10, files_gone=0, read=20, kept=20, filtered=0,
    quarantined=0, deduplicated=0, totals=Counts(541909, 406817, 135080, 12, 0), reasons={},
    total_reasons={"bad_amount": 2, "bad_time": 10}, look_alikes=0,
    notes=("day and month cannot be told apart",), changed=True, version=3, seconds=1.5,
)  # fmt: skip


PAGES = {
    "segments": lambda: render.segments_table([TOP, REST]),
    "segment": lambda: render.segment_page(TOP),
    "curve": lambda: render.k_curve([Candidate(2, 0.5), Candidate(6, 1.0)], 6),
    "sources": lambda: render.sources_table([REPORT]),
    "run": lambda: render.run_summary(
        run=3, segmentation="main", outcome="Promoted.", facts={"Customers": 2469}
    ),
    "customer": lambda: render.customer_page("c9", TOP, 0.8, {"frequency": 44.0}, INFOS),
}


def _lines(page, width=80, encoding="utf-8", **options):
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    Console(width=width, file=file, **options).print(page)
    file.flush()
    return raw.getvalue().decode(encoding).splitlines()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("page", PAGES)
def test_no_line_is_wider_than_the_terminal(page, width):
    lines = _lines(PAGES[page](), width)
    assert lines
    assert max(len(line) for line in lines) <= width
    assert not any("…" in line for line in lines)


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_plain_ascii_where_the_terminal_is(page):
    assert all(line.isascii() for line in _lines(PAGES[page](), encoding="ascii"))


@pytest.mark.parametrize("page", PAGES)
def test_colour_adds_nothing_that_is_not_said(page):
    coloured = _lines(PAGES[page](), force_terminal=True, color_system="truecolor")
    plain = _lines(PAGES[page](), no_color=True)
    assert any("\x1b[" in line for line in coloured)
    assert not any("\x1b[" in line for line in plain)


def test_segments_show_name_id_size_shares_and_reasons():
    text = " ".join(_lines(render.segments_table([TOP, REST]), 120))
    for said in ("Top active regulars", "g1-a3f2", "412", "20%", "40%", "last ordered 3 days ago"):
        assert said in text
    assert "nothing sets them apart" in text


def test_bars_are_on_one_scale_for_customers_and_revenue():
    lines = _lines(render.segments_table([TOP, REST]), 120, encoding="ascii")
    bars = [[len(bar) for bar in line.split() if set(bar) == {"#"}] for line in lines]
    assert [bar for bar in bars if bar] == [[2, 5], [10, 7]]


def test_a_segmentation_without_money_has_no_revenue_column():
    lines = _lines(render.segments_table([replace(TOP, revenue_share=None)]))
    assert not any("Revenue" in line for line in lines)


def test_a_negative_share_of_revenue_has_a_number_and_no_bar():
    lines = _lines(render.segments_table([replace(TOP, revenue_share=-0.02)]), encoding="ascii")
    assert any("-2%" in line for line in lines)
    assert sum(line.count("##") > 0 for line in lines) == 1


def test_effects_point_to_their_side():
    lines = _lines(render.segment_page(TOP), encoding="ascii")
    more = next(line for line in lines if "orders" in line and "+2.0" in line)
    less = next(line for line in lines if "-1.0" in line)
    assert "|#######" in more
    assert "####|" in less
    assert "|#" not in less


def test_the_chosen_number_of_segments_is_marked():
    lines = _lines(render.k_curve([Candidate(2, 0.5), Candidate(6, 1.0)], 6))
    assert [line for line in lines if "> 6" in line]
    assert not [line for line in lines if "> 2" in line]


def test_a_curve_without_a_positive_score_is_drawn():
    assert _lines(render.k_curve([Candidate(2, 0.0), Candidate(3, -1.0)], 2))


def test_sources_show_where_every_row_went_and_why():
    text = " ".join(_lines(render.sources_table([REPORT]), 120))
    assert text.index("10 bad time") < text.index("2 bad amount")
    assert "! orders: day and month cannot be told apart" in text
    for said in ("541,909", "406,817", "135,080", "12, 2 new"):
        assert said in text


def test_a_run_says_its_outcome_and_its_warnings():
    page = render.run_summary(
        run=3, segmentation="main", outcome="Done.", facts={"Rows": 12345}, warnings=["look here"]
    )
    text = "\n".join(_lines(page))
    assert "12,345" in text
    assert "! look here" in text


def test_a_customer_is_shown_by_what_tells_the_segment_apart_first():
    lines = _lines(render.customer_page("c9", TOP, 0.8, {"frequency": 44.0, "city": None}, INFOS))
    labels = [line for line in lines if line.strip().startswith(("orders", "days", "city"))]
    assert [line.split()[0] for line in labels] == ["orders", "days", "city"]
    assert labels[0].split()[-3:] == ["44", "60", "20"]
    assert labels[2].split()[-3:] == ["unknown", "York", "Leeds"]
    assert any("Top active regulars" in line and "80%" in line for line in lines)


def test_data_can_neither_style_nor_command_the_terminal():
    evil = replace(TOP, name="[red]boo[/red] \x1b[2J", reasons=("\x1b]0;owned\x07",))
    text = "\n".join(_lines(render.segments_table([evil]), 120))
    assert "[red]boo[/red]" in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_rendering_loads_nothing_heavy():
    code = (
        "import sys, customer_atlas.cli.render;"
        "heavy = {'numpy', 'pyarrow', 'pandas', 'duckdb', 'sklearn', 'ibis'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": "src", "PATH": ""},
    )  # fmt: skip
    assert out.stdout.strip() == "[]"
