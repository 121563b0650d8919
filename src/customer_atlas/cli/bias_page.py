"""`atlas bias` for the terminal: who is where, what gives it away, what is done to whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from customer_atlas.cli.render import barred, plain, ruled_table

if TYPE_CHECKING:
    from customer_atlas.segments import AttributeAudit, FairnessReport, Mitigation, Parity, Told

__all__ = ["bias_document", "bias_page", "mitigation_page"]

_NAME, _QUIET, _WARNING = "bold", "dim", "yellow"
_STYLES = {"holds": "green", "unsure": "yellow", "fails": "red", "few": "dim"}
_PROXIES = 6
_CELLS = 2


def bias_page(report: FairnessReport, inside: str = "") -> Iterator[Any]:
    """Yield what was found in all, and then attribute by attribute.

    It is of everybody, or of who is `inside` a segment by its name.
    """
    from customer_atlas.segments import BIAS_CAUTION, say_bias

    title = f"Bias inside {plain(inside)}  " if inside else "Bias  "
    yield Text.assemble((title, _NAME), plain(say_bias(report)))
    yield Text(BIAS_CAUTION, _QUIET)
    for attribute in report.attributes:
        yield Text()
        yield from _attribute(attribute)
    if report.skipped:
        yield Text()
        for name, why in report.skipped.items():
            yield Text(f"! {plain(name)}: {plain(why)}", _WARNING)


def _attribute(attribute: AttributeAudit) -> Iterator[Any]:
    from customer_atlas.segments import say_attribute, say_leakage, say_unseen

    yield Text.assemble((plain(attribute.name), _NAME), "  ", plain(say_attribute(attribute)))
    if hidden := say_unseen(attribute):
        yield Text(plain(hidden), _QUIET)
    if attribute.segments:
        yield _segments(attribute)
    if attribute.leakage:
        yield Text(plain(say_leakage(attribute, attribute.leakage)))
        yield _leaks(attribute)
    if attribute.treatments:
        yield _treatments(attribute)


def _segments(attribute: AttributeAudit) -> Table:
    table = ruled_table(lines=True)
    table.add_column("Segment", ratio=4, overflow="fold")
    table.add_column("Known", justify="right", no_wrap=True)
    table.add_column("Share against that of all, and ratio", ratio=5, overflow="fold")
    table.add_column("Four fifths", ratio=4, overflow="fold")
    table.add_column("By chance", justify="right", no_wrap=True)
    for one in attribute.segments:
        known = "under 5" if one.known is None else f"{one.known:,}"
        table.add_row(
            Text(plain(one.segment), _NAME),
            f"{known}\nof {one.size:,}",
            Group(*_cells(attribute, one)),
            _rule(one),
            _chance(one.test.adjusted),
        )
    return table


def _cells(attribute: AttributeAudit, parity: Parity) -> Iterator[Text]:
    """Yield the groups that are farthest from their share of all, those that tell in bold."""
    from customer_atlas.segments import say_pair, say_ratio

    overall = {group.label: group.share for group in attribute.groups}
    judged = [cell for cell in parity.cells if cell.standing != "few"]
    shown = [cell for cell in judged if cell.ratio]
    shown.sort(key=lambda cell: -abs(cell.difference.value) if cell.difference else 0.0)
    for cell in shown[:_CELLS]:
        if cell.share is None or cell.ratio is None:
            continue
        here, everyone = say_pair(cell.share, overall[cell.group], "share")
        style = _NAME if cell.standing in ("over", "under") else ""
        yield Text(f"{plain(cell.group)}: {here} against {everyone}", style)
        yield Text(f"  {say_ratio(cell.ratio)}", _QUIET)
    for cell in judged:
        if not cell.ratio and cell.standing in ("over", "under"):
            yield Text(f"{plain(cell.group)}: {cell.standing}-represented", _NAME)
            yield Text("  the figures stay hidden", _QUIET)
    if not judged:
        yield Text("too few to judge", _QUIET)
    elif not shown and not any(cell.standing in ("over", "under") for cell in judged):
        yield Text("the figures stay hidden", _QUIET)


def _rule(parity: Parity) -> Text:
    from customer_atlas.segments import say_four_fifths

    rule = parity.four_fifths
    if rule.holds == "few":
        return Text("too small to judge", _QUIET)
    return Text(plain(say_four_fifths(rule)), _STYLES[rule.holds])


def _chance(p: float) -> str:
    from customer_atlas.segments import say_p

    return say_p(p).removeprefix("p ")


def _leaks(attribute: AttributeAudit) -> Table:
    table = ruled_table()
    table.add_column(f"Tells {plain(attribute.name)}", ratio=1, overflow="fold")
    table.add_column("AUC, 0.5 by guessing", no_wrap=True)
    table.add_column("By chance", justify="right", no_wrap=True)
    table.add_column("Part of all", justify="right", no_wrap=True)
    leakage = attribute.leakage
    if leakage is None:
        return table
    table.add_row(
        Text("Segments alone", _NAME), _area(leakage.segments), _chance(leakage.segments.p)
    )
    table.add_row(
        Text("All features together", _NAME), _area(leakage.features), _chance(leakage.features.p)
    )
    for one in leakage.proxies[:_PROXIES]:
        table.add_row(
            Padding(Text(plain(one.label)), (0, 0, 0, 2)),
            _area(one.alone),
            _chance(one.alone.p),
            f"{one.part:.0%}",
        )
    return table


def _area(told: Told) -> Any:
    auc = told.auc
    text = f"{auc.value:.2f} ({auc.low:.2f} to {auc.high:.2f}) "
    return barred(text, 2 * (auc.value - 0.5), 10)


def _treatments(attribute: AttributeAudit) -> Table:
    from customer_atlas.segments import say_treatment

    table = ruled_table()
    table.add_column("What was done", ratio=2, overflow="fold")
    table.add_column("To whom least, to whom most", ratio=5, overflow="fold")
    for one in attribute.treatments:
        table.add_row(Text(plain(one.label)), Text(plain(say_treatment(one))))
    return table


def mitigation_page(found: Mitigation) -> Iterator[Any]:
    """Yield what segments without an attribute would be, beside those that serve."""
    from customer_atlas.segments import say_mitigation, say_share

    yield Text.assemble(("Mitigation  ", _NAME), say_mitigation(found))
    yield Text(
        f"{found.customers:,} customers were looked at. This is a report: what serves goes on"
        " serving.",
        _QUIET,
    )
    every = (found.before, *found.after)
    table = ruled_table()
    table.add_column("", ratio=1, overflow="fold")
    for one in every:
        table.add_column(one.name.capitalize(), justify="right", ratio=1, overflow="fold")
    rows: dict[str, list[str]] = {
        "Segments": [f"{one.segments}, {one.algorithm}" for one in every],
        "Agreement with what serves (adjusted Rand)": [f"{one.rand:.2f}" for one in every],
        "Separation (silhouette)": [f"{one.silhouette:.2f}" for one in every],
        "Agreement between halves (adjusted Rand)": [f"{one.stability:.2f}" for one in every],
        f"Segments tell {found.attribute} (AUC)": [_ends(one.segments_tell) for one in every],
        "Weighted sums of features do (AUC)": [_ends(one.lines_tell) for one in every],
        "Features do, in any way (AUC)": [_ends(one.features_tell) for one in every],
        "Cramer's V": [f"{one.effect:.2f}" for one in every],
        "Largest gap in a segment": [f"{say_share(one.gap)}, of '{one.gap_of}'" for one in every],
    }
    if found.before.revenue is not None:
        rows["Differences in revenue told"] = [
            "unknown" if one.revenue is None else say_share(one.revenue) for one in every
        ]
    for name, values in rows.items():
        table.add_row(Text(plain(name)), *(Text(plain(value)) for value in values))
    yield table
    if found.note:
        yield Text(plain(found.note), _QUIET)


def _ends(told: Told) -> str:
    return f"{told.auc.value:.2f} ({told.auc.low:.2f} to {told.auc.high:.2f})"


def bias_document(report: FairnessReport, without: Mitigation | None = None) -> dict[str, Any]:
    """Return everything as JSON values, with the words beside the numbers."""
    from customer_atlas.segments import (
        BIAS_CAUTION,
        parity_findings,
        say_attribute,
        say_bias,
        say_four_fifths,
        say_leakage,
        say_mitigation,
        say_parity,
    )

    facts = report.to_dict()
    for one, document in zip(report.attributes, facts["attributes"], strict=True):
        document["sentence"] = say_attribute(one)
        document["findings"] = [say_parity(one, *each) for each in parity_findings(one)]
        if one.leakage:
            document["leakage"]["sentence"] = say_leakage(one, one.leakage)
        for parity, said in zip(one.segments, document["segments"], strict=True):
            said["four_fifths"]["sentence"] = say_four_fifths(parity.four_fifths)
    if without:
        facts["mitigation"] = {"sentence": say_mitigation(without), **without.to_dict()}
    return {"verdict": say_bias(report), "caution": BIAS_CAUTION, **facts}
