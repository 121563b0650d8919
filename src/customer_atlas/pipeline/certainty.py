"""How sure memberships are, said to people."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["say_doubts", "say_membership"]


def say_doubts(kinds: Mapping[str, int]) -> str:
    """Say how many are undecided and how many are outliers; nothing where nobody is.

    >>> say_doubts({"learned": 5, "outlier": 1, "undecided": 1200})
    '1,200 are undecided and 1 is an outlier'
    """
    undecided, outliers = kinds.get("undecided", 0), kinds.get("outlier", 0)
    said = []
    if undecided:
        said.append(f"{undecided:,} {'is' if undecided == 1 else 'are'} undecided")
    if outliers:
        said.append("1 is an outlier" if outliers == 1 else f"{outliers:,} are outliers")
    return " and ".join(said)


def say_membership(kind: str, probability: float) -> str:
    """Say how sure one membership is, in a sentence.

    >>> say_membership("learned", 0.93)
    'Fitted to other customers, the model would keep them there with probability 93%.'
    """
    share = f"{probability:.0%}" if 0.005 <= probability < 0.995 else _near_an_end(probability)
    if kind == "rule":
        return "The rule leaves no doubt."
    if kind == "outlier":
        return (
            "An outlier: farther from this segment than its members plausibly are; it is merely"
            " the nearest."
        )
    if kind == "undecided":
        return (
            "Undecided: fitted to other customers, the model would more likely than not put them"
            f" elsewhere; it would keep them there with probability {share}."
        )
    return f"Fitted to other customers, the model would keep them there with probability {share}."


def _near_an_end(probability: float) -> str:
    if probability in (0.0, 1.0):
        return f"{probability:.0%}"
    return "under 1%" if probability < 0.5 else "over 99%"
