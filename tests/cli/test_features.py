"""Features on the command line: seen, explained and exported, before any run and after one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from customer_atlas.simulate import simulate_retailer
from tests.cli.processes import atlas, document

PROJECT = """\
project: shop
state: {buckets: 2}
sources:
  orders:
    path: data/transactions.csv
    role: transactions
    columns: {amount: amount * 2}
  products: {path: data/products.csv, role: products}
segmentations:
  main:
    max_segments: 4
    features:
      - {name: keen, above: spend_90d, percentile: 75, label: spends more than most}
"""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that never runs."""
    return made(tmp_path_factory.mktemp("fresh"))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has run once."""
    folder = made(tmp_path_factory.mktemp("ran"))
    document("run", cwd=folder)
    return folder


def made(folder: Path) -> Path:
    simulate_retailer(260, seed=3).write(folder / "data", format="csv")
    (folder / "atlas.yaml").write_text(PROJECT)
    return folder


def test_features_are_exported_as_of_a_date_without_any_run(fresh: Path) -> None:
    said = document("export", "features", "--as-of", "2024-01-01", "-o", "then.parquet", cwd=fresh)
    table = pq.read_table(fresh / "then.parquet")
    assert said == {"path": "then.parquet", "rows": table.num_rows, "columns": table.column_names}
    assert table.column_names[0] == "customer_id"
    assert {"recency_days", "keen"} <= set(table.column_names)
    now = document("export", "features", "-s", "main", "-o", "now.parquet", cwd=fresh)
    assert now["rows"] >= said["rows"]
    assert "There are no runs yet" in atlas("show", "run", cwd=fresh).stderr


def test_a_panel_is_exported_to_a_file_or_to_a_folder(fresh: Path) -> None:
    months = ("--every", "month", "--from", "2024-01-31", "--to", "2024-03-31")
    said = document("export", "history", *months, "-o", "panel.csv", cwd=fresh)
    same = ("--cutoffs", "2024-01-31,2024-02-29,2024-03-31")
    files = document("export", "history", *same, "-o", "panel", cwd=fresh)
    assert (files["rows"], files["columns"]) == (said["rows"], said["columns"])
    assert said["columns"][:2] == ["customer_id", "cutoff"]
    read = [pq.read_metadata(fresh / path).num_rows for path in files["files"]]
    assert sum(read) == said["rows"]
    told = atlas("export", "history", *same, "-o", "again", cwd=fresh)
    assert f"Wrote {said['rows']:,} rows to" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "x.csv"], "Name the cutoffs by --cutoffs, or by --every with --from and --to."),
        (["-o", "x.csv", "--cutoffs", "2024-01-01", "--every", "day"], "Name the cutoffs by"),
        (["-o", "x.csv", "--cutoffs", "2024-01-01", "--from", "2024-01-01"], "Name the cutoffs"),
        (["-o", "x.csv", "--every", "fortnight"], "it may be day, week, month, quarter, year"),
        (
            ["-o", "x.csv", "--every", "day", "--from", "2024-01-01"],
            "--every needs --from and --to",
        ),
        (
            ["-o", "x.csv", "--every", "day", "--from", "2024-02-01", "--to", "2024-01-01"],
            "Found --from 2024-02-01 after --to 2024-01-01.",
        ),
        (["-o", "x.csv", "--cutoffs", "2024-02-01,2024-01-01"], "name the earlier one first"),
        (["-o", "x.csv", "--cutoffs", "soon"], "Found 'soon' as a date"),
        (["-o", "x.xlsx", "--cutoffs", "2024-01-01"], "it may end in .parquet, .csv"),
        (["-o", "data", "--cutoffs", "2024-01-01"], "data is there already; name a new folder"),
    ],
)
def test_a_panel_that_is_asked_for_wrongly_is_refused(
    fresh: Path, arguments: list[str], said: str
) -> None:
    done = atlas("export", "history", *arguments, cwd=fresh)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (fresh / "x.csv").exists()


def test_features_are_shown_before_any_run(fresh: Path) -> None:
    found = document("show", "features", cwd=fresh)
    assert found["run"] is None
    assert {one["use"] for one in found["features"]} == {"declared", "describes"}
    assert "computed now: nothing serves yet" in atlas("show", "features", cwd=fresh).stdout


def test_features_are_shown_with_what_the_run_made_of_them(ran: Path) -> None:
    found = document("show", "features", cwd=ran)
    assert found["run"] == 1
    features = {one["name"]: one for one in found["features"]}
    for one in features.values():
        assert one["customers"] == 260
        assert 0 <= one["coverage"] <= 1
        assert one["use"] in ("forms", "describes", "dropped")
        assert bool(one["why"]) == (one["use"] == "dropped")
    assert found["note"].startswith("Ranked on")
    ranked = [one for one in features.values() if one["rank"] is not None]
    assert sorted(one["rank"] for one in ranked) == list(range(1, len(ranked) + 1))
    assert sum(one["importance"] for one in ranked) == pytest.approx(1)
    shown = atlas("show", "features", cwd=ran).stdout
    assert all(re.search(rf"^ +{name} ", shown, re.MULTILINE) for name in features)
    assert all(f"\n {pack}" in shown for pack in {one["pack"] for one in features.values()})


def test_a_feature_is_explained_from_its_source_to_its_segments(ran: Path) -> None:
    found = document("explain", "feature", "spend_90d", cwd=ran)
    segments = document("show", "segments", cwd=ran)
    assert [one["id"] for one in found["segments"]] == [one["id"] for one in segments]
    assert found["reads"] == [
        {"source": "orders", "column": "customer_id", "declared_as": None},
        {"source": "orders", "column": "timestamp", "declared_as": None},
        {"source": "orders", "column": "amount", "declared_as": "amount * 2"},
    ]
    (looked,) = found["looks_at"]
    assert looked["words"] == "the last 90 days"
    assert looked["end"] == found["as_of"]
    assert looked["start"].endswith("T00:00:00")
    assert found["example"][-1]["sum"] == "amount"
    assert found["generation"] == 1
    shown = " ".join(atlas("explain", "feature", "spend_90d", cwd=ran).stdout.split())
    assert "net spend in the last 90 days" in shown
    assert "amount = amount * 2" in shown
    assert all(one["name"].split()[0] in shown for one in segments)


def test_a_frozen_feature_says_what_it_rests_on(ran: Path) -> None:
    found = document("explain", "feature", "keen", cwd=ran)
    learned = found["learned"]["keen"]
    assert learned["low"] <= learned["threshold"] <= learned["high"]
    assert found["example"] == [
        {"name": "keen", "above": "spend_90d", "percentile": 75.0, "label": "spends more than most"}
    ]
    shown = atlas("explain", "feature", "keen", cwd=ran).stdout
    assert re.search(r"keen: above \S+ \(95% interval \S+ to \S+\)", " ".join(shown.split()))
    assert "How it is declared" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "feature", "spend_91d"], "no feature 'spend_91d'. Did you mean 'spend_90d'?"),
        (["explain", "feature", "keen", "-s", "mein"], "Did you mean 'main'?"),
        (["show", "features", "-s", "mein"], "Did you mean 'main'?"),
        (["export", "features", "-o", "x.csv", "--as-of", "soon"], "Found 'soon' as a date"),
    ],
)
def test_a_name_that_is_not_there_is_refused_with_the_nearest(
    ran: Path, arguments: list[str], said: str
) -> None:
    done = atlas(*arguments, "--json", cwd=ran)
    assert done.returncode == 2
    assert said in done.stderr
    assert said in json.loads(done.stdout)["error"]["message"]
