"""The score is what the findings take away, and mending gains what it says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.config import ColumnType, Role
from customer_atlas.data import ColumnProfile, Finding, Profile, Severity, SourceProfile
from customer_atlas.data.quality.score import CAP, score, with_gains

COLUMNS = {
    "orders": ("customer_id", "timestamp", "amount", "note"),
    "people": ("customer_id", "age"),
}


def source(name: str, role: Role) -> SourceProfile:
    columns = tuple(
        ColumnProfile(column, ColumnType.TEXT, None, column not in ("note", "age"), 9, 9, True)
        for column in COLUMNS[name]
    )
    return SourceProfile(name, role, 1, 9, 9, 1, 9, None, None, (), columns)


PROFILE = Profile((source("orders", Role.TRANSACTIONS), source("people", Role.CUSTOMERS)))
PLACES = [(name, column) for name in COLUMNS for column in (None, *COLUMNS[name])]
FINDINGS = st.lists(
    st.builds(
        lambda place, severity, loss: Finding(
            "x",
            severity,
            place[0],
            place[1],
            "So.",
            "do",
            0.0 if severity == "information" else loss,
        ),
        st.sampled_from(PLACES),
        st.sampled_from(list(Severity)),
        st.integers(1, 1000).map(lambda tenths: tenths / 10),
    ),
    max_size=8,
)


def without(findings: list[Finding], place: int) -> list[Finding]:
    return findings[:place] + findings[place + 1 :]


@given(FINDINGS)
def test_the_score_stays_within_its_range_and_mending_never_lowers_it(
    findings: list[Finding],
) -> None:
    whole = score(PROFILE, findings)
    assert 0 <= whole.project <= 100
    for place in range(len(findings)):
        assert score(PROFILE, without(findings, place)).project >= whole.project


@given(FINDINGS)
def test_what_a_mending_gains_is_what_the_score_rises_by(findings: list[Finding]) -> None:
    # Warnings all: the cap that a bad finding sets would hide what is won below it.
    mild = [Finding("x", Severity.WARNING, f.source, f.column, "", "do", f.loss) for f in findings]
    before = score(PROFILE, mild).project
    for finding in with_gains(PROFILE, mild):
        rest = list(mild)
        rest.remove(
            Finding("x", Severity.WARNING, finding.source, finding.column, "", "do", finding.loss)
        )
        assert abs(score(PROFILE, rest).project - before - finding.gain) <= 1.01


@given(FINDINGS)
def test_the_gravest_stand_first_and_then_what_gains_most(findings: list[Finding]) -> None:
    ranked = with_gains(PROFILE, findings)
    order = list(Severity)
    keys = [(order.index(one.severity), -one.gain) for one in ranked]
    assert keys == sorted(keys)


def test_nothing_found_is_a_hundred_and_something_bad_is_never_hidden_in_a_mean() -> None:
    assert score(PROFILE, []).project == 100
    bad = Finding("x", Severity.BAD, "people", "age", "So.", "do", 5.0)
    found = score(PROFILE, [bad])
    assert (found.project, found.sources["people"], found.sources["orders"]) == (CAP, CAP, 100)


def test_a_column_that_is_required_weighs_more_than_one_that_nothing_uses() -> None:
    def lost(column: str) -> float:
        finding = Finding("x", Severity.WARNING, "orders", column, "So.", "do", 50.0)
        return with_gains(PROFILE, [finding])[0].gain

    assert lost("customer_id") > lost("amount") > lost("note") > 0
