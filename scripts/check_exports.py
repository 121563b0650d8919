"""Check that every module's ``__all__`` is there, sorted, complete and true.

Complete: each public class and function that the module defines is listed, and each constant that
another module imports. A command of the command line is reached through its application, so it need
not be listed. A room's door (its ``__init__``) defines nothing: what it lists must be
what it imports, and it must import it from its own room.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from scripts.verdict import SOURCE, end

__all__ = ["main", "problems"]

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def problems(source: Path) -> list[str]:
    """What is wrong with the exports of each module below a source folder."""
    modules = {
        path.relative_to(source): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(source.rglob("*.py"))
    }
    used = {
        (origin, name) for module in modules.values() for name, origin in _imported_anywhere(module)
    }
    return [
        f"{path}: {problem}"
        for path, module in modules.items()
        for problem in _module_problems(module, path, used)
    ]


def _module_problems(module: ast.Module, path: Path, used: set[tuple[str, str]]) -> Iterator[str]:
    listed = _listed(module)
    if listed is None:
        yield "has no __all__ that is a plain list of names"
        return
    if listed != sorted(listed, key=_rank):
        yield f"__all__ is not sorted; it should read {sorted(listed, key=_rank)}"
    for name in sorted({name for name in listed if listed.count(name) > 1}):
        yield f"__all__ names '{name}' more than once"
    definitions, constants = set(_definitions(module)), set(_constants(module))
    imported = dict(_imported(module))
    for name in sorted(set(listed) - definitions - constants - set(imported)):
        yield f"__all__ names '{name}', which the module does not have"
    for name in sorted(_public(definitions) - set(listed)):
        yield f"'{name}' is public and not in __all__"
    dotted = _dotted(path)
    for name in sorted((definitions | constants) - set(listed) - _public(definitions)):
        if (dotted, name) in used:
            yield f"'{name}' is imported by another module and not in __all__"
    if path.name == "__init__.py" and len(path.parts) > 2:
        yield from _door_problems(listed, imported, dotted)


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _rank(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest: the order that ruff's RUF022 writes."""
    if len(name) > 1 and name.isupper():
        return 0, name
    return (1 if name[:1].isupper() else 2), name


def _door_problems(listed: list[str], imported: dict[str, str], room: str) -> Iterator[str]:
    own = {name for name, origin in imported.items() if origin.startswith((f"{room}.", "."))}
    for name in sorted(_public(own) - set(listed)):
        yield f"the door imports '{name}' and does not export it"
    for name in sorted((set(listed) & set(imported)) - own):
        yield f"the door exports '{name}', which comes from {imported[name]}, another place"


def _public(names: set[str]) -> set[str]:
    return {name for name in names if not name.startswith("_")}


def _listed(module: ast.Module) -> list[str] | None:
    for node in module.body:
        if "__all__" in _targets(node):
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            try:
                return list(ast.literal_eval(value)) if value is not None else None
            except ValueError:
                return None
    return None


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run at import, those under ``if`` and ``try`` included."""
    for node in body:
        yield node
        if isinstance(node, ast.If):
            yield from _top([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            handlers = [statement for handler in node.handlers for statement in handler.body]
            yield from _top([*node.body, *handlers, *node.orelse, *node.finalbody])


def _definitions(module: ast.Module) -> Iterator[str]:
    for node in _top(module.body):
        if isinstance(node, _DEFINITIONS) and not any(map(_is_command, node.decorator_list)):
            yield node.name


def _is_command(decorator: ast.expr) -> bool:
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(call, ast.Attribute) and call.attr in {"callback", "command"}


def _constants(module: ast.Module) -> Iterator[str]:
    for node in _top(module.body):
        yield from (name for name in _targets(node) if name != "__all__")


def _targets(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    else:
        return
    for target in targets:
        yield from (
            leaf.id
            for leaf in ast.walk(target)
            if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store)
        )


def _imported(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in _top(module.body):
        if isinstance(node, ast.ImportFrom) and node.module != "__future__":
            origin = "." * node.level + (node.module or "")
            yield from ((alias.asname or alias.name, origin) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, alias.name) for alias in node.names)


def _imported_anywhere(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from ((alias.name, node.module) for alias in node.names)


def main() -> None:
    """Check the package of this repository."""
    end("exports", problems(SOURCE))


if __name__ == "__main__":
    main()
