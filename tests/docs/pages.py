"""Pages of documentation as things to run: their blocks, their commands and what is exempt."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["EXEMPT", "Block", "Page", "PageError", "Workshop", "blocks_of", "commands_of"]

# What is shown and not run here, and why.
EXEMPT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"make [a-z]+\b"), "verbs set up environments; the whole check runs them itself"),
    (re.compile(r"(python3? -m )?pip install "), "needs a package index; the verbs run it"),
    (re.compile(r"python3?(\.\d+)? -m venv "), "makes an environment; the verbs run it"),
    (re.compile(r"(source|\.) \S+/bin/activate"), "changes the reader's shell"),
    (re.compile(r"git clone "), "needs the network"),
    (re.compile(r"cd customer-atlas$"), "enters the clone that is not made here"),
)

_DIRECTIVE = re.compile(r"^\s*<!-- test: (?P<verb>\w+)\s*(?P<rest>.*?) -->\s*$")
_FENCE = re.compile(r"^(?P<indent>\s*)(?P<ticks>`{3,})(?P<info>[^`]*)$")
_TITLE = re.compile(r'title="(?P<title>[^"]+)"')
_CD = re.compile(r"cd (?P<folder>\S+)$")
_SHELL = {"bash", "sh", "shell", "console"}


class PageError(AssertionError):
    """A page shows something that does not work."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, text, place, file name and what the page says of it."""

    page: str
    line: int
    language: str
    text: str
    title: str | None = None
    skip: str | None = None
    fails: bool = False

    @property
    def where(self) -> str:
        """Page and line, for messages."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Page:
    """A page and its blocks in order."""

    name: str
    blocks: tuple[Block, ...]
    needs: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path, root: Path) -> Page:
        """The page at a path, named from the repository's root."""
        name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        found = (_DIRECTIVE.match(line) for line in text.splitlines())
        needs = frozenset(m["rest"] for m in found if m and m["verb"] == "needs")
        return cls(name, tuple(blocks_of(text, name)), needs)


def blocks_of(text: str, page: str) -> Iterator[Block]:
    """The fenced blocks of a text, each with the directive on the line before it."""
    lines = text.splitlines()
    number, directive = 0, None
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if opening is None:
            if lines[number].strip():
                directive = _DIRECTIVE.match(lines[number])
            number += 1
            continue
        closing = _closing(lines, number, opening["ticks"], page)
        body = [line.removeprefix(opening["indent"]) for line in lines[number + 1 : closing]]
        yield _block(page, number + 1, opening["info"].strip(), "\n".join(body), directive)
        number, directive = closing + 1, None


def _closing(lines: list[str], start: int, ticks: str, page: str) -> int:
    for number in range(start + 1, len(lines)):
        if lines[number].strip() == ticks:
            return number
    raise PageError(f"{page}:{start + 1}: the block is never closed")


def _block(page: str, line: int, info: str, text: str, directive: re.Match[str] | None) -> Block:
    verb = directive["verb"] if directive else None
    reason = directive["rest"] if directive else ""
    if verb == "skip" and not reason:
        raise PageError(f"{page}:{line}: '<!-- test: skip -->' must say why")
    if verb not in {None, "skip", "fails", "needs"}:
        raise PageError(f"{page}:{line}: there is no directive '{verb}'; there are skip and fails")
    title = _TITLE.search(info)
    return Block(
        page=page,
        line=line,
        language=info.split()[0].lower() if info else "",
        text=text,
        title=title["title"] if title else None,
        skip=reason if verb == "skip" else None,
        fails=verb == "fails",
    )


def commands_of(block: Block) -> list[str]:
    """The commands of a shell block, one a list item, without those that are exempt.

    In a ``console`` block commands follow ``$ `` and the other lines are what they print; in any
    other shell block each line is a command. A backslash at the end joins the next line.
    """
    lines = iter(block.text.splitlines())
    is_console = block.language == "console" or block.text.lstrip().startswith("$ ")
    commands = []
    for line in lines:
        command = line.strip()
        if is_console and not command.startswith("$ "):
            continue
        command = command.removeprefix("$ ")
        while command.endswith("\\"):
            command = command[:-1].rstrip() + " " + next(lines, "").strip().removeprefix("> ")
        command = re.sub(r"(^|\s)#.*$", "", command).strip()
        if command and not any(pattern.match(command) for pattern, _ in EXEMPT):
            commands.append(command)
    return commands


@dataclass
class Workshop:
    """A scratch folder in which a page's blocks run in order, sharing files and Python names."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__page__"})
    ran: list[str] = field(default_factory=list)

    def run(self, page: Page) -> None:
        """Run all blocks of a page; the first that fails ends it with a `PageError`."""
        for block in page.blocks:
            if block.skip is None:
                self._run_block(block)

    def _run_block(self, block: Block) -> None:
        if block.title is not None and block.language not in _SHELL:
            self._write(block)
        elif block.language in _SHELL:
            for command in commands_of(block):
                self._shell(block, command)
        elif block.language in {"python", "pycon"}:
            self._python(block)

    def _write(self, block: Block) -> None:
        assert block.title is not None
        target = (self.folder / block.title).resolve()
        if not target.is_relative_to(self.folder.resolve()):
            raise PageError(f"{block.where}: '{block.title}' lies outside the project's folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block.text + "\n", encoding="utf-8")
        self.ran.append(f"wrote {block.title}")

    def _enter(self, block: Block, name: str) -> None:
        target = (self.folder / name).resolve()
        if not target.is_dir():
            raise PageError(f"{block.where}: there is no folder '{name}' to enter")
        self.folder = target

    def _shell(self, block: Block, command: str) -> None:
        # Each command has a shell of its own, so where the reader is has to be kept here.
        if entered := _CD.match(command):
            self._enter(block, entered["folder"])
            return
        scripts = str(Path(sys.executable).parent)
        path = os.pathsep.join([scripts, os.environ.get("PATH", "")])
        run = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env={**os.environ, "PATH": path, "COLUMNS": "120", **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        self.ran.append(command)
        if block.fails and run.returncode == 0:
            raise PageError(f"{block.where}: '{command}' was said to fail, and did not")
        if not block.fails and run.returncode != 0:
            raise PageError(
                f"{block.where}: '{command}' ended with exit code {run.returncode}\n{run.stdout}"
            )

    def _python(self, block: Block) -> None:
        self.ran.append(f"python at line {block.line}")
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            if block.text.lstrip().startswith(">>>"):
                self._example(block)
            else:
                self._script(block)
        finally:
            os.chdir(before)

    def _script(self, block: Block) -> None:
        # Empty lines before the text make the line numbers of a traceback those of the page.
        text = "\n" * block.line + block.text
        try:
            exec(compile(text, block.page, "exec"), self.names)
        except Exception as error:
            raise PageError(f"{block.where}: {type(error).__name__}: {error}") from error

    def _example(self, block: Block) -> None:
        test = doctest.DocTestParser().get_doctest(
            block.text + "\n", self.names, block.where, block.page, block.line
        )
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        said: list[str] = []
        runner = doctest.DocTestRunner(optionflags=flags, verbose=False)
        if runner.run(test, out=said.append, clear_globs=False).failed:
            raise PageError(
                f"{block.where}: the example does not print what it shows\n" + "".join(said)
            )
        self.names.update(test.globs)
