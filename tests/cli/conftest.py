"""A whole job, `atlas run`, in a folder of its own, and what came of it."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from customer_atlas import Atlas
from customer_atlas.cli import main

__all__ = ["HEAD", "PERSON", "Job", "Outcome", "orders"]

HEAD = "customer_id,timestamp,amount\n"
PERSON = "ann.private@example.org"
"""What no error may show."""

_SECONDS = 60
_SETTINGS = {"main": {"packs": ["rfm"], "max_segments": 4}}


def orders(customers: int = 12, mark: str = ",") -> str:
    """Two usable orders of each of some customers, one of them a person with an address."""
    people = [PERSON, *(f"c{number:02d}" for number in range(1, customers))]
    return "".join(
        mark.join((who, f"2024-0{month}-{1 + place:02d}", f"{(place * 7) % 11 + 1}.5")) + "\n"
        for place, who in enumerate(people)
        for month in (1, 2)
    )


@dataclass(frozen=True)
class Outcome:
    """How a job ended: its exit code, what it said on stderr, and its document."""

    code: int
    said: str
    document: dict[str, Any]

    @property
    def source(self) -> dict[str, Any]:
        """The counts of the first source."""
        return dict(self.document["runs"][0]["sources"][0])

    def kept(self, rows: int, customers: int, **refused: int) -> None:
        """Hold that so many rows and customers were kept, and others refused for a reason."""
        assert self.code == 0, self.said
        found = self.source
        counts = ("kept", "filtered", "quarantined", "deduplicated")
        assert found["read"] == sum(found[name] for name in counts)
        assert (found["kept"], found["reasons"]) == (rows, refused)
        assert found["quarantined"] == sum(refused.values())
        assert self.document["runs"][0]["customers"] == customers

    def refused(self, *said: str, code: int = 1) -> None:
        """Hold that the job failed with a sentence or two that tell what to do."""
        assert self.code == code, self.said
        assert all(text in self.said for text in said), self.said
        assert "Traceback" not in self.said
        assert PERSON not in self.said + json.dumps(self.document)
        assert all(line.isprintable() for line in self.said.splitlines())
        assert len(self.said) < 800, self.said
        assert self.document["error"]["message"] == self.said.removesuffix("\n")


@dataclass
class Job:
    """A project with the source `orders`, whose settings a test changes as it likes."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    settings: dict[str, Any] = field(default_factory=dict)
    project: dict[str, Any] = field(default_factory=dict)

    def write(self, content: str | bytes, name: str = "orders.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, *arguments: str) -> Outcome:
        """Run the whole job by the command line; it may take a minute, and no longer."""
        source = {"path": "orders*", "role": "transactions", **self.settings}
        declared = {
            "project": "shop",
            "state": {"buckets": 2},
            "sources": {"orders": source},
            "segmentations": _SETTINGS,
            **self.project,
        }
        self.write(json.dumps(declared), "atlas.yaml")  # JSON is YAML
        project = str(self.folder / "atlas.yaml")
        before, sys.argv = sys.argv, ["atlas", "run", "-p", project, "--json", *arguments]
        self.capture.readouterr()
        try:
            with _bounded(), pytest.raises(SystemExit) as ended:
                main()
        finally:
            sys.argv = before
        out, err = self.capture.readouterr()
        return Outcome(int(ended.value.code or 0), err, json.loads(out))

    def members(self) -> list[dict[str, Any]]:
        """Everything that is known of who is where now."""
        with Atlas.open(self.folder / "atlas.yaml") as atlas:
            return list(atlas.members().to_pylist())


@contextmanager
def _bounded() -> Iterator[None]:
    def late(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"the job took more than {_SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(_SECONDS)
    begun = time.monotonic()
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - begun < _SECONDS  # a query holds signals back until it ends


@pytest.fixture
def job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Job:
    return Job(tmp_path, capsys)
