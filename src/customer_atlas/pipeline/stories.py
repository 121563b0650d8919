"""The stories of what serves: told by a template in every run, by a language model when asked."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from customer_atlas.errors import ConfigError
from customer_atlas.pipeline.progress import Progress, silent
from customer_atlas.segments import (
    Endpoint,
    EndpointError,
    Segment,
    Story,
    StoryFacts,
    digest_of,
    messages_for,
    phrased,
    story_facts,
    told_by_template,
)

if TYPE_CHECKING:
    from customer_atlas.config import ProjectFile, StorySettings
    from customer_atlas.pipeline.published import Published

__all__ = ["Asking", "ask_for_stories", "read_stories", "tell_stories"]

_FILE = "stories.json"
_IN_A_ROW = 3  # an endpoint that fails so often is not asked again


@dataclass(frozen=True)
class Asking:
    """What came of asking a model: the stories by segment, and what it took.

    `kept` counts stories that a model told before of the same facts. `notes` say what happened to
    questions that were asked in vain.
    """

    stories: Mapping[str, Story]
    model: str
    requests: int
    tokens: int
    kept: int
    notes: tuple[str, ...]
    seconds: float


def tell_stories(segments: Sequence[Segment], folder: Path) -> None:
    """Keep the template's story of each segment in the folder of a run."""
    _write((told_by_template(one.id, story_facts(one, segments)) for one in segments), folder)


def read_stories(segments: Sequence[Segment], folder: Path) -> dict[str, Story]:
    """Return the story of each segment by its id.

    What a run keeps is told anew where it is of other facts, such as an earlier name, or cannot
    be read.
    """
    kept = _kept(folder)
    found = {}
    for segment in segments:
        facts, story = story_facts(segment, segments), kept.get(segment.id)
        same = story is not None and story.digest == digest_of(facts)
        found[segment.id] = story if same and story else told_by_template(segment.id, facts)
    return found


def ask_for_stories(
    published: Published, progress: Progress = silent, *, anew: bool = False
) -> Asking:
    """Let the project's model phrase the stories of what serves, check them, and keep them.

    A story that the same model told of the same facts is kept, unless all are asked for `anew`.
    Nothing that the endpoint does is an error: the template tells what it does not, and a note
    says why. At most the time limit times the questions of the budget goes by.

    Raises:
        ConfigError: the project asks no model, or names a key that the environment does not hold.
    """
    begun = time.monotonic()
    file, segments = published.work.file, published.every_segment
    settings = file.project.stories
    if settings is None:
        raise ConfigError([f"{file.path.name}: stories: no model is declared to phrase them"])
    questions = _Questions(_endpoint(file, settings), settings)
    stories: dict[str, Story] = {}
    kept = 0
    before = {} if anew else published.stories
    for at, segment in enumerate(segments):
        progress("phrase stories", at, len(segments))
        known = before.get(segment.id)
        if known and known.by == settings.model and not known.note:
            stories[segment.id], kept = known, kept + 1
            continue
        stories[segment.id] = questions.story(segment.id, story_facts(segment, segments))
    _write(stories.values(), published.folder)
    notes = tuple(dict.fromkeys(one.note for one in stories.values() if one.note))
    seconds = time.monotonic() - begun
    return Asking(stories, settings.model, questions.asked, questions.tokens, kept, notes, seconds)


class _Questions:
    """Questions to one endpoint, within a budget."""

    def __init__(self, endpoint: Endpoint, settings: StorySettings) -> None:
        self._endpoint, self._settings = endpoint, settings
        self.asked = self.tokens = self._failed = 0

    def story(self, segment_id: str, facts: StoryFacts) -> Story:
        """Return the story that the model phrases, or the template's with a note."""
        model = self._settings.model
        if stop := self._stop():
            return told_by_template(segment_id, facts).noted(stop)
        self.asked += 1
        try:
            answer = self._endpoint.ask(messages_for(facts))
        except EndpointError as error:
            self._failed += 1
            return told_by_template(segment_id, facts).noted(f"{model} was not heard: {error}.")
        self._failed = 0
        self.tokens += answer.tokens
        return phrased(segment_id, facts, answer.text, model)

    def _stop(self) -> str:
        """Return why no more is asked; empty where more may be."""
        budget = self._settings.budget
        if self._failed >= _IN_A_ROW:
            return f"{self._settings.model} was not asked: it failed {_IN_A_ROW} times in a row."
        if self.asked >= budget.requests:
            return f"The budget of {budget.requests:,} requests was used up."
        if budget.tokens is not None and self.tokens >= budget.tokens:
            return f"The budget of {budget.tokens:,} tokens was used up."
        return ""


def _endpoint(file: ProjectFile, settings: StorySettings) -> Endpoint:
    url = file.resolve(settings.base_url, "stories", "base_url")
    parts = urlsplit(url)
    if "@" in parts.netloc or parts.query:
        place = file.where("stories", "base_url")
        raise ConfigError(
            [f"{place}: the address holds credentials or a query; name the key by api_key_env"]
        )
    key = ""
    if settings.api_key_env:
        key = os.environ.get(settings.api_key_env, "")
        if not key:
            place = file.where("stories", "api_key_env")
            raise ConfigError(
                [f"{place}: the environment variable {settings.api_key_env} is not set"]
            )
    if not (key.isascii() and key.isprintable()):
        place = file.where("stories", "api_key_env")
        raise ConfigError([f"{place}: what the variable holds is no key: it has odd letters"])
    return Endpoint(url, settings.model, settings.timeout, key)


def _kept(folder: Path) -> dict[str, Story]:
    try:
        stored = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return {one["segment_id"]: Story.from_dict(one) for one in stored}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # the template tells the same again


def _write(stories: Iterable[Story], folder: Path) -> None:
    text = json.dumps([one.to_dict() for one in stories], indent=1, ensure_ascii=False)
    beside = folder / f"{_FILE}.partial"
    beside.write_text(text + "\n", encoding="utf-8")
    beside.replace(folder / _FILE)
