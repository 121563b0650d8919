"""Runs in processes of their own, which can be killed, limited and started together."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

__all__ = ["SPAWN", "command", "work"]

# A server that has imported everything and has no thread: each child is a fork of it.
SPAWN: Any = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(
    ["customer_atlas.pipeline", "customer_atlas.cli", "deltalake", "ibis.backends.duckdb"]
)


def work(project: Path, refit: bool, at: int | None, steps: Path, begun: Event | None) -> None:
    """Run a project, writing down its steps; die by SIGKILL at step number `at`."""
    from customer_atlas import Atlas

    with Atlas.open(project) as atlas, steps.open("w", buffering=1) as written:
        count = 0

        def told(step: str, done: int = 0, total: int = 0) -> None:
            nonlocal count
            written.write(f"{step} {done}\n" if total else f"{step}\n")
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1

        if begun:
            begun.set()
        atlas.run(refit=refit, progress=told)


def command(
    arguments: list[str],
    said: Path,
    together: Barrier | None = None,
    file_bytes: int | None = None,
    user: int | None = None,
) -> None:
    """Run the command line, its words in `said`; with a limit of file sizes, or as some user."""
    from customer_atlas.cli import main

    with said.open("w", buffering=1) as stream:
        sys.stdout = sys.stderr = stream
        sys.argv = ["atlas", *arguments]
        if user is not None:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        if file_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
        if together:
            together.wait()
        main()
