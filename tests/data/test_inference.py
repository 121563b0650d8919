from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_atlas.data.inference import absent

__all__: list[str] = []

_SIGNS = st.sampled_from(
    [" ", "!", "~", "a", "\t", "\n", "\x7f", "\x00", "\u00a0", "\u3000", "\u2003"]
)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(st.none(), st.text(_SIGNS, max_size=3), st.text(max_size=4)), max_size=9))
def test_absent_is_what_is_null_or_trimmed_to_nothing(texts: list[str | None]) -> None:
    usable = [text for text in texts if text is None or text.isprintable() or text.isspace()]
    with duckdb.connect() as connection:
        query = (
            f"SELECT {absent('t', words=False)} IS NOT DISTINCT FROM (t IS NULL OR trim(t) = '')"
        )
        rows = connection.execute(
            f"{query} FROM (SELECT unnest(CAST(? AS VARCHAR[])) AS t)", [usable]
        ).fetchall()
    assert all(same for (same,) in rows)
