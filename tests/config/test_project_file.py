"""A project file is read whole or refused with every problem, its line and what is allowed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from customer_atlas.config import ProjectFile, Role
from customer_atlas.errors import ConfigError

Write = Callable[[str], Path]

GOOD = """\
project: corner-shop
timezone: Europe/London
engine: {kind: duckdb, memory: 4GB}
state: {registry: "${REGISTRY_URL}"}
sources:
  orders:
    path: data/orders/*.parquet
    role: transactions
    columns: {customer_id: CustomerID, amount: "Quantity * UnitPrice"}
    where: "CustomerID IS NOT NULL"
    deduplicate: [InvoiceNo, Line]
    read: {delimiter: ";", decimal: ",", dates: day-first}
  people: {path: [a.csv, b.csv], role: customers}
protected: [age]
segmentations:
  main: {packs: [rfm, windows], max_segments: 12, min_segment_share: 0.02}
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        path = tmp_path / "atlas.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        ProjectFile.load(path)
    return list(raised.value.problems)


def test_a_whole_project_file_is_read(write: Write) -> None:
    project = ProjectFile.load(write(GOOD)).project
    assert project.sources["orders"].role is Role.TRANSACTIONS
    assert project.sources["orders"].deduplicate == ("InvoiceNo", "Line")
    assert project.sources["orders"].read.decimal == ","
    assert project.sources["people"].path == ("a.csv", "b.csv")
    assert project.segmentations["main"].packs == ("rfm", "windows")


def test_what_is_not_declared_has_the_stated_defaults(write: Write) -> None:
    text = "project: p\nsources: {o: {path: o.csv, role: transactions}}\n"
    project = ProjectFile.load(write(text)).project
    assert project.timezone == "UTC"
    assert project.state.registry == "sqlite:///.atlas/registry.db"
    assert list(project.segmentations) == ["main"]
    assert project.segmentations["main"].search.kind == "quick"


def test_a_standard_name_that_is_not_declared_means_the_column_of_that_name(write: Write) -> None:
    source = ProjectFile.load(write(GOOD)).project.sources["orders"]
    assert source.mapping["timestamp"] == "timestamp"
    assert source.mapping["amount"] == "Quantity * UnitPrice"


def test_every_problem_is_told_at_once_with_its_line_and_key(write: Write) -> None:
    found = problems(
        write(
            "project: p\n"
            "timezone: Europe/Lodnon\n"
            "sources:\n"
            "  orders:\n"
            "    path: o.csv\n"
            "    rolle: transactions\n"
            "  web: {path: w.csv, role: transaction}\n"
            "segmentations: {main: {packs: [rfm, windws], max_segments: 1}}\n"
        )
    )
    assert len(found) == 6
    assert any(line.startswith("atlas.yaml:2: timezone: found 'Europe/Lodnon'") for line in found)
    assert "atlas.yaml:4: sources.orders.role: required, but not written" in found
    assert "atlas.yaml:6: sources.orders.rolle: unknown key. Did you mean 'role'?" in found
    assert any(
        line.startswith("atlas.yaml:7: sources.web.role: found 'transaction'; allowed:")
        and line.endswith("Did you mean 'transactions'?")
        for line in found
    )
    assert any("packs.1: found 'windws'" in line and "'windows'?" in line for line in found)
    assert any("max_segments: found 1; input should be greater" in line for line in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("project: p\nproject: q\n", "atlas.yaml:2: the key 'project' is written twice"),
        ("project: [p\n", "not YAML"),
        ("", "'project' and 'sources' are needed"),
        ("- a\n- b\n", "'project' and 'sources' are needed"),
        ("project: p\nsources: {}\n", "sources: found a mapping"),
        (
            "project: p\nsources: {my shop: {path: a.csv, role: transactions}}\n",
            "found 'my shop'; a name begins with a letter, and has letters, digits and _ only",
        ),
        (
            "project: my shop\nsources: {a: {path: a.csv, role: transactions}}\n",
            "found 'my shop'; a name begins with a letter or digit",
        ),
    ],
)
def test_text_that_is_no_project_is_refused_in_a_sentence(
    write: Write, text: str, said: str
) -> None:
    assert said in "\n".join(problems(write(text)))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no project file .*shop.yaml"):
        ProjectFile.load(tmp_path / "shop.yaml")


def test_a_password_in_the_text_is_refused_and_not_repeated(write: Write) -> None:
    text = GOOD.replace("${REGISTRY_URL}", "postgresql://atlas:hunter2@db/atlas")
    (problem,) = problems(write(text))
    assert problem.startswith("atlas.yaml:4: state.registry: found a password")
    assert "hunter2" not in problem


def test_a_secret_comes_from_the_environment_when_it_is_needed(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ProjectFile.load(write(GOOD))
    with pytest.raises(ConfigError, match="atlas.yaml:4: state.registry: .*REGISTRY_URL is not"):
        file.resolve(file.project.state.registry, "state", "registry")
    monkeypatch.setenv("REGISTRY_URL", "postgresql://atlas:hunter2@db/atlas")
    assert "hunter2" in file.resolve(file.project.state.registry, "state", "registry")
    assert "hunter2" not in repr(file.project)


def test_models_are_frozen(write: Write) -> None:
    project = ProjectFile.load(write(GOOD)).project
    with pytest.raises(ValueError, match="frozen"):
        setattr(project, "timezone", "UTC")  # noqa: B010 - mypy knows that it is frozen


def test_what_is_mapped_from_a_protected_column_is_protected_too(write: Write) -> None:
    text = (
        "project: p\nprotected: [Gender, home town]\n"
        "sources:\n  people:\n    path: p.csv\n    role: customers\n"
        '    columns: {title: gender, old: age > 60, town: home town, half: "upper(GENDER)"}\n'
    )
    protected = ProjectFile.load(write(text)).project.never_features
    assert set(protected) == {"gender", "home town", "title", "town", "half"}


def test_labels_belong_to_customers_and_their_positive_value_is_text(write: Write) -> None:
    text = (
        "project: p\nsources:\n  s:\n    path: a.csv\n    role: {}\n    labels: {{left: {{{}}}}}\n"
    )
    source = ProjectFile.load(write(text.format("customers", "column: Churn, positive: 1"))).project
    assert source.sources["s"].labels["left"].positive == "1"
    (found,) = problems(write(text.format("events", "column: Churn")))
    assert "only a source of customers has labels; found role events" in found


def test_types_belong_to_events_and_their_names_are_text(write: Write) -> None:
    text = (
        "project: p\nsources:\n  s:\n    path: a.csv\n    role: {}\n"
        "    types: {{Product Viewed: view, 2: {}}}\n"
    )
    source = ProjectFile.load(write(text.format("events", "my own"))).project.sources["s"]
    assert source.types == {"Product Viewed": "view", "2": "my own"}
    (found,) = problems(write(text.format("messages", "cart")))
    assert found.startswith("atlas.yaml:6: sources.s.types: ")
    assert "only a source of events has types; found role messages" in found
    (found,) = problems(write(text.format("events", "' '")))
    assert found.startswith("atlas.yaml:6: sources.s.types.2: found ' '")


def test_why_a_column_is_never_a_feature_is_known_by_its_name(write: Write) -> None:
    project = ProjectFile.load(
        write(
            "project: p\n"
            "privacy: {contact: [Email]}\n"
            "protected: [Age]\n"
            "sources:\n"
            "  people:\n"
            "    path: a.csv\n"
            "    role: customers\n"
            "    columns: {older: Age > 60, mail: Email}\n"
            "    labels: {left: {column: Churn}}\n"
        )
    ).project
    assert project.never_features == {
        "email": "contact",
        "mail": "contact",
        "churn": "label",
        "age": "protected",
        "older": "protected",
    }


@pytest.mark.parametrize("cuts", ["[30, 60, 90]", "[30, 60, 60, 90]", "[90, 60, 30, 10]"])
def test_cut_points_that_do_not_part_five_scores_are_refused(write: Write, cuts: str) -> None:
    text = GOOD.replace("max_segments: 12", f"rfm: {{recency: {cuts}}}")
    (problem,) = problems(write(text))
    assert "four rising numbers part the scores 1 to 5" in problem
    assert f"found {cuts}" in problem


def test_cut_points_without_their_pack_are_refused(write: Write) -> None:
    text = GOOD.replace("packs: [rfm, windows]", "rfm: {recency: [1, 2, 3, 4]}, packs: [windows]")
    (problem,) = problems(write(text))
    assert "cut points of rfm need the pack rfm" in problem


PEOPLE = """\
project: p
sources:
  people:
    path: a.csv
    role: customers
    scales:
      trust: {items: [q1, q2], points: 5}
      joy: {items: [q3, q4], points: 11, from: 0, reversed: [Q4]}
"""


def test_a_scale_ends_at_its_lowest_answer_and_its_points(write: Write) -> None:
    scales = ProjectFile.load(write(PEOPLE)).project.scales
    assert [(one.lowest, one.highest) for one in scales.values()] == [(1, 5), (0, 10)]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("[q1, q2]", "[q1]", 7, "at least 2 items"),
        ("[q1, q2]", "[q1, Q1]", 7, "'q1' stands twice"),
        ("[Q4]", "[q5]", 8, "'q5' is reversed and no item; the items are q3, q4"),
        ("[q3, q4]", "[Q2, q4]", 6, "'Q2' is an item of the scales 'trust' and 'joy'"),
        ("points: 5", "points: 1", 7, "greater than or equal to 2"),
        ("from: 0", "form: 0", 8, "unknown key. Did you mean 'from'"),
        ("role: customers", "role: events", 3, "only a source of customers has scales"),
    ],
)
def test_a_scale_that_cannot_be_is_refused_with_its_line(
    write: Write, old: str, new: str, line: int, message: str
) -> None:
    (problem,) = problems(write(PEOPLE.replace(old, new)))
    assert problem.startswith(f"atlas.yaml:{line}: sources.people")
    assert message in problem


def test_a_scale_has_one_meaning_in_all_sources(write: Write) -> None:
    text = PEOPLE + "  others: {path: b.csv, role: customers, scales: {Trust: {items: [a, b], "
    (problem,) = problems(write(text + "points: 5}}}\n"))
    assert "the scale 'Trust' is declared in 'people' and 'others'" in problem


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("{origin: [91, 0]}", "a latitude is from -90 to 90"),
        ("{origin: [52.5]}", "required"),
        ("{bands_km: [5, 5]}", "each more than the one before"),
        ("{bands_km: [0, 5]}", "kilometres above 0"),
        ("{centre: [1, 2]}", "unknown key"),
    ],
)
def test_a_geography_that_cannot_be_is_refused(write: Write, declared: str, message: str) -> None:
    text = "project: p\nsources: {o: {path: o.csv, role: customers}}\n"
    (problem,) = problems(write(text + f"geography: {declared}\n"))
    assert problem.startswith("atlas.yaml:3: geography")
    assert message in problem
