"""Sources written to disk, ingested and checked, as a person does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from customer_atlas import Atlas
from customer_atlas.data import Finding, Readiness

Checked = Callable[..., Readiness]


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    """A function from tables by source, and the declarations of sources, to their readiness.

    A declaration is what stands after the path in the project file, such as ``role: products``.
    """

    def check(tables: Mapping[str, pd.DataFrame], buckets: int = 4, **declared: str) -> Readiness:
        lines = ["project: shop", f"state: {{buckets: {buckets}}}", "sources:"]
        for name, table in tables.items():
            table.to_parquet(tmp_path / f"{name}.parquet", index=False)
            lines.append(f"  {name}: {{path: {name}*.parquet, {declared[name]}}}")
        (tmp_path / "atlas.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        with Atlas.open(tmp_path / "atlas.yaml") as atlas:
            return atlas.check()

    return check


@pytest.fixture
def found() -> Callable[[Readiness, str], list[Finding]]:
    """A function from a readiness and a rule's code to the findings of that rule."""
    return lambda ready, code: [one for one in ready.findings if one.code == code]
