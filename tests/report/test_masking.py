"""What is shown of a refused value: its shape, and nothing of a person."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_atlas.config import ColumnType
from customer_atlas.report.masking import masked

KINDS = [None, *ColumnType]


@pytest.mark.parametrize(
    ("found", "kind", "shown"),
    [
        ("1.234,5", ColumnType.NUMBER, "1.234,5"),
        ("-12e400", ColumnType.NUMBER, "-12e400"),
        ("inf", ColumnType.NUMBER, "inf"),
        ("12", ColumnType.TEXT, "99"),
        ("12", None, "99"),
        ("2011-02-30 25:61:00", ColumnType.TIMESTAMP, "2011-02-30 25:61:00"),
        ("30/02/2011", ColumnType.TIMESTAMP, "30/02/2011"),
        ("5th of May", ColumnType.TIMESTAMP, "9aa aa Aaa"),
        ("4111111111111111", ColumnType.NUMBER, "9999999999999999"),
        ("+491712345678", ColumnType.NUMBER, "+999999999999"),
        ("0171 234 5678", ColumnType.TIMESTAMP, "9999 999 9999"),
        ("Żółć٣字😀\t", None, "Aaaa9a··"),
        ("x" * 41, None, "a" * 40 + "…"),
        ("", ColumnType.NUMBER, "(empty)"),
        (None, None, "(empty)"),
    ],
)
def test_a_value_is_shown_as(found: str | None, kind: ColumnType | None, shown: str):
    assert masked(found, kind) == shown


@settings(deadline=2_000)
@given(found=st.text(min_size=1, max_size=60), kind=st.sampled_from(KINDS))
def test_letters_and_long_digits_never_come_through(found: str, kind: ColumnType | None):
    shown = masked(found, kind)
    if shown != found or kind not in (ColumnType.NUMBER, ColumnType.TIMESTAMP):
        assert not {x for x in shown if x.isalnum()} - set("aA9")
    else:
        assert sum(x.isdigit() for x in shown) <= 20
        assert all(x.isascii() for x in shown)
