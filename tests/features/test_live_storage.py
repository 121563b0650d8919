"""Live states are stored as they are, read back under other numbers, and stay small."""

from __future__ import annotations

import io

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
from hypothesis import given

from customer_atlas.features.live_storage import restore, store
from customer_atlas.features.monoids import Vocabulary
from tests.features.aggregates.conformance import CUSTOMERS, Fed, agree, told
from tests.features.aggregates.test_conformance import AGGREGATES, CUTOFF, rows


def through_a_file(table: pa.Table | None) -> pa.Table | None:
    """Return a table once it was bytes."""
    if table is None:
        return None
    buffer = io.BytesIO()
    feather.write_feather(table, buffer)
    return feather.read_table(io.BytesIO(buffer.getvalue()))


@given(first=rows, second=rows)
def test_a_state_that_was_stored_goes_on_as_if_it_had_not_been(
    first: pd.DataFrame, second: pd.DataFrame
) -> None:
    here, there = Fed(AGGREGATES), Fed(AGGREGATES)
    there.words.code("a word that only this process knows")
    there.customers = Vocabulary()
    for name in CUSTOMERS[::-1]:
        there.customers.code(name)
    stored = [through_a_file(one) for one in store(here.state(first), here.customers)]
    state = restore(there.empty, stored, there.customers, there.words)
    whole = state.merge(there.state(second))
    expected = Fed(AGGREGATES).state(pd.concat([first, second]))
    found = {one: values[::-1] for one, values in told(whole, CUTOFF).items()}
    agree(found, told(expected, CUTOFF))
