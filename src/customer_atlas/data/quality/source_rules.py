"""Rules for a source as a whole: refused rows, keys, days, freshness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from customer_atlas.config import Role
from customer_atlas.data.quality.findings import Finding, Severity, share
from customer_atlas.data.quality.overlap import Overlap
from customer_atlas.data.quality.profile import SourceProfile
from customer_atlas.data.quality.spikes import Rhythm, is_new_year
from customer_atlas.data.quality.survey import Survey

__all__ = ["freshness_findings", "overlap_findings", "source_findings"]

_BAD, _WARNING, _INFORMATION = Severity.BAD, Severity.WARNING, Severity.INFORMATION
_ACTING = (Role.TRANSACTIONS, Role.EVENTS)
_SHORT = 8  # digits; a longer number may be a telephone's
_CROWD = 50  # customers, below which one of them may well have a large part of the rows
_HISTORIC = 180  # days without rows after which a source is a history and not a late delivery
_MEND_REFUSED = {
    "missing_product": "add the ids where the export is made",
    "missing_timestamp": "add the times where the export is made",
    "unparsable_timestamp": "declare how dates are written: `read: {dates: ...}`",
    "impossible_timestamp": "correct the dates, or declare how they are written: "
    "`read: {dates: ...}`",
    "unparsable_number": "declare the decimal mark: `read: {decimal: ...}`, or map an expression",
    "ragged_row": "declare how the file is written: `read: {delimiter: ...}`",
    "type_changed": "make the new files hold what the old ones did",
}


def source_findings(one: Survey, others: Mapping[str, Rhythm | None]) -> Iterator[Finding]:
    """Yield what a source tells as a whole; `others` is the rhythm of its rows, and of money."""
    yield from _refused(one)
    yield from _repeated(one)
    yield from _people(one)
    if one.days and len(one.days.days) == 1 and one.profile.rows > 1:
        yield _of(
            one.profile, "one_day", _WARNING,
            f"Every row is of {one.days.days[0]}: recency and rhythm can tell nothing.",
            "bring the rows of other days too", 20,
        )  # fmt: skip
    rows, money = others.get("rows"), others.get("amount")
    if rows:
        yield from _days(one.profile, rows)
    if money:
        told = {day.day for day in rows.unusual} if rows else set()
        yield from _money_days(one.profile, money, told)


def _of(
    profile: SourceProfile,
    code: str,
    severity: Severity,
    sentence: str,
    action: str = "",
    loss: float = 0.0,
    column: str | None = None,
) -> Finding:
    return Finding(code, severity, profile.source, column, sentence, action, round(loss, 1))


def _refused(one: Survey) -> Iterator[Finding]:
    counts = one.counts
    if not counts.quarantined:
        return
    part = counts.quarantined / counts.read
    (reason, most), *_ = one.reasons.items()
    words = reason.replace("_", " ")
    why = words if most == counts.quarantined else f"mostly {words}, {most:,}"
    severity = _BAD if part >= 0.5 else _WARNING if part >= 0.01 else _INFORMATION
    yield _of(
        one.profile,
        "refused",
        severity,
        f"{counts.quarantined:,} of {counts.read:,} rows ({share(counts.quarantined, counts.read)})"
        f" were refused: {why}.",
        _mend_refused(one.profile, reason),
        0 if severity is _INFORMATION else min(60.0, 5 + 60 * part),
    )


def _mend_refused(profile: SourceProfile, reason: str) -> str:
    if reason == "missing_customer":
        column = profile.column("customer_id")
        name = column.origin if column and column.origin else "customer_id"
        return (
            "add the ids where the export is made; if these rows are meant to be left out, say "
            f'so: `where: "{name} IS NOT NULL"` of {profile.source}'
        )
    return _MEND_REFUSED.get(reason, "look into the quarantine")


def _repeated(one: Survey) -> Iterator[Finding]:
    profile, alike = one.profile, one.look_alikes
    if profile.role in _ACTING and alike >= 0.001 * one.counts.kept:
        many = alike >= 0.05 * one.counts.kept
        yield _of(
            profile,
            "look_alikes",
            _WARNING if many else _INFORMATION,
            f"{alike:,} rows ({share(alike, one.counts.kept)}) equal another in every column.",
            f"if they are the same thing twice, add `deduplicate: rows` to {profile.source}"
            if many
            else "",
            min(30.0, 100 * alike / max(1, one.counts.kept)) if many else 0,
        )
    for key, versioned in (("product", None), ("customer_id", "valid_from"), ("event_id", None)):
        if _is_key(profile, key) and not (versioned and profile.column(versioned)):
            yield from _repeated_key(profile, key)


def _is_key(profile: SourceProfile, column: str) -> bool:
    keys = {Role.PRODUCTS: "product", Role.CUSTOMERS: "customer_id", Role.EVENTS: "event_id"}
    return keys.get(profile.role) == column and profile.column(column) is not None


def _repeated_key(profile: SourceProfile, key: str) -> Iterator[Finding]:
    column = profile.column(key)
    assert column is not None
    # A sketch is off by a few percent: what it cannot see is not said.
    repeated = column.filled - column.distinct
    if repeated <= (0 if column.exact else 0.1 * column.filled):
        return
    noun = {"product": "product", "customer_id": "customer", "event_id": "event"}[key]
    yield _of(
        profile,
        "repeated_key",
        _WARNING,
        f"{profile.scaled(repeated):,} rows repeat the id of another {noun} "
        f"({share(repeated, column.filled)}).",
        f"add `deduplicate: [{key}]` to {profile.source}, or correct the export",
        min(30.0, 5 + 100 * repeated / column.filled),
        key,
    )


def _people(one: Survey) -> Iterator[Finding]:
    profile, top = one.profile, one.top
    if profile.customers is None:
        return
    if profile.customers < 20 and not profile.sampled:
        people = "1 customer" if profile.customers == 1 else f"{profile.customers} customers"
        yield _of(
            profile, "few_customers", _WARNING,
            f"It has rows of {people} only: too few for segments.",
            "bring the rows of more customers", 20,
        )  # fmt: skip
    crowd = profile.customers >= _CROWD
    if profile.role in _ACTING and top and crowd and top.rows >= 0.05 * profile.rows:
        reaches = "@" in top.customer_id or sum(map(str.isdigit, top.customer_id)) > _SHORT
        shown = "one customer" if reaches else f"customer '{top.customer_id}'"
        column = profile.column("customer_id")
        name = column.origin if column and column.origin else "customer_id"
        yield _of(
            profile,
            "one_customer",
            _WARNING,
            f"{shown[0].upper()}{shown[1:]} has {share(top.rows, profile.rows)} of all rows: a "
            "till, a test account, or a stand-in for nobody?",
            f'if so, leave it out: `where: "{name} <> ..."` of {profile.source}',
            min(40.0, 10 + 100 * top.rows / profile.rows),
            "customer_id",
        )
    if one.opposed:
        many = one.opposed >= 0.01 * profile.looked_at
        yield _of(
            profile,
            "opposed_signs",
            _WARNING if many else _INFORMATION,
            f"amount and quantity have opposite signs in {profile.scaled(one.opposed):,} rows "
            f"({share(one.opposed, profile.looked_at)}).",
            "check how returns are written" if many else "",
            10 if many else 0,
        )


def _days(profile: SourceProfile, rhythm: Rhythm) -> Iterator[Finding]:
    if rhythm.unusual:
        first = rhythm.unusual[0]
        rest = len(rhythm.unusual) - 1
        more = f" So are {rest} other days." if rest > 1 else " So is 1 other day." if rest else ""
        heavy = first.factor >= 5 or (first.factor <= 0.2 and not is_new_year(first.day))
        yield _of(
            profile,
            "unusual_days",
            _WARNING if heavy else _INFORMATION,
            f"{first.day} has {_about(profile)}{profile.scaled(round(first.found)):,} rows, where "
            f"{profile.scaled(round(first.usual)):,} are usual on such a day.{more}",
            "if no event explains it, look whether rows were delivered twice or not at all"
            if heavy
            else "",
            min(10.0, 4 + len(rhythm.unusual)) if heavy else 0,
        )
    for gap in rhythm.gaps[:3]:
        heavy = gap.open_days >= 3 and not gap.at_new_year
        yield _of(
            profile,
            "gap",
            _WARNING if heavy else _INFORMATION,
            f"No rows from {gap.first} to {gap.last}, "
            f"{gap.open_days} days on which there usually are some.",
            "if the business was open then, bring the files of these days" if heavy else "",
            min(30.0, 5 + gap.open_days) if heavy else 0,
        )
    if rhythm.fall:
        yield _of(
            profile,
            "fall",
            _WARNING,
            f"In the last week there are {rhythm.fall:.1f} times fewer rows than usual.",
            "look whether all files have arrived",
            20,
        )
    elif rhythm.unfinished:
        day = rhythm.unfinished
        yield _of(
            profile,
            "unfinished_day",
            _INFORMATION,
            f"The last day, {day.day}, has {_about(profile)}{profile.scaled(round(day.found)):,} "
            f"rows, where {profile.scaled(round(day.usual)):,} are usual: it may not be complete.",
        )


def _about(profile: SourceProfile) -> str:
    return "about " if profile.sampled else ""


def _money_days(profile: SourceProfile, rhythm: Rhythm, told: set[date]) -> Iterator[Finding]:
    odd = [day for day in rhythm.unusual if day.day not in told]
    if odd:
        first = odd[0]
        rest = f" So are {len(odd) - 1} other days." if len(odd) > 2 else ""
        heavy = first.factor >= 5
        yield _of(
            profile,
            "unusual_money",
            _WARNING if heavy else _INFORMATION,
            f"{first.day} has {first.factor:,.1f} times the amount of such a day, and not more "
            f"rows than usual.{rest}",
            "look at the largest amounts of that day" if heavy else "",
            10 if heavy else 0,
            "amount",
        )


def freshness_findings(
    surveys: Sequence[Survey], rhythms: Mapping[str, Rhythm | None], now: datetime
) -> Iterator[Finding]:
    """Yield how old the last row of each source is, against now, its own pace and the others."""
    timed = [one.profile for one in surveys if one.days and one.profile.last]
    newest = max((one.last for one in timed if one.last), default=None)
    for profile in timed:
        assert profile.last is not None
        assert newest is not None
        rhythm = rhythms.get(profile.source)
        patience = max(3.0, 3 * rhythm.longest_gap) if rhythm else 30.0
        age = (now - profile.last).total_seconds() / 86_400
        behind = (newest - profile.last).total_seconds() / 86_400
        pace = _pace(rhythm)
        last = f"The last row is of {profile.last:%Y-%m-%d}"
        if behind > max(7.0, patience):
            yield _of(
                profile, "behind", _WARNING,
                f"{last}, {behind:,.0f} days before the newest source ends{pace}.",
                "bring its newer files", 15,
            )  # fmt: skip
        elif patience < age <= _HISTORIC:
            yield _of(
                profile, "late", _WARNING,
                f"{last}, {age:,.0f} days ago{pace}.",
                "look whether files have stopped arriving", 10,
            )  # fmt: skip
        else:
            past = "; segments are as of then" if age > _HISTORIC else ""
            days = "today" if age < 1 else f"{age:,.0f} {'day' if age < 2 else 'days'} ago"
            yield _of(profile, "fresh", _INFORMATION, f"{last}, {days}{past}.")


def _pace(rhythm: Rhythm | None) -> str:
    if rhythm is None:
        return ""
    gap = rhythm.usual_gap
    return f", though rows usually come every {'day' if gap <= 1 else f'{gap:.0f} days'}"


def overlap_findings(overlaps: Sequence[Overlap], roles: Mapping[str, Role]) -> Iterator[Finding]:
    """Yield where the keys of two sources do not fit together."""
    for one in overlaps:
        if not one.keys or one.known == one.keys:
            continue
        others = " and ".join(one.others)
        part = one.known_rows / one.rows
        strange = one.known == 0 and one.keys >= 20
        differ = one.alike > 2 * one.known + 10 and one.alike >= 0.2 * one.keys
        if (strange or differ) and roles[one.source] is Role.CUSTOMERS:
            continue  # the other source tells it: it is one thing to mend
        if differ:
            yield Finding(
                "keys_differ", _BAD, one.source, one.column,
                f"{share(one.known, one.keys)} of the ids of {one.column} are in {others}; "
                f"{share(one.alike, one.keys)} would be if case, blanks and leading zeros did "
                "not matter.",
                f"map {one.column} in both sources by the same expression, such as "
                "lower(ltrim(trim(id), '0'))", 60,
            )  # fmt: skip
        elif strange:
            yield Finding(
                "keys_strange", _BAD, one.source, one.column,
                f"None of its {one.keys:,} ids of {one.column} is in {others}.",
                f"check that {one.column} is mapped to the same id in both", 60,
            )  # fmt: skip
        else:
            yield _partly(one, others, part, roles)


def _partly(one: Overlap, others: str, part: float, roles: Mapping[str, Role]) -> Finding:
    lacking = one.rows - one.known_rows
    if one.column == "product":
        much = part < 0.95
        return Finding(
            "unknown_products", _WARNING if much else _INFORMATION, one.source, one.column,
            f"{share(lacking, one.rows)} of the rows have a product that is not in {others}.",
            f"add the {one.keys - one.known:,} products to {others}" if much else "",
            min(40.0, 100 * (1 - part)) if much else 0,
        )  # fmt: skip
    what = "rows in" if roles[one.source] is Role.CUSTOMERS else "a row in"
    return Finding(
        "unknown_customers", _INFORMATION, one.source, one.column,
        f"{share(one.known, one.keys)} of its customers have {what} {others}.",
    )  # fmt: skip
