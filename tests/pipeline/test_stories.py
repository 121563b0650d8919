"""Stories of a project: told in every run, phrased by a model when asked, true whatever it says."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from customer_atlas import Atlas
from customer_atlas.cli import main
from customer_atlas.errors import ConfigError
from customer_atlas.pipeline import Asking, ask_for_stories
from customer_atlas.segments import story_facts
from customer_atlas.segments.stories import Checker
from customer_atlas.simulate import simulate_retailer
from tests.pipeline.conftest import make_shop
from tests.segments.stories.liar import completion, lying

KEY = "sk-secret-4711"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project file of a shop that has run once, without a model."""
    project = make_shop(tmp_path_factory.mktemp("shop"), simulate_retailer(240, seed=7))
    with Atlas.open(project) as atlas:
        atlas.run()
    return project


@contextmanager
def _declared(project: Path, settings: str) -> Iterator[Path]:
    """Declare a model for as long as the block runs."""
    before = project.read_text(encoding="utf-8")
    project.write_text(f"{before}stories: {{{settings}}}\n", encoding="utf-8")
    try:
        yield project
    finally:
        project.write_text(before, encoding="utf-8")
        for kept in project.parent.glob(".atlas/lake/runs/*/stories.json"):
            kept.unlink()


def _ask(project: Path, *, anew: bool = False) -> Asking:
    with Atlas.open(project) as atlas:
        return ask_for_stories(atlas.published(), anew=anew)


def _all_true(project: Path, asking: Asking) -> None:
    with Atlas.open(project) as atlas:
        segments = atlas.segments()
    assert set(asking.stories) == {one.id for one in segments}
    for segment in segments:
        checker = Checker(story_facts(segment, segments))
        sentences = asking.stories[segment.id].sentences
        assert len(sentences) >= 2
        assert all(checker.check(one).true for one in sentences)


def _command(*arguments: str) -> dict[str, Any]:
    before, sys.argv = sys.argv, ["atlas", *arguments, "--json"]
    try:
        with pytest.raises(SystemExit) as ended:
            main()
    finally:
        sys.argv = before
    assert not ended.value.code
    return {}


def test_a_run_keeps_a_story_of_every_segment(served: Path) -> None:
    with Atlas.open(served) as atlas:
        published = atlas.published()
        stored = json.loads((published.folder / "stories.json").read_text(encoding="utf-8"))
        stories = published.stories
    assert [one["segment_id"] for one in stored] == list(stories)
    assert {one.by for one in stories.values()} == {"template"}
    assert {one.verified for one in stories.values()} == {1.0}
    assert [one["text"] for one in stored] == [one.text for one in stories.values()]


def test_a_segment_that_people_name_is_told_by_that_name(served: Path) -> None:
    with Atlas.open(served) as atlas:
        published = atlas.published()
        first = published.segments[0]
        published.annotate(first, name="Our best", owner=None, note=None)
        assert "“Our best”" in atlas.published().stories[first.id].text
        atlas.published().annotate(first, name="", owner=None, note=None)


def test_what_is_kept_may_be_gone_or_damaged(served: Path) -> None:
    with Atlas.open(served) as atlas:
        kept = atlas.published().folder / "stories.json"
        before, stories = kept.read_text(encoding="utf-8"), atlas.published().stories
        kept.write_text("[{", encoding="utf-8")
        assert atlas.published().stories == stories
        kept.unlink()
        assert atlas.published().stories == stories
        kept.write_text(before, encoding="utf-8")


def test_the_page_and_the_document_of_a_segment_hold_its_story(
    served: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Atlas.open(served) as atlas:
        first, story = atlas.segments()[0], atlas.published().stories
    _command("show", "segment", first.id, "-p", str(served))
    shown = json.loads(capsys.readouterr().out)
    assert shown["story"] == json.loads(json.dumps(story[first.id].to_dict()))
    _command("stories", "-p", str(served))
    told = json.loads(capsys.readouterr().out)
    assert told["asked"] is None
    assert [one["text"] for one in told["stories"]] == [one.text for one in story.values()]


def test_a_model_that_copies_is_taken_at_its_word_and_asked_once(served: Path) -> None:
    def copy(handler: Any) -> None:
        document = json.loads(handler.liar.asked[-1]["messages"][1]["content"])
        handler.reply(completion(" ".join(document["in other words"])))

    with lying(copy) as liar, _declared(served, f"base_url: '{liar.url}', model: small"):
        asking = _ask(served)
        assert {one.by for one in asking.stories.values()} == {"small"}
        assert {one.verified for one in asking.stories.values()} == {1.0}
        assert asking.requests == len(asking.stories) == len(liar.asked)
        assert asking.tokens == 100 * asking.requests
        again = _ask(served)
        assert (again.requests, again.kept, again.stories) == (0, asking.requests, asking.stories)
        assert _ask(served, anew=True).requests == asking.requests
        with Atlas.open(served) as atlas:
            assert dict(atlas.published().stories) == asking.stories


def test_nobody_is_named_to_a_model(served: Path) -> None:
    with lying("They.") as liar, _declared(served, f"base_url: '{liar.url}', model: small"):
        _ask(served)
        asked = json.dumps(liar.asked)
    with Atlas.open(served) as atlas:
        people = atlas.members()["customer_id"].to_pylist()
    assert not [one for one in people if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", asked)]


@pytest.mark.parametrize(
    "lie",
    [
        "They bring 99% of revenue because they love us.",
        "Nobody buys more often, and they will buy twice as much.",
        "This is the only segment, thanks to “Golden fans”.",
    ],
)
def test_a_lie_is_in_no_story(served: Path, lie: str) -> None:
    with lying(lie) as liar, _declared(served, f"base_url: '{liar.url}', model: small"):
        asking = _ask(served)
        _all_true(served, asking)
        for story in asking.stories.values():
            assert lie not in story.text
            assert (story.verified, story.by) == (0.0, "template")
            assert story.rejected[0].wrong


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda handler: handler.reply(b"{}", 500), "HTTP 500"),
        (lambda handler: handler.reply(b"<html>", 200, "text/html"), "no JSON"),
        (lambda handler: handler.drip(b" ", 1.0, 30), "no answer within 0.3 seconds"),
    ],
)
def test_an_endpoint_that_fails_costs_three_questions_and_no_story(
    served: Path, answer: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORY_KEY", KEY)
    settings = "model: small, timeout: 0.3, api_key_env: STORY_KEY"
    with lying(answer) as liar, _declared(served, f"base_url: '{liar.url}', {settings}"):
        asking = _ask(served)
        assert asking.requests == min(3, len(asking.stories))
        assert liar.keys == [f"Bearer {KEY}"] * asking.requests
        _all_true(served, asking)
        with Atlas.open(served) as atlas:
            kept = (atlas.published().folder / "stories.json").read_text(encoding="utf-8")
    assert any(said in one for one in asking.notes)
    assert KEY not in kept + repr(asking)
    assert liar.url not in kept + repr(asking)


@pytest.mark.parametrize("budget", ["requests: 1", "tokens: 100"])
def test_a_budget_that_is_used_up_ends_the_questions(served: Path, budget: str) -> None:
    with (
        lying("They bring 99% of revenue.") as liar,
        _declared(served, f"base_url: '{liar.url}', model: small, budget: {{{budget}}}"),
    ):
        asking = _ask(served)
        assert len(liar.asked) == asking.requests == 1
        _all_true(served, asking)
    assert any("budget" in one for one in asking.notes)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("base_url: 'http://token@127.0.0.1:1/v1', model: m", "credentials"),
        ("base_url: 'http://127.0.0.1:1/v1?key=token', model: m", "query"),
        ("base_url: 'http://127.0.0.1:1/v1', model: m, api_key_env: NO_SUCH_KEY", "NO_SUCH_KEY"),
        ("base_url: '${NO_SUCH_URL}', model: m", "NO_SUCH_URL"),
    ],
)
def test_settings_that_cannot_be_used_are_told_without_their_secrets(
    served: Path, settings: str, said: str
) -> None:
    with _declared(served, settings), pytest.raises(ConfigError, match=said) as found:
        _ask(served)
    assert "token" not in str(found.value)


def test_without_a_model_there_is_nobody_to_ask(served: Path) -> None:
    with pytest.raises(ConfigError, match="no model is declared"):
        _ask(served)
