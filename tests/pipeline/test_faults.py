"""Whatever stops a run: what serves goes on serving, and the next run ends as if undisturbed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from customer_atlas import Atlas
from customer_atlas.data import Counts
from customer_atlas.engine import DuckDB
from customer_atlas.errors import AtlasError
from customer_atlas.simulate import Retailer
from tests.pipeline.children import SPAWN, command, work
from tests.pipeline.conftest import make_shop

Measured = Callable[[str, object], None]

NEW = """\
customer_id,timestamp,amount,order_id
newcomer,2024-02-01 10:00:00,12.5,n1
newcomer,2024-02-02 10:00:00,soon,n2
newcomer,2024-02-03 10:00:00,7.5,n3
late,no day,7.5,n4
"""


@dataclass(frozen=True)
class Plan:
    """A run to disturb: the project before it, and what serves before and after it."""

    folder: Path
    refit: bool
    before: Any
    after: Any
    segments: Any
    steps: tuple[str, ...]
    seconds: float

    def copy(self, target: Path) -> Path:
        """Return the project file of a copy of the project before the run."""
        return Path(shutil.copytree(self.folder, target)) / "atlas.yaml"


def serving(project: Path) -> Any:
    """The members that serve, or None where nothing serves yet."""
    with Atlas.open(project) as atlas:
        if atlas.workspace.registry.serving("main") is None:
            return None
        return atlas.members()


def described(project: Path) -> Any:
    with Atlas.open(project) as atlas:
        return [segment.to_dict() for segment in atlas.segments()]


def alike(left: Any, right: Any) -> bool:
    return left is right or (left is not None and right is not None and left.equals(right))


def run(project: Path, *, refit: bool = False, at: int | None = None) -> int:
    steps = project.parent / "steps"
    child = SPAWN.Process(target=work, args=(project, refit, at, steps, None))
    child.start()
    child.join(120)
    assert child.exitcode is not None, "the run hangs"
    return int(child.exitcode)


def steps_of(project: Path) -> tuple[str, ...]:
    return tuple((project.parent / "steps").read_text().splitlines())


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory, retailer: Retailer) -> dict[str, Plan]:
    """A first run, a second one that has a new file, and one that trains anew as well."""
    root = tmp_path_factory.mktemp("plans")
    (root / "first").mkdir()
    project = make_shop(root / "first", retailer)
    project.write_text(project.read_text().replace("orders*.parquet", "orders*"))
    first = project.parent
    second = Path(shutil.copytree(first, root / "second"))
    assert run(second / "atlas.yaml") == 0
    (second / "data" / "orders-new.csv").write_text(NEW)
    return {
        name: planned(folder, root / f"{name}-done", refit=name == "refit")
        for name, folder in (("first", first), ("second", second), ("refit", second))
    }


def planned(folder: Path, target: Path, *, refit: bool) -> Plan:
    project = Path(shutil.copytree(folder, target)) / "atlas.yaml"
    before = serving(project)
    begun = time.perf_counter()
    assert run(project, refit=refit) == 0
    seconds = time.perf_counter() - begun
    after = serving(project)
    return Plan(folder, refit, before, after, described(project), steps_of(project), seconds)


def hold_the_rest(plan: Plan, project: Path, where: str) -> bool:
    """Hold all that must be true after a run died, then after the next one; was it published?"""
    found = serving(project)
    published = alike(found, plan.after)
    assert published or alike(found, plan.before), f"{where}: what serves was touched"
    assert run(project, refit=plan.refit and not published) == 0, where
    assert alike(serving(project), plan.after), f"{where}: other members than undisturbed"
    assert described(project) == plan.segments, f"{where}: other segments"
    hold_sound(project, where)
    return published


def hold_sound(project: Path, where: str) -> None:
    """Hold that counts add up to rows that can be read, and that nothing is left over."""
    with Atlas.open(project) as atlas:
        space = atlas.workspace
        for name, pin in space.registry.sources().items():
            counts = Counts.of(space.registry.files(name).values())
            assert counts.adds_up, where
            assert rows(space.lake.table(name), pin.version) == counts.kept, where
            if pin.quarantine_version is not None:
                refused = rows(space.lake.quarantine(name), pin.quarantine_version)
                assert refused == counts.quarantined, where
        done = {one.id for one in atlas.runs(1000) if one.status == "done"}
        assert "running" not in {one.status for one in atlas.runs(1000)}, where
        served = space.registry.serving("main")
        assert served is not None
        assert len(space.registry.generations("main")) == served.generation, where
        root = space.root
    assert {int(folder.name) for folder in (root / "runs").iterdir()} == done, where
    left = [*root.glob("scratch"), *root.rglob("_incoming"), *root.glob("spill/*")]
    assert not left, f"{where}: left over"


def rows(table: Any, version: int) -> int:
    with DuckDB(threads=1).connect() as connection:
        connection.view_parquet("kept", table.files(version), table.columns(version))
        return int(connection.rows("SELECT count(*) FROM kept", step="count")[0][0])


@pytest.mark.proof
def test_a_run_killed_at_any_step_ends_as_an_undisturbed_one(
    plans: dict[str, Plan],
    tmp_path: Path,
    proof_count: Callable[[int, int], int],
    measured: Measured,
) -> None:
    """Of the run that does most every step; of the others those in which they differ."""
    every = proof_count(0, 1)
    kills = 0
    for name, plan in plans.items():
        assert plan.steps[-1] == "published"
        assert {"pinning versions", "pinned", "publish"} <= set(plan.steps)
        step = 1 if every or name == "refit" else 12
        for at in range(0, len(plan.steps), step):
            where = f"{name} run, killed at '{plan.steps[at]}' ({at})"
            project = plan.copy(tmp_path / "trial")
            assert run(project, refit=plan.refit, at=at) == -signal.SIGKILL, where
            assert steps_of(project) == plan.steps[: at + 1], where
            published = hold_the_rest(plan, project, where)
            assert published == (plan.steps[at] == "published"), where
            shutil.rmtree(project.parent)
            kills += 1
    measured("kills at steps", kills)


@pytest.mark.proof
def test_a_run_killed_at_a_random_time_ends_as_an_undisturbed_one(
    plans: dict[str, Plan],
    tmp_path: Path,
    proof_count: Callable[[int, int], int],
    measured: Measured,
) -> None:
    trials = proof_count(20, 100)
    seed = proof_count(7, random.SystemRandom().randrange(10**6))
    print("seed", seed)
    draw = random.Random(seed)
    killed = 0
    for trial in range(trials):
        name = list(plans)[trial % len(plans)]
        plan = plans[name]
        after = draw.uniform(0, plan.seconds)
        where = f"{name} run, killed after {after:.4f} s (seed {seed}, trial {trial})"
        project = plan.copy(tmp_path / "trial")
        begun = SPAWN.Event()
        steps = project.parent / "steps"
        child = SPAWN.Process(target=work, args=(project, plan.refit, None, steps, begun))
        child.start()
        assert begun.wait(60)
        child.join(after)
        if child.exitcode is None:
            os.kill(child.pid, signal.SIGKILL)
        child.join(60)
        assert child.exitcode in (0, -signal.SIGKILL), where
        killed += child.exitcode != 0
        hold_the_rest(plan, project, where)
        shutil.rmtree(project.parent)
    assert killed > trials / 2
    measured("seed", seed)
    measured("killed at random", f"{killed} of {trials}")


def started(project: Path, *arguments: str, **how: Any) -> tuple[Any, Any]:
    """Start the command line in a process of its own; the process, and what will hear its words."""
    heard, said = SPAWN.Pipe(duplex=False)
    asked = [*arguments, "-p", str(project)]
    child = SPAWN.Process(target=command, args=(asked, said), kwargs=how)
    child.start()
    said.close()
    return child, heard


def said_by(project: Path, *arguments: str, **how: Any) -> tuple[int, str]:
    """Run the command line; its exit code and words."""
    child, heard = started(project, *arguments, **how)
    return ended(child, heard)


def ended(child: Any, heard: Any) -> tuple[int, str]:
    assert heard.poll(120), "the run hangs"
    words = str(heard.recv())
    child.join(60)
    return int(child.exitcode), words


@pytest.mark.parametrize("size", [0, 600, 5_000, 20_000])
def test_a_disk_that_takes_no_more_is_a_sentence_and_leaves_what_serves(
    plans: dict[str, Plan], tmp_path: Path, size: int
) -> None:
    plan = plans["refit"]
    project = plan.copy(tmp_path / "trial")
    code, words = said_by(project, "run", "--refit", file_bytes=size)
    assert code == 1
    assert "Traceback" not in words
    assert len(words.strip()) > 20
    hold_the_rest(plan, project, f"files of {size} bytes at most")


@pytest.mark.parametrize("part", ["", "lake/tables", "lake/runs", "registry.db", "lake"])
def test_a_folder_that_cannot_be_written_is_a_sentence_and_leaves_what_serves(
    plans: dict[str, Plan], tmp_path: Path, part: str
) -> None:
    plan = plans["refit"]
    project = plan.copy(tmp_path / "trial")
    place = project.parent / ".atlas" / part
    read_only(place)
    try:
        code, words = said_by(project, "run", "--refit", powerless=True)
    finally:
        read_only(place, no=True)
    assert code == 1
    assert "Traceback" not in words
    assert len(words.strip()) > 20
    assert not hold_the_rest(plan, project, f"{part} cannot be written")


def read_only(path: Path, *, no: bool = False) -> None:
    for one in (path, *path.rglob("*")):
        one.chmod((0o755 if no else 0o555) if one.is_dir() else (0o644 if no else 0o444))


def test_a_damaged_new_file_leaves_what_serves(plans: dict[str, Plan], tmp_path: Path) -> None:
    plan = plans["second"]
    project = plan.copy(tmp_path / "trial")
    damaged = project.parent / "data" / "orders-z.parquet"
    damaged.write_bytes(b"PAR1 and no more")
    code, words = said_by(project, "run")
    assert code == 1
    assert "orders-z.parquet" in words
    damaged.unlink()
    assert not hold_the_rest(plan, project, "a damaged file")


@pytest.mark.parametrize("count", [2, 5])
def test_runs_started_together_do_not_mix(
    plans: dict[str, Plan], tmp_path: Path, count: int
) -> None:
    plan = plans["second"]
    project = plan.copy(tmp_path / "trial")
    together = SPAWN.Barrier(count)
    children = [started(project, "run", together=together) for _ in range(count)]
    ends = [ended(*child) for child in children]
    assert 0 in [code for code, _ in ends]
    for code, words in ends:
        busy = words.startswith("Another run holds this project")
        assert code == 0 or (code, busy) == (1, True), words
    assert alike(serving(project), plan.after)
    hold_sound(project, f"{count} runs together")
    assert sum(one.status == "done" for one in Atlas.open(project).runs(100)) == 2


def test_who_reads_while_runs_publish_sees_whole_generations(
    plans: dict[str, Plan], tmp_path: Path
) -> None:
    plan = plans["refit"]
    project = plan.copy(tmp_path / "trial")
    seen: dict[int, pa.Table] = {}
    reads = 0
    for _ in range(3):
        child, heard = started(project, "run", "--refit")
        while child.is_alive():
            members = serving(project)
            (generation,) = set(members["generation"].to_pylist())
            assert members.equals(seen.setdefault(generation, members))
            reads += 1
        code, words = ended(child, heard)
        assert code == 0, words
    seen[4] = serving(project)
    assert {1, 2, 3, 4} == set(seen)
    assert reads > 10
    assert seen[1].equals(plan.before)
    assert seen[2].equals(plan.after)
    people = ["customer_id", "segment", "probability", "as_of"]
    assert seen[2].select(people).equals(seen[4].select(people))


def test_the_runs_of_two_processes_never_hold_the_project_both(
    plans: dict[str, Plan], tmp_path: Path
) -> None:
    project = plans["second"].copy(tmp_path / "trial")
    with Atlas.open(project) as atlas, atlas.workspace.exclusive():
        code, words = said_by(project, "run")
    assert (code, words.count("\n")) == (1, 1)
    assert words.startswith("Another run holds this project on this machine")
    with pytest.raises(AtlasError), Atlas.open(project) as one, one.workspace.exclusive():
        one.run()
