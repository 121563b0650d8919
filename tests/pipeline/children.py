"""Runs in processes of their own, which can be killed, limited and started together."""

from __future__ import annotations

import ctypes
import io
import multiprocessing
import os
import resource
import signal
import sys
import traceback
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

__all__ = ["SPAWN", "command", "work"]

# A server that has imported everything and has no thread: each child is a fork of it.
SPAWN: Any = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(
    [
        "customer_atlas.pipeline",
        "customer_atlas.cli.app",
        "charset_normalizer",
        "deltalake",
        "ibis.backends.duckdb",
        "sklearn.cluster",
    ]
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
    said: Connection,
    together: Barrier | None = None,
    file_bytes: int | None = None,
    powerless: bool = False,
) -> None:
    """Run the command line and send what it said; with a limit of file sizes, or without powers."""
    from customer_atlas.cli import main

    sys.argv = ["atlas", *arguments]
    sys.stdout = sys.stderr = stream = io.StringIO()
    if powerless:
        _obey_permissions()
    if file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    if together:
        together.wait()
    try:
        main()
    except Exception:
        traceback.print_exc(file=stream)
        sys.exit(70)
    finally:
        said.send(stream.getvalue())


def _obey_permissions() -> None:
    """Give up the power of root to write what is read-only."""
    if os.geteuid() == 0:
        header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        assert ctypes.CDLL(None).capset(header, none) == 0
