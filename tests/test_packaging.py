"""What the package says of itself, its dependencies and their lock."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import customer_atlas

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()


def _requirements() -> list[Requirement]:
    project = PROJECT["project"]
    extras = project["optional-dependencies"].values()
    found = [Requirement(text) for group in (project["dependencies"], *extras) for text in group]
    return [each for each in found if each.name != "customer-atlas"]


def _locked() -> dict[str, Version]:
    pairs = [line.split("==") for line in LOCK if not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def test_the_version_is_the_installed_one() -> None:
    assert importlib.metadata.version("customer-atlas") == customer_atlas.__version__


def test_the_package_is_marked_as_typed() -> None:
    assert Path(customer_atlas.__file__).with_name("py.typed").is_file()


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Globe'"):
        customer_atlas.Globe  # noqa: B018


def test_the_public_names_are_listed() -> None:
    assert set(customer_atlas.__all__) <= set(dir(customer_atlas))


@pytest.mark.parametrize("requirement", _requirements(), ids=lambda each: each.name)
def test_every_dependency_is_locked_at_a_version_it_allows(requirement: Requirement) -> None:
    assert requirement.specifier.contains(_locked()[canonicalize_name(requirement.name)])


def test_the_lock_holds_versions_and_nothing_of_where_they_came_from() -> None:
    for line in LOCK:
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9a-z.+]+", line), line


def test_the_lock_brings_no_model_runtime() -> None:
    assert not {"torch", "tensorflow", "jax"} & set(_locked())


def test_what_a_user_may_want_is_in_all() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = Requirement(extras["all"][0]).extras
    assert wanted == set(extras) - {"all", "bench", "dev", "docs", "test"}
