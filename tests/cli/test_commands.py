"""The command line as a person or a program uses it: real processes, real files, exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from customer_atlas import __version__
from customer_atlas.simulate import simulate_retailer
from tests.cli.processes import atlas, document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has run once."""
    path = tmp_path_factory.mktemp("shop")
    simulate_retailer(200, seed=3).write(path / "data", format="csv")
    (path / "atlas.yaml").write_text(
        "project: shop\n"
        "state: {buckets: 2}\n"
        "sources:\n"
        "  orders: {path: data/transactions.csv, role: transactions}\n"
        "  products: {path: data/products.csv, role: products}\n"
        "segmentations: {main: {max_segments: 6}}\n"
    )
    (run,) = document("run", cwd=path)["runs"]
    assert run["changed"]
    return path


def test_ten_lines_of_project_give_named_segments_in_one_command(folder: Path) -> None:
    segments = document("show", "segments", cwd=folder)
    assert sum(segment["size"] for segment in segments) == 200
    assert len({segment["name"] for segment in segments}) == len(segments)
    assert all(2 <= len(segment["name"].split()) <= 4 for segment in segments)
    shown = atlas("show", "segments", cwd=folder).stdout
    assert all(segment["id"] in shown for segment in segments)


def test_a_run_tells_how_well_the_items_of_a_scale_agree(tmp_path: Path) -> None:
    rows = [
        f"c{n},{n % 5 + 1},{(n + n // 9) % 5 + 1},{9 if n == 7 else n % 5 + 1}" for n in range(80)
    ]
    (tmp_path / "people.csv").write_text("\n".join(["customer_id,a,b,c", *rows]) + "\n")
    scale = "{items: [a, b, c], points: 5}"
    (tmp_path / "atlas.yaml").write_text(
        "project: p\nsources:\n"
        f"  people: {{path: people.csv, role: customers, scales: {{joy: {scale}}}}}\n"
    )
    document("run", cwd=tmp_path)
    joy = document("show", "run", cwd=tmp_path)["scales"]["joy"]
    assert (joy["items"], joy["complete"], joy["outside"]) == (["a", "b", "c"], 79, 1)
    shown = " ".join(atlas("show", "run", cwd=tmp_path).stdout.split())
    said = f"joy: Cronbach's alpha {joy['alpha']:.2f} over 79 complete answers, 1 outside 1 to 5"
    assert said in shown


def test_a_second_run_says_that_there_is_nothing_to_do(folder: Path) -> None:
    done = atlas("run", cwd=folder)
    assert done.returncode == 0
    assert "Nothing to do: no file and no setting has changed since run 1." in done.stdout


def test_one_segment_one_customer_and_one_run_can_be_shown(folder: Path) -> None:
    first = document("show", "segments", cwd=folder)[0]
    told = document("show", "segment", first["id"], cwd=folder)
    assert first.items() <= told.items()
    assert (told["outcomes"], told["children"], told["inside"]) == ({}, [], "")
    assert (told["owner"], told["notes"], told["born"]) == (None, [], 1)
    assert told["rule"]["segment_id"] == first["id"]
    assert document("show", "segment", first["name"], cwd=folder) == told
    assert "held out" in told["fidelity"]
    assert told["drivers"]["segment"] == first["id"]
    customer = document("show", "customer", first["typical"][0], cwd=folder)
    assert customer["segment_id"] == first["id"]
    run = document("show", "run", cwd=folder)
    assert run["run"]["status"] == "done"
    best = run["search"]["leaderboard"]["entries"][0]
    assert (best["verdict"], best["k"]) == ("chosen", run["run"]["metrics"]["segments"])
    assert run["unused"]
    said = " ".join(atlas("show", "run", cwd=folder).stdout.split())
    assert all(f"{name}: " in said for name in run["unused"])
    for arguments in (
        ("show", "segment", first["id"]),
        ("show", "customer", first["typical"][0]),
        ("show", "run"),
    ):
        page = atlas(*arguments, cwd=folder)
        assert (page.returncode, page.stderr) == (0, "")
        assert first["name"] in page.stdout or arguments[1] == "run"


def test_a_customer_and_a_segment_can_be_explained(folder: Path) -> None:
    first = document("show", "segments", cwd=folder)[0]
    why = document("explain", "customer", first["typical"][0], cwd=folder)
    assert (why["segment_id"], why["kind"]) == (first["id"], "learned")
    assert why["runner_up_id"] != first["id"]
    assert why["reasons"]
    assert why["moves"]["without_acting"]["segment"]
    page = atlas("explain", "customer", first["typical"][0], cwd=folder)
    assert (page.returncode, page.stderr) == (0, "")
    words = " ".join(page.stdout.split())
    assert f"and not {why['runner_up']}, the runner-up" in words
    assert "What would move them within 30 days" in words
    told = document("explain", "segment", first["name"], "--within", "60", cwd=folder)
    assert told["moves"]["days"] == 60
    assert {one["segment"] for one in told["moves"]["targets"]} == {
        one["id"] for one in document("show", "segments", cwd=folder)
    }
    page = atlas("explain", "segment", first["id"], cwd=folder)
    assert (page.returncode, page.stderr) == (0, "")
    assert "What drives it" in page.stdout
    missing = atlas("explain", "customer", "nobody-there", cwd=folder)
    assert missing.returncode == atlas("show", "customer", "nobody-there", cwd=folder).returncode


@pytest.mark.parametrize("suffix", ["parquet", "csv", "tsv", "jsonl"])
def test_members_are_exported_in_four_formats(folder: Path, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"m.{suffix}"
    done = atlas("export", "members", "-o", str(target), cwd=folder)
    assert done.stdout == f"Wrote 200 rows to {target}\n"
    if suffix == "parquet":
        rows = pq.read_table(target).to_pylist()
    elif suffix == "jsonl":
        rows = [json.loads(line) for line in target.read_text().splitlines()]
    else:
        delimiter = "\t" if suffix == "tsv" else ","
        options = pyarrow.csv.ParseOptions(delimiter=delimiter)
        rows = pyarrow.csv.read_csv(target, parse_options=options).to_pylist()
    assert len({row["customer_id"] for row in rows}) == 200
    assert {row["kind"] for row in rows} == {"learned"}
    assert list(tmp_path.iterdir()) == [target]


def test_features_are_exported_customer_first(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "features.parquet"
    answer = document("export", "features", "-o", str(target), cwd=folder)
    assert answer["rows"] == 200
    assert answer["columns"][0] == "customer_id"
    assert {"recency_days", "frequency", "monetary"} <= set(answer["columns"])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "segment", "g9-none"), 2, "There is no segment 'g9-none'"),
        (("show", "customer", "nobody"), 2, "There is no customer 'nobody'"),
        (("show", "run", "99"), 2, "There is no run '99'"),
        (("export", "members", "-o", "m.xlsx"), 2, "it may end in .parquet"),
        (("export", "members", "-o", "no/such/m.csv"), 2, "does not exist"),
        (("run", "--project", "none.yaml"), 2, "There is no project file"),
        (("run", "--as-of", "soon"), 2, "write it as 2026-05-31"),
        (("walk",), 2, "No such command"),
    ],
)
def test_a_wrong_request_ends_in_code_2_and_a_sentence(
    folder: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = atlas(*arguments, cwd=folder)
    assert done.returncode == code
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_an_error_with_json_is_a_document_too(folder: Path) -> None:
    done = atlas("show", "segment", "g9-none", "--json", cwd=folder)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["type"] == "UnknownNameError"


@pytest.mark.parametrize(
    "arguments",
    [
        ("walk",),
        ("show", "segments", "--bogus"),
        ("show", "segment"),
        ("show", "run", "9" * 30),
        ("lake", "vacuum", "--retention-days", "inf"),
    ],
)
def test_a_wrong_use_with_json_is_a_document_too(folder: Path, arguments: tuple[str, ...]) -> None:
    done = atlas(*arguments, "--json", cwd=folder)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["type"] == "UsageError"
    assert "Traceback" not in done.stderr


def test_an_id_that_is_no_text_is_nobody(folder: Path) -> None:
    done = atlas("show", "customer", "\udcff", "--json", cwd=folder)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["type"] == "UnknownNameError"


def test_a_name_that_stdout_cannot_spell_is_still_json(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "customer_atlas", "show", "customer", "é", "--json"],
        cwd=folder,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert "'é'" in json.loads(done.stdout)["error"]["message"]


def test_an_export_that_the_system_refuses_is_a_sentence_and_leaves_nothing(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "folder.csv").mkdir()
    done = atlas("export", "members", "-o", str(tmp_path / "folder.csv"), cwd=folder)
    assert done.returncode == 2
    assert "is a folder" in done.stderr
    done = atlas("export", "members", "-o", str(tmp_path / ("x" * 251 + ".csv")), cwd=folder)
    assert done.returncode == 1
    assert "The system refused" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


def test_a_path_is_printed_as_it_is_whatever_is_in_it(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "[b]new:smile:.csv"
    done = atlas("export", "members", "-o", str(target), cwd=folder)
    assert done.stdout == f"Wrote 200 rows to {target}\n"


def test_an_interrupted_run_says_that_what_serves_goes_on(folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(folder, tmp_path / "copy")
    running = subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTED, "run", "--refit"],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    _, said = running.communicate()
    assert (running.returncode, said) == (130, "Stopped. What was serving goes on serving.\n")
    assert document("show", "run", cwd=folder)["run"]["status"] == "failed"
    assert atlas("run", cwd=folder).returncode == 0


def test_letters_that_a_terminal_does_not_have_are_printed_as_their_nearest(
    folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(folder, tmp_path / "copy")
    first = document("show", "segments", cwd=folder)[0]["id"]
    assert atlas("segment", "set", first, "--name", "“Größte” Käufer", cwd=folder).returncode == 0
    shown = subprocess.run(
        [sys.executable, "-m", "customer_atlas", "show", "segments"],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert '"Gro?te" Kaufer' in " ".join(shown.split())


# Ctrl-C arrives when the run is under way.
_INTERRUPTED = """
import signal
from customer_atlas.cli import main
from customer_atlas.pipeline import making

def interrupted(*_, **__):
    signal.raise_signal(signal.SIGINT)

making.compute_features = interrupted
main()
"""


def test_a_source_that_cannot_be_read_ends_in_code_1(tmp_path: Path) -> None:
    (tmp_path / "atlas.yaml").write_text(
        "project: p\nsources: {orders: {path: none.csv, role: transactions}}\n"
    )
    done = atlas("run", cwd=tmp_path)
    assert done.returncode == 1
    assert "none.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_finds_a_sound_project_sound_and_a_broken_one_broken(
    folder: Path, tmp_path: Path
) -> None:
    found = {each["what"]: each["state"] for each in document("doctor", cwd=folder)["findings"]}
    assert set(found.values()) == {"good"}
    assert {"Python", "libraries", "sources", "registry", "lake", "segments", "disk"} <= set(found)
    (tmp_path / "atlas.yaml").write_text(
        "project: p\nsources: {orders: {path: none.csv, role: transactions}}\n"
    )
    broken = atlas("doctor", cwd=tmp_path)
    assert broken.returncode == 1
    assert "none.csv" in broken.stdout or "No file matches" in broken.stdout


def test_doctor_finds_a_file_of_the_lake_that_is_gone(tmp_path: Path) -> None:
    simulate_retailer(30, seed=1).write(tmp_path / "data", format="csv")
    (tmp_path / "atlas.yaml").write_text(
        "project: p\nstate: {buckets: 1}\n"
        "sources: {orders: {path: data/transactions.csv, role: transactions}}\n"
    )
    assert atlas("ingest", cwd=tmp_path).returncode == 0
    next((tmp_path / ".atlas" / "lake" / "tables").rglob("*.parquet")).unlink()
    done = atlas("doctor", cwd=tmp_path)
    assert done.returncode == 1
    assert "1 files are gone" in " ".join(done.stdout.split())


def test_the_lake_can_be_compacted_and_vacuumed_without_changing_anyone(folder: Path) -> None:
    before = document("show", "segments", cwd=folder)
    assert set(document("lake", "compact", cwd=folder)["files_merged"]) == {"orders", "products"}
    assert set(document("lake", "vacuum", cwd=folder)["files_deleted"]) == {"orders", "products"}
    assert document("show", "segments", cwd=folder) == before


def test_the_schema_is_json_schema_with_every_key_of_the_project(folder: Path) -> None:
    done = atlas("schema", cwd=folder)
    schema = json.loads(done.stdout)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert {"project", "sources", "segmentations", "state"} <= set(schema["properties"])
    assert document("schema", cwd=folder) == schema


def test_the_version_is_told(folder: Path) -> None:
    assert atlas("--version", cwd=folder).stdout == f"{__version__}\n"


def test_report_writes_one_page_and_says_where(folder: Path, tmp_path: Path) -> None:
    done = atlas("report", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Wrote report.html, ")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    path = tmp_path / "r.html"
    told = document("report", "-o", str(path), "--segmentation", "main", cwd=folder)
    segments = document("show", "segments", cwd=folder)
    assert told == {
        "path": str(path),
        "bytes": path.stat().st_size,
        "run": 1,
        "generation": 1,
        "segments": len(segments),
    }
    assert path.read_text(encoding="utf-8") == page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "none/r.html"), "does not exist"),
        (("-o", "r.docx"), "may end in .html"),
        (("--segmentation", "mian"), "Did you mean 'main'?"),
    ],
)
def test_a_report_that_cannot_be_made_is_wrong_use(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = atlas("report", *arguments, cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_stability_is_told_in_words_and_in_numbers_and_the_second_time_from_what_was_kept(
    folder: Path,
) -> None:
    found = document("show", "stability", "--windows", "2", cwd=folder)
    by_kind = {one["kind"]: one for one in found["probes"]}
    assert set(by_kind) == {"seeds", "bootstrap", "features", "behaviour", "structure"}
    assert [len(by_kind[kind]["trials"]) for kind in ("behaviour", "structure")] == [2, 2]
    assert all(
        -1 <= one["adjusted_rand"]["mean"] <= 1 and one["sentence"] for one in found["probes"]
    )
    names = {segment["name"] for segment in document("show", "segments", cwd=folder)}
    assert set(found["segments"]) == names
    (kept,) = folder.glob(".atlas/lake/runs/*/stability.json")
    written = kept.stat().st_mtime_ns
    shown = atlas("show", "stability", "--windows", "2", cwd=folder).stdout
    assert kept.stat().st_mtime_ns == written
    words = " ".join(shown.split())
    assert found["verdict"].split(":")[0] in words
    assert "What they hang on" in words
    assert "Customers over time" in words


def test_a_number_of_times_that_cannot_be_is_wrong_use(folder: Path) -> None:
    done = atlas("show", "stability", "--windows", "-1", cwd=folder)
    assert done.returncode == 2
