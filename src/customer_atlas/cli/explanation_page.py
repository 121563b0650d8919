"""`atlas explain customer` and `atlas explain segment` for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from customer_atlas.cli.render import barred, diverging, headline, percent, plain, ruled_table

if TYPE_CHECKING:
    from customer_atlas.pipeline import CustomerExplanation, CustomerMoves, SegmentExplanation
    from customer_atlas.segments import Driver, Reason, Segment, SegmentDrivers, SegmentMoves

__all__ = ["customer_explanation_page", "drivers_part", "segment_explanation_page"]

_NAME, _QUIET, _WARNING = "bold", "dim", "yellow"
_DRIVERS = 8
_RUNGS = 5


def customer_explanation_page(found: CustomerExplanation) -> Iterator[Any]:
    """Yield where a customer is, why, and what would move them."""
    view, why = found.customer, found.why
    yield headline(f"Customer {view.customer_id}", view.segment.id)
    yield Text.assemble("In ", (plain(view.segment.name), _NAME), ".")
    style = "" if view.kind in ("learned", "rule") else _WARNING
    yield Text(found.sure, style)
    if why.runner_up:
        yield Text.assemble(
            "\nWhy, and not ", (plain(why.runner_up.name), _NAME), ", the runner-up"
        )
        yield _reasons(why.reasons)
    if why.said:
        yield Text(plain(why.said))
    if why.by == "surrogate":
        yield Text(plain(found.fidelity), _QUIET)
    if found.moves:
        yield Text(f"\nWhat would move them within {found.moves.days} days", _NAME)
        yield from _moves(found.moves)


def segment_explanation_page(found: SegmentExplanation) -> Iterator[Any]:
    """Yield what drives a segment, and where its customers come by acting."""
    yield headline(found.segment.name, found.segment.id)
    yield Text(plain(found.segment.sentence))
    yield Text()
    yield from drivers_part(found.drivers, found.fidelity, found.parent)
    where = f" among the parts of {plain(found.parent.name)}" if found.parent else ""
    yield Text(f"\nWhat would move them{where} within {found.moves.days} days", _NAME)
    yield from _segment_moves(found.moves)


def drivers_part(
    found: SegmentDrivers | None, fidelity: str, parent: Segment | None = None
) -> Iterator[Any]:
    """Yield what drives a segment: the contributions, and what chance would do as well.

    A sub-segment is told from the others inside its `parent`.
    """
    if found is None:
        yield Text(plain(fidelity))
        return
    table = ruled_table()
    table.add_column("What drives it", ratio=1)
    table.add_column("Here", justify="right")
    table.add_column("All of it" if parent else "Everyone", justify="right")
    table.add_column("Part of all", no_wrap=True)
    table.add_column("Effect, 95%", justify="right", no_wrap=True)
    parts = [sum(one.part for one in group) for group in found.together]
    for (one, *others), part in list(zip(found.together, parts, strict=True))[:_DRIVERS]:
        label = Text(plain(one.label), _NAME)
        if others:
            label.append(f"\nwith {_listed([other.label for other in others])}", "not bold dim")
        table.add_row(
            label,
            Text(one.segment_text, _NAME),
            Text(one.overall_text, _QUIET),
            barred(f"{percent(part):>4} ", part / parts[0], 12),
            _effect(one),
        )
    yield table
    if not found.told:
        yield Text("No feature does more than chance would.", _WARNING)
    if left := parts[_DRIVERS:]:
        yield Text(f"{len(left)} others have {percent(sum(left))} together.", _QUIET)
    noise: dict[str, list[str]] = {}
    for one in found.drivers:
        if one.noise:
            noise.setdefault(one.why_noise, []).append(one.label)
    for why, labels in noise.items():
        yield Text(f"Left out, since {why}: {_listed(labels)}.", _QUIET)
    yield Text(plain(_true(found, fidelity)), _QUIET)


def _effect(driver: Driver) -> str:
    if driver.effect is None or driver.low is None or driver.high is None:
        return ""
    return f"{driver.effect:+.1f} ({driver.low:+.1f} to {driver.high:+.1f})"


def _true(found: SegmentDrivers, fidelity: str) -> str:
    if found.found is None:
        return fidelity
    return (
        f"The trees that tell this find {percent(found.found)} of {found.held:,} members held out,"
        f" and guessing {percent(found.chance)}. {fidelity}"
    )


def _listed(names: Sequence[str]) -> str:
    first = ", ".join(plain(name) for name in names[:4])
    return f"{first} and {len(names) - 4} others" if len(names) > 4 else first


def _reasons(reasons: Sequence[Reason]) -> Table:
    table = ruled_table()
    table.add_column("", ratio=1)
    table.add_column("This customer", justify="right")
    table.add_column("Runner-up", justify="right")
    table.add_column("against     for", justify="center", no_wrap=True)
    longest = max((abs(one.weight) for one in reasons), default=1.0)
    for one in reasons:
        table.add_row(
            Text(plain(one.clause[0].upper() + one.clause[1:])),
            Text(plain(one.value_text), _NAME),
            Text(plain(one.runner_up_text), _QUIET),
            diverging(one.weight / longest),
        )
    return table


def _moves(found: CustomerMoves) -> Iterator[Any]:
    from customer_atlas.segments import say_number

    if alone := found.alone:
        sure = f" ({percent(alone.probability)} sure)" if alone.kind == "learned" else ", unsurely"
        yield Text(f"Doing nothing they would be in {plain(alone.name)}{sure}.")
    if found.reason:
        yield Text(plain(found.reason))
        return
    table = ruled_table()
    table.add_column("To be in", ratio=2)
    table.add_column("It takes", ratio=3)
    table.add_column("Spent", justify="right", no_wrap=True)
    table.add_column("Sure", justify="right", no_wrap=True)
    for one in found.moves:
        name = Text(plain(one.name), _NAME)
        if one.stays:
            name.append("\nwhere they are now", "not bold dim")
        spend = "" if one.spend is None else say_number(one.spend, "money", 3)
        table.add_row(name, Text(one.sentence), spend, percent(one.probability))
    yield table
    yield Text("Each was tried: the rows were added and the model that serves judged them.", _QUIET)


def _segment_moves(found: SegmentMoves) -> Iterator[Any]:
    if found.reason:
        yield Text(plain(found.reason))
        return
    rungs = [rung for rung in found.targets[0].rungs if rung.doing.orders] or list(
        found.targets[0].rungs
    )
    places = [at for at, rung in enumerate(found.targets[0].rungs) if rung in rungs][:_RUNGS]
    kind = "orders" if rungs and rungs[0].doing.orders else "acts"
    table = ruled_table(lines=True)
    table.add_column(f"In, after so many usual {kind}", ratio=1)
    table.add_column("none", justify="right", no_wrap=True)
    for at in places:
        doing = found.targets[0].rungs[at].doing
        table.add_column(str(doing.acts), justify="right", no_wrap=True)
    table.add_column("any act", no_wrap=True)
    for one in found.targets:
        sentence = found.say(one)
        name = Text(plain(one.name), _NAME)
        table.add_row(
            Group(name, Text(plain(sentence[0].upper() + sentence[1:]), _QUIET)),
            percent(one.by_itself),
            *(percent(one.rungs[at].share) for at in places),
            barred(f"{percent(one.any):>5} ", one.any, 8),
        )
    yield table
    yield Text(
        f"Of {found.looked_at:,} customers of the segment each was tried: rows were added, and the"
        " model that serves judged the customer.",
        _QUIET,
    )
