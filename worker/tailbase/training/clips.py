"""Clips of unlabelled video: consecutive frames from random places of many videos, read ahead by other processes.

Which frames a clip holds depends on the plan and the clip's number alone, so a resumed training sees the clips that an
uninterrupted one would have seen, however many processes read them.
"""

import itertools
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.schema import Crop, Fit

MOST_TRIES = 50
"""Places drawn for a clip before the videos are given up as unreadable."""

_AHEAD = 2
_MOST_PROCESSES = 8
_WAIT_FOR_END = 10.0
_DRAWS_OF_CLIPS = 0x636C6970  # keeps these numbers apart from those drawn for images


@dataclass(frozen=True)
class ClipPlan:
    """All that decides the clips of a training.

    Attributes:
        videos: paths.
        length: frames in a clip; a shorter video gives all it has.
        least: frames a video needs; a shorter one is passed over.
        height, width: of the network's input.
        seed: of the training.
        fit: how frames are brought to the input.
        crops: of each video, x, y, width and height of the part that is looked at; empty for all of every video.
        finder: folder of the coarse network (`tailbase.framing.finder`) whose boxes clips are cut by; None for none.
    """

    videos: tuple[str, ...]
    length: int
    least: int
    height: int
    width: int
    seed: int
    fit: Fit = "stretch"
    crops: tuple[tuple[int, int, int, int] | None, ...] = ()
    finder: str | None = None

    def crop(self, video: int) -> Crop | None:
        """Of the video at that position."""
        values = self.crops[video] if self.crops else None
        return None if values is None else Crop(x=values[0], y=values[1], width=values[2], height=values[3])


@dataclass(frozen=True)
class Place:
    """Where a clip begins: a video, and a share of the places where a clip of it can begin."""

    video: int
    share: float

    def first_frame(self, frame_count: int, length: int) -> int:
        return int(self.share * (max(frame_count - length, 0) + 1))


@dataclass(frozen=True)
class Clip:
    """Consecutive frames at the size of the network's input, as labelled images are brought to it.

    Attributes:
        frames: uint8 (frame, 3, height, width).
        number: of the clip, which decides what it holds.
        video: position of the video in the plan.
        first: number of the first frame.
        source: height and width of the part of the video that is shown.
    """

    frames: UInt8[Tensor, "frame 3 height width"]
    number: int
    video: int
    first: int
    source: tuple[int, int]


class Clips(Protocol):
    """The clips of a plan from one number on, one after the other.

    Attributes:
        waited: seconds that `take` had to wait.
    """

    waited: float

    def take(self) -> Clip:
        """The next clip."""


def places(plan: ClipPlan, number: int) -> Iterator[Place]:
    """Where a clip is looked for, one place after the other where some cannot be read.

    Each video is equally likely, so that one long recording does not outweigh the others.
    """
    random = np.random.default_rng([_DRAWS_OF_CLIPS, plan.seed, number])
    order = random.permutation(len(plan.videos))
    for attempt in range(MOST_TRIES):
        yield Place(int(order[attempt % len(order)]), float(random.random()))


@contextmanager
def open_clips(plan: ClipPlan, numbers: range, device: torch.device, log: Callable[[str], None]) -> Iterator[Clips]:
    """The clips of these numbers, in order: decoded by a GPU where the training runs on one and DALI is there.

    Errors:
        videos.none, video.not_found; videos.unreadable when a clip is taken.
    """
    _check(plan)
    if device.type == "cuda":
        from tailbase.training.dali_clips import DaliClips
        from tailbase.video import dali

        if dali.available():
            with DaliClips(plan, numbers, device, log) as decoded:
                yield decoded
            return
    with ProcessClips(plan, numbers, usual_processes(device), log) as clips:
        yield clips


def _check(plan: ClipPlan) -> None:
    if not plan.videos:
        message = "Learning from unlabelled video needs at least one video. Give some, or set the losses' weights to 0."
        raise PoseError("videos.none", message)
    for video in plan.videos:
        if not Path(video).is_file():
            raise PoseError("video.not_found", f"There is no video {Path(video).name} at the place that was given.")


def usual_processes(device: torch.device) -> int:
    """One beside a CPU, whose steps take seconds; as many as keep up with a GPU."""
    if device.type == "cpu":
        return 1
    return max(1, min(_MOST_PROCESSES, (os.cpu_count() or 1) - 1))


class ProcessClips:
    """Clips read by processes of `tailbase.training.clip_process` in turns; a context manager.

    At most `_AHEAD` clips a process wait in memory. A process ends with its pipe, so none outlives this one, however
    this one ends.
    """

    def __init__(self, plan: ClipPlan, numbers: range, processes: int, log: Callable[[str], None]) -> None:
        self.waited = 0.0
        self._plan = plan
        self._log = log
        self._told: set[str] = set()
        self._stopped = threading.Event()
        self._readers = [self._start(numbers[which::processes]) for which in range(processes)]
        self._turns = itertools.cycle(self._readers)

    def __enter__(self) -> "ProcessClips":
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for reader in self._readers:
            reader.end()

    def take(self) -> Clip:
        began = time.perf_counter()
        found = next(self._turns).clips.get()
        self.waited += time.perf_counter() - began
        if isinstance(found, PoseError):
            raise found
        header, clip = found
        for note in header["notes"]:
            if note not in self._told:
                self._told.add(note)
                self._log(note)
        return clip

    def _start(self, numbers: range) -> "_Reader":
        process = subprocess.Popen(
            [sys.executable, "-m", "tailbase.training.clip_process"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        order = {"plan": asdict(self._plan), "numbers": [numbers.start, numbers.stop, numbers.step]}
        process.stdin.write(json.dumps(order).encode() + b"\n")  # type: ignore[union-attr]  # it was asked for
        process.stdin.flush()  # type: ignore[union-attr]
        return _Reader(process, self._stopped)


class _Reader:
    """One process and the thread that takes its clips."""

    def __init__(self, process: "subprocess.Popen[bytes]", stopped: threading.Event) -> None:
        self.process = process
        self.clips: queue.Queue[tuple[dict[str, Any], Clip] | PoseError] = queue.Queue(_AHEAD)
        self._stopped = stopped
        self._thread = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        self.process.kill()
        while self._thread.is_alive():
            while not self.clips.empty():
                self.clips.get_nowait()
            self._thread.join(0.01)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait(_WAIT_FOR_END)

    def _read(self, pipe: IO[bytes]) -> None:
        while not self._stopped.is_set():
            found = read_clip(pipe)
            self.clips.put(found)
            if isinstance(found, PoseError):
                return


def read_clip(pipe: IO[bytes]) -> tuple[dict[str, Any], Clip] | PoseError:
    """The next clip that `clip_process` wrote and its header, or why there is none."""
    line = pipe.readline(1_000_000)
    header: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
    if "code" in header:
        return PoseError(header["code"], header["message"])
    if header:
        buffer = bytearray(int(np.prod(header["shape"])))
        if _filled(pipe, memoryview(buffer)):
            frames = torch.frombuffer(buffer, dtype=torch.uint8).view(header["shape"])
            height, width = header["source"]
            return header, Clip(frames, header["number"], header["video"], header["first"], (height, width))
    message = "A process that reads videos was ended from outside, perhaps because memory ran out. Train again."
    return PoseError("videos.reader_died", message)


def _filled(pipe: IO[bytes], view: memoryview) -> bool:
    while len(view):
        count = pipe.readinto(view)  # type: ignore[attr-defined]  # a buffered reader has it
        if not count:
            return False
        view = view[count:]
    return True


def listed(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The given videos and those in given folders, each once, in the order given and within a folder by name.

    Errors:
        video.not_found: neither a file nor a folder.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            raise PoseError("video.not_found", f"There is no video or folder {path}.")
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        found |= {one.resolve(): one for one in inside if path.is_file() or one.suffix.lower() in _SUFFIXES}
    return tuple(found.values())


_SUFFIXES = frozenset((".mp4", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".m4v", ".wmv", ".flv", ".ts"))
