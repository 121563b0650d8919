"""Intervals of shares, of their differences and of their ratios."""

from __future__ import annotations

from math import exp, inf, log, sqrt

__all__ = ["difference_interval", "normal_quantile", "ratio_interval", "ratio_score", "wilson"]

_STEPS = 60
_FARTHEST = 25.0  # the logarithm of a ratio beyond which there is nothing to tell


def normal_quantile(level: float) -> float:
    """Return how many deviations to either side hold `level` of a normal distribution.

    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    from statistics import NormalDist

    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson(count: float, of: float, level: float = 0.95) -> tuple[float, float]:
    """Return the ends of Wilson's interval of a share.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.

    >>> [round(end, 3) for end in wilson(5, 10)]
    [0.237, 0.763]
    """
    if of <= 0:
        return 0.0, 1.0
    share, z = count / of, normal_quantile(level)
    square = z * z / of
    middle = (share + square / 2) / (1 + square)
    reach = z / (1 + square) * sqrt(share * (1 - share) / of + square / (4 * of))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def difference_interval(
    count: float, of: float, other: float, of_other: float, level: float = 0.95
) -> tuple[float, float]:
    """Return the ends of Newcombe's interval of the difference of two independent shares.

    It is method 10 of R. G. Newcombe, "Interval estimation for the difference between independent
    proportions: comparison of eleven methods", 1998, made of two intervals of Wilson's.

    >>> [round(end, 4) for end in difference_interval(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    one, two = (count / of if of else 0.0), (other / of_other if of_other else 0.0)
    low, high = wilson(count, of, level)
    low_other, high_other = wilson(other, of_other, level)
    return (
        one - two - sqrt((one - low) ** 2 + (high_other - two) ** 2),
        one - two + sqrt((high - one) ** 2 + (two - low_other) ** 2),
    )


def ratio_score(count: float, of: float, other: float, of_other: float, ratio: float) -> float:
    """Return how many standard errors one share lies above `ratio` times the other.

    The error is that of the likeliest shares with just that ratio (P. A. R. Koopman, "Confidence
    intervals for the ratio of two binomial proportions", 1984), so that it holds for few people
    too.

    >>> round(ratio_score(30, 100, 20, 100, 1.0), 3)  # as of two shares that are the same
    1.633
    """
    a = (of + of_other) * ratio
    b = of * ratio + count + of_other + other * ratio
    c = count + other
    second = (b - sqrt(max(b * b - 4 * a * c, 0.0))) / (2 * a)
    first = ratio * second
    variance = first * (1 - first) / of + ratio**2 * second * (1 - second) / of_other
    gap = count / of - ratio * other / of_other
    if variance <= 0:
        return 0.0 if abs(gap) < 1e-12 else (inf if gap > 0 else -inf)
    return gap / sqrt(variance)


def ratio_interval(
    count: float, of: float, other: float, of_other: float, level: float = 0.95
) -> tuple[float, float]:
    """Return the ends of Koopman's interval of the ratio of two independent shares.

    Nothing is known of a share of nobody: the ends are then 0 and infinity.

    >>> [round(end, 3) for end in ratio_interval(36, 40, 16, 80)]
    [2.94, 7.152]
    """
    if of <= 0 or of_other <= 0 or count + other == 0:
        return 0.0, inf
    z = normal_quantile(level)
    middle = (
        log(count / of) - log(other / of_other)
        if count and other
        else (-_FARTHEST if other else _FARTHEST)
    )

    def end(outward: int) -> float:
        inside, outside = middle, outward * _FARTHEST
        for _ in range(_STEPS):
            half = (inside + outside) / 2
            if abs(ratio_score(count, of, other, of_other, exp(half))) < z:
                inside = half
            else:
                outside = half
        return exp((inside + outside) / 2)

    return (end(-1) if count else 0.0), (end(1) if other else inf)
