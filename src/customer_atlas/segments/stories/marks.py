"""The patterns by which a line of a story is read, in the order in which they are tried."""

from __future__ import annotations

import re

from customer_atlas.segments.stories.lexicon import CUSTOMERS
from customer_atlas.segments.stories.quantities import HEDGES

__all__ = ["COMPARED", "HEDGED", "KINDS", "ORDINALS", "PLACE", "WHOLE", "ZERO"]

_PEOPLE = r"(?:customers|people|shoppers|visitors|buyers|members|households)"
_PERSON = r"(?:customer|person|head|buyer|shopper|visitor|member|household)"
_SEGMENT = r"(?:segments?|groups?)"
_EACH = r"(?:per|an?|each|every|for each|for every|on each|on every)"

_MORE = (
    "more|greater|higher|larger|bigger|longer|older|further|farther|exceeds?|exceeding|ahead of"
    "|above|beyond|over(?= (?:the )?(?:average|typical|everyone))"
)
_LESS = "less|fewer|lower|smaller|shorter|younger|newer|nearer|sooner|trails?|below|under"
_MOST = "most|largest|biggest|highest|greatest|longest|oldest|furthest"
_LEAST = "least|fewest|smallest|lowest|shortest|youngest|newest|nearest"

ORDINALS = (
    *("second", "third", "fourth", "fifth", "sixth", "seventh"),
    *("eighth", "ninth", "tenth", "eleventh", "twelfth"),
)
PLACE = re.compile(
    rf"(?P<n>{'|'.join(ORDINALS)}|\d+(?:nd|rd|th|st))[- ](?P<what>{_MOST}|{_LEAST})\b"
)
"""A place in an order: second-largest."""

_hedge = "|".join(sorted(map(re.escape, HEDGES), key=len, reverse=True))
HEDGED = re.compile(rf"(?P<hedge>{_hedge}) ")
ZERO = re.compile(r"(?:none|nobody|no one|nothing)\b|no(?= (?!other|longer)[a-z])")
WHOLE = re.compile(r"all of (?:them|these)\b|every one of them\b|all (?=spend|have|buy|bought)")

_degree = r"(?:(?P<little>slightly|a little|a bit)|(?P<much>much|far|considerably)) "
COMPARED = (
    ("more", re.compile(rf"(?:{_degree})?(?:{_MORE})\b")),
    ("less", re.compile(rf"(?:{_degree})?(?:{_LESS})\b")),
    ("most", re.compile(rf"(?:{_MOST})\b")),
    ("least", re.compile(rf"(?:{_LEAST})\b")),
)
"""Comparatives and superlatives, by the side they take."""

_EVERYONE = (
    rf"the (?:typical|average|median|ordinary|usual) {_PERSON}s?(?! (?:in|of|here))(?: overall)?",
    r"(?:the )?average\b",
    r"every(?:one|body)(?: else)?\b",
    rf"all (?:of )?(?:the )?{_PEOPLE}\b(?: together)?",
    r"(?:the )?(?:whole|entire) (?:customer )?(?:base|segment)\b",
    rf"{_PEOPLE} (?:overall|in general|as a whole)\b",
    r"overall\b|the customer base\b|all of it\b|all(?= \d|[,.;)]|$)",
    rf"the rest(?: of (?:the )?(?:{_PEOPLE}|them|it))?\b|(?:all )?other {_PEOPLE}\b|the others\b",
)
_PATTERNS = (
    ("unknown", r"(?:since|as|once|if) (?=they|it\b|these|this|the segment|[\ue000-\uf8ff])"),
    (
        "plain",
        r"not only\b|but also\b|as well as\b|all of(?= *[\ue000-\uf8ff])"
        r"|all (?=(?:the |of the )?(?:revenue|sales|turnover))",
    ),
    ("concept:perhead", rf"{_EACH} {_PERSON}\b(?! in )|per capita\b"),
    (
        "concept:perorder",
        rf"{_EACH} (?:order|purchase|basket|transaction)\b(?! trend)|order value\b",
    ),
    ("concept:peritem", rf"{_EACH} (?:item|article|unit)\b"),
    ("concept:persession", rf"{_EACH} (?:session|visit)\b"),
    ("concept:total", r"in all\b|in total\b|all told\b|altogether\b"),
    ("concept:mostly", r"most(?:ly)? (?:on|at|by|in|a)\b"),
    ("concept:recently", r"recently\b"),
    ("concept:inside", r"sub-?segments?\b"),
    ("whole", r"(?:all|all of the)(?= \d)|each\b"),
    ("median", r"(?:typically|usually|normally|as a rule|tends? to|the median|typical)\b"),
    ("mean", r"on average\b|an average of\b|the mean\b|averaging\b|averages?(?= (?:of )?\d)"),
    ("everyone", "|".join(_EVERYONE)),
    (
        "every other",
        rf"(?:than |of |among |by )?(?:(?:in )?(?:any|every|all|all the|no) other {_SEGMENT}\b)"
        rf"|(?:of|among|amongst|across|in) (?:all|all the|the|any)(?: \w+)? {_SEGMENT}\b",
    ),
    ("sum", r"together\b|combined\b|between them\b"),
    ("majority", rf"most(?= of (?!all|any|the \w+ {_SEGMENT})| {_PEOPLE}\b)|(?:the|a) majority\b"),
    ("same", r"as (?:many|much|often|frequently|large|high|long|big)\b|the same\b"),
    ("not", r"(?:not|never|no longer|cannot|hardly|without|neither|nor)\b|[a-z]+n't\b"),
    ("only", rf"(?:the )?only {_SEGMENT}\b"),
    (
        "against",
        r"against\b|compared (?:with|to)\b|versus\b|vs\b\.?|in comparison (?:with|to)\b"
        r"|where(?:as)?\b|while\b|when\b|rather than\b|instead of\b",
    ),
    ("than", r"(?:than|as)\b"),
    (
        "break",
        r"[,;:()—–]|(?:and|but|yet|though|although|who|which|or|with)\b",
    ),
    ("here", rf"they\b|these {_PEOPLE}\b|this {_SEGMENT}\b|the {_SEGMENT}\b|it\b"),
    ("customers", rf"(?:{'|'.join(sorted(CUSTOMERS, key=len, reverse=True))})\b"),
)
KINDS = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
"""Kinds of marks and what they look like; figures are read after the first two of them."""
