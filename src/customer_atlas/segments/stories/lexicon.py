"""The words that the checker of stories knows: what claims nothing, and what claims what."""

from __future__ import annotations

import re

__all__ = [
    "CAUSES",
    "CUSTOMERS",
    "FEELINGS",
    "FORECASTS",
    "claims_nothing",
    "concept",
    "optional",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that carry a sentence and say nothing that could be false by themselves.
_PLAIN = _words(
    """a an the over this that these those its them their theirs themselves whom whose what there
    here is are was were be been being am has have had having do does did doing done make
    makes made making place places placed placing put puts putting hold holds held holding
    bring brings brought bringing count counts form forms represent represents account
    accounts contain contains consist consists belong belongs come comes coming go goes get
    gets give gives amount amounts show shows stand stands use uses reach reaches of in on
    at by for from to with within into onto as than out up also too both other around
    through among across but however still just even each any one ones same such segment
    segments group groups figure figures number numbers share shares portion percentage
    proportion part parts level value values rate size time times many much about see
    contribute contributes contributing fall falls comparison compared comparing against
    versus relative apart well their worth takes take taking taken cover covers covering
    comprise comprises include includes including equal equals only during until i.e who
    which it's that's they're they've generate generates average-sized"""
)

CUSTOMERS = _words(
    """customer customers people person persons shopper shoppers buyer buyers visitor visitors
    member members client clients household households head heads"""
)

_CONCEPTS = {
    "order": "order ordering purchase purchasing buy buying bought shop shopping",
    "spend": "spend spending spent pay paying paid money outlay",
    "revenue": "revenue sales turnover takings",
    "last": "last latest recent recently past recency",
    "ago": "ago since",
    "first": "first initial",
    "gap": "every gap interval apart between wait",
    "vary": "vary varying variation",
    "often": "often frequently frequent",
    "total": "total altogether",
    "item": "item article unit",
}
_BY_WORD = {word: name for name, words in _CONCEPTS.items() for word in words.split()}
_IRREGULAR = {"came": "come", "left": "leave"}

_OPTIONAL = _words(
    """total ago often mostly save price mix look different try begin true known score live
    order"""
)

CAUSES = _words(
    """because cause causes caused causing due thanks owing since therefore thus hence
    consequently result results resulting lead leads leading led drive drives driven driving
    reason reasons why explain explains explained explaining so influence influenced trigger
    triggers spur spurs prompt prompts attributable stems"""
)
FORECASTS = _words(
    """will would shall should could may might can must going likely unlikely probably perhaps
    possibly expect expects expected forecast predict predicted soon tomorrow future
    potential next continue continues become becomes grow grows growing promise promises
    risk"""
)
FEELINGS = _words(
    """love loves loving like likes enjoy enjoys happy unhappy prefer prefers want wants
    wanting hate hates care cares loyal loyalty satisfied trust trusts feel feels hope hopes
    excited appreciate appreciates fan fans adore adores need needs seek seeks passionate"""
)


def claims_nothing(word: str) -> bool:
    """Return whether a word carries a sentence without saying anything that could be false.

    >>> claims_nothing("the"), claims_nothing("because")
    (True, False)
    """
    return word in _PLAIN


def concept(word: str) -> str:
    """Return what a word speaks of: words of one meaning, and forms of one word, are one.

    >>> concept("purchases"), concept("bought"), concept("categories"), concept("groceries")
    ('order', 'order', 'category', 'grocery')
    """
    word = _IRREGULAR.get(word, word)
    shorter = _shorter(word)
    for form in (word, *shorter):
        if form in _BY_WORD:
            return _BY_WORD[form]
    return shorter[0] if shorter else word


def optional(name: str) -> bool:
    """Return whether a figure may be said without this concept, where others tell what it is of."""
    return name in _OPTIONAL


def _shorter(word: str) -> list[str]:
    """Return what is left of a word without its ending."""
    if len(word) < 4:
        return []
    if word.endswith("ies"):
        return [word[:-3] + "y"]
    if re.search(r"(?:s|x|z|ch|sh)es$", word):
        return [word[:-2], word[:-1]]
    if word.endswith("s") and not word.endswith("ss"):
        return [word[:-1]]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word[: -len(ending)]
            return [stem, stem + "e"]
    return []
