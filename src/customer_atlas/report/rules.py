"""Rules on the page: what tells who is in a segment, and the rule segments that are declared."""

from __future__ import annotations

from customer_atlas.report.facts import Facts
from customer_atlas.report.section import folded, how
from customer_atlas.report.tables import table_html
from customer_atlas.report.words import html, upper_first
from customer_atlas.segments import say_share

__all__ = ["rules_html"]


def rules_html(facts: Facts) -> str:
    """Return the rule of each segment, and the rule segments where there are any."""
    return _of_segments(facts) + _declared(facts)


def _of_segments(facts: Facts) -> str:
    segments = [each for one in facts.segments for each in (one, *facts.inside.get(one.id, ()))]
    rows = []
    for one in segments:
        rule = facts.rules.get(one.id)
        if rule and rule.precision is not None and rule.coverage is not None:
            figures = say_share(rule.precision), say_share(rule.coverage)
            name = f"<bdi>{html(one.name)}</bdi>"
            rows.append((name, f"<bdi>{html(upper_first(rule.text))}</bdi>", *figures))
    if not rows:
        return ""
    heads = ("Segment", "Rule", "Precision", "Coverage")
    told = how(
        "A short rule for each segment, for people and for other tools. Precision is the share of"
        " the customers that it holds of who are in the segment; coverage is the share of the"
        " segment that it holds of."
    )
    table = table_html(heads, rows, "A rule for each segment", numeric=(2, 3))
    return folded("A rule for each segment", told + table)


def _declared(facts: Facts) -> str:
    rows = [
        (
            f"<bdi>{html(one.name)}</bdi>",
            f"<bdi>{html(upper_first(one.text))}</bdi>",
            f"{one.size:,}",
            say_share(one.share),
            "" if one.revenue_share is None else say_share(one.revenue_share),
        )
        for one in facts.rule_segments
    ]
    if not rows:
        return ""
    heads = ("Rule segment", "Who is in it", "Customers", "Share", "Revenue")
    table = table_html(heads, rows, "Rule segments", numeric=(2, 3, 4))
    return folded("Rule segments, which people declared", table)
