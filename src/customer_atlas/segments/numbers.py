"""Numbers rounded as people say them."""

from __future__ import annotations

__all__ = ["say_number", "say_pair", "say_share"]

_SHORT = ((1e9, " billion"), (1e6, " million"))


def say_number(value: float, unit: str = "number", digits: int = 2) -> str:
    """Return a value in words: `unit` as in FeatureInfo, `digits` the significant ones at least.

    Shares are percentages. Money has no currency sign: none is known.

    >>> say_number(2309.7, "money"), say_number(3.96, "days"), say_number(1_234_567)
    ('2,310', '4', '1.23 million')
    >>> say_number(0.174, "share"), say_number(2.5, "money"), say_number(0.034, "number")
    ('17%', '2.50', '0.034')
    """
    if unit == "share":
        return say_share(value, digits - 2)
    for size, name in _SHORT:
        if abs(value) >= size:
            return _significant(value / size, max(digits, 3)) + name
    if abs(value) >= 100:
        return _significant(value, max(digits, 3))
    text = _significant(value, digits)
    if unit == "money" and "." in text and abs(value) < 10:
        return f"{value:.{max(2, len(text.split('.')[1]))}f}"
    return text


def say_share(value: float, digits: int = 0) -> str:
    """Return a share (0 to 1) as a percentage; the smallest ones keep a digit.

    >>> say_share(0.345), say_share(0.004), say_share(0.0), say_share(0.00001), say_share(1.0)
    ('34%', '0.4%', '0%', 'under 0.1%', '100%')
    >>> say_share(0.9999), say_share(0.998), say_share(-0.02)
    ('over 99.9%', '99.8%', '-2%')
    """
    percent = value * 100
    if 0 < percent < 0.05:
        return "under 0.1%"
    if -0.05 < percent < 0:
        return "over -0.1%"
    if 99.95 <= percent < 100:
        return "over 99.9%"
    if digits == 0 and (0 < abs(percent) < 0.95 or 99.5 <= percent < 100):
        digits = 1
    text = f"{percent:.{digits}f}"
    return f"{_positive_zero(text)}%"


def say_pair(value: float, overall: float, unit: str = "number") -> tuple[str, str]:
    """Return two values in words, with as many digits as it takes to tell them apart.

    >>> say_pair(3.4, 9.2, "days"), say_pair(7.012, 7.04, "days"), say_pair(0.171, 0.169, "share")
    (('3.4', '9.2'), ('7.01', '7.04'), ('17.1%', '16.9%'))
    """
    texts = [(say_number(value, unit, d), say_number(overall, unit, d)) for d in range(2, 7)]
    return next((pair for pair in texts if pair[0] != pair[1]), texts[0])


def _significant(value: float, digits: int) -> str:
    """Return a value with so many significant digits, none of them after a bare point."""
    if value == 0:
        return "0"
    places = digits - 1 - int(f"{value:e}".split("e")[1])
    rounded = round(value, min(places, 6))
    text = f"{rounded:,.{max(0, min(places, 6))}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return _positive_zero(text)


def _positive_zero(text: str) -> str:
    return text.removeprefix("-") if not text.strip("-0.,") else text
