"""A process that reads clips of video ahead of a training: `python -m tailbase.training.clip_process`.

It is told what to read by one JSON line on its standard input, and writes each clip to its standard output as one JSON
line followed by the frames' bytes. It waits where nobody takes them, and ends when nobody can any more.
"""

import json
import os
import signal
import sys
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import torch

from tailbase.errors import PoseError
from tailbase.framing.boxes import box_of, cut
from tailbase.framing.finder import Finder
from tailbase.networks.resize import resize
from tailbase.training.clips import Clip, ClipPlan, Place, places
from tailbase.video.reader import VideoReader, open_video

_MOST_OPEN = 32
_CPU = torch.device("cpu")


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the training decides when to stop
    torch.set_num_threads(1)
    order = json.loads(sys.stdin.readline())
    plan = ClipPlan(**(order["plan"] | {name: tuple(order["plan"][name]) for name in ("videos", "crops")}))
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

    def __init__(self, plan: ClipPlan, device: torch.device = _CPU) -> None:
        self._plan = plan
        self._finder = None if plan.finder is None else Finder(Path(plan.finder), device)
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
        first = place.first_frame(reader.frame_count, self._plan.length)
        stop = min(first + self._plan.length, reader.frame_count)
        pictures = (torch.from_numpy(image).permute(2, 0, 1) for image in reader.frames(first, stop))
        return self._shown(number, reader, place, first, pictures)

    def _shown(
        self, number: int, reader: VideoReader, place: Place, first: int, pictures: Iterable[torch.Tensor]
    ) -> Clip:
        """The pictures at the input's size: the video's crop of them, or the box around an animal, the same in all."""
        plan = self._plan
        box = box_of(plan.crop(place.video), reader.height, reader.width, reader.path.name)
        if self._finder is not None:
            pictures = list(pictures)
            box = self._finder.box(pictures, box, number)
        frames = torch.stack([resize(cut(one, box), (plan.height, plan.width), plan.fit) for one in pictures])
        return Clip(frames.contiguous(), number, place.video, first, box.size)

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
