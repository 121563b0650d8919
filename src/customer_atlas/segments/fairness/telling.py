"""What an audit found, in plain sentences: a difference is told as one, and not as a verdict."""

from __future__ import annotations

from customer_atlas.segments.fairness.report import (
    FEW,
    FOUR_FIFTHS,
    HIDDEN,
    LEVEL,
    AttributeAudit,
    Cell,
    Estimate,
    FairnessReport,
    FourFifths,
    Leakage,
    Mitigation,
    Parity,
    Treatment,
)
from customer_atlas.segments.numbers import say_number, say_pair, say_share

__all__ = [
    "BIAS_CAUTION",
    "parity_findings",
    "say_attribute",
    "say_bias",
    "say_four_fifths",
    "say_leakage",
    "say_mitigation",
    "say_p",
    "say_parity",
    "say_ratio",
    "say_treatment",
    "say_unseen",
]

BIAS_CAUTION = (
    "A difference is not proof of unfairness, and no difference is not proof of fairness. Segments"
    " follow what customers do, and groups may do different things for reasons of their own; what"
    " matters is what a segment is used for. Look first where a segment decides on prices, credit,"
    " offers or service."
)
_TRIFLE, _SMALL, _MEDIUM = 0.1, 0.3, 0.5  # J. Cohen, Statistical Power Analysis, 1988, chapter 7
_GUESS, _SOME, _WELL = 0.55, 0.65, 0.8
_STANDS = {"over": "are over-represented", "under": "are under-represented"}


def say_bias(report: FairnessReport) -> str:
    """Return what was found in all, in a sentence or two."""
    looked = [one for one in report.attributes if one.test]
    if not looked:
        return "No protected attribute could be looked at."
    apart = [one.name for one in looked if parity_findings(one)]
    said = (
        f"Groups of {_listed(apart)} are over- or under-represented in some segments."
        if apart
        else "No group is over- or under-represented in a segment by a fifth that chance would not"
        " explain."
    )
    fails = report.fails
    if fails:
        where = "segment" if len(fails) == 1 else "pairs of attribute and segment"
        said += f" The four-fifths rule fails with certainty in {len(fails)} {where}."
    leaks = [one.name for one in looked if one.leakage and one.leakage.features.auc.low >= _SOME]
    if leaks:
        said += f" The features give away {_listed(leaks)}."
    return said


def say_attribute(attribute: AttributeAudit) -> str:
    """Return how far an attribute and the segments go together."""
    if attribute.reason or attribute.test is None:
        return attribute.reason
    test, effect = attribute.test, attribute.test.effect
    figures = f"Cramer's V {effect:.2f}, {say_p(test.adjusted)}"
    if test.adjusted >= LEVEL:
        return (
            f"In all, {attribute.name} and the segments go together no more than by chance"
            f" ({figures})."
        )
    if effect < _TRIFLE:
        return (
            f"In all, {attribute.name} and the segments go together by a trifle, though not by"
            f" chance ({figures})."
        )
    word = "a little" if effect < _SMALL else "clearly" if effect < _MEDIUM else "strongly"
    return f"In all, {attribute.name} and the segments go together {word} ({figures})."


def say_unseen(attribute: AttributeAudit) -> str:
    """Return what is not shown or not known of an attribute; empty where all is."""
    said = []
    if attribute.unknown > 0:
        said.append(f"It is unknown of {say_share(attribute.unknown)}, who are not compared.")
    if attribute.hidden:
        groups = (
            "group of under 5 people stays" if attribute.hidden == 1 else "groups of under 5 stay"
        )
        said.append(f"{attribute.hidden} {groups} hidden.")
    if attribute.how:
        said.append(f"Groups: {attribute.how}.")
    return " ".join(said)


def parity_findings(attribute: AttributeAudit) -> list[tuple[Parity, Cell]]:
    """Return where a group is over- or under-represented, the largest ratios first."""
    found = [
        (parity, cell)
        for parity in attribute.segments
        for cell in parity.cells
        if cell.standing in ("over", "under")
    ]
    return sorted(found, key=lambda each: -_far(each[1].ratio))


def _far(ratio: Estimate | None) -> float:
    if ratio is None:
        return 0.0
    return max(ratio.value, 1 / ratio.value) if ratio.value > 0 else float("inf")


def say_parity(attribute: AttributeAudit, parity: Parity, cell: Cell) -> str:
    """Return a group in a segment against all, as a sentence."""
    overall = next(one.share for one in attribute.groups if one.label == cell.group)
    whom = f"Those of {attribute.name} '{cell.group}'"
    if cell.share is None or cell.ratio is None:
        stand = _STANDS.get(cell.standing, "are hidden")
        return (
            f"{whom} {stand} in {parity.segment}, where some count is of under {HIDDEN} people, so"
            f" that figures stay hidden; they are {say_share(overall)} of all."
        )
    here, everyone = say_pair(cell.share, overall, "share")
    return (
        f"{whom} are {here} of {parity.segment} and {everyone} of all: a ratio of"
        f" {say_ratio(cell.ratio)}."
    )


def say_ratio(ratio: Estimate) -> str:
    """Return a ratio with its interval.

    >>> say_ratio(Estimate(1.24, 1.18, 1.31))
    '1.24 (1.18 to 1.31)'
    """
    return f"{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"


def say_four_fifths(rule: FourFifths) -> str:
    """Return what the four-fifths rule says of a segment."""
    if rule.holds == "few":
        return f"too small to judge: it takes two groups of {FEW}, and {FEW} in the segment"
    what = {"holds": "holds", "unsure": "cannot be told", "fails": "fails"}[rule.holds]
    if rule.ratio is None:
        return f"{what}; its figures stay hidden"
    if rule.holds == "unsure" and rule.ratio.value < FOUR_FIFTHS:
        what = "under four fifths, but not with certainty"
    elif rule.holds == "unsure":
        what = "holds, but not with certainty"
    return f"{what}: {say_ratio(rule.ratio)}, '{rule.lowest}' against '{rule.highest}'"


def say_leakage(attribute: AttributeAudit, leakage: Leakage) -> str:
    """Return how far segments and features give an attribute away."""
    segments, features = leakage.segments, leakage.features
    alone, together = _tells(segments.auc, segments.p), _tells(features.auc, features.p)
    said = (
        f"Segments alone {alone} {attribute.name} ({_area(segments.auc)}); all features together"
        f" {together} it ({_area(features.auc)})."
    )
    known = [
        one.label
        for one in leakage.proxies[:3]
        if one.alone.p < LEVEL and one.alone.auc.value >= _GUESS
    ]
    return said + (f" Nearest to a proxy: {_listed(known)}." if known else "")


def _tells(auc: Estimate, p: float) -> str:
    if p >= LEVEL:
        return "do not tell"
    for least, word in ((_WELL, "tell"), (_SOME, "partly tell"), (_GUESS, "hint at")):
        if auc.value >= least:
            return word
    return "hardly tell"


def _area(auc: Estimate) -> str:
    return f"AUC {auc.value:.2f}, {auc.low:.2f} to {auc.high:.2f}"


def say_mitigation(found: Mitigation) -> str:
    """Return what the segments without an attribute would gain and cost."""
    before, after = found.before, found.after[0]
    said = (
        f"Without {found.attribute} the same algorithm makes segments that agree with those that"
        f" serve to {after.rand:.2f} (adjusted Rand; 1 is the same, 0 is chance). They tell"
        f" {found.attribute} with an AUC of {after.segments_tell.auc.value:.2f} instead of"
        f" {before.segments_tell.auc.value:.2f}, and the largest gap between a group's share of a"
        f" segment and of all is {say_share(after.gap)} instead of {say_share(before.gap)}. They"
        f" are separated by {after.silhouette:.2f} instead of {before.silhouette:.2f} (silhouette)"
    )
    if before.revenue is not None and after.revenue is not None:
        said += (
            f", and tell {say_share(after.revenue)} of the differences in revenue instead of"
            f" {say_share(before.revenue)}"
        )
    if after.segments_tell.auc.low >= _GUESS:
        said += (
            ". What they still tell does not go along a straight line: leave out the features that"
            " tell most instead"
        )
    return f"{said}."


def say_treatment(treatment: Treatment) -> str:
    """Return who gets most and who least, across segments and within them."""
    ranked = sorted(treatment.groups, key=lambda one: one.mean.value)
    least, most = ranked[0], ranked[-1]
    ends = [_measured(one.mean, treatment.unit) for one in (least, most)]
    said = f"'{least.group}' {ends[0]}, '{most.group}' {ends[1]} per customer"
    if treatment.unit == "share":
        said = said.removesuffix(" per customer")
    if treatment.p >= LEVEL:
        return f"{said}: chance may do that ({say_p(treatment.p)})"
    inside = (
        "within segments the groups differ too"
        if treatment.within_p < LEVEL
        else "within segments chance may do it"
        if any(one.within for one in ranked)
        else "no segment has five of every group to look within"
    )
    return f"{said} ({say_p(treatment.p)}); {inside}"


def _measured(mean: Estimate, unit: str) -> str:
    value, low, high = (say_number(end, unit, 3) for end in (mean.value, mean.low, mean.high))
    return f"{value} ({low} to {high})"


def say_p(p: float) -> str:
    """Return a p-value as people write it.

    >>> say_p(0.0000012), say_p(0.0345), say_p(0.6)
    ('p under 0.001', 'p 0.035', 'p 0.60')
    """
    if p < 0.001:
        return "p under 0.001"
    return f"p {p:.3f}" if p < 0.1 else f"p {p:.2f}"


def _listed(names: list[str]) -> str:
    """Return names in a row.

    >>> _listed(["age", "income", "gender"])
    'age, income and gender'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
