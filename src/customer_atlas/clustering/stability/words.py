"""What the probes found, in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping

from customer_atlas.clustering.stability.report import Leaving, Probe, ProbeKind, StabilityReport

__all__ = ["PROBES", "say_leaving", "say_probe"]

PROBES: Mapping[ProbeKind, str] = {
    "seeds": "Other seeds",
    "bootstrap": "Other draws",
    "features": "Features left out",
    "structure": "Refits of earlier times",
    "behaviour": "Customers over time",
}
"""What each probe is called, in the order in which they are told."""

_SAME, _MUCH, _SOME = 0.95, 0.8, 0.5  # adjusted Rand indices
_ALMOST_NOBODY = 0.005


def say_probe(probe: Probe, called: Mapping[str, str] | None = None) -> str:
    """Return what a probe found in one or two sentences; `called` gives features their labels."""
    return f"{_SAID[probe.kind](probe, called or {})} {_sure(probe)}".strip()


def say_leaving(report: StabilityReport, leaving: Leaving | None) -> str:
    """Return how many of a segment leave, and where to.

    >>> report = StabilityReport(("A", "B"), (0.5, 0.5), 9, 9, 0)
    >>> say_leaving(report, Leaving(0.1, 1, 0.75)), say_leaving(report, None)
    ('10%, most (75%) to B', 'nobody')
    """
    if leaving is None or leaving.share < _ALMOST_NOBODY:
        return "nobody" if leaving is None else "almost nobody"
    to = "no segment of these" if leaving.to < 0 else report.segments[leaving.to]
    whole = "all" if leaving.most > 0.995 else f"most ({leaving.most:.0%})"
    return f"{leaving.share:.0%}, {whole} to {to}"


def _seeds(probe: Probe, _: Mapping[str, str]) -> str:
    return f"Fitted from {_counted(probe, 'other seed')}, the algorithm finds {_how(probe.rand)}."


def _bootstrap(probe: Probe, _: Mapping[str, str]) -> str:
    draws = _counted(probe, "resample")
    return f"Fitted to {draws} of the customers, the algorithm finds {_how(probe.rand)}."


def _features(probe: Probe, called: Mapping[str, str]) -> str:
    first, *others = probe.ranking
    if first.rand >= _SAME:
        return f"Whatever is left out, the algorithm finds {_how(first.rand)}."
    names = [called.get(one.label, one.label) for one in (first, *others[:1])]
    then = f", then on “{names[1]}”" if others else ""
    return (
        f"The segments hang most on “{names[0]}”{then}: without the first, the algorithm finds"
        f" {_how(first.rand)}."
    )


def _behaviour(probe: Probe, _: Mapping[str, str]) -> str:
    first, last = probe.trials[0], probe.trials[-1]
    since = f"Of those known on {first.label}, {first.moved:.0%} are in another segment now"
    if first is last:
        return f"{since}, by what they do."
    return f"{since}, by what they do; since {last.label} it is {last.moved:.0%}."


def _structure(probe: Probe, _: Mapping[str, str]) -> str:
    times = _counted(probe, "earlier time")
    return f"Fitted to what customers were like at {times}, the algorithm finds {_how(probe.rand)}."


_SAID = {
    "seeds": _seeds,
    "bootstrap": _bootstrap,
    "features": _features,
    "behaviour": _behaviour,
    "structure": _structure,
}


def _counted(probe: Probe, noun: str) -> str:
    count = len(probe.trials)
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _how(rand: float) -> str:
    if rand >= _SAME:
        return "the same segments"
    if rand >= _MUCH:
        return "nearly the same segments"
    return "segments that are partly the same" if rand >= _SOME else "other segments"


def _sure(probe: Probe) -> str:
    if probe.movers_sure is None or probe.ever < _ALMOST_NOBODY:
        return "Hardly anybody moves."
    if probe.stayers_sure is None:
        return f"Everybody moves; they had been {probe.movers_sure:.0%} sure."
    return (
        f"Who moves had been {probe.movers_sure:.0%} sure on average, who stays"
        f" {probe.stayers_sure:.0%}."
    )
