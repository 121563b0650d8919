"""Pages for the terminal: legible at 80 columns, without colour, in ASCII, whatever the data."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from rich.console import Console

from customer_atlas.cli import render
from customer_atlas.cli.feature_page import feature_page
from customer_atlas.cli.features import features_page, sparkline
from customer_atlas.cli.sources_table import sources_table
from customer_atlas.config import Role
from customer_atlas.data import Counts, SourceReport
from customer_atlas.features import FeatureInfo, Origin, Stretch
from customer_atlas.pipeline import (
    FeatureExplanation,
    FeatureSet,
    FeatureView,
    InSegment,
    Spread,
)
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


SPREAD = Spread(1000, 900, 300, dict.fromkeys((1, 5, 25, 50, 75, 95, 99), 1234567.0),
                (0.5, 1.5, 2.5), (400, 190))  # fmt: skip
LEVELS = Spread(1000, 1000, levels=(("a city of a very long name, and longer", 700), ("York", 300)))
VIEWS = (
    FeatureView(INFOS[0], LEVELS, "describes"),
    FeatureView(INFOS[1], SPREAD, "forms", importance=0.7, rank=1, prior=(3.0, 12.5)),
    FeatureView(INFOS[2], SPREAD, "dropped", "It says the same as 'monetary'."),
    FeatureView(
        replace(INFOS[2], name="a_name_of_forty_signs_of_which_none_goes"), SPREAD, "forms"
    ),
)
SET = FeatureSet("main", datetime(2024, 5, 31, 10, 17), 3, VIEWS, "Ranked on 900 customers.")


def explained(view: FeatureView) -> FeatureExplanation:
    end = datetime(2024, 5, 31, 10, 17)
    stretch = Stretch("the last 90 days", datetime(2024, 3, 2), end)
    learned = {"rank": [1.0, 2.0, 3.5, 8.0]}
    origin = Origin(Role.TRANSACTIONS, {"orders": ("amount",)}, (stretch,), learned, ())
    segments = (
        InSegment("g1-a3f2", "Top active regulars of a name that is long", 412, 60.0),
        InSegment("g1-b000", "Light spenders", 1648, -20.0),
        InSegment("g1-c000", "Nobody knows", 3),
    )
    line = {"name": "my_recency", "max": "amount", "where": "amount > 0", "from": "orders"}
    declared = (("orders", "amount", "price * 2"),)
    return FeatureExplanation(view, "main", end, 3, 2, origin, declared, (line,), segments, 7)


PAGES = {
    "features": lambda: features_page(SET),
    "feature": lambda: feature_page(explained(VIEWS[1])),
    "category": lambda: feature_page(explained(VIEWS[0])),
    "segments": lambda: render.segments_table([TOP, REST]),
    "segment": lambda: render.segment_page(TOP),
    "curve": lambda: render.k_curve([Candidate(2, 0.5), Candidate(6, 1.0)], 6),
    "sources": lambda: sources_table([REPORT]),
    "run": lambda: render.run_summary(
        run=3, segmentation="main", outcome="Promoted.", facts={"Customers": 2469}
    ),
    "customer": lambda: render.customer_page("c9", TOP, 0.8, "learned", {"frequency": 44.0}, INFOS),
}


def _lines(page, width=80, encoding="utf-8", **options):
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    Console(width=width, file=file, **options).print(page)
    file.flush()
    return raw.getvalue().decode(encoding).splitlines()


@pytest.mark.parametrize("width", [80, 100, 140])
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
    text = " ".join(_lines(sources_table([REPORT]), 120))
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
    lines = _lines(
        render.customer_page("c9", TOP, 0.8, "learned", {"frequency": 44.0, "city": None}, INFOS)
    )
    labels = [line for line in lines if line.strip().startswith(("orders", "days", "city"))]
    assert [line.split()[0] for line in labels] == ["orders", "days", "city"]
    assert labels[0].split()[-3:] == ["44", "60", "20"]
    assert labels[2].split()[-3:] == ["unknown", "York", "Leeds"]
    assert any("Top active regulars" in line for line in lines)
    assert "with probability 80%" in " ".join(" ".join(lines).split())


@pytest.mark.parametrize(
    ("kind", "said"), [("undecided", "likely than not"), ("outlier", "merely the nearest")]
)
def test_a_customer_in_doubt_is_told_to_be(kind, said):
    page = render.customer_page("c9", TOP, 0.3, kind, {"frequency": 44.0}, INFOS)
    text = " ".join(" ".join(_lines(page)).split())
    assert kind in text.lower()
    assert said in text


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


@pytest.mark.parametrize("width", [80, 100, 140])
def test_every_feature_has_a_row_with_its_whole_name_its_use_and_its_importance(width):
    lines = _lines(features_page(SET), width)
    text = "\n".join(lines)
    head = next(line for line in lines if "Feature" in line)
    end = len(head) - len(head.split("Feature")[1].lstrip(" "))
    names = "".join(line[:end].strip() for line in lines)
    assert all(view.info.name in names for view in VIEWS)
    assert "4 features  2 form segments, 1 only describe them, 1 dropped" in text
    row = next(line for line in text.splitlines() if "recency_days" in line)
    for said in ("live", "90%", "1.23 million", "70%", "forms"):
        assert said in row
    assert "It says the same as 'monetary'." in text
    assert ("Unit" in text) == (width >= 100)
    assert ("days since the last order" in text) == (width >= 140)


def test_a_sparkline_is_as_high_as_its_counts_and_shows_what_is_there_at_all():
    spread = Spread(10_001, 10_001, counts=(10_000, 1, 0), edges=(0.0, 1.0, 2.0, 3.0))
    assert sparkline(spread) == "█▂▁"
    assert sparkline(spread, ascii_only=True) == "#_."
    assert sparkline(Spread(5, 0)) == ""


def test_a_feature_is_told_with_its_bounds_its_columns_and_what_it_rests_on():
    text = " ".join(" ".join(_lines(feature_page(explained(VIEWS[1])), 100)).split())
    for said in (
        "the last 90 days: from 2024-03-02 00:00:00 to before 2024-05-31 10:17:00 UTC",
        "Reads orders amount = price * 2",
        "rank: cuts at 1, 2, 3.5, 8",
        "everybody's mean 3, worth 12.5 observations of a customer",
        "70% of what all tell; rank 1 of 7",
        "It forms segments.",
        'where: "amount > 0"',
    ):
        assert said in text, text


def test_zero_and_unknown_stand_apart_and_all_customers_are_in_the_picture():
    lines = _lines(feature_page(explained(VIEWS[1])), encoding="ascii")
    begin = lines.index("How it is spread")
    rows = [line.split() for line in lines[begin + 1 : begin + 6]]
    assert [row[0] for row in rows] == ["0", "1", "2", "beyond", "unknown"]
    assert sum(int(row[-2]) for row in rows) == 1000


def test_a_median_below_zero_has_its_bar_on_the_other_side():
    lines = _lines(feature_page(explained(VIEWS[1])), encoding="ascii")
    less = next(line for line in lines if "Light spenders" in line)
    more = next(line for line in lines if line.rstrip().endswith(" 60"))
    assert less.index("#") < more.index("#")
    assert "-20" in less
