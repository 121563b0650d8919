"""Tasks side by side on the processors at hand, their results in order: a leaf."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from threading import Thread
from typing import TypeVar

__all__ = ["load_ahead", "processors", "side_by_side"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def load_ahead(*modules: str) -> None:
    """Begin to load libraries that take a second, one after the other, while other work goes on.

    >>> load_ahead("json")
    """

    def load() -> None:
        for module in modules:
            import_module(module)

    Thread(target=load, name="load ahead").start()


def side_by_side(
    task: Callable[[Item], Result],
    items: Iterable[Item],
    threads: int | None = None,
    *,
    begin: Callable[[], object] | None = None,
) -> Iterator[Result]:
    """Run `task` for each item and yield the results in the order of the items.

    The threads are as many as the processors at hand, or `threads`. Each calls `begin` before
    its first task. Items are taken as they are needed, a few ahead of the results. What a task
    returns must not depend on the others, so that it never depends on how many run at a time.
    The first failure is raised, and what has not begun never does.

    >>> list(side_by_side(lambda x: x * x, [1, 2, 3]))
    [1, 4, 9]
    """
    workers = threads or processors()
    begun: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="task", initializer=begin) as pool:
        try:
            for item in items:
                begun.append(pool.submit(task, item))
                if len(begun) == 2 * workers:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):  # macOS and Windows have none
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
