"""Names of two to four words: what is true of a group, and tells it from the other groups."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from customer_atlas.segments.claims import Claim, claims_of, tier_of
from customer_atlas.segments.effects import Group

__all__ = ["Name", "name_groups", "people_of"]

_CLEAR = 0.3
_LONGEST = 4
# Pairs that are both true at times and still read as a contradiction, or say one thing twice.
_CLASHES = frozenset(
    frozenset(pair)
    for pair in (
        (("activity", -1), ("frequency", 1)),
        (("activity", -1), ("trend", 1)),
        (("activity", -1), ("trend", -1)),
        (("activity", -1), ("age", -1)),
        (("activity", 1), ("trend", -1)),
        (("age", -1), ("trend", 1)),
        (("age", -1), ("trend", -1)),
        (("frequency", -1), ("rhythm", 1)),
        (("frequency", -1), ("rhythm", -1)),
        (("value", -1), ("basket", 1)),
        (("value", 1), ("basket", -1)),
        (("value", -1), ("price", 1)),
        (("value", 1), ("price", -1)),
        (("price", 1), ("discount", 1)),
        (("price", -1), ("discount", -1)),
        (("frequency", -1), ("breadth", 1)),
    )
)
# Only where two groups are alike in everything that was measured: a mark that claims nothing.
_COLOURS = (
    "amber", "azure", "coral", "crimson", "emerald", "indigo", "ivory", "jade", "lilac", "ochre",
    "olive", "pearl", "ruby", "sapphire", "scarlet", "silver", "teal", "topaz", "umber", "violet",
)  # fmt: skip


@dataclass(frozen=True)
class Name:
    """A name and the claims that it is made of.

    >>> Name("New big spenders", ()).text
    'New big spenders'
    """

    text: str
    claims: tuple[Claim, ...]


def name_groups(
    groups: Sequence[Group],
    keep: Mapping[int, str] | None = None,
    hoped: Mapping[int, str] | None = None,
    gone: Collection[str] = (),
) -> dict[int, Name]:
    """Return a name for each group by its cluster number, unique and deterministic.

    Every true combination of claims is weighed by how strongly it sets its group apart and how
    few other groups could carry it; the best are given out first, so that of two groups that
    could share a name the one it fits less takes its next most telling contrast. `keep` holds
    names by cluster that stay: people know the groups by them. Those `hoped` for stay where they
    are still true. Names of what is `gone` are given to nobody: it would seem to be there still.
    """
    claims = {g.cluster: claims_of(g, tier_of(g, groups)) for g in groups}
    rarity = _rarity(claims.values())
    choices = {g.cluster: _choices(g, groups, claims[g.cluster], rarity) for g in groups}
    named: dict[int, Name] = {}
    for cluster, text in sorted((keep or {}).items()):
        if cluster in choices:
            fitting = choices[cluster].get(text)
            named[cluster] = fitting.name if fitting else Name(text, ())
    for cluster, text in sorted((hoped or {}).items()):
        true = choices.get(cluster, {}).get(text)
        if true and cluster not in named and text not in {name.text for name in named.values()}:
            named[cluster] = true.name
    offers = sorted(
        (-choice.score, at, text)
        for at, group in enumerate(groups)
        for text, choice in choices[group.cluster].items()
    )
    by_rank = [(groups[at].cluster, text) for _, at, text in offers]
    # Two names that say the same in other words ("low-spend new buyers", "new light spenders")
    # are given out only where nothing else is left.
    for key in (_meaning, _wording):
        used = {item for name in named.values() for item in (key(name), name.text)} | {*gone}
        for cluster, text in by_rank:
            name = choices[cluster][text].name
            if cluster not in named and not {key(name), text} & used:
                named[cluster] = name
                used |= {key(name), text}
    for group in groups:
        if group.cluster not in named:
            taken = {name.text for name in named.values()} | {*gone}
            named[group.cluster] = _marked(choices[group.cluster], taken)
    return {group.cluster: named[group.cluster] for group in groups}


def people_of(features: Iterable[str]) -> str:
    """Return what to call the people that such features are known of.

    >>> people_of(["recency_days", "frequency"]), people_of(["sessions"]), people_of(["Income"])
    ('shoppers', 'visitors', 'customers')
    """
    names = set(features)
    if names & {"frequency", "recency_days", "monetary", "purchase_days"}:
        return "shoppers"
    return "visitors" if names & {"events_count", "sessions"} else "customers"


@dataclass(frozen=True)
class _Choice:
    score: float
    name: Name


def _meaning(name: Name) -> object:
    return frozenset(item for claim in name.claims for item in claim.axes.items()) or name.text


def _wording(name: Name) -> object:
    return name.text


def _rarity(claims: Iterable[Sequence[Claim]]) -> dict[tuple[str, int], float]:
    """Return how rare each clear claim is among the groups, from 0.5 (all) to 1 (one)."""
    held = [{(c.feature, c.sign) for c in some if c.strength >= _CLEAR} for some in claims]
    counts = Counter(claim for one in held for claim in one)
    scale = math.log(max(len(held), 2))
    return {
        claim: 0.5 + 0.5 * math.log(len(held) / count) / scale for claim, count in counts.items()
    }


def _choices(
    group: Group,
    groups: Sequence[Group],
    claims: Sequence[Claim],
    rarity: Mapping[tuple[str, int], float],
) -> dict[str, _Choice]:
    """Return the names that are true of a group with their scores, the best way to say each."""
    base = _base_noun(group)
    found: dict[str, _Choice] = {}
    for parts in _combinations(claims):
        name = Name(_text(parts, base), parts)
        if not 2 <= len(re.findall(r"\w\S*", name.text)) <= _LONGEST:
            continue
        score = _score(parts, rarity, name.text)
        if name.text not in found or found[name.text].score < score:
            found[name.text] = _Choice(score, name)
    plain = f"All {base}" if len(groups) == 1 else f"Average {base}"
    if not found:
        found[plain] = _Choice(-1.0, Name(plain, ()))
    return found


def _combinations(claims: Sequence[Claim]) -> Iterator[tuple[Claim, ...]]:
    slots = [
        [None, *(c for c in claims if c.slot == slot)]
        for slot in ("tier", "behaviour", "trait", "noun")
    ]
    for chosen in itertools.product(*slots):
        parts = tuple(claim for claim in chosen if claim is not None)
        if parts and _agree(parts):
            yield parts


def _agree(parts: Sequence[Claim]) -> bool:
    """Return whether claims speak of different traits and none of them clash."""
    for one, other in itertools.combinations(parts, 2):
        if one.axes.keys() & other.axes.keys():
            return False
        # "Lapsed regulars" is how people say that those who came often no longer come.
        if other.text != "regulars" and any(
            frozenset(pair) in _CLASHES
            for pair in itertools.product(one.axes.items(), other.axes.items())
        ):
            return False
    return True


def _score(parts: Sequence[Claim], rarity: Mapping[tuple[str, int], float], text: str) -> float:
    score = sum(_weight(claim, rarity) for claim in parts)
    # A name that tells no more than the value fits every group of that tier.
    vague = all("value" in claim.axes for claim in parts)
    long = 0.5 * (len(text.split()) > 3) + 0.05 * max(0, len(text) - 26)
    return score - long - 0.4 * vague


def _weight(claim: Claim, rarity: Mapping[tuple[str, int], float]) -> float:
    if "value" in claim.axes:
        # The tier belongs in the name, except that the middle goes without saying.
        return 1.5 if claim.sign else -0.1
    # Past what anyone would call large, more effect hardly says more.
    strength = claim.strength if claim.strength < 2 else 2 + (claim.strength - 2) / 10
    return strength * rarity.get((claim.feature, claim.sign), 1.0) - _CLEAR


def _base_noun(group: Group) -> str:
    people = people_of(group.centroid)
    orders = group.centroid.get("frequency")
    seldom = isinstance(orders, float) and orders <= 2
    return "buyers" if people == "shoppers" and seldom else people


def _text(parts: Sequence[Claim], base: str) -> str:
    words = [claim.text for claim in parts]
    if not any(claim.slot == "noun" for claim in parts):
        words.append(base)
    text = " ".join(words)
    return text[0].upper() + text[1:]


def _marked(choices: Mapping[str, _Choice], used: set[str]) -> Name:
    """Return the group's best name with a colour before it."""
    best = max(choices.values(), key=lambda one: (one.score, one.name.text)).name
    core = best.text.split(" ")[1 - _LONGEST :]
    core[0] = core[0][0].lower() + core[0][1:]
    marks = itertools.chain(_COLOURS, (f"{a}-{b}" for a in _COLOURS for b in _COLOURS))
    texts = (f"{mark.capitalize()} {' '.join(core)}" for mark in marks)
    return Name(next(text for text in texts if text not in used), best.claims)
