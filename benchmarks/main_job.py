"""The main job, Parquet to named segments, beside the usual notebook and the floor."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from _measure import Measure, full_counts, report
from customer_atlas.simulate import simulate_retailer

__all__ = ["measures"]

_PEERS = Path(__file__).with_name("_main_job_peers.py")
_PROJECT = """\
project: main-job
sources:
  orders: {path: transactions.parquet, role: transactions}
"""


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


def _atlas(folder: Path, number: int) -> _Spent:
    """A first run in a project that has no state yet."""
    project = folder / f"run-{number}"
    project.mkdir()
    (project / "transactions.parquet").symlink_to(folder / "transactions.parquet")
    (project / "atlas.yaml").write_text(_PROJECT, encoding="utf-8")
    return _spent(sys.executable, "-m", "customer_atlas", "run", "--json", cwd=project)


def measures() -> list[Measure]:
    """Medians of whole processes, taken in turn, so that a noisy machine is noisy for all."""
    customers, repeats = (1_000_000, 3) if full_counts() else (100_000, 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulate_retailer(customers, seed=1, days=140).write(folder)
        runs: dict[str, list[_Spent]] = {"atlas": [], "notebook": [], "floor": []}
        for number in range(repeats):
            runs["atlas"].append(_atlas(folder, number))
            for peer in ("notebook", "floor"):
                data = str(folder / "transactions.parquet")
                runs[peer].append(_spent(sys.executable, str(_PEERS), peer, data, cwd=folder))
    took = {who: statistics.median(one.seconds for one in all_) for who, all_ in runs.items()}
    held = max(one.gigabytes for one in runs["atlas"])
    case = f"{customers:,} customers"
    return [
        Measure(
            "main_job",
            case,
            took["atlas"],
            "s",
            took["notebook"] / 3,
            repeats=repeats,
            against=f"a third of pandas + scikit-learn ({took['notebook']:.1f} s)",
        ),
        Measure(
            "main_job",
            case,
            took["atlas"],
            "s",
            3 * took["floor"],
            repeats=repeats,
            against=f"3 times the floor ({took['floor']:.1f} s)",
        ),
        Measure("main_job", f"{case}, memory", held, "GB", 3.0, repeats=repeats),
    ]


if __name__ == "__main__":
    report(measures())
