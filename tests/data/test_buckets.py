"""The bucket of a customer is the same in Python and DuckDB, and never changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.data import BUCKET_SQL, bucket_of
from customer_atlas.engine import DuckDB

# Made with md5sum: the first 8 digits of the digest, modulo 16.
VECTORS = {"17850": 3, "12346": 3, "": 9, "Zoë": 3, "user_0000": 4}


@pytest.mark.parametrize(("customer_id", "bucket"), VECTORS.items())
def test_the_bucket_of_a_known_id_stays(customer_id: str, bucket: int) -> None:
    assert bucket_of(customer_id, 16) == bucket


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=20
    ),
    st.integers(1, 4096),
)
def test_duckdb_and_python_agree_on_every_bucket(ids: list[str], buckets: int) -> None:
    sql = BUCKET_SQL.format(customer_id="id", buckets=buckets)
    with DuckDB(threads=1).connect() as connection:
        for one in ids:
            found = connection.rows(
                f"SELECT {sql} FROM (SELECT ?::VARCHAR AS id)", step="bucket", parameters=[one]
            )
            assert found == [(bucket_of(one, buckets),)]
