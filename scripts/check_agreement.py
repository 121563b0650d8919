"""Check that what the repository says of itself is what it holds.

The version is the changelog's newest entry; each ``make`` verb that a page names exists; the
decisions are all in their index; the generated pages are what would be generated now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts import docs_cli, docs_features, docs_schema
from scripts.verdict import ROOT, end

__all__ = ["main", "page_problems", "problems"]

_VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
_ENTRY = re.compile(r"^## +v?([0-9][^\s]*)", re.MULTILINE)
_IN_PROSE = re.compile(r"`make ([a-z][a-z-]*)")
_IN_BLOCK = re.compile(r"^(?:\$ )?make ([a-z][a-z-]*)")
_VERB = re.compile(r"^([a-z][a-z-]*):(?:.*)##", re.MULTILINE)
_PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/**/*.md", "benchmarks/*.md")


def problems(root: Path) -> list[str]:
    """Where the texts of a repository disagree with it."""
    return [*_version(root), *_verbs(root), *_decisions(root)]


def _version(root: Path) -> Iterator[str]:
    package = _VERSION.search(_read(root / "src/customer_atlas/__init__.py"))
    newest = _ENTRY.search(_read(root / "CHANGELOG.md"))
    here = package.group(1) if package else "no version"
    there = newest.group(1) if newest else "no version"
    if here != there or package is None:
        yield f"CHANGELOG.md: its newest entry is {there}, and the package says {here}"


def _verbs(root: Path) -> Iterator[str]:
    verbs = set(_VERB.findall(_read(root / "Makefile")))
    for path in sorted({path for pattern in _PAGES for path in root.glob(pattern)}):
        for verb in sorted(_named(_read(path)) - verbs):
            yield f"{path.relative_to(root)}: names 'make {verb}', which the Makefile does not have"
    for verb in sorted(verbs - _named(_read(root / "CONTRIBUTING.md"))):
        yield f"CONTRIBUTING.md: does not tell of 'make {verb}'"


def _named(text: str) -> set[str]:
    """The verbs that a page names: in code spans, and as commands of its code blocks."""
    found, in_block = set(_IN_PROSE.findall(text)), False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            in_block = not in_block
        elif in_block:
            found.update(_IN_BLOCK.findall(line.strip()))
    return found


def _decisions(root: Path) -> Iterator[str]:
    folder = root / "docs/adr"
    index = _read(folder / "index.md")
    for path in sorted(folder.glob("[0-9]*.md")):
        if f"({path.name})" not in index:
            yield f"docs/adr/index.md: does not list {path.name}"


def page_problems(page: Path, generate: Callable[[], str]) -> list[str]:
    """Whether a generated page is older than what it is generated from."""
    if page.is_file() and _read(page) == generate():
        return []
    return [f"{page.name} is not what would be written now; run `make reference`"]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def main() -> None:
    """Check this repository."""
    generated = [
        *page_problems(docs_schema.PAGE, docs_schema.schema_text),
        *page_problems(docs_cli.PAGE, docs_cli.page_text),
        *page_problems(docs_features.PAGE, docs_features.page_text),
    ]
    end("agreement", [*problems(ROOT), *generated])


if __name__ == "__main__":
    main()
