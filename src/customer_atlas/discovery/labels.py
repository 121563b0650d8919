"""Labels: outcomes and treatments of people, told from attributes by name and by value."""

from __future__ import annotations

import re
from collections.abc import Collection

import pyarrow.compute as pc

from customer_atlas.config import ColumnType
from customer_atlas.discovery import vocabulary as v
from customer_atlas.discovery.facts import ColumnFacts
from customer_atlas.discovery.proposal import ProposedLabel
from customer_atlas.discovery.tables import Table
from customer_atlas.discovery.vocabulary import words_of

__all__ = ["find_labels"]

_YES = ("yes", "y", "true", "1", "churned", "exited", "left", "converted", "responded", "positive")
_MOST_ARMS = 8
_GONE = {"lapsed", "inactive", "closed", "expired", "exited"}
_CONTROL = re.compile(r"\b(no|none|control|holdout|placebo)\b", re.IGNORECASE)


def find_labels(table: Table, used: Collection[str]) -> tuple[ProposedLabel, ...]:
    """Return the columns of a customers table that say what became of people.

    A column of two values with the name of an outcome is one; so is the treatment of an
    experiment, and a number that is not zero only where an outcome is yes.
    """
    free = [column for column in table.columns if column.name not in used and column.filled]
    outcomes = [column for column in free if _is_outcome(column)]
    labels = {c.name: _label(c, _positive(c), "an outcome, by its name") for c in outcomes}
    for column in free:
        if column.name not in labels and (reason := _tells_of_leaving(column)):
            labels[column.name] = _label(column, None, reason)
    for column in free:
        twin = next((one for one in outcomes if _says_the_same(table, column, one)), None)
        if column.name not in labels and twin is not None:
            labels[column.name] = _label(column, _positive(column), f"says what {twin.name} says")
    tried = [column for column in free if _is_treatment(column, experiment=len(outcomes) > 1)]
    for column in tried:
        labels[column.name] = _label(column, None, f"a treatment or group: {_listed(column)}")
    for column in free:
        if column.name in labels or column.type is not ColumnType.NUMBER or column.distinct < 3:
            continue
        for outcome in outcomes:
            if _follows(table, column, outcome):
                reason = f"other than 0 only where {outcome.name} is {_positive(outcome)}"
                labels[column.name] = _label(column, None, reason)
                break
    return tuple(labels.values())


def _is_outcome(column: ColumnFacts) -> bool:
    said = set(column.said)
    if not column.is_binary or not said & v.OUTCOME or said & (v.ID | {"count", "rate"}):
        return False
    # AcceptedCmp3 is one of a row of past answers; Response is the one that is asked for.
    numbered = any(word.isdigit() for word in column.said)
    if column.said[0] == "is" and "default" in said:
        return False
    return not numbered and (len(column.said) <= 2 or column.said[0] in v.OUTCOME)


def _tells_of_leaving(column: ColumnFacts) -> str:
    """Return why a column that is no yes or no tells who has gone, or an empty text."""
    said = set(column.said)
    if said & v.LEFT and not said & (v.ORDER | v.ID | v.QUANTITY | {"rate", "fee", "reason"}):
        return "an outcome, by its name"
    if said & {"status", "stage"} and column.type is ColumnType.TEXT:
        gone = [one for one in column.levels if set(words_of(one)) & (v.LEFT | _GONE)]
        if gone and len(column.levels) <= _MOST_ARMS:
            return f"an outcome, by its values: {', '.join(sorted(gone))}"
    return ""


def _says_the_same(table: Table, column: ColumnFacts, outcome: ColumnFacts) -> bool:
    """Whether a column of two values goes with an outcome one to one."""
    if column.name == outcome.name or not column.is_binary or column.filled < column.rows:
        return False
    pairs = table.sample.group_by([column.name, outcome.name]).aggregate([])
    return bool(pairs.num_rows == 2)


def _is_treatment(column: ColumnFacts, *, experiment: bool) -> bool:
    if column.type is not ColumnType.TEXT or not 2 <= column.distinct <= _MOST_ARMS:
        return False
    if set(column.said) & {"treatment", "experiment"} or set(column.said) <= {"arm", "variant"}:
        return True
    control = any(_CONTROL.search(level) for level in column.levels)
    return experiment and set(column.said) <= v.TREATMENT and control


def _follows(table: Table, column: ColumnFacts, outcome: ColumnFacts) -> bool:
    """Whether a number is something exactly where an outcome is yes, as revenue where converted."""
    if not 0.02 < column.zero < 1 or _positive(outcome) is None:
        return False
    filled = pc.fill_null(pc.not_equal(table.sample[column.name], 0), False)
    values = table.sample[outcome.name]
    yes = _positive(outcome)
    if outcome.type is ColumnType.NUMBER:
        said = pc.equal(values, float(yes or 0))
    elif outcome.type is ColumnType.BOOLEAN:
        said = values
    else:
        said = pc.equal(values, yes)
    return bool(pc.all(pc.equal(filled, pc.fill_null(said, False))).as_py())


def _positive(column: ColumnFacts) -> str | None:
    return next((one for word in _YES for one in column.levels if one.casefold() == word), None)


def _label(column: ColumnFacts, positive: str | None, reason: str) -> ProposedLabel:
    name = re.sub(r"\W+", "_", column.name, flags=re.ASCII).strip("_").lower()
    return ProposedLabel(
        name if name[:1].isalpha() else f"label_{name}", column.name, positive, reason
    )


def _listed(column: ColumnFacts) -> str:
    return ", ".join(sorted(column.levels))
