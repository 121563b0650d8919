"""`atlas show stability` for the terminal: do the segments come back, and who moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from customer_atlas.cli.render import barred, plain, ruled_table

if TYPE_CHECKING:
    from customer_atlas.clustering import Probe, ProbeKind, StabilityReport

__all__ = ["stability_document", "stability_page"]

_NAME, _QUIET = "bold", "dim"
_STYLES = {"very stable": "green", "stable": "green", "doubtful": "yellow", "dissolves": "red"}
_FEATURES = 8


def stability_page(report: StabilityReport, called: Mapping[str, str]) -> Iterator[Any]:
    """Yield the verdict, the probes, the segments, what they hang on, and who moves.

    `called` gives features their labels.
    """
    yield Text.assemble(("Do the segments come back?  ", _NAME), plain(report.verdict))
    if not report.probes:
        return
    looked = f"{report.rows:,} of {report.customers:,} customers were looked at."
    yield Text("Everybody was looked at." if report.rows == report.customers else looked, _QUIET)
    yield _probes(report, called)
    for why in report.skipped.values():
        yield Text(f"! {plain(why)}", "yellow")
    yield Text("Each segment", _NAME)
    yield _segments(report)
    if left := report.probe("features"):
        yield Text("What they hang on", _NAME)
        yield _hanging(left, called)
    if time := report.probe("behaviour"):
        yield Text(f"Who moved since {', '.join(one.label for one in time.trials)}", _NAME)
        yield _moved(report, time)


def _probes(report: StabilityReport, called: Mapping[str, str]) -> Table:
    from customer_atlas.clustering import PROBES, say_probe

    table = ruled_table(lines=True)
    table.add_column("Probe", no_wrap=True)
    table.add_column("Adjusted Rand", no_wrap=True)
    table.add_column("Move", justify="right", no_wrap=True)
    table.add_column("Ever", justify="right", no_wrap=True)
    table.add_column("What it says", ratio=1)
    for kind, title in PROBES.items():
        one = report.probe(kind)
        if one is None:
            continue
        ends = f"{one.rand:.2f}, {one.lowest:.2f} to {one.highest:.2f}"
        table.add_row(
            Group(Text(title, _NAME), Text(_times(one), _QUIET)),
            Group(Text(ends), barred("", one.rand, len(ends))),
            f"{one.moved:.0%}",
            f"{one.ever:.0%}",
            Text(plain(" ".join((say_probe(one, called), one.note)).strip())),
        )
    return table


def _times(probe: Probe) -> str:
    return "once" if len(probe.trials) == 1 else f"{len(probe.trials)} times"


def _segments(report: StabilityReport) -> Table:
    from customer_atlas.clustering import say_leaving

    found = report.probe("bootstrap")
    heads: dict[ProbeKind, str] = {"seeds": "Seeds", "features": "Features", "structure": "Earlier"}
    table = ruled_table(lines=True)
    table.add_column("Segment", ratio=3)
    table.add_column("Comes back", no_wrap=True)
    table.add_column("Least", justify="right", no_wrap=True)
    there = [(head, one) for kind, head in heads.items() if (one := report.probe(kind))]
    for head, _ in there:
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("Who leaves", ratio=3)
    if found is None:
        return table
    for at in report.there:
        word = report.steady[at]
        table.add_row(
            Group(
                Text(plain(report.segments[at]), _NAME), Text(f"{report.shares[at]:.0%}", _QUIET)
            ),
            Group(
                Text(f"{found.jaccard[at]:.2f} {word}", _STYLES[word]),
                barred("", found.jaccard[at], 16, _STYLES[word]),
            ),
            f"{found.least[at]:.2f}",
            *(f"{one.jaccard[at]:.2f}" for _, one in there),
            Text(plain(say_leaving(report, found.leaving(at)))),
        )
    return table


def _hanging(probe: Probe, called: Mapping[str, str]) -> Table:
    table = ruled_table()
    table.add_column("Without", ratio=1)
    table.add_column("Adjusted Rand", no_wrap=True)
    table.add_column("Move", justify="right", no_wrap=True)
    for one in probe.ranking[:_FEATURES]:
        table.add_row(
            Text(plain(called.get(one.label, one.label))),
            barred(f"{one.rand:.2f} ", one.rand, 20),
            f"{one.moved:.0%}",
        )
    if rest := probe.ranking[_FEATURES:]:
        table.add_row(Text(f"{len(rest)} others", _QUIET), f"{rest[0].rand:.2f} or more", "")
    return table


def _moved(report: StabilityReport, probe: Probe) -> Table:
    from customer_atlas.clustering import say_leaving

    table = ruled_table()
    table.add_column("Was in", ratio=2)
    table.add_column("Still there", no_wrap=True)
    table.add_column("Left, on average", ratio=3)
    for at in report.there:
        leaving = probe.leaving(at)
        stays = 1.0 - leaving.share if leaving else 1.0
        table.add_row(
            Text(plain(report.segments[at])),
            barred(f"{stays:4.0%} ", stays, 12),
            Text(plain(say_leaving(report, leaving))),
        )
    return table


def stability_document(report: StabilityReport, called: Mapping[str, str]) -> dict[str, Any]:
    """Return everything as JSON values, with the words beside the numbers."""
    from customer_atlas.clustering import say_probe

    facts = report.to_dict()
    for one, document in zip(report.probes, facts["probes"], strict=True):
        document |= {
            "adjusted_rand": {"mean": one.rand, "lowest": one.lowest, "highest": one.highest},
            "moved": one.moved,
            "jaccard": {"mean": one.jaccard, "lowest": one.least},
            "sentence": say_probe(one, called),
        }
    return {"verdict": report.verdict, "steady": report.steady, **facts}
