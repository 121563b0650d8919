"""The page of `atlas check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

if TYPE_CHECKING:
    from customer_atlas.data import Readiness

__all__ = ["readiness_page"]


def readiness_page(ready: Readiness) -> Any:
    """Return the score, a table a source, and what to mend first."""
    return Group(
        Text(f"Data readiness {ready.score} of 100"),
        *(
            Text(
                f"{one.severity} {one.place}: {one.sentence} -> {one.action} [{one.loss} {one.gain}]"
            )
            for one in ready.findings
        ),
    )
