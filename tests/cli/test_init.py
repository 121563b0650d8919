"""`atlas init` writes a project file that runs, says what is unsure, and overwrites nothing."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from customer_atlas.cli import main

ORDERS = "client,bought_at,total\n" + "".join(
    f"c{number % 30},2024-{1 + number % 12:02d}-{1 + number % 28:02d},{number % 17 + 1}.5\n"
    for number in range(240)
)


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Atlas = Callable[..., Ended]


@pytest.fixture
def atlas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Atlas:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["atlas", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        said = capsys.readouterr()
        return Ended(code if isinstance(code, int) else int(bool(code)), said.out, said.err)

    return run


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "files" / "orders.csv"
    path.parent.mkdir()
    path.write_text(ORDERS, encoding="utf-8")
    return path


def test_a_folder_becomes_a_project_that_runs(atlas: Atlas, orders: Path) -> None:
    ended = atlas("init", "files")
    assert ended.code == 0
    assert "transactions" in ended.out
    text = Path("atlas.yaml").read_text(encoding="utf-8")
    assert "path: files/orders.csv" in text
    assert "# amounts of client at bought_at" in text
    done = json.loads(atlas("run", "--json").out)
    assert done["runs"][0]["customers"] == 30


def test_one_file_is_enough(atlas: Atlas, orders: Path) -> None:
    assert atlas("init", str(orders)).code == 0
    assert "project: orders" in Path("atlas.yaml").read_text(encoding="utf-8")


def test_a_project_file_that_is_there_is_overwritten_only_by_force(
    atlas: Atlas, orders: Path
) -> None:
    Path("atlas.yaml").write_text("mine")
    ended = atlas("init", "files")
    assert ended.code == 2
    assert "--force" in ended.err
    assert Path("atlas.yaml").read_text() == "mine"
    assert atlas("init", "files", "--force").code == 0
    assert Path("atlas.yaml").read_text() != "mine"


def test_paths_are_relative_to_the_project_file(atlas: Atlas, orders: Path) -> None:
    assert atlas("init", "files", "--project", "deep/er/shop.yaml").code == 0
    assert "path: ../../files/orders.csv" in Path("deep/er/shop.yaml").read_text()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "item,review\n1,it is a very fine thing\n1,this is a bad one\n", "are texts"),
        ("a.csv", "", "holds no rows"),
        ("a.parquet", "PAR1", "cannot be read as Parquet"),
        ("a.md", "# words", "no table"),
    ],
)
def test_where_nobody_can_be_segmented_no_file_is_written(
    atlas: Atlas, tmp_path: Path, name: str, content: str, said: str
) -> None:
    (tmp_path / name).write_text(content)
    ended = atlas("init", ".")
    assert ended.code == 1
    assert said in " ".join(ended.err.split())
    assert not Path("atlas.yaml").exists()


def test_a_folder_that_is_not_there_is_named(atlas: Atlas) -> None:
    ended = atlas("init", "nowhere")
    assert ended.code == 1
    assert "'nowhere'" in ended.err


def test_json_tells_what_is_not_sure(atlas: Atlas, tmp_path: Path) -> None:
    rows = "".join(f"2024-01-{1 + day:02d},{day % 5}\n" for day in range(20))
    (tmp_path / "visits.csv").write_text("date,id\n" + rows)
    document = json.loads(atlas("init", ".", "--json").out)
    assert document["sources"]["visits"]["columns"]["customer_id"] == "id"
    assert {one["question"] for one in document["not_sure"]} >= {"customer_id"}


def typed(monkeypatch: pytest.MonkeyPatch, lines: Sequence[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))


def test_asked_to_it_asks_and_does_what_it_is_told(
    atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"u{n % 4},{n},2024-01-{1 + n:02d},2024-02-{1 + n:02d},5\n" for n in range(20))
    (tmp_path / "orders.csv").write_text("user,order_id,created_at,order_date,amount\n" + rows)
    typed(monkeypatch, ["9", "2"])
    ended = atlas("init", ".", "--interactive")
    assert ended.code == 0
    assert "timestamp may be" in ended.out
    said = json.loads(atlas("init", ".", "--json", "--force").out)["sources"]["orders"]["columns"]
    typed(monkeypatch, ["2"])
    atlas("init", ".", "--interactive", "--force")
    text = Path("atlas.yaml").read_text()
    other = {"created_at", "order_date"} - {said["timestamp"]}
    assert f"timestamp: {other.pop()}" in text


def test_no_value_of_a_contact_is_shown(atlas: Atlas, tmp_path: Path) -> None:
    rows = "".join(f"{n},anna{n}@example.org,{n % 3}\n" for n in range(40))
    (tmp_path / "people.csv").write_text("customer_id,mail,score\n" + rows)
    ended = atlas("init", ".")
    assert "Contact: mail" in ended.out
    assert "example.org" not in ended.out + ended.err + Path("atlas.yaml").read_text()
