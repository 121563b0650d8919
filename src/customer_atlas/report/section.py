"""A section of the page, and what every section is made of."""

from __future__ import annotations

from dataclasses import dataclass

from customer_atlas.report.figure import Figure
from customer_atlas.report.words import html

__all__ = ["Section", "figure_html", "folded", "how"]


@dataclass(frozen=True)
class Section:
    """One section: its id, its short name for the way around, its title, and its HTML."""

    name: str
    short: str
    title: str
    body: str
    figures: tuple[Figure, ...] = ()

    @property
    def html(self) -> str:
        """The section as HTML."""
        return (
            f'<section id="{self.name}" aria-labelledby="{self.name}-title">'
            f'<h2 id="{self.name}-title">{html(self.title)}</h2>{self.body}</section>'
        )


def how(text: str) -> str:
    """Return how something is read, as a quiet paragraph.

    >>> how("R&D")
    '<p class="how">R&amp;D</p>'
    """
    return f'<p class="how">{html(text)}</p>'


def folded(title: str, body: str) -> str:
    """Return HTML that is folded away until it is asked for.

    >>> folded("More", "<p>All of it.</p>")
    '<details><summary>More</summary><p>All of it.</p></details>'
    """
    return f"<details><summary>{html(title)}</summary>{body}</details>"


def figure_html(figure: Figure, caption: str = "", under: str = "") -> str:
    """Return the place of a figure on the page, with what stands above and below it."""
    told = f"<figcaption><bdi>{html(caption)}</bdi></figcaption>" if caption else ""
    below = f'<p class="under"><bdi>{html(under)}</bdi></p>' if under else ""
    kind = ' class="space"' if figure.space else ""
    return (
        f'<figure{kind}>{told}<div class="plot" id="{figure.id}" role="img"'
        f' aria-label="{html(figure.says)}" style="min-height:{figure.height}px"></div>'
        f"{below}</figure>"
    )
