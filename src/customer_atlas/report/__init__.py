"""The report: one HTML file that tells people who their customers are."""

from __future__ import annotations

from customer_atlas.report.facts import Facts, gather
from customer_atlas.report.file import ReportFile, write_report
from customer_atlas.report.page import page_html
from customer_atlas.report.persona_page import PersonaFiles, write_personas

__all__ = [
    "Facts",
    "PersonaFiles",
    "ReportFile",
    "gather",
    "page_html",
    "write_personas",
    "write_report",
]
