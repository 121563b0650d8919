"""Write the reference page of the command line from the command line itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from scripts.verdict import ROOT

__all__ = ["PAGE", "main", "page_of", "page_text"]

PAGE = ROOT / "docs" / "reference" / "cli.md"
_COMPLETION = {"install_completion", "show_completion"}


def page_text() -> str:
    """The page as the command line stands."""
    from customer_atlas.cli import app

    return page_of(app)


def page_of(app: typer.Typer, name: str = "atlas") -> str:
    """The page of a typer application, as Markdown.

    >>> app = typer.Typer(add_completion=False)
    >>> @app.command()
    ... def wave(times: int = 1) -> None:
    ...     "Wave to the customers."
    >>> print(page_of(app, "shop"))
    # The command line
    <BLANKLINE>
    `shop` is short for `customer-atlas`. Written from the command itself.
    <BLANKLINE>
    ## `shop`
    <BLANKLINE>
    Wave to the customers.
    <BLANKLINE>
    | option | | meaning | default |
    | --- | --- | --- | --- |
    | `--times` | integer |  | `1` |
    <BLANKLINE>
    """
    head = [
        "# The command line",
        f"`{name}` is short for `customer-atlas`. Written from the command itself.",
    ]
    return "\n\n".join([*head, *_sections(typer.main.get_command(app), name)]) + "\n"


def _sections(command: Any, path: str) -> Iterator[str]:
    yield f"## `{path}`"
    if command.help:
        yield "\n".join(line.rstrip() for line in _unwrapped(command.help))
    arguments = [p for p in _shown(command) if not isinstance(p, TyperOption)]
    options = [p for p in _shown(command) if isinstance(p, TyperOption)]
    if arguments:
        yield _table("argument", [_argument_row(parameter) for parameter in arguments])
    if options:
        yield _table("option", [_option_row(parameter) for parameter in options])
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            if not inner.hidden:
                yield from _sections(inner, f"{path} {name}")


def _unwrapped(text: str) -> list[str]:
    return text.replace("\b\n", "").replace("\f", "").strip().splitlines()


def _shown(command: TyperCommand | TyperGroup) -> list[Any]:
    return [p for p in _parameters(command) if not p.hidden and p.name not in _COMPLETION]


def _parameters(command: TyperCommand | TyperGroup) -> list[Any]:
    return list(command.params)


def _table(kind: str, rows: list[tuple[str, ...]]) -> str:
    head = (kind, "", "meaning", "default")
    lines = [head, ("---",) * 4, *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _argument_row(parameter: Any) -> tuple[str, ...]:
    default = "required" if parameter.required else _default(parameter)
    name = parameter.metavar or parameter.name.upper()
    return f"`{name}`", _type(parameter), _meaning(parameter), default


def _option_row(parameter: Any) -> tuple[str, ...]:
    names = ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
    kind = "" if parameter.is_flag else _type(parameter)
    default = "required" if parameter.required else _default(parameter)
    return names, kind, _meaning(parameter), default


def _type(parameter: Any) -> str:
    annotation = parameter.type_descriptor.annotation
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(f"`{member.value}`" for member in annotation)
    names = {str: "text", int: "integer", float: "number", Path: "path", bool: "yes or no"}
    return str(names.get(annotation, getattr(annotation, "__name__", annotation))).lower()


def _meaning(parameter: Any) -> str:
    return " ".join((parameter.help or "").split()).replace("|", "\\|")


def _default(parameter: Any) -> str:
    default = parameter.default
    if default is None or default is False or default == ():
        return ""
    return f"`{default.value if isinstance(default, Enum) else default}`"


def main(page: Path = PAGE) -> None:
    """Write the page; the only argument may be another place for it."""
    page = Path(sys.argv[1]) if len(sys.argv) > 1 else page
    page.write_text(page_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
