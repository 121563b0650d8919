"""Habits: when the customers of a group act, and what they buy, beside everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import hypot, sqrt
from typing import Any

__all__ = ["PARTS_OF_DAY", "WEEKDAYS", "Habit", "Habits", "Lean", "Print", "Sums", "print_of"]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PARTS_OF_DAY = ("night", "morning", "afternoon", "evening")
"""Six hours each, the night from midnight on."""

_FEWEST_CUSTOMERS, _FEWEST_ACTS = 5, 30
_SURE = 3.0  # standard errors that a difference must exceed to be spoken of
_MATTERS = 0.01  # and so much of all that they do, or buy
_TIMES = 1.15  # and so many times everybody's share, or as many times less


@dataclass(frozen=True)
class Sums:
    """Sums over the customers of a group, of which shares and their errors are made.

    Each customer has a total n, such as orders, and a part x of it by key. `total` and `squares`
    are the sums of n and of its square; `parts` holds by key the sums of x, of its square, and of
    x times n. `acts` counts what the customers did.
    """

    customers: int
    acts: int
    total: float
    squares: float
    parts: Mapping[str, tuple[float, float, float]]

    def __add__(self, other: Sums) -> Sums:
        none = (0.0, 0.0, 0.0)
        merged = {
            key: tuple(
                a + b
                for a, b in zip(self.parts.get(key, none), other.parts.get(key, none), strict=True)
            )
            for key in {**self.parts, **other.parts}
        }
        return Sums(
            self.customers + other.customers,
            self.acts + other.acts,
            self.total + other.total,
            self.squares + other.squares,
            merged,  # type: ignore[arg-type]
        )


@dataclass(frozen=True)
class Print:
    """Shares (0 to 1) of what a group does by key, in the order of the habit's keys.

    `errors` are their standard errors, from customer to customer: the many acts of one person are
    one piece of evidence.
    """

    customers: int
    acts: int
    shares: tuple[float, ...]
    errors: tuple[float, ...]


@dataclass(frozen=True)
class Lean:
    """A key that a group does surely more of than everybody, or surely less."""

    key: str
    share: float
    everyone: float


@dataclass(frozen=True)
class Habit:
    """One print of every group: `what` it parts (weekday, hour, category...) by `measure`.

    The measure is orders, spend or events. `groups` are by segment id; one without enough evidence
    (five customers and thirty acts) is not in it.
    """

    what: str
    measure: str
    keys: tuple[str, ...]
    everyone: Print
    groups: Mapping[str, Print]

    def leans(self, group: str) -> list[Lean]:
        """Return where a group surely differs from everybody, the largest surplus first.

        A difference counts from three standard errors of both, one point and a seventh of the
        share on: what a single customer did is not what a group does.
        """
        own, everyone = self.groups.get(group), self.everyone
        if own is None:
            return []
        rows = zip(self.keys, own.shares, own.errors, everyone.shares, everyone.errors, strict=True)
        found = [
            Lean(key, share, overall)
            for key, share, error, overall, error_of_all in rows
            if abs(share - overall) >= max(_SURE * hypot(error, error_of_all), _MATTERS)
            and not overall / _TIMES < share < overall * _TIMES
        ]
        return sorted(found, key=lambda one: one.everyone - one.share)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Habit:
        """Return the habit that was stored; raises KeyError where a field is absent."""
        groups = {name: _read(one) for name, one in stored["groups"].items()}
        keys = tuple(stored["keys"])
        return cls(stored["what"], stored["measure"], keys, _read(stored["everyone"]), groups)


@dataclass(frozen=True)
class Habits:
    """All habits of a segmentation, of so many `customers` of `everyone`."""

    customers: int
    everyone: int
    found: tuple[Habit, ...]

    def of(self, what: str) -> Habit | None:
        """Return the habit of one kind, None where nothing is known of it."""
        return next((one for one in self.found if one.what == what), None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Habits:
        """Return the record that `to_dict` wrote; raises KeyError where a field is absent."""
        found = tuple(Habit.from_dict(one) for one in stored["found"])
        return cls(stored["customers"], stored["everyone"], found)


def print_of(sums: Sums, keys: Sequence[str]) -> Print | None:
    """Return the print of a group, None where there is too little evidence.

    The standard error is that of a ratio of two sums over customers (W. G. Cochran, "Sampling
    Techniques", 1977, section 2.11).

    >>> thirty = Sums(10, 30, 30.0, 90.0, {"a": (15.0, 45.0, 45.0)})
    >>> [round(value, 3) for value in print_of(thirty, ["a", "b"]).shares]
    [0.5, 0.0]
    """
    if sums.customers < _FEWEST_CUSTOMERS or sums.acts < _FEWEST_ACTS or sums.total <= 0:
        return None
    shares, errors = [], []
    for key in keys:
        part, squares, products = sums.parts.get(key, (0.0, 0.0, 0.0))
        share = part / sums.total
        spread = squares - 2 * share * products + share * share * sums.squares
        factor = sums.customers / (sums.customers - 1)
        shares.append(round(share, 9))
        errors.append(round(sqrt(max(spread, 0.0) * factor) / sums.total, 9))
    return Print(sums.customers, sums.acts, tuple(shares), tuple(errors))


def _read(stored: Mapping[str, Any]) -> Print:
    return Print(
        stored["customers"], stored["acts"], tuple(stored["shares"]), tuple(stored["errors"])
    )
