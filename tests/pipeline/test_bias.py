"""The audit of what serves: planted bias is found in a whole project, and stays with its run."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from customer_atlas import Atlas
from customer_atlas.cli import main
from customer_atlas.cli.bias_page import bias_page, mitigation_page
from customer_atlas.errors import AtlasError, UnknownNameError, UsageError
from customer_atlas.pipeline import Published, bias_of, mitigation_of
from customer_atlas.segments import AttributeAudit, FairnessReport, parity_findings
from tests.pipeline.conftest import write

__all__: list[str] = []

_PROJECT = """\
project: planted
state: {lake: .atlas/lake, registry: "sqlite:///.atlas/registry.db", buckets: 4}
sources:
  orders: {path: orders.parquet, role: transactions}
  mails: {path: mails.parquet, role: messages}
  people: {path: people.parquet, role: customers, columns: {sex: Geschlecht}}
protected: [Geschlecht, born, eyes, planet, passport, shoe]
segmentations:
  main:
    packs: [attributes]
    features:
      - {name: orders_28d, source: orders, count: rows, window: 28d}
      - {name: order_28d, source: orders, mean: amount, window: 60d}
    max_segments: 6
"""
_CUSTOMERS = 300


def _tables() -> dict[str, pa.Table]:
    """Women are mostly keen customers, men mostly calm; men are written to half as often.

    Who is keen orders often. The column `size` is a proxy of the sex. Two people were women
    until May.
    """
    draw = np.random.default_rng(0)
    woman = np.arange(_CUSTOMERS) % 2 == 0
    keen = draw.random(_CUSTOMERS) < np.where(woman, 0.75, 0.25)
    names = [f"c{at:03d}" for at in range(_CUSTOMERS)]
    begin = datetime(2024, 1, 1)
    orders: list[tuple[Any, ...]] = []
    mails: list[tuple[Any, ...]] = []
    for at, name in enumerate(names):
        day, usual = draw.uniform(0, 5), draw.normal(40, 6)
        while day < 150:
            spent = usual + 20 * keen[at] + draw.normal(0, 3)
            orders.append((name, begin + timedelta(days=day), spent, spent * 0.1))
            day += draw.uniform(1, 3) if keen[at] else draw.uniform(8, 12)
        for week in range(0, 20, 2 if woman[at] else 4):
            sent = begin + timedelta(days=7 * week)
            mails += [(name, sent, f"w{week}", "sent"), (name, sent, f"w{week}", "delivered")]
            if draw.random() < 0.3:
                mails.append((name, sent + timedelta(hours=1), f"w{week}", "open"))
    sexes = ["f" if one else "m" for one in woman]
    people = {
        "customer_id": names,
        "sex": sexes,
        "born": draw.integers(1940, 2005, _CUSTOMERS).astype(float),
        "eyes": pa.array(["blue"] * _CUSTOMERS, mask=np.arange(_CUSTOMERS) > 3),
        "planet": ["earth"] * _CUSTOMERS,
        "passport": [f"secret-{at}" for at in range(_CUSTOMERS)],
        "size": np.where(woman, 165.0, 172.0) + draw.normal(0, 4, _CUSTOMERS),
        "valid_from": [begin] * _CUSTOMERS,
        "valid_to": pa.array([None] * _CUSTOMERS, pa.timestamp("us")),
    }
    # What a person was before, and is no more, does not count.
    before = {key: pa.array(value)[:2] for key, value in people.items()}
    before |= {
        "sex": pa.array(["f", "f"]),
        "valid_from": pa.array([datetime(2023, 1, 1)] * 2),
        "valid_to": pa.array([begin] * 2),
    }
    now = pa.table(people).rename_columns(["Geschlecht" if c == "sex" else c for c in people])
    then = pa.table(before).rename_columns(now.column_names).cast(now.schema)
    return {
        "orders": pa.Table.from_pylist(
            [dict(zip(("customer_id", "timestamp", "amount", "discount"), o, strict=True))
             for o in orders]
        ),
        "mails": pa.Table.from_pylist(
            [dict(zip(("customer_id", "timestamp", "campaign", "action"), m, strict=True))
             for m in mails]
        ),
        "people": pa.concat_tables([then, now]),
    }  # fmt: skip


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which women are over-represented among keen customers."""
    folder = tmp_path_factory.mktemp("planted")
    for name, table in _tables().items():
        write(table, folder / f"{name}.parquet")
    project = folder / "atlas.yaml"
    project.write_text(_PROJECT, encoding="utf-8")
    with Atlas.open(project) as atlas:
        atlas.run()
    return project


@pytest.fixture
def published(planted: Path) -> Iterator[Published]:
    with Atlas.open(planted) as atlas:
        yield atlas.published()


@pytest.fixture(scope="module")
def report(planted: Path) -> FairnessReport:
    with Atlas.open(planted) as atlas:
        return bias_of(atlas.published())


def _of(report: FairnessReport, name: str) -> AttributeAudit:
    return next(one for one in report.attributes if one.name == name)


def test_planted_bias_is_found_and_its_size_lies_within_its_interval(
    report: FairnessReport,
) -> None:
    found = _of(report, "Geschlecht")
    assert [(one.label, one.count) for one in found.groups] == [("f", 150), ("m", 150)]
    assert found.test
    assert found.test.adjusted < 1e-6
    named = {(cell.group, cell.standing) for _, cell in parity_findings(found)}
    assert named >= {("f", "over"), ("f", "under"), ("m", "over"), ("m", "under")}
    keen = max(
        (p for p in found.segments if p.four_fifths.ratio),
        key=lambda p: max(c.share or 0.0 for c in p.cells if c.group == "f"),
    )
    (women,) = (cell for cell in keen.cells if cell.group == "f")
    assert women.ratio
    assert women.ratio.low <= 0.75 / 0.5 <= women.ratio.high
    assert report.fails


def test_the_planted_proxy_is_named_first(report: FairnessReport) -> None:
    found = _of(report, "Geschlecht").leakage
    assert found
    assert found.proxies[0].feature == "size"
    assert found.proxies[0].alone.auc.value > 0.8
    assert "born" not in {one.feature for one in found.proxies}


def test_who_is_written_to_less_is_seen_within_segments_too(report: FairnessReport) -> None:
    treated = {one.name: one for one in _of(report, "Geschlecht").treatments}
    campaigns = treated["campaigns"]
    means = {one.group: one for one in campaigns.groups}
    assert (means["f"].mean.value, means["m"].mean.value) == (10, 5)
    assert means["f"].within
    assert means["f"].within.value == pytest.approx(10)
    assert campaigns.within_p < 1e-6
    assert treated["opens_rate"].p > 0.01
    assert treated["discounts"].within_p > 0.01
    assert "discount_rate" not in treated, "all have a tenth"
    assert set(report.skipped) == {"shoe", "playbooks"}
    assert "no source of customers has a column 'shoe'" in report.skipped["shoe"].casefold()


def test_what_cannot_be_compared_says_why(report: FairnessReport) -> None:
    assert _of(report, "born").how.startswith("bands")
    assert _of(report, "planet").reason == "Everybody of whom it is known is the same: earth."
    assert _of(report, "eyes").reason == "There are no two groups of at least 5 people."
    assert _of(report, "eyes").unknown == pytest.approx(296 / 300)
    assert "names, not groups" in _of(report, "passport").reason
    assert "secret" not in json.dumps(report.to_dict())


def test_a_second_asking_reads_what_was_kept_until_the_lake_changes(
    report: FairnessReport, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = published.folder / "bias.json"
    stored = path.read_text(encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(Published, "paths", lambda *_: pytest.fail("it was computed anew"))
        assert bias_of(published) == report
    facts = json.loads(stored)
    facts["asked"]["versions"]["people"] -= 1
    facts["report"]["customers"] = 7
    path.write_text(json.dumps(facts), encoding="utf-8")
    assert bias_of(published) == report
    path.write_text("{", encoding="utf-8")
    assert bias_of(published) == report
    assert path.read_text(encoding="utf-8") == stored


def test_without_the_attribute_segments_tell_less_of_it(published: Published) -> None:
    before = [one.to_dict() for one in published.segments]
    found = mitigation_of(published, "geschlecht")
    assert found.attribute == "Geschlecht"
    assert found.before.rand == pytest.approx(1.0)
    assert found.after[0].lines_tell.auc.value == pytest.approx(0.5, abs=0.08)
    assert found.after[0].segments_tell.auc.value < found.before.segments_tell.auc.value
    assert [one.to_dict() for one in published.segments] == before


def test_what_cannot_be_mitigated_is_refused_with_the_nearest_or_the_reason(
    published: Published,
) -> None:
    with pytest.raises(UnknownNameError, match="'Geschlechter'. Did you mean 'Geschlecht'"):
        mitigation_of(published, "Geschlechter")
    with pytest.raises(AtlasError, match="shoe cannot be looked at. No source"):
        mitigation_of(published, "shoe")
    with pytest.raises(AtlasError, match="names, not groups"):
        mitigation_of(published, "passport")
    with pytest.raises(AtlasError, match="no two groups of 30"):
        mitigation_of(published, "planet")


def test_nothing_protected_is_said_with_what_to_write(planted: Path) -> None:
    bare = planted.with_name("bare.yaml")
    lines = planted.read_text(encoding="utf-8").splitlines(keepends=True)
    bare.write_text("".join(one for one in lines if "protected" not in one), encoding="utf-8")
    said = "bare.yaml: nothing is protected.*protected: \\["
    with Atlas.open(bare) as atlas, pytest.raises(UsageError, match=said):
        bias_of(atlas.published())


def _called(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["atlas", "bias", *arguments])
    monkeypatch.setenv("COLUMNS", "120")
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0), capsys.readouterr().out


def test_the_command_tells_all_and_is_strict_if_asked(
    planted: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("-p", str(planted))
    code, page = _called(capsys, monkeypatch, *asked)
    assert code == 0
    for text in ("four-fifths rule fails", "not proof of unfairness", "Tells Geschlecht", "planet"):
        assert text in page
    assert "secret" not in page
    code, out = _called(capsys, monkeypatch, *asked, "--json", "--strict")
    document: dict[str, Any] = json.loads(out)
    assert code == 3
    assert document["attributes"][0]["findings"]
    assert "ratio of" in document["attributes"][0]["findings"][0]
    code, page = _called(capsys, monkeypatch, *asked, "--mitigate", "Geschlecht")
    assert code == 0
    assert "what serves goes on serving" in " ".join(page.split())


def test_the_pages_are_plain_ascii_where_the_terminal_is(
    report: FairnessReport, published: Published
) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    console = Console(file=file, width=80, markup=False)
    for part in (*bias_page(report), *mitigation_page(mitigation_of(published, "Geschlecht"))):
        console.print(part)
    file.flush()
