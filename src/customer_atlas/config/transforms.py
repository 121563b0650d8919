"""How features become the columns that distances are taken of, as far as a person may choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "Encode",
    "FeatureTransforms",
    "FindOutliers",
    "Impute",
    "Outliers",
    "Scale",
    "Skew",
    "Steps",
    "Transforms",
]

Skew = Literal["auto", "log", "yeo-johnson", "none"]
Scale = Literal["standard", "robust"]
Encode = Literal["one-hot", "ordinal", "frequency"]
Impute = Literal["median", "constant", "iterative"]
FindOutliers = Literal["none", "z-score", "isolation-forest"]
Tail = Annotated[float, Field(ge=0, lt=0.25)]
Number = Annotated[float, Field(allow_inf_nan=False)]

_DECLARED = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)
_TAIL = 0.005
_LIMITS: dict[FindOutliers, float] = {"z-score": 4.0, "isolation-forest": 0.01}


@dataclass(frozen=True)
class Steps:
    """What is done to one feature, with nothing left open."""

    skew: Skew = "auto"
    winsorise: float = _TAIL
    scale: Scale = "standard"
    encode: Encode = "one-hot"
    levels: tuple[str, ...] = ()
    impute: Impute = "median"
    impute_value: float = 0.0


class Outliers(BaseModel):
    """Which customers lie far from all others, and what becomes of them.

    >>> Outliers(find="z-score").bound
    4.0
    """

    model_config = _DECLARED

    find: FindOutliers = Field(
        "none",
        description="z-score: a number that is many deviations from its mean; isolation-forest: "
        "a combination of numbers that few cuts set apart.",
    )
    limit: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None,
        description="z-score: deviations from the mean, default 4; isolation-forest: the share "
        "of customers expected to be outliers, at most 0.5, default 0.01.",
    )
    then: Literal["cap", "flag", "exclude"] = Field(
        "cap",
        description="cap pulls the values in; flag adds a column; exclude keeps these customers "
        "out of training, and places them in a segment afterwards like everybody.",
    )

    @property
    def bound(self) -> float:
        """The limit, or the default of what is looked for."""
        return _LIMITS.get(self.find, 0.0) if self.limit is None else self.limit

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if self.find == "none" and self.model_fields_set & {"limit", "then"}:
            raise ValueError(
                "'limit' and 'then' need outliers to be looked for: set 'find' to z-score or "
                "isolation-forest"
            )
        if self.find == "isolation-forest" and self.bound > 0.5:
            raise ValueError(
                f"with isolation-forest 'limit' is a share of customers, at most 0.5; it is "
                f"{self.bound:g}"
            )
        return self


class FeatureTransforms(BaseModel):
    """Settings of one feature; what is not written is as for all features."""

    model_config = _DECLARED

    skew: Skew | None = None
    winsorise: Tail | None = None
    scale: Scale | None = None
    encode: Encode | None = None
    levels: Annotated[tuple[str, ...], Field(min_length=2)] | None = Field(
        None, description="With encode ordinal: the values of the category, from low to high."
    )
    impute: Impute | None = None
    impute_value: Number | None = None

    @model_validator(mode="after")
    def _levels_are_different(self) -> Self:
        if self.levels and len(set(self.levels)) < len(self.levels):
            raise ValueError("a level is listed twice in 'levels'")
        return self


class Transforms(BaseModel):
    """How features become the columns that distances are taken of.

    >>> chosen = Transforms.model_validate({"features": {"recency_days": {"skew": "log"}}})
    >>> chosen.of("recency_days").skew, chosen.of("monetary").skew
    ('log', 'auto')
    """

    model_config = _DECLARED

    skew: Skew = Field(
        "auto",
        description="auto takes the logarithm where it mends the skew of a number; log takes it "
        "always; yeo-johnson fits a power; none leaves numbers as they are.",
    )
    winsorise: Tail = Field(
        _TAIL, description="Share of customers at each end whose numbers are pulled in."
    )
    scale: Scale = Field(
        "standard", description="standard: mean and deviation; robust: median and IQR / 1.349."
    )
    encode: Encode = Field(
        "one-hot",
        description="Categories as one column a level, as the rank of the level, or as the share "
        "of customers who have it.",
    )
    impute: Impute = Field(
        "median",
        description="What an unknown number becomes; iterative predicts it from the others. "
        "A column that says that it was unknown is added in any case.",
    )
    impute_value: Number = Field(0.0, description="With impute constant: the number.")
    outliers: Outliers = Outliers()
    shrink: bool = Field(
        True,
        description="Pull means and ratios of few observations towards the mean of all customers.",
    )
    features: dict[str, FeatureTransforms] = Field(
        default_factory=dict, description="Settings of single features, by their names."
    )

    def of(self, feature: str, *, category: bool = False) -> Steps:
        """Return what is done to a feature.

        The codes of a category are neither winsorised nor mended in their skew, unless its own
        settings say so.
        """
        general = Steps(
            skew="none" if category else self.skew,
            winsorise=0.0 if category else self.winsorise,
            scale=self.scale,
            encode=self.encode,
            impute=self.impute,
            impute_value=self.impute_value,
        )
        own = self.features.get(feature, FeatureTransforms()).model_dump(exclude_none=True)
        return Steps(**{**vars(general), **own})

    @model_validator(mode="after")
    def _settings_have_an_effect(self) -> Self:
        if "impute_value" in self.model_fields_set and not any(
            self.of(name).impute == "constant" for name in ("", *self.features)
        ):
            raise ValueError("'impute_value' needs impute: constant")
        for name, own in self.features.items():
            steps = self.of(name)
            if own.levels and steps.encode != "ordinal":
                raise ValueError(
                    f"features.{name}: 'levels' are for encode: ordinal; it is {steps.encode}"
                )
            if own.impute_value is not None and steps.impute != "constant":
                raise ValueError(
                    f"features.{name}: 'impute_value' needs impute: constant; it is {steps.impute}"
                )
            if own.encode == "one-hot" and own.model_fields_set & {"skew", "winsorise", "scale"}:
                raise ValueError(
                    f"features.{name}: 'skew', 'winsorise' and 'scale' are for numbers, and "
                    "one-hot makes none of a category; remove them, or 'encode'"
                )
        return self
