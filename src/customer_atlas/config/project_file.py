"""The project file: read, checked, and able to say where each key is written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from customer_atlas.config.declarations import DeclarationError
from customer_atlas.config.models import Project
from customer_atlas.config.yaml_lines import Document, Keys, read_yaml
from customer_atlas.errors import ConfigError, nearest

__all__ = ["ProjectFile"]

_ENV = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# What a name may be, in words: who writes "my rule:" does not read patterns.
_NAMES = {
    r"^[A-Za-z][A-Za-z0-9_]*$": "a name begins with a letter, and has letters, digits and _ only",
    r"^[A-Za-z0-9][A-Za-z0-9_.-]*$": (
        "a name begins with a letter or digit, and has letters, digits, _, . and - only"
    ),
}
_PASSWORD_IN_URL = re.compile(r"^[a-z][a-z0-9+.-]*://[^/@:]*:(?!\$\{)[^/@]+@", re.IGNORECASE)


@dataclass(frozen=True)
class ProjectFile:
    """A project file on disk: what it declares, and where.

    Secrets are written as ``${ENV_NAME}`` and looked up only when they are needed.
    """

    path: Path
    project: Project
    document: Document

    @classmethod
    def load(cls, path: str | Path) -> ProjectFile:
        """Read and check a project file.

        Raises:
            ConfigError: with a line per problem: file, line, key, what was found, what is
                allowed, and the nearest match.
        """
        path = Path(path).absolute()
        document = read_yaml(_text(path), path.name)
        if not isinstance(document.values, dict):
            raise ConfigError([f"{path.name}:1: found no keys; 'project' and 'sources' are needed"])
        problems = list(_literal_secrets(document.values, (), document, path.name))
        if problems:
            raise ConfigError(problems)
        try:
            project = Project.model_validate(document.values)
        except ValidationError as error:
            raise ConfigError(_problems(error, document, path.name)) from None
        return cls(path, project, document)

    @property
    def folder(self) -> Path:
        """Where relative paths start."""
        return self.path.parent

    def where(self, *keys: str | int) -> str:
        """Return where a key is written, such as ``atlas.yaml:7: sources.orders.path``."""
        return f"{self.path.name}:{self.document.line(keys)}: {_dotted(keys)}"

    def resolve(self, text: str, *keys: str | int) -> str:
        """Return `text` with every ``${ENV_NAME}`` replaced from the environment.

        Raises:
            ConfigError: a variable is not set; names it and the key, never a value.
        """

        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            if name not in os.environ:
                raise ConfigError(
                    [f"{self.where(*keys)}: the environment variable {name} is not set"]
                )
            return os.environ[name]

        return _ENV.sub(value, text)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(
            [f"There is no project file {path}. Name another with --project PATH."]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"The project file {path} cannot be read: {error}"]) from None


def _literal_secrets(value: Any, keys: Keys, document: Document, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _literal_secrets(inner, (*keys, key), document, name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _literal_secrets(inner, (*keys, index), document, name)
    elif isinstance(value, str) and _PASSWORD_IN_URL.match(value):
        yield (
            f"{name}:{document.line(keys)}: {_dotted(keys)}: found a password in the text; "
            "write the whole URL as ${ENV_NAME} and set that environment variable"
        )


def _problems(error: ValidationError, document: Document, name: str) -> list[str]:
    by_place: dict[str, str] = {}
    for details in error.errors():
        # pydantic reports every branch of a union; the first says it best.
        problem = _problem(details, document, name)
        by_place.setdefault(problem.split(": found ")[0], problem)
    return list(by_place.values())


def _problem(details: ErrorDetails, document: Document, name: str) -> str:
    # pydantic names the branch of a union in the path; only keys that are written count.
    keys: Keys = tuple(part for part in details["loc"] if part != "[key]")
    kind, context = details["type"], details.get("ctx", {})
    if isinstance(cause := context.get("error"), DeclarationError):
        keys = (*keys, *cause.place)
    place = f"{name}:{document.line(keys)}: {_dotted(_written(keys, document, details))}"
    if kind == "extra_forbidden":
        known = _fields(keys[:-1])
        return f"{place}: unknown key.{nearest(str(keys[-1]), known)}"
    if kind == "missing":
        return f"{place}: required, but not written"
    found = _shown(details["input"])
    if kind in ("literal_error", "enum"):
        expected = context["expected"]
        options = re.findall(r"'([^']*)'", expected)
        close = nearest(str(details["input"]), options)
        hint = close if close.startswith(" Did") else ""
        return f"{place}: found {found}; allowed: {expected}.{hint}"
    if isinstance(cause, DeclarationError) and str(cause).startswith("found "):
        return f"{place}: {cause}"
    if kind == "string_pattern_mismatch" and context["pattern"] in _NAMES:
        return f"{place}: found {found}; {_NAMES[context['pattern']]}"
    message = str(context["error"]) if kind == "value_error" else details["msg"].lower()
    return f"{place}: found {found}; {message}"


def _written(keys: Keys, document: Document, details: ErrorDetails) -> Keys:
    if details["type"] in ("missing", "extra_forbidden"):
        return keys
    while keys and keys not in document.lines:
        keys = keys[:-1]
    return keys


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return repr(value)[:80]


def _dotted(keys: Keys) -> str:
    return ".".join(str(key) for key in keys) or "the file"


def _fields(keys: Keys) -> list[str]:
    """Return the keys that are allowed below a key path of the project file."""
    model: Any = Project
    for key in keys:
        field = getattr(model, "model_fields", {}).get(key)
        annotation = field.annotation if field else None
        if field and isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
        else:
            inner = _value_model(annotation) if field else None
            model = inner or model
    fields = getattr(model, "model_fields", {})
    return sorted(field.alias or name for name, field in fields.items())


def _value_model(annotation: Any) -> type[BaseModel] | None:
    for argument in getattr(annotation, "__args__", ()):
        if isinstance(argument, type) and issubclass(argument, BaseModel):
            return argument
    return None
