"""The report of a project that has run: written whole, refused kindly, and without a person."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from customer_atlas import Atlas
from customer_atlas.errors import AtlasError, UsageError
from customer_atlas.report import gather, page_html
from customer_atlas.simulate import simulate_retailer

PROJECT = """\
project: shop
state: {buckets: 3}
sources:
  orders: {path: data/transactions.csv, role: transactions}
  products: {path: data/products.csv, role: products}
  people: {path: people.csv, role: customers}
protected: [gender]
segmentations: {main: {max_segments: 6}}
"""
PEOPLE = ("customer_id,gender,plan,visits\n" + "".join(
    f"c{n},{'fm'[n % 2]},{('gold', 'basic')[n % 3 > 0]},{n % 7}\n" for n in range(150)
))  # fmt: skip
BAD = """\
Jane Roe,2024-02-30 10:00:00,12.5
jane.roe@example.org,2024-01-05 10:00:00,Rue de la Paix 12
,2024-01-05 10:00:00,5
Q,2024-01-05 10:00:00,"12;5,x"
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    simulate_retailer(150, seed=5).write(folder / "data", format="csv")
    orders = folder / "data" / "transactions.csv"
    head, *_ = orders.read_text(encoding="utf-8").splitlines()
    names = head.replace('"', "").split(",")
    with orders.open("a", encoding="utf-8") as file:
        for row in BAD.splitlines() * 8:
            customer, time, amount = row.split(",", 2)
            given = {"customer_id": customer, "timestamp": time, "amount": amount}
            file.write(",".join(given.get(name, "") for name in names) + "\n")
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    path = folder / "atlas.yaml"
    path.write_text(PROJECT, encoding="utf-8")
    with Atlas.open(path) as atlas:
        atlas.run()
    return path


def test_the_report_is_written_whole_and_says_what_it_is(project: Path, tmp_path: Path):
    with Atlas.open(project) as atlas:
        written = atlas.report(tmp_path / "r.html")
        segments = len(atlas.segments())
    assert written.bytes == written.path.stat().st_size < 6_000_000
    assert (written.run, written.generation, written.segments) == (1, 1, segments)
    assert list(tmp_path.iterdir()) == [tmp_path / "r.html"]


def test_the_same_run_gives_the_same_bytes(project: Path, tmp_path: Path):
    with Atlas.open(project) as atlas:
        first = atlas.report(tmp_path / "a.html").path.read_bytes()
    with Atlas.open(project) as atlas:
        assert atlas.report(tmp_path / "b.html").path.read_bytes() == first


def test_the_time_of_making_is_when_the_run_ended(project: Path):
    with Atlas.open(project) as atlas:
        facts = gather(atlas.published())
        (run,) = atlas.runs()
    assert facts.made == run.finished_at
    assert facts.as_of == run.as_of


def test_no_refused_value_and_no_customer_is_in_the_report(project: Path):
    with Atlas.open(project) as atlas:
        published = atlas.published()
        page = page_html(gather(published))
        typical = {one for segment in published.segments for one in segment.typical}
    page = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    for secret in ("Jane", "jane", "example.org", "Paix"):
        assert secret not in page
    words = set(re.findall(r"[\w.-]+", page))
    assert typical
    assert not typical & words


def test_refused_rows_are_shown_by_their_shape_at_most_five_a_reason(project: Path):
    with Atlas.open(project) as atlas:
        facts = gather(atlas.published())
    orders = facts.sources[0]
    assert orders.counts.adds_up
    assert orders.counts.quarantined == 32 == sum(orders.reasons.values())
    shown = {reason: [one for one in orders.examples if one.reason == reason]
             for reason in orders.reasons}  # fmt: skip
    assert {len(examples) for examples in shown.values()} == {5}
    assert {one.file for one in orders.examples} == {"transactions.csv"}
    found = {one.found for one in orders.examples}
    assert "Aaa aa aa Aaaa 99" in found
    assert "2024-02-30 10:00:00" in found


def test_protected_columns_are_named_as_such(project: Path):
    with Atlas.open(project) as atlas:
        facts = gather(atlas.published())
    assert facts.unused["gender"] == "protected"
    assert not [trait for trait in facts.standing.traits if trait.info.name == "gender"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("r.pdf", "may end in .html"), ("none/r.html", "does not exist"), ("f.html", "is a folder")],
)
def test_a_place_that_cannot_be_written_is_refused(
    project: Path, tmp_path: Path, name: str, said: str
):
    (tmp_path / "f.html").mkdir()
    with Atlas.open(project) as atlas, pytest.raises(UsageError, match=said):
        atlas.report(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["f.html"]


def test_before_the_first_run_there_is_nothing_to_report(project: Path, tmp_path: Path):
    fresh = tmp_path / "atlas.yaml"
    fresh.write_text(project.read_text(encoding="utf-8"), encoding="utf-8")
    with Atlas.open(fresh) as atlas, pytest.raises(AtlasError, match="no segments yet"):
        atlas.report(tmp_path / "r.html")
    assert not (tmp_path / "r.html").exists()


def test_a_report_that_fails_leaves_the_earlier_one(project: Path, tmp_path: Path):
    target = tmp_path / "r.html"
    target.write_text("earlier", encoding="utf-8")
    (tmp_path / ".r.html.partial").mkdir()
    with Atlas.open(project) as atlas, pytest.raises(OSError, match="partial"):
        atlas.report(target)
    assert target.read_text(encoding="utf-8") == "earlier"


@pytest.mark.parametrize(
    "orders",
    ["a,2024-01-02,5\n", "a,2024-01-02,5\nb,2024-01-03,500\n", "a,2024-01-02,5\nb,2024-01-02,5\n"],
    ids=["one customer", "two customers", "two that are alike"],
)
def test_the_smallest_of_shops_has_a_report(tmp_path: Path, orders: str):
    (tmp_path / "o.csv").write_text("customer_id,timestamp,amount\n" + orders, encoding="utf-8")
    path = tmp_path / "atlas.yaml"
    path.write_text("project: s\nsources:\n  o: {path: o.csv, role: transactions}\n")
    with Atlas.open(path) as atlas:
        atlas.run()
        assert atlas.report(tmp_path / "r.html").segments == 1
