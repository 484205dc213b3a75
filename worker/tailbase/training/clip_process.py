"""A process that reads clips of video ahead of a training: `python -m tailbase.training.clip_process`.

It is told what to read by one JSON line on its standard input, and writes each clip to its standard output as one JSON
line followed by the frames' bytes. It waits where nobody takes them, and ends when nobody can any more.
"""

import json
import os
import signal
import sys
from collections import OrderedDict
from pathlib import Path
from typing import IO, Any

import torch

from tailbase.errors import PoseError
from tailbase.networks.resize import resize
from tailbase.training.clips import Clip, ClipPlan, Place, places
from tailbase.video.reader import VideoReader, open_video

_MOST_OPEN = 32


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the training decides when to stop
    torch.set_num_threads(1)
    order = json.loads(sys.stdin.readline())
    plan = ClipPlan(**{**order["plan"], "videos": tuple(order["plan"]["videos"])})
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as pipe:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing but clips may enter the pipe
        try:
            _write_clips(plan, range(*order["numbers"]), pipe)
        except BrokenPipeError:
            os._exit(0)  # the training is gone, and with it whoever would read an error


def _write_clips(plan: ClipPlan, numbers: range, pipe: IO[bytes]) -> None:
    videos = OpenVideos(plan)
    for number in numbers:
        try:
            clip, notes = videos.clip(number)
        except PoseError as error:
            _write(pipe, {"code": error.code, "message": error.message})
            return
        header = {name: getattr(clip, name) for name in ("number", "video", "first", "source")}
        _write(pipe, header | {"notes": notes, "shape": clip.frames.shape}, clip)


def _write(pipe: IO[bytes], header: dict[str, Any], clip: Clip | None = None) -> None:
    pipe.write(json.dumps(header).encode() + b"\n")
    if clip is not None:
        pipe.write(clip.frames.numpy().data.cast("B"))
    pipe.flush()


class OpenVideos:
    """Reads clips, and keeps the lists of frames of the videos it read last."""

    def __init__(self, plan: ClipPlan) -> None:
        self._plan = plan
        self._open: OrderedDict[int, VideoReader] = OrderedDict()

    def clip(self, number: int) -> tuple[Clip, list[str]]:
        """The clip of that number, and a sentence about each video that was passed over.

        Errors:
            videos.unreadable: clips were looked for in `MOST_TRIES` places, and none could be read.
        """
        notes: list[str] = []
        for place in places(self._plan, number):
            name = Path(self._plan.videos[place.video]).name
            try:
                reader = self._reader(place.video)
                if reader.frame_count >= self._plan.least:
                    return self._read(number, reader, place), notes
                notes.append(f"{name} has only {reader.frame_count} frames, so no clips are taken from it.")
            except PoseError as error:
                notes.append(f"A clip of {name} was passed over: {error.message}")
        message = f"No clip could be read from the videos. {notes[-1]} Choose other videos."
        raise PoseError("videos.unreadable", message)

    def _read(self, number: int, reader: VideoReader, place: Place) -> Clip:
        size = (self._plan.height, self._plan.width)
        first = place.first_frame(reader.frame_count, self._plan.length)
        stop = min(first + self._plan.length, reader.frame_count)
        images = (torch.from_numpy(image).permute(2, 0, 1) for image in reader.frames(first, stop))
        frames = torch.stack([resize(image, size) for image in images])
        return Clip(frames.contiguous(), number, place.video, first, (reader.height, reader.width))

    def _reader(self, video: int) -> VideoReader:
        if video in self._open:
            self._open.move_to_end(video)
            return self._open[video]
        if len(self._open) >= _MOST_OPEN:
            self._open.popitem(last=False)[1].close()
        self._open[video] = open_video(self._plan.videos[video], threads=1)
        return self._open[video]


if __name__ == "__main__":
    main()
