"""Pseudonyms: what a customer is called where the id must not be seen."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

from customer_atlas.data.contacts import privacy_key

__all__ = ["Pseudonyms"]

_BYTES = 5  # 40 bits, which make eight letters


class Pseudonyms:
    """Names for customers by the project's key: the same person always has the same one.

    One is HMAC-SHA256 (RFC 2104) of the id, cut to 40 bits; without the key nobody can tell whose
    it is.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def of(cls, folder: Path) -> Pseudonyms:
        """Return those of the project whose key lies in `folder`, where it is made if it must be.

        Raises:
            LakeError: the key's file cannot be read or made.
        """
        return cls(privacy_key(folder))

    def name(self, customer_id: str) -> str:
        """Return the pseudonym of a customer.

        >>> Pseudonyms(b"key").name("17850")
        'BY4D-KRNR'
        """
        spoken = b"customer\0" + customer_id.encode("utf-8", "surrogatepass")
        digest = hmac.new(self._key, spoken, hashlib.sha256).digest()
        letters = base64.b32encode(digest[:_BYTES]).decode("ascii")
        return f"{letters[:4]}-{letters[4:]}"
