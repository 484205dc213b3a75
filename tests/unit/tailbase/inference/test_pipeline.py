"""Stages that overlap keep order, bounds and errors."""

import threading
import time
from collections.abc import Iterator

import pytest

from tailbase.inference.pipeline import Behind, ahead


def test_items_arrive_in_order() -> None:
    assert list(ahead(range(100), 3)) == list(range(100))


def test_the_reader_is_never_further_ahead_than_allowed() -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(50):
            made.append(number)
            yield number

    for taken, _ in enumerate(ahead(numbers(), 2), 1):
        time.sleep(0.001)
        # Two wait in the queue and one is in the reader's hand.
        assert len(made) <= taken + 3


def test_an_error_of_the_reader_is_raised_in_its_place() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("frame 2 is damaged")

    items = ahead(broken(), 2)
    assert next(items) == 1
    with pytest.raises(ValueError, match="frame 2"):
        next(items)


def test_the_reader_stops_when_its_consumer_does() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 0
        finally:
            closed.set()

    items = ahead(endless(), 2)
    next(items)
    items.close()
    assert closed.wait(5)


def test_calls_run_in_order_and_all_before_the_end() -> None:
    done: list[int] = []
    with Behind(2) as behind:
        for number in range(20):
            behind.call(lambda number=number: done.append(number))
    assert done == list(range(20))


def test_an_error_of_a_call_is_raised() -> None:
    def full() -> None:
        raise OSError("disk full")

    def fill() -> None:
        with Behind(1) as behind:
            for work in (full, full, full):
                behind.call(work)

    with pytest.raises(OSError, match="disk full"):
        fill()


def test_an_error_of_the_last_call_is_raised_too() -> None:
    def full() -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), Behind(2) as behind:
        behind.call(full)
