"""A video as batches at the networks' input sizes, aligned to absolute frame numbers."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import UInt8
from torch import Tensor

from tailbase.inference.views import View


@dataclass(frozen=True)
class Span:
    """Frames `first` to `stop` - 1 of a video that has `frame_count`."""

    first: int
    stop: int
    frame_count: int

    def reaching(self, reach: int) -> tuple[int, int]:
        """First frame to read, and one behind the last, for networks that look `reach` frames to both sides."""
        return max(0, self.first - reach), min(self.stop + reach, self.frame_count)


@dataclass(frozen=True)
class Batch:
    """Consecutive frames, and `reach` more before and behind them.

    Attributes:
        images: of each view; always as many. Slots whose frame nobody needs are black; beyond the ends of the video
            its first and its last frame are repeated.
        first: number of the first wanted frame.
        slots: where the wanted frames lie after the first `reach` slots. Frame n always lies in slot n modulo the batch
            size, so that a video predicted in segments gives the same numbers as in one go.
        reach: frames before the first slot and behind the last.
    """

    images: dict[View, UInt8[Tensor, "window 3 height width"]]
    first: int
    slots: slice
    reach: int

    def window(self, view: View, reach: int) -> UInt8[Tensor, "window 3 height width"]:
        """The images of a view with `reach` more on both sides, at most as many as there are."""
        images, spare = self.images[view], self.reach - reach
        return images[spare : len(images) - spare]


def batches(
    frames: Iterable[UInt8[Tensor, "height width 3"]], span: Span, views: Sequence[View], batch_size: int, reach: int
) -> Generator[Batch, None, None]:
    """Batches of a span's frames.

    Args:
        frames: those of `span.reaching(reach)`, as a reader gives them, on the CPU or on a GPU.
        views: every one that a network wants; each frame is brought to each once.
        reach: the longest of any network.
    """
    coming = _numbered(frames, span.reaching(reach)[0], tuple(dict.fromkeys(views)))
    held: deque[tuple[int, dict[View, Tensor]]] = deque()
    for begin in range(span.first - span.first % batch_size, span.stop, batch_size):
        first, stop = max(begin, span.first), min(begin + batch_size, span.stop)
        low, high = Span(first, stop, span.frame_count).reaching(reach)
        while not held or held[-1][0] < high - 1:
            held.append(next(coming))
        while held[0][0] < low:
            held.popleft()
        places = [min(max(number, 0), span.frame_count - 1) - low for number in range(first - reach, stop + reach)]
        images = {
            view: _window([held[place][1][view] for place in places], first - begin, batch_size + 2 * reach)
            for view in held[0][1]
        }
        yield Batch(images, first, slice(first - begin, stop - begin), reach)


def _numbered(
    frames: Iterable[UInt8[Tensor, "height width 3"]], first: int, views: Sequence[View]
) -> Iterator[tuple[int, dict[View, Tensor]]]:
    for number, frame in enumerate(frames, first):
        picture = frame.permute(2, 0, 1)
        yield number, {view: view.image(number, picture) for view in views}


def _window(images: Sequence[UInt8[Tensor, "3 height width"]], at: int, length: int) -> UInt8[Tensor, "window 3 h w"]:
    """The images from slot `at` on, in memory as networks like it: channels last, and ready for a GPU."""
    shape = (length, *images[0].shape)
    pinned = images[0].device.type == "cpu" and torch.cuda.is_available()
    window = torch.empty(
        shape, dtype=torch.uint8, device=images[0].device, memory_format=torch.channels_last, pin_memory=pinned
    )
    window[:at] = 0
    window[at + len(images) :] = 0
    for slot, image in enumerate(images, at):
        window[slot] = image
    return window
