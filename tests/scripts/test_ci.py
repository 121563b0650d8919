"""The continuous check: it runs every step, tells all failures, and fails if any step did."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STEPS = ["check", "docs", "test"]

pytestmark = pytest.mark.skipif(
    shutil.which("bash") is None or shutil.which("timeout") is None,
    reason="the continuous check is a bash script that needs coreutils",
)


def _run(tmp_path: Path, failing: str) -> subprocess.CompletedProcess[str]:
    make = tmp_path / "make"
    make.write_text(
        f'#!/bin/sh\necho "ran $1"\ncat\ncase " {failing} " in *" $1 "*) exit 2;; esac\n'
    )
    make.chmod(0o755)
    return subprocess.run(
        ["bash", str(ROOT / ".ci" / "run")],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        input="typed by nobody",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_runs_the_checks_the_site_and_the_tests_without_input(tmp_path: Path) -> None:
    run = _run(tmp_path, failing="")
    assert run.returncode == 0
    assert [line for line in run.stdout.splitlines() if line.startswith("ran")] == [
        f"ran {step}" for step in STEPS
    ]
    assert "typed by nobody" not in run.stdout


@pytest.mark.parametrize("failing", [*STEPS, "check test"])
def test_a_failing_step_fails_it_after_all_have_run(tmp_path: Path, failing: str) -> None:
    run = _run(tmp_path, failing)
    assert run.returncode == 1
    assert run.stdout.count("ran ") == len(STEPS)
    for step in failing.split():
        assert f"failed: make {step} (exit code 2)" in run.stdout
