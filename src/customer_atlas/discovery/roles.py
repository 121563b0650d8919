"""Roles: what the rows of a table are, decided from what its columns may be."""

from __future__ import annotations

from dataclasses import dataclass

from customer_atlas.config import Role
from customer_atlas.discovery import candidates as c
from customer_atlas.discovery import vocabulary as v
from customer_atlas.discovery.columns import Mapping, quoted_name
from customer_atlas.discovery.facts import ColumnFacts
from customer_atlas.discovery.labels import find_labels
from customer_atlas.discovery.proposal import Answers, Doubt, ProposedSource
from customer_atlas.discovery.scales import find_scales
from customer_atlas.discovery.tables import LeftOut, Table
from customer_atlas.discovery.vocabulary import words_of

__all__ = ["SKIP", "Decision", "decide"]

SKIP = "skip"
"""The answer that leaves a table out."""

_ONE_EACH = 0.98
_EXPORTED = {"customer_id", "segmentation", "segment_id", "generation", "as_of"}
_SOLD = {
    "order", "orders", "transaction", "transactions", "sale", "sales", "purchase", "purchases",
    "invoices", "invoice", "baskets", "receipts",
}  # fmt: skip
_PEOPLE = v.PERSON | {"crm", "demographics", "demographic", "personality", "mailing", "churn"}
_MUCH = 0.2
_OF_PEOPLE = v.PERSONAL - {
    "region", "city", "zip", "zipcode", "postcode", "postal", "state", "country", "income",
    "education", "status", "balance", "score", "job", "credit",
}  # fmt: skip
_UNPAID = {"failed", "declined", "voided", "void", "cancelled", "canceled", "rejected", "lost"}
_READINGS = {
    "dates": ("day-first", ("day-first", "month-first")),
    "decimal": (".", (".", ",")),
}
_ACTIONS = {
    "convert": ("redeem", "redemption", "convert", "conversion"),
    "open": ("open",),
    "click": ("click",),
    "unsubscribe": ("unsub", "optout"),
    "complain": ("complain", "spam"),
    "sent": ("sent", "send", "deliver", "mailing", "dispatch"),
}


@dataclass(frozen=True)
class Decision:
    """A source, or why there is none, with what is not sure of it."""

    source: ProposedSource | None
    left_out: LeftOut | None
    doubts: tuple[Doubt, ...] = ()


def decide(table: Table, answers: Answers, links: dict[str, str], *, alone: bool) -> Decision:
    """Decide what the rows of a table are.

    Args:
        table: what was looked at.
        answers: what a person said.
        links: of its columns, those whose values are keys of another table, with that table's
            role: ``customers`` or ``products``.
        alone: whether no other table names a person, so that a plain id may be one.
    """
    person = _person(table, links, alone)
    mapping = Mapping(table, person, answers)
    role, why = _role(table, mapping, links)
    told = answers.get((table.name, "role"))
    if told == SKIP:
        return Decision(None, LeftOut(", ".join(table.paths), "left out as you said"))
    if told:
        role, why = Role(told), "as you said"
    if role is None:
        return Decision(None, LeftOut(", ".join(table.paths), why))
    problem = _BUILD[role](mapping)
    if problem:
        return Decision(None, LeftOut(", ".join(table.paths), problem))
    return Decision(_source(table, mapping, role, why), None, tuple(mapping.doubts))


def _source(table: Table, mapping: Mapping, role: Role, why: str) -> ProposedSource:
    where = None
    labels = find_labels(table, mapping.used) if role is Role.CUSTOMERS else ()
    aside = {*mapping.used, *(label.column for label in labels)}
    scales = find_scales(table, aside) if role is Role.CUSTOMERS else ()
    person = mapping.columns.get("customer_id")
    if person in table.sample.column_names and person is not None:
        lost = 1 - table.column(person).share_filled
        if lost and role in (Role.TRANSACTIONS, Role.EVENTS):
            where = f"{quoted_name(person)} IS NOT NULL"
            mapping.reasons["where"] = f"{lost:.1%} of the rows name no customer"
            _doubt_loss(mapping, person, lost)
    if role is Role.TRANSACTIONS and (unpaid := _unpaid(table)):
        column, levels = unpaid
        listed = ", ".join("'" + level.replace("'", "''") + "'" for level in levels)
        paid = f"coalesce({quoted_name(column)} NOT IN ({listed}), true)"
        where = f"{where} AND {paid}" if where else paid
        said = f"{column} tells of rows that nobody paid: {', '.join(levels)}"
        mapping.reasons["where"] = "; ".join(filter(None, [mapping.reasons.get("where"), said]))
    return ProposedSource(
        table.name,
        table.paths,
        role,
        mapping.columns,
        {"role": why, **mapping.reasons},
        table.total,
        where,
        labels,
        scales,
        _read(mapping),
        tuple(mapping.notes),
    )


def _doubt_loss(mapping: Mapping, person: str, lost: float) -> None:
    fuller = [
        one.name
        for one in c.people(mapping.table)
        if one.column.share_filled > 1 - lost and one.name != person
    ]
    if lost > _MUCH and fuller and (mapping.table.name, "customer_id") not in mapping.answers:
        mapping.doubt(
            "customer_id",
            f"{lost:.0%} of the rows of {mapping.table.name} have no {person}; more have "
            f"{', '.join(fuller)}.",
            person,
            (person, *fuller),
        )


def _unpaid(table: Table) -> tuple[str, list[str]] | None:
    """Return the column that tells of rows that nobody paid, and its values that do."""
    for column in table.columns:
        if column.levels and set(column.said) & {"status", "stage", "state"}:
            levels = [one for one in column.levels if set(words_of(one)) & _UNPAID]
            if levels and len(levels) < len(column.levels):
                return column.name, levels
    return None


def _read(mapping: Mapping) -> dict[str, str]:
    """Return how the files are read, where a person said it; else doubt what values do not say."""
    said: dict[str, str] = {}
    for note in mapping.table.notes:
        option = (
            "dates" if "day or the month" in note else "decimal" if "decimal mark" in note else ""
        )
        if not option:
            mapping.notes.append(note)
        elif answer := mapping.answers.get((mapping.table.name, option)):
            said[option] = answer
        else:
            mapping.doubt(option, note, *_READINGS[option])
    return said


def _role(table: Table, mapping: Mapping, links: dict[str, str]) -> tuple[Role | None, str]:
    if {column.name for column in table.columns} >= _EXPORTED:
        return None, "it holds memberships that `atlas export members` wrote"
    person = mapping.person
    if person is None:
        return _without_person(table, mapping, links)
    time = c.best(c.times(table))
    sold = bool(set(table.said) & _SOLD)
    orders, money = c.orders(table), [*c.amounts(table), *c.unit_prices(table)]
    campaign = c.campaigns(table)
    # Where rows have an id of their own, they are things that people did, if most did one.
    one_each = person.is_key or (person.variety >= _ONE_EACH and not c.keys(table))
    written = _written(table, sold=bool(money) or bool(orders) or sold)
    if time is None or (one_each and not orders and not sold and not set(table.said) & v.VOICE):
        return _of_people(table, mapping, person, one_each, time)
    if campaign and not money:
        return Role.MESSAGES, f"what people made of {campaign[0].name}"
    if written:
        return Role.TEXTS, f"what {person.name} wrote: {written}"
    if (money and (not c.events(table) or orders)) or orders or sold:
        what = "amounts" if money else "orders"
        return Role.TRANSACTIONS, f"{what} of {person.name} at {time.name}"
    if not (c.events(table) or c.sessions(table)):
        mapping.doubt(
            "role",
            f"{table.name} has {person.name} and {time.name}, and nothing that says what "
            "happened; taken for events.",
            Role.EVENTS.value,
            (Role.EVENTS.value, Role.TRANSACTIONS.value, SKIP),
        )
    return Role.EVENTS, f"what {person.name} did at {time.name}"


def _written(table: Table, *, sold: bool) -> str:
    """Return the column of what people wrote, or an empty text where the rows are something else.

    Orders have comments too, and customers notes: the table's name says that it holds texts, or,
    where nothing is sold, that of a column.
    """
    prose = c.best([one for one in c.texts(table) if not c.is_contact(one.column)])
    if prose is None:
        return ""
    said = (
        set(table.said) if sold else {*table.said, *(w for one in table.columns for w in one.said)}
    )
    return prose.name if said & v.VOICE else ""


def _of_people(
    table: Table, mapping: Mapping, person: ColumnFacts, one_each: bool, time: ColumnFacts | None
) -> tuple[Role | None, str]:
    if one_each:
        if not person.is_key:
            mapping.doubt(
                "role",
                f"{table.name} is taken for customers, although some {person.name} stand in more "
                "than one row: the last row counts.",
                Role.CUSTOMERS.value,
                (Role.CUSTOMERS.value, SKIP),
            )
        return Role.CUSTOMERS, f"one row per {person.name}"
    assert time is None
    counted = [column.name for column in table.columns if v.has(column.said, v.TIME | {"week"})]
    hint = f" ({', '.join(counted)} hold no dates)" if counted else ""
    return None, (
        f"{person.name} stands in many rows and no column says when{hint}; Atlas needs a date or "
        "time for what people did"
    )


def _without_person(
    table: Table, mapping: Mapping, links: dict[str, str]
) -> tuple[Role | None, str]:
    product = c.best(c.products(table))
    keyed = next((name for name, role in links.items() if role == Role.PRODUCTS.value), None)
    if keyed is not None and table.column(keyed).is_key:
        mapping.map("product", keyed)
        return Role.PRODUCTS, f"one row per {keyed}, which the orders name"
    if product is not None and product.is_key and not c.orders(table):
        return Role.PRODUCTS, f"one row per {product.name}"
    if table.sample.num_rows < 2:
        return None, "it holds one row only, which names no customer"
    looked = "no column says whose a row is (such as customer_id, user or e-mail)"
    if prose := c.texts(table):
        about = f" about {product.name}" if product is not None else ""
        return None, f"its rows are texts{about} ({prose[0].name}), and {looked}"
    if order := c.best(c.orders(table)):
        return None, (
            f"its rows belong to {order.name}, and {looked}; join it to the table that says whose "
            "orders they are"
        )
    if product is not None:
        return None, f"its rows are about {product.name}, and {looked}"
    if c.amounts(table) and c.quantities(table):
        return None, f"its rows are sales, and {looked}"
    personal = [column.name for column in table.columns if v.has(column.said, v.PERSONAL)]
    # Regions and incomes are told of countries too.
    telling = personal if any(v.has(words_of(one), _OF_PEOPLE) for one in personal) else []
    if len(telling) < 2 and not set(table.said) & _PEOPLE:
        return None, looked
    mapping.doubt(
        "role",
        f"{table.name} has no id; each row is taken for one customer, whose id is the number of "
        "the row. If a person can have several rows, leave it out or add an id.",
        Role.CUSTOMERS.value,
        (Role.CUSTOMERS.value, SKIP),
    )
    return Role.CUSTOMERS, f"one row a person, by {', '.join(telling[:3]) or 'its name'}"


def _person(table: Table, links: dict[str, str], alone: bool) -> ColumnFacts | None:
    """Return the column that names the person: by its name, or as the key of the customers."""
    found = c.people(table)
    named = [one for one in found if one.score >= 5]
    if named:
        keyed = [one for one in named if one.column.is_key]
        return c.best(named if c.times(table) else keyed or named)
    linked = next((name for name, role in links.items() if role == Role.CUSTOMERS.value), None)
    if linked is not None:
        return table.column(linked)
    plain = [one for one in found if one.column not in (o.column for o in c.orders(table))]
    if not alone and not set(table.said) & _PEOPLE:
        plain = [one for one in plain if one.column.email]
    of_products = bool(c.products(table)) or Role.PRODUCTS.value in links.values()
    return None if of_products and not c.times(table) else c.best(plain)


def _id(mapping: Mapping) -> str:
    found = c.people(mapping.table)
    if mapping.person:
        top = max((one.score for one in found), default=9.0)
        rest = (one for one in found if one.column is not mapping.person)
        found = [c.Candidate(mapping.person, top), *rest]
    chosen = mapping.choose("customer_id", found, required=True)
    if chosen is None:
        return "no column says whose a row is"
    if chosen.email:
        mapping.doubt(
            "customer_id",
            f"the only column that tells people apart is {chosen.name}: e-mail addresses become "
            "the ids, and ids are kept as they are. Map another column, if you have one.",
        )
    elif not set(chosen.said) & v.PERSON and mapping.repeated:
        mapping.doubt(
            "customer_id",
            f"{chosen.name} is taken for the customer, since no column is named so.",
            chosen.name,
            [one.name for one in found],
        )
    return ""


def _time(mapping: Mapping) -> str:
    if mapping.choose("timestamp", c.times(mapping.table), required=True) is None:
        return "no column says when"
    return ""


def _transactions(mapping: Mapping) -> str:
    if problem := _id(mapping) or _time(mapping):
        return problem
    mapping.rest(("order_id", lambda table: c.orders(table) or c.row_ids(table)))
    mapping.rest(("product", c.products))
    mapping.money()
    mapping.rest(("category", c.categories), ("channel", c.channels))
    if "amount" not in mapping.columns:
        mapping.doubt(
            "amount", f"{mapping.table.name} has no amounts: there will be no money features."
        )
    return ""


def _events(mapping: Mapping) -> str:
    if problem := _id(mapping) or _time(mapping):
        return problem
    mapping.rest(
        ("event_id", c.keys),
        ("type", c.events),
        ("session_id", c.sessions),
        ("product", c.products),
        ("category", c.categories),
        ("channel", c.channels),
        ("value", lambda table: [*c.amounts(table), *c.unit_prices(table)]),
    )
    return ""


def _messages(mapping: Mapping) -> str:
    if problem := _id(mapping) or _time(mapping):
        return problem
    mapping.choose("campaign", c.campaigns(mapping.table))
    found = [one for one in c.events(mapping.table) if one.column.distinct <= 12]
    if mapping.choose("action", found) is None:
        said = " ".join((mapping.table.name, *(one.name for one in mapping.table.columns))).lower()
        action = next(
            (name for name, stems in _ACTIONS.items() if any(stem in said for stem in stems)), None
        )
        mapping.map("action", f"'{action or 'sent'}'", "each row is one, by the table's names")
        if action is None:
            mapping.doubt(
                "action",
                f"{mapping.table.name} does not say what was done; each row is taken for 'sent'.",
            )
    mapping.rest(("channel", c.channels))
    return ""


def _texts(mapping: Mapping) -> str:
    if problem := _id(mapping) or _time(mapping):
        return problem
    mapping.rest(("text", c.texts), ("kind", c.kinds), ("rating", c.ratings))
    return ""


def _customers(mapping: Mapping) -> str:
    # Without an id, ingestion gives each row its number.
    return _id(mapping) if mapping.person else ""


def _products(mapping: Mapping) -> str:
    keys = [one for one in c.products(mapping.table) if one.column.is_key]
    if "product" not in mapping.columns and mapping.choose("product", keys) is None:
        return "no column names each product once"
    mapping.rest(("category", c.categories), ("price", c.unit_prices))
    brand = [column for column in mapping.table.columns if "brand" in column.said]
    if brand:
        mapping.map("brand", brand[0].name)
    return ""


_BUILD = {
    Role.TRANSACTIONS: _transactions,
    Role.EVENTS: _events,
    Role.MESSAGES: _messages,
    Role.TEXTS: _texts,
    Role.CUSTOMERS: _customers,
    Role.PRODUCTS: _products,
}
