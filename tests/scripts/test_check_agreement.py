from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.check_agreement import page_problems, problems

Plant = Callable[[str, str], Path]


@pytest.fixture
def repository(plant: Plant) -> Plant:
    plant("src/customer_atlas/__init__.py", '__version__ = "0.2.0"\n')
    plant("CHANGELOG.md", "# Changes\n\n## 0.2.0 (unreleased)\n\n## 0.1.0\n")
    plant("Makefile", "test: .ready ## run the tests\n\tpytest\n")
    plant("README.md", "Run `make test`, or make sure of it:\n\n```console\n$ make test\n```\n")
    plant("CONTRIBUTING.md", "`make test` runs the tests.\n")
    plant("docs/adr/index.md", "[one](0001-one.md)\n")
    plant("docs/adr/0001-one.md", "# One\n")
    return plant


def test_a_repository_that_agrees_with_itself_is_well(repository: Plant) -> None:
    assert problems(repository("docs/index.md", "")) == []


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("CHANGELOG.md", "## 0.1.0\n", "newest entry is 0.1.0, and the package says 0.2.0"),
        ("CHANGELOG.md", "nothing yet\n", "newest entry is no version"),
        ("README.md", "```bash\nmake dinner\n```\n", "README.md: names 'make dinner'"),
        ("docs/how-to/cook.md", "say `make dinner`\n", "docs/how-to/cook.md: names 'make dinner'"),
        ("CONTRIBUTING.md", "none\n", "does not tell of 'make test'"),
        ("docs/adr/0002-two.md", "# Two\n", "does not list 0002-two.md"),
    ],
)
def test_what_disagrees_is_named(repository: Plant, path: str, text: str, found: str) -> None:
    (problem,) = problems(repository(path, text))
    assert found in problem


def test_a_generated_page_that_is_current_is_well(plant: Plant) -> None:
    page = plant("cli.md", "now") / "cli.md"
    assert page_problems(page, lambda: "now") == []


@pytest.mark.parametrize("name", ["cli.md", "gone.md"])
def test_a_generated_page_that_is_old_or_absent_is_named(plant: Plant, name: str) -> None:
    page = plant("cli.md", "then") / name
    (problem,) = page_problems(page, lambda: "now")
    assert problem == f"{name} is not what would be written now; run `make reference`"
