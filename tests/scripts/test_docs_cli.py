from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import pytest
import typer

from scripts.docs_cli import page_of


class Format(Enum):
    PARQUET = "parquet"
    CSV = "csv"


def _application() -> typer.Typer:
    app = typer.Typer(help="The whole.")
    show = typer.Typer(help="Look at results.")
    app.add_typer(show, name="show")

    @app.command()
    def export(
        what: Annotated[str, typer.Argument(help="Members | features.")],
        output: Annotated[Path | None, typer.Option("--output", "-o", help="A file.")] = None,
        kind: Annotated[Format, typer.Option(help="How to write it.")] = Format.PARQUET,
        strict: Annotated[bool, typer.Option("--strict", help="Fail on a warning.")] = False,
    ) -> None:
        """Write a table to a file."""

    @show.command()
    def segments() -> None:
        """All segments."""

    @show.command(hidden=True)
    def secrets() -> None:
        """None of your business."""

    return app


@pytest.fixture(scope="module")
def page() -> str:
    return page_of(_application())


def test_every_command_has_a_section_under_its_full_name(page: str) -> None:
    assert "## `atlas`\n\nThe whole." in page
    assert "## `atlas export`\n\nWrite a table to a file." in page
    assert "## `atlas show segments`\n\nAll segments." in page


def test_arguments_and_options_tell_type_meaning_and_default(page: str) -> None:
    assert "| `WHAT` | text | Members \\| features. | required |" in page
    assert "| `--output`, `-o` | path | A file. |  |" in page
    assert "| `--kind` | `parquet` or `csv` | How to write it. | `parquet` |" in page
    assert "| `--strict` |  | Fail on a warning. |  |" in page


def test_what_is_hidden_stays_hidden(page: str) -> None:
    assert "secrets" not in page
    assert "install-completion" not in page
