"""How sure a membership is: probabilities learned from refits, and who is an outlier."""

from __future__ import annotations

from customer_atlas.clustering.calibration.calibrate import calibrate
from customer_atlas.clustering.calibration.reliability import Reliability, ReliabilityBin

__all__ = ["Reliability", "ReliabilityBin", "calibrate"]
