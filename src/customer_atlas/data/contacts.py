"""Contact columns: kept as keyed hashes, dropped or kept, as the project's privacy says."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from customer_atlas.config import Project, rests_on
from customer_atlas.engine import Connection
from customer_atlas.errors import LakeError

__all__ = ["KEY_VARIABLE", "Contacts", "privacy_key"]

KEY_VARIABLE = "ATLAS_PRIVACY_KEY"
"""The environment variable that holds the key; without it a file beside the lake does."""

_KEY_FILE = "privacy.key"
_KEY_BYTES = 32
_BLOCK = 64  # bytes that SHA-256 takes at a time


@dataclass(frozen=True)
class Contacts:
    """Which columns hold contacts, and what becomes of them.

    A hash is HMAC-SHA256 (RFC 2104) of the value, trimmed and in lower case, so that one address
    written twice has one hash; without the key nobody can tell which address it is.
    """

    names: frozenset[str]
    policy: str
    key: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, project: Project, folder: Path) -> Contacts:
        """Return the project's contact columns; the key is made in `folder` where it is needed.

        Raises:
            LakeError: the key's file cannot be read or made.
        """
        privacy = project.privacy
        names = frozenset(name.casefold() for name in privacy.contact)
        hashed = bool(names) and privacy.pseudonymise == "hmac"
        return cls(names, privacy.pseudonymise, privacy_key(folder) if hashed else b"")

    @property
    def fingerprint(self) -> str:
        """What tells one key from another, and does not tell the key."""
        return hashlib.sha256(b"fingerprint" + self.key).hexdigest()[:16] if self.key else ""

    def among(self, columns: Iterable[str], mapping: Mapping[str, str]) -> frozenset[str]:
        """Return those of a file's columns that hold contacts and may not be kept as they are.

        A contact may be named as the file names it, or as the `mapping` of its source does.
        """
        if self.policy == "keep":
            return frozenset()
        texts = [text for name, text in mapping.items() if name.casefold() in self.names]
        return frozenset(
            column
            for column in columns
            if column.casefold() in self.names or any(rests_on(text, [column]) for text in texts)
        )

    def kept(self, sql: str) -> str | None:
        """Return the SQL of what is kept of a value: its hash, or None where nothing is."""
        if self.policy == "drop":
            return None
        # The key lies in variables of the connection: the text of a query may show in an error.
        return (
            "sha256(getvariable('atlas_outer') || unhex(sha256("
            f"getvariable('atlas_inner') || encode(lower(trim(CAST({sql} AS VARCHAR)))))))"
        )

    def prepare(self, connection: Connection) -> None:
        """Give a connection the key."""
        if not self.key:
            return
        for name, pad in (("atlas_inner", 0x36), ("atlas_outer", 0x5C)):
            block = bytes(byte ^ pad for byte in self.key.ljust(_BLOCK, b"\0"))
            connection.run(
                f"SET VARIABLE {name} = (SELECT ?::BLOB)", step="set the key", parameters=[block]
            )


def privacy_key(folder: Path) -> bytes:
    """Return a key of 32 bytes, from the environment or from the project's key file."""
    given = os.environ.get(KEY_VARIABLE)
    if given:
        return hashlib.sha256(given.encode()).digest()
    path = folder / _KEY_FILE
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            beside = path.with_suffix(".partial")
            beside.unlink(missing_ok=True)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as to:
                to.write(secrets.token_hex(_KEY_BYTES) + "\n")
                to.flush()
                os.fsync(to.fileno())
            beside.replace(path)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        if len(key) != _KEY_BYTES:
            raise ValueError
    except (OSError, ValueError) as error:
        raise LakeError(
            f"The key of the contact columns, {path}, cannot be used "
            f"({type(error).__name__}). Restore it from a copy, or delete it to read all files "
            f"that hold contacts anew; or put a key into {KEY_VARIABLE}."
        ) from error
    return key
