"""Stories: paragraphs about segments, of which every claim follows from computed facts."""

from __future__ import annotations

from customer_atlas.segments.stories.checker import Checker, Verdict
from customer_atlas.segments.stories.endpoint import Answer, Endpoint, EndpointError
from customer_atlas.segments.stories.facts import Fact, StoryFacts, story_facts
from customer_atlas.segments.stories.prompt import messages_for
from customer_atlas.segments.stories.story import (
    Rejected,
    Story,
    digest_of,
    phrased,
    told_by_template,
)
from customer_atlas.segments.stories.template import Sentence, tell

__all__ = [
    "Answer",
    "Checker",
    "Endpoint",
    "EndpointError",
    "Fact",
    "Rejected",
    "Sentence",
    "Story",
    "StoryFacts",
    "Verdict",
    "digest_of",
    "messages_for",
    "phrased",
    "story_facts",
    "tell",
    "told_by_template",
]
