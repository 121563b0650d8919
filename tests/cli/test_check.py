"""`atlas check` as a person or a program uses it: real processes, real files, exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from customer_atlas import Atlas
from customer_atlas.cli.readiness import readiness_page
from customer_atlas.simulate import simulate_retailer
from tests.cli.processes import atlas, document

PROJECT = """\
project: shop
state: {buckets: 2}
sources:
  orders: {path: orders*.parquet, role: transactions}
  products: {path: products.parquet, role: products}
segmentations: {main: {max_segments: 4}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with a sound shop."""
    retailer = simulate_retailer(150, seed=4)
    retailer.transactions.to_pandas().to_parquet(tmp_path / "orders-1.parquet")
    retailer.products.to_pandas().to_parquet(tmp_path / "products.parquet")
    (tmp_path / "atlas.yaml").write_text(PROJECT, encoding="utf-8")
    return tmp_path


def spoil(shop: Path) -> None:
    """Let orders arrive whose products and amounts are lost."""
    orders = pd.read_parquet(shop / "orders-1.parquet").head(4000)
    orders.assign(amount=None, product="?").to_parquet(shop / "orders-2.parquet")


def test_a_sound_project_passes_strictly(shop: Path) -> None:
    done = atlas("check", "--strict", cwd=shop)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("Data readiness")
    assert "Everything holds" in done.stdout
    assert "orders  transactions" in done.stdout


def test_what_does_not_hold_ends_with_3_when_strict_and_with_0_otherwise(shop: Path) -> None:
    assert atlas("run", cwd=shop).returncode == 0
    spoil(shop)
    strict = atlas("check", "--strict", cwd=shop)
    assert strict.returncode == 3, strict.stderr
    assert "Mend first" in strict.stdout
    assert atlas("check", cwd=shop).returncode == 0
    done = atlas("check", "--strict", "--json", cwd=shop)
    assert done.returncode == 3
    assert json.loads(done.stdout)["holds"] is False


def test_the_document_holds_scores_findings_and_profiles(shop: Path) -> None:
    found = document("check", cwd=shop)
    assert found["holds"] is True
    assert found["score"] >= 90
    assert set(found["scores"]) == {"orders", "products"}
    assert found["compared_with_run"] is None
    assert {one["source"] for one in found["sources"]} == {"orders", "products"}
    for finding in found["findings"]:
        assert finding["severity"] in ("bad", "warning", "information")
        assert finding["sentence"].endswith(".")
    amount = next(one for one in found["sources"][0]["columns"] if one["name"] == "amount")
    assert sum(amount["numbers"]["bins"]) == amount["filled"]


def test_it_cannot_look_where_there_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "atlas.yaml").write_text(PROJECT, encoding="utf-8")
    done = atlas("check", cwd=tmp_path)
    assert done.returncode == 1
    assert "no file matches" in done.stderr


def test_a_run_tells_the_score_and_warns_of_what_does_not_hold(shop: Path) -> None:
    (first,) = document("run", cwd=shop)["runs"]
    assert first["readiness"]["holds"] is True
    spoil(shop)
    (second,) = document("run", cwd=shop)["runs"]
    assert second["readiness"]["compared_with_run"] == 1
    assert second["readiness"]["score"] < first["readiness"]["score"]
    assert any(warning.startswith("orders.amount: ") for warning in second["warnings"])
    shown = atlas("run", cwd=shop).stdout
    assert f"{second['readiness']['score']} of 100" in shown


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_page_fits_the_terminal(shop: Path, width: int) -> None:
    with Atlas.open(shop / "atlas.yaml") as project:
        ready = project.check()
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(readiness_page(ready))
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= width
    for heading in ("Column", "Filled", "Distinct", "Values", "Score", "Remarks"):
        assert any(heading in line for line in lines)
