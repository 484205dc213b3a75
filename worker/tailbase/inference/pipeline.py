"""Stages that overlap: a reader ahead of its consumer, work side by side, and a writer behind; all bounded."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import torch

Item = TypeVar("Item")
Made = TypeVar("Made")


def ahead(items: Iterable[Item], depth: int) -> Generator[Item, None, None]:
    """The items, made by a thread that stays at most `depth` of them ahead.

    Its errors are raised here in their place; when the consumer stops early, so does the thread.
    """
    made: queue.Queue[tuple[bool, Item | BaseException | None]] = queue.Queue(depth)
    stopped = threading.Event()
    thread = threading.Thread(target=_make, args=(items, made, stopped), daemon=True)
    thread.start()
    try:
        while True:
            is_item, value = made.get()
            if is_item:
                yield value  # type: ignore[misc]  # the flag says it is an item
            elif isinstance(value, BaseException):
                raise value
            else:
                return
    finally:
        stopped.set()
        while thread.is_alive():
            _drain(made)
            thread.join(0.01)


def _make(items: Iterable[Item], made: queue.Queue[Any], stopped: threading.Event) -> None:
    try:
        for item in items:
            made.put((True, item))
            if stopped.is_set():
                return
        made.put((False, None))
    except BaseException as error:
        made.put((False, error))


def _drain(made: queue.Queue[Any]) -> None:
    while not made.empty():
        made.get_nowait()


def side_by_side(work: Callable[[Item], Made], items: Iterable[Item], workers: int) -> Generator[Made, None, None]:
    """What `work` makes of each item, in order, by that many threads; as many items again wait ready for them."""
    with ThreadPoolExecutor(workers) as pool:
        pending: deque[Future[Made]] = deque()
        try:
            for item in items:
                pending.append(pool.submit(work, item))
                if len(pending) >= 2 * workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def threads_each(threads: int) -> Iterator[None]:
    """Threads that begin in this block split their tensor operations over that many cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Behind:
    """Runs calls one after the other in a thread, at most `depth` of them behind; errors are raised at the next call.

    Use it as a context manager; leaving it waits for the last call.
    """

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._pending: deque[Future[None]] = deque()
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def call(self, work: Callable[[], None]) -> None:
        while len(self._pending) >= self._depth:
            self._pending.popleft().result()
        self._pending.append(self._pool.submit(work))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=kind is not None)
        if kind is None:
            for pending in self._pending:
                pending.result()
