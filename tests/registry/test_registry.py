"""The registry's books, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest

from customer_atlas.errors import RegistryError, UnknownNameError
from customer_atlas.registry import Registry, ServingRecord
from tests.registry.places import (
    COUNTS,
    NOON,
    Place,
    a_file,
    a_generation,
    a_source,
    promotable,
)


def test_an_ingestion_comes_back_as_it_was_recorded(registry: Registry) -> None:
    sources = [a_source("stock"), a_source("orders", version=7)]
    files = [a_file("b.csv"), a_file("ä/日本.csv"), a_file("s.csv", "stock")]
    registry.record_ingestion(sources, files)
    assert registry.sources() == {"orders": sources[1], "stock": sources[0]}
    assert registry.files("orders") == {"b.csv": files[0], "ä/日本.csv": files[1]}
    assert registry.files("stock") == {"s.csv": files[2]}
    assert registry.files("nothing") == {}


def test_what_was_recorded_is_there_after_closing_and_opening(place: Place) -> None:
    with place.open() as registry:
        registry.record_ingestion([a_source()], [a_file()])
        run = registry.run(registry.start_run("main"))
    with place.open() as registry:
        assert registry.sources() == {"orders": a_source()}
        assert registry.files("orders") == {"a.csv": a_file()}
        assert registry.run(run.id) == run


def test_a_later_ingestion_replaces_adds_and_forgets(registry: Registry) -> None:
    registry.record_ingestion([a_source()], [a_file("a"), a_file("b"), a_file("c")])
    changed = replace(a_file("b", digest="y"), read=11, kept=7, reasons={})
    later = replace(a_source(version=1), quarantine_version=None, notes=())
    registry.record_ingestion([later], [changed, a_file("d")], gone=[("orders", "a")])
    assert registry.sources() == {"orders": later}
    assert registry.files("orders") == {"b": changed, "c": a_file("c"), "d": a_file("d")}


def test_sources_and_files_come_sorted_the_same_way_from_both_databases(
    registry: Registry,
) -> None:
    names = ["Z", "_b", "a", "a b", "ab", "b", "ä"]
    for name in ["Z", *names[:0:-1]]:
        registry.record_ingestion([a_source(name)], [a_file(name, "Z")])
    assert list(registry.sources()) == names
    assert list(registry.files("Z")) == names


def test_a_file_that_is_gone_from_one_source_stays_in_another(registry: Registry) -> None:
    both = [a_file("same.csv"), a_file("same.csv", "web")]
    registry.record_ingestion([a_source(), a_source("web")], both)
    registry.record_ingestion([], [], gone=[("web", "same.csv"), ("web", "never there")])
    assert (list(registry.files("orders")), list(registry.files("web"))) == (["same.csv"], [])


def test_more_files_than_one_batch_are_all_kept(registry: Registry) -> None:
    files = [a_file(f"{number:05}.csv") for number in range(2_345)]
    registry.record_ingestion([a_source()], files)
    assert list(registry.files("orders").values()) == files


@pytest.mark.parametrize("count", ["read", "kept", "filtered", "quarantined", "deduplicated"])
def test_counts_that_do_not_add_up_are_refused_and_nothing_is_kept(
    registry: Registry, count: str
) -> None:
    wrong = a_file("wrong.csv", counts=COUNTS | {count: 99})
    with pytest.raises(RegistryError, match=r"rows of wrong.csv do not add up.* 99"):
        registry.record_ingestion([a_source()], [a_file(), wrong])
    assert registry.sources() == {}
    assert registry.files("orders") == {}


def test_a_file_of_a_source_without_a_pin_is_refused(registry: Registry) -> None:
    with pytest.raises(
        RegistryError, match="Could not record the ingestion: .*FOREIGN KEY|foreign"
    ):
        registry.record_ingestion([a_source()], [a_file(source="typo")])
    assert registry.sources() == {}


def test_a_run_goes_from_running_to_done(registry: Registry) -> None:
    before = datetime.now(UTC)
    generation, run = promotable(registry)
    started = registry.run(run)
    assert (started.status, started.segmentation, started.finished_at) == ("running", "main", None)
    registry.publish(
        run, generation, inputs="hash", as_of=NOON, outcome="4 segments", metrics={"k": 4}
    )
    done = registry.run(run)
    assert done == replace(
        started, status="done", finished_at=done.finished_at, inputs="hash", as_of=NOON,
        generation=generation, outcome="4 segments", metrics={"k": 4},
    )  # fmt: skip
    assert done.finished_at is not None
    assert before <= started.started_at <= done.finished_at <= datetime.now(UTC)
    assert started.started_at.tzinfo is UTC


def test_a_failed_run_keeps_its_reason_whatever_characters_it_holds(registry: Registry) -> None:
    run = registry.start_run("main")
    registry.fail_run(run, "cannot read \udcff\0.csv: 'ä'")
    assert (registry.run(run).status, registry.run(run).error) == (
        "failed",
        "cannot read ??.csv: 'ä'",
    )


def test_a_run_ends_once(registry: Registry) -> None:
    generation, run = promotable(registry)
    registry.fail_run(run, "first")
    with pytest.raises(RegistryError, match=f"Run {run} cannot end: it is failed"):
        registry.publish(run, generation, inputs="", as_of=NOON, outcome="second", metrics={})
    assert registry.run(run).error == "first"
    with pytest.raises(UnknownNameError, match="There is no run '99'"):
        registry.fail_run(99, "never began")


def test_the_last_done_run_is_the_newest_of_its_segmentation(registry: Registry) -> None:
    assert registry.last_done_run("main") is None
    ids = [registry.start_run(name) for name in ("main", "main", "main", "other")]
    for run in (ids[0], ids[1], ids[3]):
        generation = a_generation(run, registry.run(run).segmentation)
        registry.publish(run, generation, inputs="", as_of=NOON, outcome="", metrics={})
    registry.fail_run(ids[2], "no")
    last = registry.last_done_run("main")
    assert last is not None
    assert last.id == ids[1]


def test_runs_come_newest_first_and_limited(registry: Registry) -> None:
    ids = [registry.start_run("main") for _ in range(25)]
    assert [run.id for run in registry.runs()] == ids[:-21:-1]
    assert [run.id for run in registry.runs(limit=2)] == ids[:-3:-1]


def test_stale_runs_become_interrupted_and_others_stay(registry: Registry) -> None:
    ids = [registry.start_run("main") for _ in range(4)]
    registry.fail_run(ids[1], "no")
    assert registry.interrupt_stale_runs() == [ids[0], ids[2], ids[3]]
    assert [registry.run(run).status for run in ids] == [
        "interrupted", "failed", "interrupted", "interrupted",
    ]  # fmt: skip
    assert registry.run(ids[0]).finished_at is not None
    assert registry.interrupt_stale_runs() == []


def test_a_run_id_is_never_given_twice(place: Place) -> None:
    with place.open() as registry:
        first = registry.start_run("main")
        with pytest.raises(RegistryError):
            registry.start_run(None)  # type: ignore[arg-type]
        assert registry.start_run("main") > first


def test_a_generation_comes_back_as_it_was_recorded(registry: Registry) -> None:
    run = registry.start_run("main")
    expected = registry.next_generation()
    given = registry.add_generation(a_generation(run))
    assert given == expected
    assert registry.generation(given) == a_generation(run, id=given)


def test_generations_are_numbered_in_order_and_listed_newest_first(registry: Registry) -> None:
    run = registry.start_run("main")
    ids = [registry.add_generation(a_generation(run, name)) for name in ("main", "other", "main")]
    assert ids == [1, 2, 3]
    assert [generation.id for generation in registry.generations("main")] == [3, 1]
    with pytest.raises(RegistryError, match="Generation 3 cannot be recorded: the next one is 4"):
        registry.add_generation(a_generation(run, id=3))
    assert registry.add_generation(a_generation(run, id=4)) == 4


def test_a_generation_needs_a_run(registry: Registry) -> None:
    with pytest.raises(RegistryError, match="Could not record the generation"):
        registry.add_generation(a_generation(run=12))
    assert registry.generations("main") == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_what_json_cannot_hold_is_refused_by_both_databases(
    registry: Registry, value: object
) -> None:
    record = replace(a_generation(registry.start_run("main")), metrics={"score": value})
    with pytest.raises(RegistryError, match="JSON"):
        registry.add_generation(record)
    assert registry.generations("main") == []


def test_mappings_of_any_kind_are_kept_as_plain_ones(registry: Registry) -> None:
    config = MappingProxyType({"inner": MappingProxyType({"packs": ("rfm", "basket")})})
    given = registry.add_generation(
        replace(a_generation(registry.start_run("main")), config=config)
    )
    assert registry.generation(given).config == {"inner": {"packs": ["rfm", "basket"]}}


def test_instants_of_any_zone_come_back_in_utc_and_naive_ones_are_refused(
    registry: Registry,
) -> None:
    run = registry.start_run("main")
    there = NOON.astimezone(timezone(timedelta(hours=-7)))
    given = registry.add_generation(replace(a_generation(run), as_of=there))
    assert registry.generation(given).as_of.isoformat() == NOON.isoformat()
    with pytest.raises(RegistryError, match="a time without a zone"):
        registry.add_generation(replace(a_generation(run), as_of=NOON.replace(tzinfo=None)))


def test_unknown_runs_and_generations_are_told_with_those_that_exist(registry: Registry) -> None:
    _, run = promotable(registry)
    with pytest.raises(UnknownNameError, match=f"There is no run '77'. There are: {run}"):
        registry.run(77)
    with pytest.raises(UnknownNameError, match="There is no generation '77'. There are: 1"):
        registry.generation(77)


def test_promotion_moves_the_pointer_and_keeps_its_history(registry: Registry) -> None:
    assert registry.serving("main") is None
    first, second, other = promotable(registry), promotable(registry), promotable(registry, "vip")
    registry.promote("main", *first)
    registry.promote("vip", *other)
    registry.promote("main", *second)
    serving = registry.serving("main")
    assert serving is not None
    assert serving == ServingRecord("main", *second, serving.since)
    history = registry.promotions("main")
    assert [(row.generation, row.run) for row in history] == [second, first]
    assert history[0] == serving
    vip = registry.serving("vip")
    assert vip is not None
    assert (vip.generation, vip.run) == other


def test_a_later_run_of_the_same_generation_can_serve(registry: Registry) -> None:
    generation, run = promotable(registry)
    later = registry.start_run("main")
    registry.promote("main", generation, run)
    registry.promote("main", generation, later)
    serving = registry.serving("main")
    assert serving is not None
    assert (serving.generation, serving.run) == (generation, later)


def test_promoting_what_serves_changes_nothing(registry: Registry) -> None:
    pair = promotable(registry)
    registry.promote("main", *pair)
    before = registry.serving("main")
    registry.promote("main", *pair)
    assert registry.serving("main") == before
    assert registry.promotions("main") == [before]


def test_only_a_known_generation_and_run_of_the_segmentation_can_serve(registry: Registry) -> None:
    (generation, run), (vip, vip_run) = promotable(registry), promotable(registry, "vip")
    for wrong in ((99, run), (generation, 99)):
        with pytest.raises(UnknownNameError):
            registry.promote("main", *wrong)
    with pytest.raises(RegistryError, match="Generation 2 belongs to the segmentation 'vip'"):
        registry.promote("main", vip, run)
    with pytest.raises(RegistryError, match="belongs to the segmentation 'vip', not to 'main'"):
        registry.promote("main", generation, vip_run)
    assert registry.serving("main") is None
    assert registry.promotions("main") == []


def test_readers_see_the_old_pair_or_the_new_never_a_mix(place: Place) -> None:
    with place.open() as registry:
        # Generations and runs are paired: any other combination is a mix.
        pairs = {promotable(registry) for _ in range(2)}
        seen: list[tuple[int, int]] = []
        stop, failures = threading.Event(), list[BaseException]()

        def read() -> None:
            try:
                with place.open() as reader:
                    while not stop.is_set():
                        serving = reader.serving("main")
                        if serving is not None:
                            seen.append((serving.generation, serving.run))
            except BaseException as error:
                failures.append(error)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        promoted = 0
        while (promoted < 100 or len(set(seen)) < 2) and not failures:
            for pair in sorted(pairs):
                registry.promote("main", *pair)
                promoted += 1
        stop.set()
        for reader in readers:
            reader.join()
    assert failures == []
    assert set(seen) == pairs


def test_those_who_open_a_new_registry_together_all_succeed(place: Place) -> None:
    together = threading.Barrier(8)

    def first_run() -> int:
        together.wait()
        with place.open() as registry:
            return registry.start_run("main")

    with ThreadPoolExecutor(8) as pool:
        runs = [pool.submit(first_run) for _ in range(8)]
    assert sorted(run.result() for run in runs) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_run_is_published_with_its_generation_in_one_step(registry: Registry) -> None:
    run = registry.start_run("main")
    number = registry.publish(
        run, a_generation(run), inputs="i", as_of=NOON, outcome="Found 4.", metrics={"segments": 4}
    )
    serving, done = registry.serving("main"), registry.run(run)
    assert serving is not None
    assert (serving.generation, serving.run) == (number, run) == (1, run)
    assert (done.status, done.generation, done.inputs) == ("done", 1, "i")
    again = registry.start_run("main")
    assert registry.publish(again, 1, inputs="j", as_of=NOON, outcome="", metrics={}) == 1
    assert len(registry.generations("main")) == 1
    assert [one.run for one in registry.promotions("main")] == [again, run]


def test_a_publication_that_fails_leaves_neither_generation_nor_pointer(
    registry: Registry,
) -> None:
    run = registry.start_run("main")
    registry.fail_run(run, "stopped")
    with pytest.raises(RegistryError, match=f"Run {run} cannot end: it is failed, not running"):
        registry.publish(run, a_generation(run), inputs="i", as_of=NOON, outcome="", metrics={})
    assert registry.generations("main") == []
    assert registry.serving("main") is None
    assert registry.promotions("main") == []
