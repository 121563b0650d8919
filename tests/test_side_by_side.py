from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from customer_atlas.side_by_side import side_by_side

__all__: list[str] = []


@pytest.mark.parametrize("threads", [1, 2, 7, None])
def test_results_come_in_the_order_of_the_items_whoever_is_done_first(threads: int | None) -> None:
    def slow_at_first(item: int) -> int:
        time.sleep(0.02 if item == 0 else 0)
        return -item

    assert list(side_by_side(slow_at_first, range(20), threads)) == [-i for i in range(20)]


def test_tasks_run_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=30)
    assert len(list(side_by_side(lambda _: both.wait(), range(2), 2))) == 2


def test_items_are_taken_as_they_are_needed() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(100):
            taken.append(item)
            yield item

    results = side_by_side(lambda item: item, items(), 2)
    next(results)
    assert len(taken) == 4
    results.close()  # type: ignore[attr-defined]


def test_the_first_failure_is_raised_and_what_has_not_begun_never_does() -> None:
    begun: list[int] = []

    def task(item: int) -> None:
        begun.append(item)
        if item == 3:
            raise ValueError("the fourth")

    with pytest.raises(ValueError, match="the fourth"):
        list(side_by_side(task, range(1000), 2))
    assert len(begun) < 10


def test_every_thread_begins_once() -> None:
    local, begun = threading.local(), []

    def begin() -> None:
        local.ready = True
        begun.append(threading.get_ident())

    assert all(side_by_side(lambda _: local.ready, range(50), 3, begin=begin))
    assert len(begun) == len(set(begun)) <= 3
