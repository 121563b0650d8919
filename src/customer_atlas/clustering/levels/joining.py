"""What says of found segments that some are one: asked after a fit, before anyone is assigned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Join", "Joined"]


@dataclass(frozen=True)
class Joined:
    """The segment (k,) of each of k clusters, and the reasons why some are one."""

    segments: NDArray[np.int64]
    reasons: tuple[str, ...] = ()

    @property
    def merged(self) -> NDArray[np.int64] | None:
        """The segments where some clusters are one, else None."""
        return self.segments if self.reasons else None


Join = Callable[[NDArray[np.int32], NDArray[np.intp]], Joined]
"""Asked with the clusters (m,) of some rows, -1 for none, and the numbers (m,) of the rows."""
