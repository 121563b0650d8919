"""A story is true whoever phrases it, and tells the same facts."""

from __future__ import annotations

import json

import pytest

from customer_atlas.segments.stories import (
    Checker,
    Story,
    messages_for,
    phrased,
    tell,
    told_by_template,
)
from tests.segments.stories.grocer import LIES, TRUE, facts

SAID = (
    "With 766 of 2,469 customers (31%), this is the second-largest of the four segments. "
    "They bring 66% of revenue, 2.1 times as much per customer as the average. "
    "Typically they have placed 105 orders and have spent 3,470 in all. "
    "On average they buy from 14 categories, against 11 for everyone."
)


def test_the_template_tells_three_to_five_sentences_that_all_hold() -> None:
    for place in range(4):
        story = told_by_template("s", facts(place))
        assert 3 <= len(story.sentences) <= 5
        assert (story.by, story.verified, story.rejected) == ("template", 1.0, ())
        assert story == told_by_template("s", facts(place))


def test_a_true_story_stays_as_the_model_phrased_it() -> None:
    story = phrased("s", facts(0), SAID, "small")
    assert (story.by, story.verified, story.note) == ("small", 1.0, "")
    assert story.text == SAID


def test_a_sentence_that_fails_gives_way_to_that_of_the_template() -> None:
    story = phrased("s", facts(0), SAID.replace("66%", "76%"), "small")
    own = tell(facts(0))[1].text
    assert story.sentences[1] == own
    assert story.verified == 0.75
    assert [one.sentence for one in story.rejected] == [
        "They bring 76% of revenue, 2.1 times as much per customer as the average."
    ]
    assert "76%" not in story.text


@pytest.mark.parametrize("place", LIES)
def test_no_lie_is_in_a_story(place: int) -> None:
    checker = Checker(facts(place))
    for lie in LIES[place]:
        story = phrased("s", facts(place), f"{SAID} {lie}" if place == 0 else lie, "small")
        assert lie not in story.sentences
        assert all(checker.check(one).true for one in story.sentences)
        assert story.verified < 1


@pytest.mark.parametrize("text", ["", "...", "Ich weiß es nicht.", "<p>66%</p>", "{}", "A" * 9_000])
def test_a_story_of_nothing_is_that_of_the_template(text: str) -> None:
    story = phrased("s", facts(0), text, "small")
    assert story.sentences == told_by_template("s", facts(0)).sentences
    assert (story.by, story.verified) == ("template", 0.0)
    assert "small" in story.note


def test_what_a_model_leaves_out_is_told() -> None:
    story = phrased("s", facts(0), "They bring 66% of revenue.", "small")
    whole = {one for sentence in tell(facts(0)) for one in sentence.facts}
    checker = Checker(facts(0))
    assert {one for said in story.sentences for one in checker.check(said).facts} == whole


def test_a_sentence_said_twice_is_told_once() -> None:
    story = phrased("s", facts(0), f"{SAID} {SAID}", "small")
    assert len(set(story.sentences)) == len(story.sentences)


def test_a_story_comes_back_from_what_was_kept() -> None:
    story = phrased("s", facts(0), SAID.replace("66%", "76%"), "small")
    assert Story.from_dict(json.loads(json.dumps(story.to_dict()))) == story


def test_facts_are_asked_as_data() -> None:
    system, user = messages_for(facts(0))
    assert system["role"] == "system"
    assert "data" in system["content"]
    document = json.loads(user["content"])
    assert document["segment"] == facts(0).name
    assert all(one["says"] for one in document["facts"])


def test_every_style_of_truth_makes_a_story() -> None:
    for place, said in TRUE.items():
        story = phrased("s", facts(place), "\n".join(f"- {one}" for one in said[:6]), "small")
        assert (story.by, story.verified) == ("small", 1.0)
