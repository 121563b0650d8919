"""The tables of the page: what was tried, what became of the rows, what each feature means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from customer_atlas.clustering import Choice, Leaderboard
from customer_atlas.pipeline import Measured, Outcome
from customer_atlas.report.facts import Facts
from customer_atlas.report.quality import SourceQuality
from customer_atlas.report.words import html, upper_first
from customer_atlas.segments import say_number, say_share

_NEVER = {
    "protected": "Protected: kept for audits, and never used to form segments",
    "contact": "A contact: kept as a hash at most, and never used to form segments",
    "label": "A label: held aside, to judge the segments by",
}
_QUOTED = re.compile(r"'(.+)'")

__all__ = [
    "choice_table",
    "definitions_table",
    "leaderboard_table",
    "outcomes_table",
    "quality_html",
    "readiness_html",
    "table_html",
    "unused_table",
]


def choice_table(choice: Choice) -> str:
    """Return every number of segments that was tried, with the verdict."""
    rows = [
        (
            f"{row.k}{' ← chosen' if row.k == choice.k else ''}",
            f"{row.score:.2f}",
            f"{row.stability:.2f}",
            f"{row.silhouette:.2f}",
            say_share(row.smallest_share),
            html(row.verdict),
        )
        for row in choice.curve
    ]
    heads = ("Segments", "Score", "Stability", "Silhouette", "Smallest", "Verdict")
    return table_html(heads, rows, "What was tried", numeric=range(1, 5))


def leaderboard_table(board: Leaderboard) -> str:
    """Return every candidate of the search, the chosen first, with why the others lost."""
    if board.budget is not None:
        return _components_table(board)
    rows = [
        (
            f"{html(entry.title)}{' ← chosen' if entry.chosen else ''}",
            str(entry.k),
            f"{entry.score:.2f}",
            f"{entry.stability:.2f}",
            say_share(entry.dissolving),
            f"{entry.silhouette:.2f}",
            html(entry.verdict),
        )
        for entry in board.entries
    ]
    heads = ("Algorithm", "Segments", "Score", "Stability", "Dissolve", "Silhouette", "Verdict")
    return table_html(heads, rows, board.objective, numeric=range(1, 6))


def _components_table(board: Leaderboard) -> str:
    names = list(dict.fromkeys(name for one in board.entries for name in one.components))
    rows = [
        (
            f"{html(entry.title)}{' ← chosen' if entry.chosen else ''}",
            str(entry.k),
            f"{entry.score:.3f}",
            *(
                f"{entry.components[name]:.2f}" if name in entry.components else ""
                for name in names
            ),
            html(entry.verdict),
        )
        for entry in board.entries
    ]
    heads = ("Algorithm", "Segments", "Score", *map(upper_first, names), "Verdict")
    return table_html(heads, rows, "Candidates and their scores", numeric=range(1, len(heads) - 1))


def readiness_html(readiness: Mapping[str, Any]) -> str:
    """Return the score of the data, and what to mend first; nothing where none was recorded."""
    if not readiness:
        return ""
    found = "".join(
        f"<li><b><bdi>{html(one['place'])}</bdi></b>: {html(one['sentence'])}"
        f" <i>To mend it, {html(one['action'])}.</i></li>"
        for one in readiness["mend_first"]
    )
    first = f"<p>To mend first:</p><ul>{found}</ul>" if found else ""
    return f"<p class='reason'>The data is ready to {readiness['score']} of 100.</p>{first}"


def quality_html(sources: Sequence[SourceQuality]) -> str:
    """Return the counts of every source, and for each what there is to say of its rows."""
    rows = [
        (
            f"<bdi>{html(one.source)}</bdi>",
            html(one.role),
            f"{one.files:,}",
            f"{one.counts.read:,}",
            f"<b>{one.counts.kept:,}</b>",
            f"{one.counts.filtered:,}",
            f"{one.counts.quarantined:,}",
            f"{one.counts.deduplicated:,}",
            f"{one.look_alikes:,}",
        )
        for one in sources
    ]
    heads = (
        "Source",
        "Role",
        "Files",
        "Read",
        "Kept",
        "Filtered",
        "Refused",
        "Repeated",
        "Look alike",
    )
    table = table_html(heads, rows, "Rows by source", numeric=range(2, 9))
    return table + "".join(map(_details, sources))


def _details(source: SourceQuality) -> str:
    notes = "".join(f"<li>{html(upper_first(note))}</li>" for note in source.notes)
    parts = [f"<ul>{notes}</ul>" if notes else ""]
    if source.reasons:
        counts = " · ".join(f"{count:,} {_reason(why)}" for why, count in source.reasons.items())
        parts.append(f"<p>Refused: {counts}.</p>")
        parts.append(_examples(source))
    body = "".join(parts)
    return f"<h3>Rows of <bdi>{html(source.source)}</bdi></h3>{body}" if body else ""


def _examples(source: SourceQuality) -> str:
    rows = [
        (
            _reason(one.reason),
            f"<bdi>{html(one.file)}</bdi>",
            html(one.place),
            f"<bdi>{html(one.column)}</bdi>",
            f"<code>{html(one.found)}</code>",
        )
        for one in source.examples
    ]
    table = table_html(
        ("Why", "File", "Where", "Column", "Found"), rows, "Examples of refused rows"
    )
    return f"<details><summary>Examples of refused rows, masked</summary>{table}</details>"


def _reason(code: str) -> str:
    return html(code.replace("_", " "))


def outcomes_table(facts: Facts) -> str:
    """Return what the labels say of each segment, with the interval that it may lie in."""
    rows = [
        (
            f"{place}",
            f"<bdi>{html(one.name)}</bdi>",
            *(_outcome(outcome, outcome.segments.get(one.id)) for outcome in facts.outcomes),
        )
        for place, one in enumerate(facts.segments, start=1)
    ]
    everyone = tuple(_outcome(outcome, outcome.everyone) for outcome in facts.outcomes)
    heads = ("", "Segment", *(upper_first(outcome.name) for outcome in facts.outcomes))
    numeric = range(2, len(heads))
    return table_html(heads, [*rows, ("", "Everyone", *everyone)], "Outcomes", numeric=numeric)


def _outcome(outcome: Outcome, here: Measured | None) -> str:
    if here is None:
        return "unknown"
    unit = "share" if outcome.kind == "share" else "number"
    value, low, high = (say_number(end, unit, 3) for end in (here.value, here.low, here.high))
    return f"<b>{value}</b> ({low} to {high})"


def unused_table(facts: Facts) -> str:
    """Return what took no part in forming the segments, and why not."""
    labels = {info.name: info.label for info in facts.infos}
    rows = [
        (f"<bdi>{html(_label(name, labels))}</bdi>", html(_why(why, labels)))
        for name, why in facts.unused.items()
    ]
    return (
        table_html(("Column or feature", "Why it was not used"), rows, "Not used") if rows else ""
    )


def _label(name: str, labels: Mapping[str, str]) -> str:
    """Return what a feature, or its column of the matrix, is called; a source's own as it is."""
    feature, mark, rest = name.partition(": ")
    return upper_first(labels[feature]) + mark + rest if feature in labels else name


def _why(why: str, labels: Mapping[str, str]) -> str:
    if why in _NEVER:
        return _NEVER[why]
    return upper_first(
        _QUOTED.sub(lambda quoted: f"“{_label(quoted[1], labels)}”", why.split(" (corr")[0])
    )


def definitions_table(facts: Facts) -> str:
    """Return what each feature that the page shows means."""
    shown = {trait.info.name for trait in facts.standing.traits}
    rows = [
        (
            f"<bdi>{html(upper_first(info.label))}</bdi>",
            html(info.unit),
            html(upper_first(info.formula or "as the customers' table has it")),
        )
        for info in facts.infos
        if info.name in shown
    ]
    return table_html(("Feature", "Unit", "How it is computed"), rows, "Features") if rows else ""


def table_html(
    heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str, numeric: Iterable[int] = ()
) -> str:
    """Return a table of cells that are HTML already; on a telephone it scrolls by itself."""
    right = set(numeric)
    kinds = [' class="number"' if at in right else "" for at in range(len(heads))]
    head = "".join(
        f'<th scope="col"{kind}>{html(text)}</th>' for text, kind in zip(heads, kinds, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{html(caption)}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
