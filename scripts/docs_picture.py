"""Draw what `atlas demo` shows at its end, for the README: docs/assets/segments.svg."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

from rich.console import Console

from customer_atlas import Atlas
from customer_atlas.cli.demo import make_project
from customer_atlas.cli.render import segments_table

__all__ = ["main", "picture"]

TARGET = Path(__file__).resolve().parents[1] / "docs" / "assets" / "segments.svg"
_WIDTH = 100


def picture(project: Path) -> str:
    """Run the project and return its table of segments as SVG that asks nothing of the web."""
    with Atlas.open(project) as atlas:
        atlas.run()
        segments = atlas.segments()
    console = Console(record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(segments_table(segments))
    svg = console.export_svg(title="atlas show segments", unique_id="segments")
    local = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    return local.replace("Fira Code", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono")


def main() -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        TARGET.write_text(picture(make_project(Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main()
