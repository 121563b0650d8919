"""Customer Atlas: customer segments that have names, reasons and a life of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from customer_atlas.project import Atlas

__all__ = ["Atlas", "__version__"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load the front door when it is first used, so that importing the package stays quick."""
    if name == "Atlas":
        from customer_atlas.project import Atlas

        return Atlas
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
