"""Every project file that a page shows is one that Atlas accepts."""

from __future__ import annotations

from pathlib import Path

import pytest

from customer_atlas.config import ProjectFile
from customer_atlas.errors import ConfigError
from tests.docs.pages import Block, Page

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCKS = [
    block
    for path in PAGES
    for block in Page.read(path, ROOT).blocks
    if block.language == "yaml" and block.text.startswith("project:")
]


def _load(block: Block, folder: Path) -> ProjectFile:
    path = folder / "atlas.yaml"
    path.write_text(block.text, encoding="utf-8")
    return ProjectFile.load(path)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.where)
def test_a_project_file_that_is_shown_is_accepted(block: Block, tmp_path: Path) -> None:
    assert _load(block, tmp_path).project.sources


def test_the_pages_show_project_files() -> None:
    assert BLOCKS


def test_a_project_file_with_an_unknown_key_is_found(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="sourcs"):
        _load(Block("page.md", 1, "yaml", "project: shop\nsourcs: {}"), tmp_path)
