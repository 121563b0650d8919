"""Every error that Customer Atlas raises on purpose.

A message says what was found, where, what is allowed and what to do. It never holds
personal data. The tree::

    AtlasError                     exit code 1
    ├── UsageError                 exit code 2: the request itself is wrong
    │   ├── ConfigError            the project file: file, line, key, found, allowed, nearest
    │   ├── UnknownNameError       a segment, customer, run or feature that is not there
    │   └── MissingExtraError      an optional dependency is not installed
    ├── SourceError                a source cannot be read, or holds no usable row
    ├── LakeError                  a table of the lake is missing, damaged or of another make
    ├── EngineError                a query failed: step, query, cause
    ├── FeatureError               a feature cannot be computed from the sources at hand
    ├── ClusteringError            a table cannot be clustered as asked
    ├── ArtifactError              a stored model or matrix is missing or damaged
    └── RegistryError              the registry cannot be reached, or holds another schema
        └── BusyError              another run holds the project
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "ArtifactError",
    "AtlasError",
    "BusyError",
    "ClusteringError",
    "ConfigError",
    "EngineError",
    "FeatureError",
    "LakeError",
    "MissingExtraError",
    "RegistryError",
    "SourceError",
    "UnknownNameError",
    "UsageError",
    "nearest",
]


class AtlasError(Exception):
    """The root: catching it catches everything that Atlas raises on purpose."""

    exit_code = 1


class UsageError(AtlasError):
    """The request itself is wrong; asking the same again fails the same way."""

    exit_code = 2


class ConfigError(UsageError):
    """The project file cannot be used; holds one line of text per problem found."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class UnknownNameError(UsageError):
    """Something was asked for by a name that does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str] = ()) -> None:
        self.kind, self.name = kind, name
        super().__init__(f"There is no {kind} '{name}'.{nearest(name, known)}")


class MissingExtraError(UsageError):
    """An optional dependency is needed and absent."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(
            f"{purpose} needs packages that are not installed. "
            f"Install them with: pip install 'customer-atlas[{extra}]'"
        )


class SourceError(AtlasError):
    """A source cannot be read, or nothing in it can be used."""


class LakeError(AtlasError):
    """A table of the lake is missing, damaged or was made otherwise than expected."""


class EngineError(AtlasError):
    """A query failed in the engine that ran it."""

    def __init__(self, step: str, query: str, cause: BaseException) -> None:
        self.step, self.query = step, query
        super().__init__(f"{step} failed: {cause}")


class FeatureError(AtlasError):
    """A feature cannot be computed from the sources at hand."""


class ClusteringError(AtlasError, ValueError):
    """A table cannot be clustered as asked; a ValueError too, as scikit-learn's tools expect."""


class ArtifactError(AtlasError):
    """A stored model or matrix is missing or damaged."""


class RegistryError(AtlasError):
    """The registry cannot be reached, or holds another schema."""


class BusyError(RegistryError):
    """Another run holds the project."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint that names what exists, the closest match first.

    >>> nearest("recencey", ["recency", "frequency"])
    " Did you mean 'recency'?"
    >>> nearest("zzz", ["recency", "frequency"])
    ' There are: frequency, recency.'
    >>> nearest("zzz", [])
    ''
    """
    choices = sorted(set(known))
    folded = {choice.casefold(): choice for choice in choices}
    close = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    if close:
        return f" Did you mean '{folded[close[0]]}'?"
    if not choices:
        return ""
    shown = ", ".join(choices[:12])
    more = f" and {len(choices) - 12} more" if len(choices) > 12 else ""
    return f" There are: {shown}{more}."
