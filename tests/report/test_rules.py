"""Rules on the page."""

from __future__ import annotations

from dataclasses import replace

from customer_atlas.config import Condition
from customer_atlas.report.rules import rules_html
from customer_atlas.segments import RuleSegment, SegmentRule

from .made import made_facts

__all__: list[str] = []

_WHEN = Condition.of({"feature": "country", "is": "<b>"})


def test_each_segment_stands_with_its_rule_and_both_shares() -> None:
    facts = made_facts()
    first, second = facts.segments[:2]
    rules = {
        first.id: SegmentRule(first.id, _WHEN, "country <b>", 40, 30, 60),
        second.id: SegmentRule(second.id, _WHEN, "nobody is like that", 0, 0, 9),
    }

    page = rules_html(replace(facts, rules=rules))

    assert "Country &lt;b&gt;" in page
    assert page.index("75%") < page.index("50%")
    assert "nobody is like that" not in page.lower()


def test_rule_segments_stand_with_size_and_revenue() -> None:
    loyal = RuleSegment("loyal", "orders at least 3", 1234, 0.25, 0.5, _WHEN.to_dict())

    page = rules_html(replace(made_facts(), rule_segments=(loyal,)))

    assert all(said in page for said in ("loyal", "Orders at least 3", "1,234", "25%", "50%"))


def test_without_rules_the_page_says_nothing_of_them() -> None:
    assert rules_html(made_facts()) == ""
