"""The bucket of a customer: a fixed hash of the id's text that every engine computes alike."""

from __future__ import annotations

import hashlib

__all__ = ["BUCKET_SQL", "bucket_of"]

BUCKET_SQL = "CAST(('0x' || substr(md5({customer_id}), 1, 8))::UBIGINT % {buckets} AS INTEGER)"
"""DuckDB's form of `bucket_of`: a template of the id's SQL and the count of buckets."""


def bucket_of(customer_id: str, buckets: int) -> int:
    """Return the bucket of a customer: the first 8 hex digits of the id's md5, modulo `buckets`.

    >>> bucket_of("17850", 16), bucket_of("12346", 16)
    (3, 3)
    """
    digest = hashlib.md5(customer_id.encode("utf-8"), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) % buckets
