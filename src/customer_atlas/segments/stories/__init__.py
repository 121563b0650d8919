"""Stories: paragraphs about segments, of which every claim follows from computed facts."""

from __future__ import annotations

from customer_atlas.segments.stories.changes import Change, Member, tell_change
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
    "Change",
    "Checker",
    "Endpoint",
    "EndpointError",
    "Fact",
    "Member",
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
    "tell_change",
    "told_by_template",
]
