from __future__ import annotations

from pathlib import Path

import pytest

from scripts import bench, proof
from scripts.bench import Figure, Outcome
from scripts.proof import Trial, page_text, read_trials

RESULTS = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest">
<testcase classname="tests.clustering.test_null" name="test_false_alarms" time="12.5">
<properties><property name="alarms" value="3 of 200"/></properties></testcase>
<testcase classname="tests.data.test_kills" name="test_kills" time="1">
<failure message="x"/></testcase>
<testcase classname="tests.data.test_lake" name="test_lake" time="1">
<skipped message="x"/></testcase>
</testsuite></testsuites>"""

FIGURE = Figure("import_time", "import", 0.05, "s", 0.5, "at most", 9, "fixed", 0.1, True)


def test_the_trials_of_a_result_file_are_read_with_their_figures(tmp_path: Path) -> None:
    (tmp_path / "results.xml").write_text(RESULTS, encoding="utf-8")
    assert read_trials(tmp_path / "results.xml") == [
        Trial("clustering.test_null.test_false_alarms", "holds", 12.5, (("alarms", "3 of 200"),)),
        Trial("data.test_kills.test_kills", "failed", 1.0, ()),
        Trial("data.test_lake.test_lake", "skipped", 1.0, ()),
    ]


def test_the_page_tells_machine_versions_figures_and_verdicts() -> None:
    trials = [Trial("data.test_kills", "failed", 1.0, (("kills", "200"),))]
    outcomes = [Outcome("import_time", (FIGURE,), None), Outcome("main", (), "it broke")]
    page = page_text(trials, outcomes)
    assert "* Machine: " in page
    assert "duckdb " in page
    assert "| import_time | import | 0.05 s | 9 | at most 0.5 s | fixed | 0.10 | holds |" in page
    assert "**failed**: it broke" in page
    assert "| `data.test_kills` | kills: 200 | 1.0 | **failed** |" in page


@pytest.mark.parametrize(
    ("trials", "outcome", "code"),
    [
        ([Trial("t", "holds", 1.0, ())], Outcome("b", (FIGURE,), None), 0),
        ([Trial("t", "failed", 1.0, ())], Outcome("b", (FIGURE,), None), 1),
        ([Trial("t", "holds", 1.0, ())], Outcome("b", (), "it reported no figure"), 1),
        ([], Outcome("b", (FIGURE,), None), 1),
    ],
)
def test_the_proof_fails_where_a_trial_or_a_benchmark_does(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trials: list[Trial],
    outcome: Outcome,
    code: int,
) -> None:
    monkeypatch.setattr(proof, "ROOT", tmp_path)
    monkeypatch.setattr(proof, "PAGE", tmp_path / "proof.md")
    monkeypatch.setattr(proof, "run_trials", lambda arguments: trials)
    monkeypatch.setattr(bench, "names", lambda: ["b"])
    monkeypatch.setattr(bench, "run", lambda name: outcome)
    with pytest.raises(SystemExit) as ended:
        proof.main()
    assert ended.value.code == code
    assert (tmp_path / "proof.md").read_text(encoding="utf-8").startswith("# Proof")
