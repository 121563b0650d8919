"""Rules on the command line: of segments, as SQL, and those that are declared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from customer_atlas import Atlas
from customer_atlas.cli.app import app
from customer_atlas.simulate import simulate_retailer

_RULES = """\
rules:
  loyal:
    description: Who comes every month
    owner: Retention
    when: {feature: orders_30d, at_least: 1}
  twins: {when: {rule: loyal}, size: {max: 3}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of two rule segments that has run once."""
    folder = tmp_path_factory.mktemp("shop")
    simulate_retailer(160, seed=3).write(folder / "data", format="csv")
    path = folder / "atlas.yaml"
    path.write_text(
        "project: shop\nstate: {buckets: 2}\nsources:\n"
        "  orders: {path: data/transactions.csv, role: transactions}\n"
        "segmentations: {main: {packs: [rfm, windows], max_segments: 4}}\n" + _RULES
    )
    with Atlas.open(path) as atlas:
        atlas.run()
    return path


def told(project: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--project", str(project)])


def document(project: Path, *arguments: str) -> Any:
    return json.loads(told(project, *arguments, "--json").stdout)


def test_a_segment_shows_its_rule_and_the_query_finds_whom_it_matches(project: Path) -> None:
    first = document(project, "show", "segments")[0]
    shown = document(project, "show", "segment", first["id"], "--sql", "duckdb")
    features = project.parent / "features.parquet"
    assert told(project, "export", "features", "-o", str(features)).exit_code == 0

    rule = shown["rule"]
    assert rule["precision"] == rule["inside"] / rule["matched"]
    with duckdb.connect() as connection:
        connection.register("features", pq.read_table(features))
        assert len(connection.execute(shown["sql"]).fetchall()) == rule["matched"]
    page = told(project, "show", "segment", first["id"])
    assert "Rule" in page.stdout
    assert "are in the segment" in " ".join(page.stdout.split())
    query = told(project, "show", "segment", first["id"], "--sql", "bigquery")
    assert query.stdout.startswith("WITH known AS (\n  SELECT\n    `customer_id`")


def test_a_dialect_that_nobody_speaks_is_refused(project: Path) -> None:
    first = document(project, "show", "segments")[0]
    refused = told(project, "show", "segment", first["id"], "--sql", "snowflak")

    assert refused.exit_code != 0
    assert "There is no dialect of SQL 'snowflak'. Did you mean 'snowflake'?" in str(
        refused.exception
    )


def test_rule_segments_stand_below_the_learned_ones(project: Path) -> None:
    segments = document(project, "show", "segments")
    learned = [one for one in segments if one.get("kind") != "rule"]
    ruled = segments[len(learned) :]

    assert [one["name"] for one in ruled] == ["loyal", "twins"]
    assert sum(one["size"] for one in learned) == 160
    page = told(project, "show", "segments").stdout
    assert page.index(learned[-1]["id"]) < page.index("loyal")
    assert "Who comes every month" in page


def test_show_rules_tells_who_is_in_both_and_what_to_look_at(project: Path) -> None:
    page = " ".join(told(project, "show", "rules").stdout.split())
    shown = document(project, "show", "rules")

    assert "Owner: Retention" in page
    assert "1.00" in page
    assert "'loyal' and the rule segment 'twins' are nearly the same people" in page
    assert len(shown["warnings"]) == 2
    pair = next(one for one in shown["shared"] if not one["learned"])
    assert pair["both"] == pair["of_one"] == pair["of_other"]


def test_rule_segments_are_exported_when_asked_for(project: Path) -> None:
    plain, both = project.parent / "members.parquet", project.parent / "both.parquet"
    told(project, "export", "members", "-o", str(plain))
    told(project, "export", "members", "-o", str(both), "--rules")

    assert pq.read_table(plain).num_rows == 160
    rows = [row for row in pq.read_table(both).to_pylist() if row["kind"] == "rule"]
    size = document(project, "show", "rules")["segments"][0]["size"]
    assert len(rows) == 2 * size
