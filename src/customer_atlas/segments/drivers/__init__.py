"""What drives segments: a surrogate in real units, its contributions, and what chance would do."""

from __future__ import annotations

from customer_atlas.segments.drivers.driver import Driver, Drivers, SegmentDrivers
from customer_atlas.segments.drivers.measure import Sampled, measure_drivers
from customer_atlas.segments.drivers.surrogate import Surrogate

__all__ = [
    "Driver",
    "Drivers",
    "Sampled",
    "SegmentDrivers",
    "Surrogate",
    "measure_drivers",
]
