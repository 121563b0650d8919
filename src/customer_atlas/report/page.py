"""The page: one HTML file that holds everything, and asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from string import Template

from customer_atlas.report.cards import header_html
from customer_atlas.report.facts import Facts
from customer_atlas.report.figure import Figure
from customer_atlas.report.sections import sections_of
from customer_atlas.report.words import html

__all__ = ["digest", "page_html", "part", "script_json"]


def page_html(facts: Facts) -> str:
    """Return the whole page.

    A policy in its head lets nothing run but the two scripts written here, by their digests, and
    nothing be loaded at all.
    """
    from plotly.offline import get_plotlyjs

    sections = sections_of(facts)
    figures = [figure for section in sections for figure in section.figures]
    scripts = {"plotly": get_plotlyjs(), "script": part("page.js"), "first": part("first.js")}
    return Template(part("page.html")).substitute(
        scripts,
        title=html(f"Customer segments of {facts.project}"),
        digests=" ".join(f"'sha256-{digest(text)}'" for text in scripts.values()),
        style=part("page.css") + part("personas.css"),
        header=header_html(facts),
        ways="".join(f'<a href="#{one.name}">{html(one.short)}</a>' for one in sections),
        sections="".join(section.html for section in sections),
        figures=script_json(figures),
    )


def script_json(figures: list[Figure]) -> str:
    r"""Return figures as JSON that may stand in a script element, whatever their texts hold.

    >>> script_json([])
    '{}'
    """
    documents = {figure.id: figure.to_dict() for figure in figures}
    text = json.dumps(documents, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def part(name: str) -> str:
    """Return a file of this room that pages are made of."""
    return files("customer_atlas.report").joinpath(name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """Return by what a page's policy knows a script."""
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
