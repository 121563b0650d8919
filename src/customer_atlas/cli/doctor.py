"""`atlas doctor`: is everything in order to run here?"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer
from rich.table import Table
from rich.text import Text

from customer_atlas.cli.output import AsJson, ProjectPath, emit, emit_json
from customer_atlas.errors import AtlasError

if TYPE_CHECKING:
    from customer_atlas.pipeline import Workspace

__all__ = ["Finding", "doctor"]

_LIBRARIES = ("duckdb", "ibis-framework", "deltalake", "pyarrow", "numpy", "scikit-learn")
_LOW_DISK = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing looked at, and how it is."""

    what: str
    state: Literal["good", "warning", "bad"]
    detail: str


def doctor(project: ProjectPath = Path("atlas.yaml"), json: AsJson = False) -> None:
    """Check the installation, the project file, its files, the lake and the registry."""
    findings = list(_findings(project))
    if json:
        emit_json({"findings": [asdict(finding) for finding in findings]})
    else:
        emit(_table(findings))
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)


_SIGNS = {"good": ("✓", "green"), "warning": ("!", "yellow"), "bad": ("✗", "red")}


def _table(findings: list[Finding]) -> Table:
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        sign, style = _SIGNS[finding.state]
        table.add_row(Text(sign, style), Text(finding.what, "bold"), Text(finding.detail))
    return table


def _findings(project: Path) -> Iterator[Finding]:
    yield Finding("Python", "good", f"{platform.python_version()} on {platform.system()}")
    yield _libraries()
    try:
        from customer_atlas.pipeline import Workspace

        work = Workspace.open(project)
    except AtlasError as error:
        yield Finding("project file", "bad", str(error))
        return
    with work:
        yield Finding("project file", "good", str(work.file.path))
        for what, look in _LOOKS.items():
            yield _looked(what, look, work)


def _libraries() -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    found, missing = [], []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("libraries", "bad", f"not installed: {', '.join(missing)}")
    return Finding("libraries", "good", ", ".join(found))


def _looked(what: str, look: Callable[[Workspace], Finding], work: Workspace) -> Finding:
    try:
        return look(work)
    except AtlasError as error:
        return Finding(what, "bad", str(error))


def _sources(work: Workspace) -> Finding:
    from customer_atlas.data import find_files

    counts = {
        name: len(find_files(source.path, work.file.folder)[0])
        for name, source in work.file.project.sources.items()
    }
    empty = [name for name, count in counts.items() if not count]
    said = ", ".join(f"{name}: {count} files" for name, count in counts.items())
    if empty:
        return Finding("sources", "bad", f"{said}. No file matches the path of {', '.join(empty)}")
    return Finding("sources", "good", said)


def _registry(work: Workspace) -> Finding:
    runs = work.registry.runs(limit=1)
    if not runs:
        return Finding("registry", "good", "reachable; no run yet")
    last = runs[0]
    state: Literal["good", "warning"] = "good" if last.status == "done" else "warning"
    return Finding("registry", state, f"reachable; run {last.id} is {last.status}")


def _lake(work: Workspace) -> Finding:
    pins = work.registry.sources()
    if not pins:
        return Finding("lake", "good", "nothing ingested yet")
    missing = [
        path
        for name, pin in pins.items()
        for path in work.lake.table(name).files(pin.version)
        if not Path(path).is_file()
    ]
    if missing:
        return Finding("lake", "bad", f"{len(missing)} files are gone, such as {missing[0]}")
    said = ", ".join(f"{name} at version {pin.version}" for name, pin in pins.items())
    return Finding("lake", "good", said)


def _serving(work: Workspace) -> Finding:
    from customer_atlas.pipeline import Published

    said = []
    for name in work.file.project.segmentations:
        if work.registry.serving(name) is None:
            return Finding("segments", "warning", f"{name}: none yet. Run: atlas run")
        published = Published.of(work, name)
        said.append(f"{name}: {len(published.segments)} of run {published.pointer.run}")
    return Finding("segments", "good", ", ".join(said))


def _disk(work: Workspace) -> Finding:
    free = shutil.disk_usage(work.file.folder).free
    state: Literal["good", "warning"] = "good" if free > _LOW_DISK else "warning"
    return Finding("disk", state, f"{free / 1024**3:.0f} GiB free")


_LOOKS: dict[str, Callable[[Workspace], Finding]] = {
    "sources": _sources,
    "registry": _registry,
    "lake": _lake,
    "segments": _serving,
    "disk": _disk,
}
