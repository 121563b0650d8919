"""The command in a process of its own, as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["atlas", "document"]


def atlas(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as installed."""
    return subprocess.run(
        [sys.executable, "-m", "customer_atlas", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def document(*arguments: str, cwd: Path) -> Any:
    """Return what a command prints with --json; nothing else may be on stdout."""
    done = atlas(*arguments, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
