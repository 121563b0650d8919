"""The null test: is there any group structure in a matrix at all?"""

from __future__ import annotations

from customer_atlas.clustering.structure_test.result import DipPart, GapPart, InertiaPart, NullTest
from customer_atlas.clustering.structure_test.test import null_test

__all__ = ["DipPart", "GapPart", "InertiaPart", "NullTest", "null_test"]
