"""Write the JSON Schema of the project file, which editors use to complete and check it."""

from __future__ import annotations

import sys
from pathlib import Path

from typer.testing import CliRunner

from scripts.verdict import ROOT

__all__ = ["PAGE", "main", "schema_text"]

PAGE = ROOT / "docs" / "reference" / "atlas.schema.json"


def schema_text() -> str:
    """The schema as ``atlas schema`` prints it."""
    from customer_atlas.cli import app

    return CliRunner().invoke(app, ["schema"], catch_exceptions=False).stdout


def main(page: Path = PAGE) -> None:
    """Write the page; the only argument may be another place for it."""
    page = Path(sys.argv[1]) if len(sys.argv) > 1 else page
    page.write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
