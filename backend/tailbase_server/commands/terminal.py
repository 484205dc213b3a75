"""What a person sees while Tailbase starts and works: on a terminal bars, elsewhere (a log) plain lines."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

CONSOLE = Console(stderr=True, highlight=False)
LINE_SECONDS = 5.0


def say(message: str) -> None:
    CONSOLE.print(message, markup=False, soft_wrap=True)


class Stages:
    """One bar for each stage, in the order they begin. Use as a `with` block and call with what is done."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=CONSOLE
        )
        self._tasks: dict[str, TaskID] = {}
        self._due: dict[str, float] = {}

    def __enter__(self) -> Self:
        if CONSOLE.is_terminal:
            self._bars.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if CONSOLE.is_terminal:
            self._bars.stop()

    def __call__(self, stage: str, done: float, total: float) -> None:
        if not CONSOLE.is_terminal:
            self._line(stage, done, total)
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage)
        self._bars.update(self._tasks[stage], completed=done, total=total)

    def _line(self, stage: str, done: float, total: float) -> None:
        """A line at the beginning, every few seconds, and at the end."""
        now = time.monotonic()
        due = self._due.get(stage, now)
        if now >= due or (done >= total and due < float("inf")):
            self._due[stage] = float("inf") if done >= total else now + LINE_SECONDS
            say(f"{stage}: {100 * done / total:.0f}%")
