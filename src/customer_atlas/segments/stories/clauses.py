"""The clauses of a sentence, and what their grammar says of the claims in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from customer_atlas.segments.stories.quantities import Quantity
from customer_atlas.segments.stories.reading import Mark

__all__ = ["OTHERS", "PEOPLE", "Clause", "Form", "clauses_of"]

PEOPLE = "customers"
"""The concept of the customers themselves."""
OTHERS = ("rest", "other", "else")
"""What is in the words for everyone but the segment, of whom no figure is known."""

Form = Literal["plain", "ratio", "percent", "difference", "unclear"]

_CLAIMS = ("quantity", "more", "less", "same", "most", "least", "majority", "only")
_HOLDERS = ("here", "everyone", "name")
_OF = ("of", "the", "their", "its", "all", "these")
_PLACED = ("above", "below", "beyond", "over", "under")
_ADVERBS = ("ago", "total", "often")


@dataclass
class Clause:
    """A clause that claims something, with what leads to it.

    `compared` is whether it follows "against" or "while"; `objects` are the holders that its
    claims are compared with, where these stand in a clause that claims nothing itself. `levels`
    are the names that are of categories or columns, not of segments.
    """

    levels: frozenset[str]
    marks: list[Mark] = field(default_factory=list)
    compared: bool = False
    objects: list[Mark] = field(default_factory=list)

    @property
    def claims(self) -> list[tuple[int, Mark]]:
        """The marks that claim something, each with its place."""
        return [
            (at, mark)
            for at, mark in enumerate(self.marks)
            if mark.kind in _CLAIMS and not self._is_of_figure(at)
        ]

    @property
    def figures(self) -> list[Quantity]:
        """The figures in it."""
        return [mark.quantity for mark in self.marks if mark.quantity]

    @property
    def text(self) -> str:
        """Its words, for messages."""
        return " ".join(mark.text.strip() for mark in self.marks)[:120]

    def has(self, kind: str) -> bool:
        """Return whether there is a mark of a kind."""
        return any(mark.kind == kind for mark in self.marks)

    def subjects(self, whole: str) -> list[Mark]:
        """Return who may have the figures; `whole` is the name of which a share may be."""
        of_whole = any(one.kind == "share" for one in self.figures)
        return [
            mark
            for at, mark in enumerate(self.marks)
            if self._is_holder(mark)
            and not self._is_object(at)
            and not (mark.text == whole and of_whole)
        ]

    def holders_after(self, at: int) -> list[Mark]:
        """Return whom a comparison at a place may be with."""
        than = any(one.kind == "than" for one in self.marks[at:])
        later = [
            one for one in self.marks[at:] if self._is_holder(one) and (than or one.kind != "here")
        ]
        return later or self.objects

    def is_beside(self, at: int) -> bool:
        """Return whether a figure is that of whom something is compared with: above the 12 of."""
        before = [one.kind for one in self.marks[:at] if one.kind != "plain"]
        return before[-1:] in (["than"], ["more"], ["less"]) and bool(self.holders_after(at))

    def noun(self, mark: Mark) -> str:
        """Return the concept that a figure counts or, with "of", is a part of; empty without."""
        later = self.marks[self.marks.index(mark) + 1 :]
        if mark.quantity and mark.quantity.kind == "share" and later and later[0].text == "of":
            later = [one for one in later if one.text not in _OF]
            if later and later[0].kind == "everyone":
                return PEOPLE
        after = next(iter(later), None)
        if after is None:
            return ""
        if after.kind == "plain" and after.text.rstrip("s") in ("segment", "group"):
            return "segments"
        if after.kind == "customers":
            return PEOPLE
        return after.text if after.kind == "concept" and after.text not in _ADVERBS else ""

    def form(self, at: int) -> Form:
        """Return how a figure is meant: as it is, or as a ratio or difference of two figures."""
        mark = self.marks[at]
        assert mark.quantity is not None
        kind = mark.quantity.kind
        if self._next(at) in ("more", "less"):
            return {"share": "percent", "times": "unclear"}.get(kind, "difference")  # type: ignore[return-value]
        if self._is_fraction_of_another(at) or (kind == "times" and self._is_measured(at)):
            return "ratio"
        return "plain"

    def counts_people(self, at: int) -> bool:
        """Return whether a comparison at a place is of how many customers there are."""
        compares = ("more", "less", "same", "plain")
        rest = (one for one in self.marks[at + 1 :] if one.kind not in compares)
        after = next(rest, None)
        related = self.marks[at].quantity is None or self.form(at) != "plain"
        return related and after is not None and after.kind == "customers"

    def compared_after(self, at: int) -> Mark:
        """Return the comparison that a figure belongs to: 9% more."""
        return next(one for one in self.marks[at + 1 :] if one.kind in ("more", "less"))

    def is_of_whole(self, at: int) -> bool:
        """Return whether a figure is the whole that something is a part of: of 240 customers."""
        before = self.marks[at - 1].text if at else ""
        earlier = self.marks[at - 2].text if at > 1 else ""
        if earlier.rstrip("s") in ("segment", "group"):
            return False
        return before == "of" or (before in ("the", "all", "its") and earlier in ("of", "out"))

    def near(self, at: int) -> str:
        """Return the words that begin at a place."""
        return " ".join(one.text for one in self.marks[at : at + 3])

    def _is_holder(self, mark: Mark) -> bool:
        return mark.kind in _HOLDERS and mark.text not in self.levels

    def _next(self, at: int) -> str:
        return next((one.kind for one in self.marks[at + 1 :] if one.kind != "plain"), "")

    def _is_of_figure(self, at: int) -> bool:
        """Return whether a comparison belongs to the figure before it: twice as many."""
        before = [one for one in self.marks[:at] if one.kind != "plain"]
        compares = self.marks[at].kind in ("more", "less", "same")
        return compares and bool(before) and before[-1].quantity is not None

    def _is_object(self, at: int) -> bool:
        """Return whether a holder is whom something is compared with: than, as, times the."""
        before = [one for one in self.marks[:at] if one.kind != "plain"]
        if any(
            one.kind == "than"
            or (one.quantity and one.quantity.kind == "times")
            or (one.kind in ("more", "less") and one.text in _PLACED)
            for one in before
        ):
            return True
        if not before:
            return False
        last = before[-1]
        if last.kind in ("same", "more", "less"):
            return True
        return last.quantity is not None and self._is_fraction_of_another(self.marks.index(last))

    def _is_fraction_of_another(self, at: int) -> bool:
        """Return whether a fraction is of what another has, such as half the average."""
        mark = self.marks[at]
        after = next((one for one in self.marks[at + 1 :] if one.kind != "plain"), None)
        if mark.quantity is None or mark.quantity.kind != "share" or "%" in mark.text:
            return False
        if after is None or after.kind not in ("same", "everyone", "name"):
            return False
        if after.kind == "name":
            return after.text not in self.levels
        return after.kind == "same" or any(
            word in after.text for word in ("average", "typical", "usual", "median")
        )

    def _is_measured(self, at: int) -> bool:
        """Return whether what comes after a place says beside whom a figure is so many times."""
        return bool(self.objects) or any(
            one.kind in ("same", "everyone") or (one.kind == "name" and self._is_holder(one))
            for one in self.marks[at + 1 :]
        )


def clauses_of(marks: Sequence[Mark], levels: frozenset[str]) -> list[Clause]:
    """Return the clauses of a sentence; what claims nothing goes with the clause after it."""
    clauses = [Clause(levels)]
    summed = any(mark.kind == "sum" for mark in marks)
    for at, mark in enumerate(marks):
        if summed and mark.text in ("and", ",") and _between_holders(marks, at):
            continue
        if mark.kind in ("break", "against"):
            clauses.append(Clause(levels, compared=mark.kind == "against"))
        else:
            clauses[-1].marks.append(mark)
    return _merged([clause for clause in clauses if clause.marks], levels)


def _between_holders(marks: Sequence[Mark], at: int) -> bool:
    beside = (*marks[max(at - 1, 0) : at], *marks[at + 1 : at + 2])
    return len(beside) == 2 and all(one.kind in _HOLDERS for one in beside)


def _merged(clauses: Sequence[Clause], levels: frozenset[str]) -> list[Clause]:
    found: list[Clause] = []
    waiting = Clause(levels)
    for clause in clauses:
        if clause.claims:
            clause.marks = [*waiting.marks, *clause.marks]
            clause.objects += waiting.objects
            waiting = Clause(levels)
            found.append(clause)
        elif clause.compared:  # "compared with everyone": whom a claim is measured by
            into = found[-1] if found else waiting
            into.objects += [mark for mark in clause.marks if mark.kind in _HOLDERS]
            into.marks += [mark for mark in clause.marks if mark.kind not in _HOLDERS]
        else:
            waiting.marks += clause.marks
    if found:
        found[-1].marks += waiting.marks
        found[-1].objects += waiting.objects
        return found
    return [waiting] if waiting.marks else []
