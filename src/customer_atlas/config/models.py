"""The project file as frozen models: what a person declares, knowing no engine."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from customer_atlas.config.conditions import Rule, check_rules
from customer_atlas.config.declarations import (
    DeclarationError,
    FeatureDeclaration,
    check_order,
)
from customer_atlas.config.expressions import rests_on
from customer_atlas.config.people import Geography, Scale
from customer_atlas.config.rfm import RfmCuts
from customer_atlas.config.roles import ROLES, Role
from customer_atlas.config.search import Searched, SearchSettings
from customer_atlas.config.stories import StorySettings
from customer_atlas.config.transforms import Transforms
from customer_atlas.errors import nearest

__all__ = [
    "DEFAULT_PACKS",
    "PACKS",
    "PEOPLE_PACKS",
    "Engine",
    "FeatureSelection",
    "Label",
    "Pack",
    "Privacy",
    "Project",
    "ReadOptions",
    "Segmentation",
    "Source",
    "State",
]

Pack = Literal[
    "rfm",
    "windows",
    "rhythm",
    "calendar",
    "basket",
    "categories",
    "lifecycle",
    "engagement",
    "intent",
    "responsiveness",
    "texts",
    "geographic",
    "demographic",
    "psychographic",
    "attributes",
]
PACKS: tuple[Pack, ...] = get_args(Pack)
DEFAULT_PACKS: tuple[Pack, ...] = tuple(pack for pack in PACKS if pack != "calendar")
PEOPLE_PACKS: tuple[Pack, ...] = ("geographic", "demographic", "psychographic", "attributes")
"""The packs of the columns of customers."""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


class _Declared(BaseModel):
    """Frozen; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Engine(_Declared):
    """Where queries run."""

    kind: Literal["duckdb"] = "duckdb"
    threads: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Worker threads; default: the processors at hand."
    )
    memory: Annotated[str, Field(pattern=r"^\d+(\.\d+)?\s*[KMGT]i?B$")] | None = Field(
        None, description="Memory for queries, such as 4GB; default: half of the machine's."
    )


class State(_Declared):
    """Where Atlas keeps what it knows; relative paths start at the project file's folder."""

    lake: str = Field(".atlas/lake", description="Folder of the Delta tables and artifacts.")
    registry: str = Field(
        "sqlite:///.atlas/registry.db",
        description="SQLAlchemy URL: SQLite, or PostgreSQL as ${ENV_NAME}.",
    )
    buckets: int = Field(
        16, ge=1, le=4096, description="Customer buckets of each table; fixed once the lake exists."
    )


class ReadOptions(_Declared):
    """How the files of a source are written; what is absent is detected."""

    delimiter: Annotated[str, Field(min_length=1, max_length=4)] | None = None
    encoding: str | None = Field(None, description="Such as utf-8, utf-16 or latin-1.")
    decimal: Literal[".", ","] | None = Field(None, description="Decimal mark of numbers in text.")
    dates: str | None = Field(
        None, description="day-first, month-first, or a strptime format such as %d/%m/%Y %H:%M."
    )


class Label(_Declared):
    """What became of customers, or what was done to them: held aside, never a feature."""

    column: str = Field(description="The source's column that holds it.")
    positive: Annotated[str, BeforeValidator(_as_text)] | None = Field(
        None, description="The value that counts as yes, where it is a question of yes or no."
    )


class Source(_Declared):
    """One table outside Atlas: which files, what its rows are, and how its columns map."""

    path: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = Field(
        min_length=1,
        description="Files, globs or folders of csv, tsv, json, jsonl or parquet (plain, gz, zip).",
    )
    role: Role
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Standard name to a column, or to an SQL expression over the source's columns.",
    )
    where: str | None = Field(None, description="Rows to keep, as an SQL condition.")
    deduplicate: Literal["rows"] | Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        None,
        description="'rows' removes rows that are alike; a list names the columns of a unique id.",
    )
    labels: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")], Label] = Field(
        default_factory=dict,
        description="Outcomes and treatments of customers by name: never features.",
    )
    types: dict[
        Annotated[str, BeforeValidator(_as_text)], Annotated[str, Field(pattern=r"^\S(.*\S)?$")]
    ] = Field(
        default_factory=dict,
        description="The source's own names of events to what people do: view, cart, checkout, "
        "purchase, search, or any word of your own.",
    )
    scales: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")], Scale] = Field(
        default_factory=dict, description="Scales of a survey's items, by name."
    )
    read: ReadOptions = ReadOptions()

    @field_validator("types")
    @classmethod
    def _types_are_of_events(cls, types: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        role = info.data.get("role", Role.EVENTS)
        if types and role is not Role.EVENTS:
            raise ValueError(f"only a source of events has types; found role {role.value}")
        return types

    @model_validator(mode="after")
    def _labels_and_scales_are_of_customers(self) -> Source:
        for what, declared in (("labels", self.labels), ("scales", self.scales)):
            if declared and self.role is not Role.CUSTOMERS:
                raise ValueError(
                    f"only a source of customers has {what}; found role {self.role.value}"
                )
        return self

    @field_validator("scales")
    @classmethod
    def _items_are_of_one_scale(cls, scales: dict[str, Scale]) -> dict[str, Scale]:
        held: dict[str, str] = {}
        for name, scale in scales.items():
            for item in scale.items:
                if (other := held.setdefault(item.casefold(), name)) != name:
                    raise ValueError(f"'{item}' is an item of the scales '{other}' and '{name}'")
        return scales

    @model_validator(mode="after")
    def _columns_are_not_reserved(self) -> Source:
        for name in self.columns:
            if name.startswith("_"):
                raise ValueError(f"names that begin with '_' belong to Atlas; found '{name}'")
        return self

    @property
    def mapping(self) -> dict[str, str]:
        """The declared columns, and each undeclared standard name mapped to itself."""
        return {name: name for name in ROLES[self.role].names} | self.columns

    def kept_as(self, column: str) -> str:
        """Return the name under which the lake keeps a column: the one that it is mapped to.

        >>> Source(path="a.csv", role="customers", columns={"trust": "Q1"}).kept_as("q1")
        'trust'
        """
        mapped = {text.casefold(): standard for standard, text in self.columns.items()}
        return mapped.get(column.casefold(), column)


class Privacy(_Declared):
    """What becomes of columns by which a person can be reached or named."""

    contact: tuple[str, ...] = Field(
        (), description="Columns of any source such as e-mail, phone, name and street."
    )
    pseudonymise: Literal["hmac", "drop", "keep"] = Field(
        "hmac",
        description="hmac keeps a keyed hash of each value, drop nothing, keep the value itself.",
    )


class FeatureSelection(_Declared):
    """Which features may form segments; constant, doubled, leaking and unstable ones may not."""

    keep: tuple[str, ...] = Field((), description="Features that are kept whatever is found.")
    rank: bool = Field(
        True, description="Rank features by what they tell of later behaviour, in about a second."
    )
    eliminate: bool = Field(
        False, description="Drop those without which later behaviour is told as well."
    )

    @model_validator(mode="after")
    def _ranked_to_eliminate(self) -> FeatureSelection:
        if self.eliminate and not self.rank:
            raise ValueError("`eliminate` needs `rank: true`")
        return self


class Segmentation(_Declared):
    """One question asked of the customers."""

    packs: tuple[Pack, ...] = Field(DEFAULT_PACKS, min_length=1)
    features: Annotated[tuple[FeatureDeclaration, ...], AfterValidator(check_order)] = Field(
        (), description="Features besides those of the packs."
    )
    search: Searched = SearchSettings()
    min_segment_share: float = Field(0.01, gt=0, lt=0.5)
    max_segments: int = Field(20, ge=2, le=200)
    levels: int = Field(
        1,
        ge=1,
        le=3,
        description="2 or 3 look inside each segment for sub-segments that are stable and large "
        "enough.",
    )
    seed: int = Field(0, ge=0)
    transforms: Transforms = Transforms()
    selection: FeatureSelection = FeatureSelection()
    rfm: RfmCuts = RfmCuts()

    @model_validator(mode="after")
    def _cuts_have_their_pack(self) -> Segmentation:
        if "rfm" in self.model_fields_set and "rfm" not in self.packs:
            raise ValueError("cut points of rfm need the pack rfm; add it to packs, or leave both")
        return self


class Project(_Declared):
    """The whole project file.

    >>> Project.model_validate({
    ...     "project": "shop",
    ...     "sources": {"orders": {"path": "orders.csv", "role": "transactions"}},
    ... }).sources["orders"].path
    ('orders.csv',)
    """

    project: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    timezone: str = Field("UTC", description="IANA name; naive timestamps mean this zone.")
    engine: Engine = Engine()
    state: State = State()
    sources: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")], Source] = Field(
        min_length=1
    )
    privacy: Privacy = Privacy()
    geography: Geography = Geography()
    protected: tuple[str, ...] = Field(
        (), description="Customer columns that are never features, nor what is mapped from them."
    )
    segmentations: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")], Segmentation] = (
        Field(default_factory=lambda: {"main": Segmentation()}, min_length=1)
    )
    rules: Annotated[
        dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")], Rule],
        AfterValidator(check_rules),
    ] = Field(default_factory=dict, description="Rule segments by name: whoever a condition fits.")
    stories: StorySettings | None = Field(
        None, description="The language model that may phrase stories; without it, a template does."
    )

    @field_validator("rules")
    @classmethod
    def _rules_have_segmentations(
        cls, rules: dict[str, Rule], info: ValidationInfo
    ) -> dict[str, Rule]:
        known: dict[str, Segmentation] = info.data.get("segmentations", {})
        for name, rule in rules.items() if known else ():
            named: list[tuple[tuple[str | int, ...], str | None]]
            named = [((name, "segmentation"), rule.segmentation)]
            named += [
                ((name, *place, "segmentation"), one.segmentation)
                for place, one in rule.when.walk("when")
            ]
            for place, segmentation in named:
                if segmentation is not None and segmentation not in known:
                    hint = nearest(segmentation, known)
                    raise DeclarationError(
                        f"found the segmentation '{segmentation}'.{hint}", *place
                    )
        return rules

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        # What `localtime` means differs from machine to machine.
        if name not in available_timezones() - {"localtime"}:
            raise ValueError(f"'{name}' is not an IANA time zone such as UTC or Europe/London")
        return name

    @field_validator("sources")
    @classmethod
    def _scales_have_one_meaning(cls, sources: dict[str, Source]) -> dict[str, Source]:
        held: dict[str, str] = {}
        for source, declared in sources.items():
            for name in declared.scales:
                if (other := held.setdefault(name.casefold(), source)) != source:
                    raise ValueError(f"the scale '{name}' is declared in '{other}' and '{source}'")
        return sources

    @model_validator(mode="after")
    def _protected_columns_are_of_customers(self) -> Project:
        for name, source in self.sources.items():
            if source.role is Role.CUSTOMERS:
                continue
            for standard, text in source.columns.items():
                if standard != "customer_id" and rests_on(text, self.protected):
                    raise ValueError(
                        f"sources.{name}.columns.{standard} rests on a protected column; what is "
                        "mapped there makes features, so leave it out"
                    )
        return self

    @property
    def scales(self) -> dict[str, Scale]:
        """The scales of all sources by name, their items named as the lake keeps them."""
        return {
            name: scale.model_copy(
                update={
                    "items": tuple(map(source.kept_as, scale.items)),
                    "reversed": tuple(map(source.kept_as, scale.reversed)),
                }
            )
            for source in self.sources.values()
            for name, scale in source.scales.items()
        }

    @property
    def never_features(self) -> dict[str, str]:
        """Why columns of customers are never features, by their names in lower case.

        These are contact columns, labels and protected columns, with what is mapped from them.
        """
        reasons: dict[str, str] = {}
        people = [each for each in self.sources.values() if each.role is Role.CUSTOMERS]
        for source in people:
            labels = [label.column for label in source.labels.values()]
            for names, reason in (
                (self.privacy.contact, "contact"),
                (labels, "label"),
                (self.protected, "protected"),
            ):
                resting = (name for name, text in source.columns.items() if rests_on(text, names))
                reasons |= {name.casefold(): reason for name in (*names, *resting)}
        return reasons
