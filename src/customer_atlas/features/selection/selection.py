"""What a selection found: features kept and dropped, their ranking, and the curve behind it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from customer_atlas.errors import ConfigError, nearest

__all__ = ["CurvePoint", "Dropped", "Ranked", "Reason", "Selection"]

Reason = Literal["constant", "duplicate", "leaking", "unstable", "eliminated"]


@dataclass(frozen=True)
class Dropped:
    """A feature that is not used; `why` is a sentence for people, with the figures in it."""

    name: str
    reason: Reason
    why: str


@dataclass(frozen=True)
class Ranked:
    """A feature's share of what all of them tell of later behaviour; rank 1 tells most.

    Importances are from 0 to 1 and add up to 1 over the ranking.
    """

    name: str
    importance: float
    rank: int


@dataclass(frozen=True)
class CurvePoint:
    """The held-out score of so many features, and its standard error over the folds.

    The score is the mean over the targets of AUC (yes or no) and R² (amounts).
    """

    features: int
    score: float
    error: float


@dataclass(frozen=True)
class Selection:
    """Which features may form segments, and the evidence.

    `kept` and `dropped` follow the order of the declared features; together they hold each
    feature that does not merely describe. `ranking` is None where there is nothing to rank
    by, and `note` says why; else it orders what no other reason dropped, those that an
    elimination drops included. `curve` has one point for each number of features that was tried,
    the most first: one point without elimination.
    """

    kept: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    ranking: tuple[Ranked, ...] | None
    curve: tuple[CurvePoint, ...]
    note: str

    def keeping(self, names: Collection[str]) -> Selection:
        """Return the selection with features kept that would be dropped.

        Raises:
            ConfigError: there is no such feature; with the nearest name.
        """
        known = [*self.kept, *(one.name for one in self.dropped)]
        for name in names:
            if name not in known:
                raise ConfigError([f"selection.keep: found '{name}'.{nearest(name, known)}"])
        dropped = tuple(one for one in self.dropped if one.name not in names)
        out = {one.name for one in dropped}
        return replace(self, kept=tuple(name for name in known if name not in out), dropped=dropped)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        values = asdict(self)
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in values.items()
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Selection:
        """Return what `to_dict` gave.

        >>> point = CurvePoint(1, 0.7, 0.01)
        >>> found = Selection(("frequency",), (), (Ranked("frequency", 1.0, 1),), (point,), "")
        >>> Selection.from_dict(found.to_dict()) == found
        True
        """
        ranking = values["ranking"]
        return cls(
            tuple(values["kept"]),
            tuple(Dropped(**one) for one in values["dropped"]),
            None if ranking is None else tuple(Ranked(**one) for one in ranking),
            tuple(CurvePoint(**one) for one in values["curve"]),
            values["note"],
        )
