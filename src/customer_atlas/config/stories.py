"""Who may phrase the stories of segments: a language model, where one is asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["StoryBudget", "StorySettings"]


class StoryBudget(BaseModel):
    """How much a model may be asked each time that stories are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests: int = Field(50, ge=1, le=10_000, description="Questions, one for each segment.")
    tokens: int | None = Field(
        None, ge=1, description="Tokens of questions and answers together; default: no limit."
    )


class StorySettings(BaseModel):
    """An endpoint that speaks the OpenAI protocol, and what it may cost.

    >>> StorySettings(base_url="http://127.0.0.1:11434/v1", model="llama3.2").budget.requests
    50
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: Annotated[str, Field(pattern=r"^(https?://|\$\{)")] = Field(
        description="Where it is, up to /chat/completions; ${ENV_NAME} is filled in. No redirect "
        "is followed.",
    )
    model: str = Field(min_length=1, max_length=200, description="The model's name there.")
    timeout: float = Field(
        20.0, gt=0, le=600, description="Seconds that one question may take, from first to last."
    )
    budget: StoryBudget = StoryBudget()
    api_key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = Field(
        None, description="The environment variable that holds the key; none is sent without it."
    )
