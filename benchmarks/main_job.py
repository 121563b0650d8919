"""The main job, Parquet to named segments: beside rivals, run again, with more customers."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from _measure import Measure, full_counts, report
from customer_atlas.simulate import simulate_retailer

__all__ = ["measures"]

_PEERS = Path(__file__).with_name("_main_job_peers.py")
_PROJECT = """\
project: main-job
sources:
  orders: {path: orders/*.parquet, role: transactions}
"""
_NEW_ROWS = 0.01
_AGAIN = 0.67  # everybody's features move with time: only reading and training are saved
_STEEPEST = 1.2  # ten times the rows may take twelve times as long


@dataclass(frozen=True)
class _Spent:
    seconds: float
    gigabytes: float


def _spent(*command: str, cwd: Path) -> _Spent:
    """What a process of its own took: wall time, and the most memory it held."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with exit code {process.returncode}")
    scale = 1e9 if sys.platform == "darwin" else 1e6
    return _Spent(time.perf_counter() - begun, usage.ru_maxrss / scale)


@dataclass(frozen=True)
class _Retailer:
    """A folder with the orders of simulated customers, ten rows each."""

    folder: Path
    customers: int

    @classmethod
    def simulated(cls, folder: Path, customers: int) -> _Retailer:
        made = cls(folder, customers)
        # In a process of its own: a child that is forked off a large one counts as large as that.
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            pool.submit(made._write).result()
        return made

    def _write(self) -> None:
        simulate_retailer(self.customers, seed=1, days=140).write(self.folder)
        self._write_new_rows()

    @property
    def orders(self) -> Path:
        return self.folder / "transactions.parquet"

    @property
    def new_orders(self) -> Path:
        return self.folder / "new.parquet"

    def _write_new_rows(self) -> None:
        """Write the last orders once more, as new ones that follow them."""
        rows = pq.read_metadata(self.orders).num_rows
        last = pq.read_table(self.orders).slice(round(rows * (1 - _NEW_ROWS)))
        first, end = (pc.min_max(last["timestamp"])[name].as_py() for name in ("min", "max"))
        later = pc.add(last["timestamp"], pa.scalar(end - first + timedelta(seconds=1)))
        numbers = pc.binary_join_element_wise("new", last["order_id"], "-")
        for name, values in (("timestamp", later), ("order_id", numbers)):
            place = last.schema.get_field_index(name)
            last = last.set_column(place, name, values)
        pq.write_table(last, self.new_orders)

    def project(self, number: int) -> Path:
        """A project that has no state yet."""
        project = self.folder / f"run-{number}"
        (project / "orders").mkdir(parents=True)
        (project / "orders" / "1.parquet").symlink_to(self.orders)
        (project / "atlas.yaml").write_text(_PROJECT, encoding="utf-8")
        return project

    def peer(self, name: str) -> _Spent:
        return _spent(sys.executable, str(_PEERS), name, str(self.orders), cwd=self.folder)


def _run(project: Path) -> _Spent:
    return _spent(sys.executable, "-m", "customer_atlas", "run", "--json", cwd=project)


def _again(retailer: _Retailer, project: Path) -> _Spent:
    """Run a project once more, with a hundredth of new rows in a file of their own."""
    (project / "orders" / "2.parquet").symlink_to(retailer.new_orders)
    return _run(project)


def measures() -> list[Measure]:
    """Medians of whole processes, taken in turn, so that a noisy machine is noisy for all."""
    few, many, most = (100_000, 1_000_000, 3_000_000) if full_counts() else (10_000, 100_000, 0)
    repeats = 3 if full_counts() else 1
    runs: dict[str, list[_Spent]] = {}
    with tempfile.TemporaryDirectory() as name:
        small = _Retailer.simulated(Path(name) / "few", few)
        large = _Retailer.simulated(Path(name) / "many", many)
        for number in range(repeats):
            project = large.project(number)
            runs.setdefault("atlas", []).append(_run(project))
            runs.setdefault("again", []).append(_again(large, project))
            runs.setdefault("few", []).append(_run(small.project(number)))
            for peer in ("notebook", "floor"):
                runs.setdefault(peer, []).append(large.peer(peer))
        if most:
            largest = _Retailer.simulated(Path(name) / "most", most)
            runs["most"] = [_run(largest.project(0))]
    return [*_beside_rivals(runs, many), *_growth(runs, few, many, most)]


def _beside_rivals(runs: dict[str, list[_Spent]], customers: int) -> Iterator[Measure]:
    took = {who: _median(all_) for who, all_ in runs.items()}
    case, repeats = f"{customers:,} customers", len(runs["atlas"])
    third = f"a third of pandas + scikit-learn ({took['notebook']:.1f} s)"
    floor = f"3 times the floor ({took['floor']:.1f} s)"
    for limit, against in ((took["notebook"] / 3, third), (3 * took["floor"], floor)):
        yield Measure("main_job", case, took["atlas"], "s", limit, repeats=repeats, against=against)
    held = max(one.gigabytes for one in runs["atlas"])
    yield Measure("main_job", f"{case}, memory", held, "GB", 3.0, repeats=repeats)
    yield Measure(
        "main_job",
        f"{case}, run again with 1 % new rows",
        took["again"],
        "s",
        _AGAIN * took["atlas"],
        repeats=repeats,
        against=f"{_AGAIN} of the first run ({took['atlas']:.1f} s)",
    )


def _growth(runs: dict[str, list[_Spent]], few: int, many: int, most: int) -> Iterator[Measure]:
    pairs = [("few", few, "atlas", many)] + ([("atlas", many, "most", most)] if most else [])
    for smaller, less, larger, more in pairs:
        before = _median(runs[smaller])
        yield Measure(
            "main_job",
            f"growth from {less:,} to {more:,} customers",
            _median(runs[larger]),
            "s",
            _STEEPEST * more / less * before,
            repeats=len(runs[larger]),
            against=f"{_STEEPEST * more / less:.3g} times that of the fewer ({before:.1f} s)",
        )
    if most:
        held = max(one.gigabytes for one in runs["most"])
        yield Measure("main_job", f"{most:,} customers, memory", held, "GB", 3.0)


def _median(all_: list[_Spent]) -> float:
    return statistics.median(one.seconds for one in all_)


if __name__ == "__main__":
    report(measures())
