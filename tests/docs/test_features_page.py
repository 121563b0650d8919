"""What the page on features shows is what the commands print."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import Page, Workshop

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "look-at-features.md"


def shown() -> dict[str, str]:
    """The commands of the page that are shown with what they print."""
    blocks = Page.read(PAGE, ROOT).blocks
    texts = [block.text.split("\n", 1) for block in blocks if block.language == "console"]
    printed = [one for one in texts if len(one) == 2 and "$ " not in one[1]]
    return {command.removeprefix("$ "): text for command, text in printed}


def test_the_page_shows_what_the_commands_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from customer_atlas.cli import app

    page = Page.read(PAGE, ROOT)
    made = Page(page.name, tuple(block for block in page.blocks if block.language != "console"))
    Workshop(tmp_path).run(made)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    assert set(shown()) == {"atlas show features", "atlas explain feature keen"}
    for command, text in shown().items():
        app(command.split()[1:], standalone_mode=False)
        printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
        assert printed == text.splitlines()
