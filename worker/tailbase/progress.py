"""Progress for a person (a bar on the terminal) or for the worker (JSON lines on standard output)."""

import argparse
import json
import sys
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tailbase.outline import show


class Reporter(Protocol):
    """What long work tells while it runs."""

    def step(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` units of `stage` are finished."""

    def metric(self, **values: float | int | str) -> None:
        """A row of a curve, e.g. ``metric(epoch=3, loss=0.2, validation_px=4.1)``."""

    def log(self, message: str) -> None:
        """A sentence for the log."""

    def artifact(self, name: str, path: str) -> None:
        """A finished file, complete on disk (checkpoints while training, results at the end)."""

    def result(self, **values: Any) -> None:
        """The outcome, once."""


class JsonReporter:
    """One JSON object a line, `event` first; read by the worker's supervisor."""

    def _emit(self, event: str, **values: Any) -> None:
        sys.stdout.write(json.dumps({"event": event, **values}, allow_nan=False) + "\n")
        sys.stdout.flush()

    def step(self, stage: str, done: int, total: int) -> None:
        self._emit("progress", stage=stage, done=done, total=total)

    def metric(self, **values: float | int | str) -> None:
        self._emit("metric", values=values)

    def log(self, message: str) -> None:
        self._emit("log", message=message)

    def artifact(self, name: str, path: str) -> None:
        self._emit("artifact", name=name, path=path)

    def result(self, **values: Any) -> None:
        self._emit("result", values=values)

    def error(self, code: str, message: str) -> None:
        self._emit("error", code=code, message=message)


class SilentReporter:
    """Tells nothing; for the processes of a team that do not lead it."""

    def step(self, stage: str, done: int, total: int) -> None:
        """Nothing."""

    def metric(self, **values: float | int | str) -> None:
        """Nothing."""

    def log(self, message: str) -> None:
        """Nothing."""

    def artifact(self, name: str, path: str) -> None:
        """Nothing."""

    def result(self, **values: Any) -> None:
        """Nothing."""


class TerminalReporter:
    """A progress bar and plain lines on standard error; the outcome on standard output."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TimeRemainingColumn(), console=self._console,
        )  # fmt: skip
        self._tasks: dict[str, Any] = {}

    def step(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._bar.start()
            self._tasks[stage] = self._bar.add_task(stage, total=total)
        self._bar.update(self._tasks[stage], completed=done, total=total)
        if done >= total and all(task.finished for task in self._bar.tasks):
            self._bar.stop()

    def metric(self, **values: float | int | str) -> None:
        self._console.print(
            "  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in values.items())
        )

    def log(self, message: str) -> None:
        self._console.print(message, markup=False)

    def artifact(self, name: str, path: str) -> None:
        self._console.print(f"{name}: {path}", markup=False)

    def result(self, **values: Any) -> None:
        show(Console(), values)


def add_json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="report as JSON lines on standard output")


def reporter(args: argparse.Namespace) -> JsonReporter | TerminalReporter:
    return JsonReporter() if args.json else TerminalReporter()
