"""The page of persona cards: one HTML file without a chart library, to print and hang up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template

from customer_atlas.errors import UsageError
from customer_atlas.pipeline import Published
from customer_atlas.report.facts import compare
from customer_atlas.report.file import check_place, write_whole
from customer_atlas.report.page import digest, part
from customer_atlas.report.persona_cards import personas_html, say_counted
from customer_atlas.report.personas import Persona, personas_of
from customer_atlas.report.words import counted, html, moment, spoken

__all__ = ["PersonaFiles", "personas_page", "write_personas"]


@dataclass(frozen=True)
class PersonaFiles:
    """What was written: the files, how many bytes together, and what they tell of."""

    paths: tuple[Path, ...]
    bytes: int
    run: int
    generation: int
    segments: int


def write_personas(published: Published, path: Path) -> PersonaFiles:
    """Write the persona cards of what serves.

    A path that ends in .html is one page of all cards; any other is a folder, made where it is
    not there, with that page as ``index.html`` and one page a segment by its id.

    Raises:
        UsageError: nothing can be written there.
    """
    folder = None if path.suffix.lower() in (".html", ".htm") else path
    if folder is None:
        check_place(path)
    elif folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder, or a file that ends in .html.")
    elif not folder.absolute().parent.is_dir():
        raise UsageError(f"The folder {folder.absolute().parent} does not exist.")
    _, _, standing = compare(published)
    personas = personas_of(published, standing)
    pages = {path if folder is None else folder / "index.html": personas}
    if folder is not None:
        folder.mkdir(exist_ok=True)
        pages |= {folder / f"{one.segment.id}.html": (one,) for one in personas}
    contents = {place: personas_page(published, shown) for place, shown in pages.items()}
    for place, content in contents.items():
        write_whole(place, content.encode("utf-8"))
    size = sum(place.stat().st_size for place in contents)
    run, generation = published.run.id, published.generation.id
    return PersonaFiles(tuple(contents), size, run, generation, len(personas))


def personas_page(published: Published, personas: tuple[Persona, ...]) -> str:
    """Return a page of cards; the same run makes the same page."""
    project = spoken(published.work.file.project.project)
    first = part("first.js")
    return Template(part("personas.html")).substitute(
        title=html(f"Personas of {project}"),
        digest=digest(first),
        first=first,
        style=part("page.css") + part("personas.css"),
        header=_header(published, project, personas),
        cards=personas_html(personas),
    )


def _header(published: Published, project: str, personas: tuple[Persona, ...]) -> str:
    everyone = sum(segment.size for segment in published.segments)
    run, generation = published.run.id, published.generation.id
    links = "".join(
        f'<a href="#persona-{one.place + 1}"><span class="badge" style="--own:var(--s'
        f'{one.place % 20 + 1})">{one.place + 1}</span> <bdi>{html(one.segment.name)}</bdi></a>'
        for one in personas
    )
    return (
        f'<p class="eyebrow">Customer personas</p><h1><bdi>{html(project)}</bdi></h1>'
        f'<p class="lead">{counted(everyone, "customer")} as of {moment(published.as_of)}.'
        f" {html(say_counted(personas))}</p>"
        f'<div class="ways">{links}</div>'
        f'<p class="made">Segmentation <bdi>{html(published.pointer.segmentation)}</bdi> ·'
        f" run {run} · generation {generation}</p>"
    )
