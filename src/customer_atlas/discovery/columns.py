"""Columns: the standard columns of a role found among those of a table, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pyarrow.compute as pc

from customer_atlas.discovery import candidates as c
from customer_atlas.discovery.facts import ColumnFacts
from customer_atlas.discovery.proposal import Answers, Doubt
from customer_atlas.discovery.tables import Table

__all__ = ["Mapping", "quoted_name"]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CENT = 0.011


class Mapping:
    """The mapping of one table as it is being made: columns, reasons, doubts and notes.

    `person` is the column that says whose a row is, if one does.
    """

    def __init__(self, table: Table, person: ColumnFacts | None, answers: Answers) -> None:
        self.table, self.person, self.answers = table, person, answers
        self.columns: dict[str, str] = {}
        self.reasons: dict[str, str] = {}
        self.doubts: list[Doubt] = []
        self.notes: list[str] = []

    @property
    def repeated(self) -> bool:
        """Whether persons stand in more rows than one."""
        return self.person is not None and not self.person.is_key

    @property
    def used(self) -> set[str]:
        """The columns that are mapped as they are."""
        return set(self.columns.values())

    def choose(
        self, standard: str, found: Sequence[c.Candidate], *, required: bool = False
    ) -> ColumnFacts | None:
        """Map a standard name to its best candidate, and doubt it where another is as good."""
        free = [one for one in found if one.name not in self.used]
        chosen = c.best(free)
        answer = self.answers.get((self.table.name, standard))
        if answer is not None:
            chosen = self.table.column(answer) if answer else None
        if chosen is None:
            return None
        rivals = [one.name for one in free if one.name != chosen.name]
        top = next((one.score for one in found if one.column is chosen), 0.0)
        close = [one.name for one in free if one.name in rivals and one.score > top - 1.0]
        if required and close and answer is None:
            self.doubt(
                standard,
                f"{standard} may be {_listed([chosen.name, *close])}; took {chosen.name}.",
                chosen.name,
                (chosen.name, *rivals),
            )
        self.map(standard, chosen.name)
        return chosen

    def map(self, standard: str, text: str, reason: str = "") -> None:
        """Map a standard name to a column or an expression."""
        self.columns[standard] = text
        if reason:
            self.reasons[standard] = reason

    def doubt(
        self, question: str, sentence: str, chosen: str = "", choices: Sequence[str] = ()
    ) -> None:
        """Say what is not sure."""
        self.doubts.append(Doubt(self.table.name, question, sentence, chosen, tuple(choices)))

    def money(self) -> None:
        """Map what was paid for a row: an amount, or quantity times price."""
        table = self.table
        quantity = c.best([one for one in c.quantities(table) if one.name not in self.used])
        price = c.best([one for one in c.unit_prices(table) if one.name not in self.used])
        totals = [
            one
            for one in c.amounts(table)
            if one.name not in self.used and (price is None or one.name != price.name)
        ]
        product = ""
        if price is not None and quantity is not None:
            product = f"{quoted_name(quantity.name)} * {quoted_name(price.name)}"
        if answer := self.answers.get((table.name, "amount")):
            self.map("amount", answer)
        elif totals:
            self._total(totals, product, price, quantity)
        elif product:
            self.map("amount", product, "price times pieces")
        elif price is not None:
            self.map("amount", price.name)
            self.doubt("amount", f"{price.name} is taken for what was paid, one piece a row.")
        if quantity is not None:
            self.map("quantity", quantity.name)
        self._discount()
        self._returns()

    def rest(self, *parts: tuple[str, Callable[[Table], list[c.Candidate]]]) -> None:
        """Map standard names that are not required to what is there for them."""
        for standard, find in parts:
            self.choose(standard, find(self.table))

    def _total(
        self,
        totals: Sequence[c.Candidate],
        product: str,
        price: ColumnFacts | None,
        quantity: ColumnFacts | None,
    ) -> None:
        chosen = max(totals, key=lambda one: one.score).column
        others = [one.name for one in totals if one.column is not chosen]
        reason = ""
        if price is not None and quantity is not None:
            reason = (
                f"equals {product}"
                if _is_product(self.table, chosen.name, price.name, quantity.name)
                else f"the total; {price.name} is the price of a piece"
            )
        self.map("amount", chosen.name, reason)
        if others:
            choices = (chosen.name, *others, *([product] if product else []))
            self.doubt(
                "amount", f"amount may be {_listed(choices)}; took {chosen.name}.", chosen.name,
                choices,
            )  # fmt: skip

    def _discount(self) -> None:
        found = [one.name for one in c.discounts(self.table) if one.name not in self.used]
        if len(found) == 1:
            self.map("discount", found[0])
        elif found:
            order = [column.name for column in self.table.columns if column.name in found]
            self.map("discount", " + ".join(map(quoted_name, order)), "all that was taken off")

    def _returns(self) -> None:
        amount, quantity = self.columns.get("amount", ""), self.columns.get("quantity", "")
        for name in (amount, quantity):
            if name in self.table.sample.column_names:
                share = self.table.column(name).negative
                if share:
                    self.notes.append(
                        f"{name} is negative in {_percent(share)} of the rows: returns and "
                        "cancellations, which lower what was spent and are no orders"
                    )
                    return


def quoted_name(name: str) -> str:
    """Return a column's name as an expression names it.

    >>> quoted_name("Quantity"), quoted_name("Unit Price")
    ('Quantity', '"Unit Price"')
    """
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def _is_product(table: Table, total: str, price: str, quantity: str) -> bool:
    sample = table.sample
    made = pc.multiply(sample[price], sample[quantity])
    near = pc.less(pc.abs(pc.subtract(sample[total], made)), _CENT)
    share = pc.mean(near.cast("double")).as_py()
    return share is not None and share > 0.95


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 else "under 0.1%"
