"""What drives segments: a surrogate in real units, its contributions, and what chance would do."""

from __future__ import annotations

from customer_atlas.segments.drivers.driver import Driver, Drivers, SegmentDrivers
from customer_atlas.segments.drivers.measure import Sampled, measure_drivers
from customer_atlas.segments.drivers.reasons import Reason, model_weights, reasons_for
from customer_atlas.segments.drivers.surrogate import Surrogate

__all__ = [
    "Driver",
    "Drivers",
    "Reason",
    "Sampled",
    "SegmentDrivers",
    "Surrogate",
    "measure_drivers",
    "model_weights",
    "reasons_for",
]
