"""YAML read with the line of every key, refusing keys that are written twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from customer_atlas.errors import ConfigError

__all__ = ["Document", "Keys", "read_yaml"]

Keys = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """Plain values, and the line (from 1) of each key path."""

    values: Any
    lines: Mapping[Keys, int]

    def line(self, keys: Keys) -> int:
        r"""Return the line of a key path, or of the closest parent that is written.

        >>> read_yaml("a:\n  b: 1\n", "x.yaml").line(("a", "b", "missing"))
        2
        """
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)


def read_yaml(text: str, name: str) -> Document:
    """Parse YAML text; `name` is the file's name for errors.

    Raises:
        ConfigError: not YAML, or a key written twice: file, line, and what was found.
    """
    lines: dict[Keys, int] = {}
    problems: list[str] = []
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise ConfigError([f"{name}:{_line(error)}: not YAML: {_problem(error)}"]) from None
    values = None if node is None else _built(node, (), name, lines, problems)
    if problems:
        raise ConfigError(problems)
    return Document(values, lines)


def _line(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line + 1 if mark else 1


def _problem(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or str(error).splitlines()[0]


def _built(
    node: yaml.Node, keys: Keys, name: str, lines: dict[Keys, int], problems: list[str]
) -> Any:
    lines.setdefault(keys, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [
            _built(item, (*keys, index), name, lines, problems)
            for index, item in enumerate(node.value)
        ]
    if not isinstance(node, yaml.MappingNode):
        return _scalar(node)
    built: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in built:
            first = lines[(*keys, key)]
            problems.append(
                f"{name}:{line}: the key '{key}' is written twice, first in line {first}"
            )
        lines[(*keys, key)] = line
        built[key] = _built(value_node, (*keys, key), name, lines, problems)
    return built


def _scalar(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()
