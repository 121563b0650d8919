"""A shop for each test: a project file, source files, a lake and a registry in one folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from customer_atlas.config import ProjectFile
from customer_atlas.data import Lake, SourceReport, ingest
from customer_atlas.engine import DuckDB
from customer_atlas.registry import Registry

__all__ = ["Shop"]


@dataclass
class Shop:
    """One project with the source `orders`, whose settings a test changes as it likes."""

    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)
    project: dict[str, Any] = field(default_factory=dict)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def ingest(self, progress: Callable[[str], None] = lambda _: None) -> SourceReport:
        file = self.file()
        with self.registry() as registry:
            return ingest(file, self.lake(), registry, DuckDB(threads=2), progress)[0]

    def file(self) -> ProjectFile:
        source = {"path": "data", "role": "transactions", **self.settings}
        declared = {"project": "shop", "sources": {"orders": source}, **self.project}
        # JSON is YAML.
        return ProjectFile.load(self.write("atlas.yaml", json.dumps(declared)))

    def registry(self) -> Registry:
        return Registry.open("sqlite:///registry.db", self.folder)

    def lake(self) -> Lake:
        return Lake(self.folder / "lake", 4)

    def pins(self) -> Mapping[str, Any]:
        with self.registry() as registry:
            return registry.sources()

    def rows(self, columns: str = "* EXCLUDE (_file, _row)", order: str = "ALL") -> list[Any]:
        """Return the accepted rows of the pinned version."""
        table = self.lake().table("orders")
        version = self.pins()["orders"].version
        types = table.columns(version)
        with DuckDB(threads=1).connect() as connection:
            connection.view_parquet("orders", table.files(version), types)
            return connection.rows(f"SELECT {columns} FROM orders ORDER BY {order}", step="read")

    def refused(self, columns: str = 'reason, "column", found') -> list[Any]:
        """Return the quarantined rows of the pinned version."""
        table = self.lake().quarantine("orders")
        version = self.pins()["orders"].quarantine_version
        if version is None:
            return []
        with DuckDB(threads=1).connect() as connection:
            connection.view_parquet("refused", table.files(version), table.columns(version))
            return connection.rows(f"SELECT {columns} FROM refused ORDER BY ALL", step="read")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)
