"""A customer has one pseudonym in a project, and another one in another."""

from __future__ import annotations

from pathlib import Path

from customer_atlas.data import Pseudonyms


def test_a_project_gives_the_same_person_the_same_name(tmp_path: Path) -> None:
    ids = [*map(str, range(2000)), "", "Ünï", "\udc80"]
    names = [Pseudonyms.of(tmp_path).name(one) for one in ids]
    assert names == [Pseudonyms.of(tmp_path).name(one) for one in ids]
    assert len(set(names)) == len(ids)
    other = tmp_path / "other"
    assert not set(names) & {Pseudonyms.of(other).name(one) for one in ids}
