from __future__ import annotations

import pytest

from scripts.docs_features import page_text


@pytest.fixture(scope="module")
def page() -> str:
    return page_text()


@pytest.mark.parametrize("pack", ["rfm", "windows", "attributes", "engagement"])
def test_every_pack_has_a_section(page: str, pack: str) -> None:
    assert f"\n## {pack}\n" in page


def test_a_feature_tells_unit_formula_liveness_and_what_empty_means(page: str) -> None:
    (line,) = [line for line in page.splitlines() if line.startswith("| `recency_days` |")]
    assert "| days |" in line
    assert "| live | yes | unknown | active / lapsed |" in line


def test_every_row_of_a_table_has_as_many_cells_as_its_head(page: str) -> None:
    rows = [line.replace("\\|", "") for line in page.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {9}
