"""Poses in a video: read and resize, forward, decode the maps, write; the stages overlap."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from numpy.typing import NDArray
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.inference.choice import FRAMES_TO_MEASURE, Prepared, prepare
from tailbase.inference.engine import Engine, Images, streams
from tailbase.inference.frames import Batch, Size, Span, batches
from tailbase.inference.pipeline import Behind, ahead, side_by_side, threads_each
from tailbase.inference.results import Member, Sink
from tailbase.networks.model_folder import ModelFacts
from tailbase.networks.resize import to_source
from tailbase.networks.tracker import Tracker
from tailbase.progress import Reporter
from tailbase.schema import PredictSpec
from tailbase.video import dali
from tailbase.video.reader import VideoReader, open_video

_BATCHES_AHEAD = 2
_CPU = torch.device("cpu")

Found = tuple[Float[NDArray[np.float32], "frame keypoint 2"], Float[NDArray[np.float32], "frame keypoint"]]


def engine_for(
    tracker: Tracker, facts: ModelFacts, videos: Sequence[Path], spec: PredictSpec, report: Reporter
) -> Engine:
    """The engine that all these videos are predicted with, decided on the first.

    Errors:
        video.*; predict.no_such_frames; device.unavailable; engine.unavailable; predict.needs_views: the network looks
        at several cameras together.
    """
    _refuse_views(tracker)
    with open_video(videos[0], threads=1) as reader:
        span = _span(spec, reader.frame_count)
        samples = _samples(reader, tracker, facts, spec)
    prepared = prepare(tracker, spec, samples, (span.stop - span.first) * len(videos), facts.weights_sha256)
    for note in prepared.notes:
        report.log(note)
    return prepared.engine


def fastest_for(
    tracker: Tracker, facts: ModelFacts, video: Path, spec: PredictSpec, frames: int = FRAMES_TO_MEASURE
) -> Prepared:
    """The engine that predicting so many frames on this machine would use, measured anew where they are many.

    Errors:
        video.*; device.unavailable; engine.unavailable; predict.needs_views.
    """
    _refuse_views(tracker)
    with open_video(video, threads=1) as reader:
        return prepare(tracker, spec, _samples(reader, tracker, facts, spec), frames)


def _refuse_views(tracker: Tracker) -> None:
    if tracker.views > 1:
        message = f"This network looks at {tracker.views} cameras together, which is not possible with a single video."
        raise PoseError("predict.needs_views", f"{message} Use a network for one camera.")


def _samples(reader: VideoReader, tracker: Tracker, facts: ModelFacts, spec: PredictSpec) -> list[Images]:
    """From the whole video, not the frames asked for, so that all its segments are computed in one number format."""
    size = (facts.spec.image_height, facts.spec.image_width)
    return [_window(reader, at, size, spec.batch_size, tracker.reach) for at in (0, reader.frame_count // 2)]


def _window(reader: VideoReader, at: int, size: Size, batch_size: int, reach: int) -> Images:
    """The batch in which frame `at` lies."""
    first = at - at % batch_size
    span = Span(first, min(first + batch_size, reader.frame_count), reader.frame_count)
    with closing(batches(_frames(reader, span, reach), span, [size], batch_size, reach)) as made:
        return next(made).window(size, reach)


def predict_video(
    members: Sequence[Member], video: Path, outs: Sequence[Path], spec: PredictSpec, report: Reporter
) -> list[dict[str, Any]]:
    """Write <stem>.parquet and <stem>.f32 of each network to its folder; the video is read once for all.

    Args:
        outs: one folder for each member.

    Returns:
        for each member: video, parquet, block, frame_count, individuals, keypoints, frames_per_second (of the video,
        all networks together), device, engine, model_sha256, summary.

    Errors:
        video.*: it cannot be read; predict.no_such_frames: the spec's frames are not in the video.
    """
    began = time.monotonic()
    with open_video(video, threads=1) as reader, ExitStack() as stack:
        span = _span(spec, reader.frame_count)
        checksum = _sha256(video)
        sinks = [
            stack.enter_context(Sink(member, reader, checksum, out, span.first))
            for member, out in zip(members, outs, strict=True)
        ]
        behind = stack.enter_context(Behind(_BATCHES_AHEAD))
        for first, found in poses(members, reader, span, spec.batch_size):
            stop = first + len(found[0][0])
            behind.call(_write(sinks, found, reader.times[first:stop]))
            report.step(f"predict {video.name}", stop - span.first, span.stop - span.first)
    frames = span.stop - span.first
    rate = frames / (time.monotonic() - began)
    return [sink.result(frames, rate) for sink in sinks]


def _span(spec: PredictSpec, frame_count: int) -> Span:
    stop = frame_count if spec.last_frame is None else spec.last_frame + 1
    if not 0 <= spec.first_frame < stop <= frame_count:
        message = f"Frames {spec.first_frame} to {stop - 1} were asked for, but the video has 0 to {frame_count - 1}."
        raise PoseError("predict.no_such_frames", message)
    return Span(spec.first_frame, stop, frame_count)


def poses(
    members: Sequence[Member], reader: VideoReader, span: Span, batch_size: int
) -> Iterator[tuple[int, list[Found]]]:
    """Batch by batch: number of its first frame, and of each network points in pixels of the video and likelihoods."""
    device = members[0].engine.device
    reach = max(member.reach for member in members)
    source = (reader.height, reader.width)

    def work(batch: Batch) -> tuple[int, list[Found]]:
        return batch.first, [_found(member, batch, source) for member in members]

    made = batches(_frames(reader, span, reach, device), span, [member.size for member in members], batch_size, reach)
    with (
        threads_each(max(1, torch.get_num_threads() // streams(device))),
        closing(ahead(made, _BATCHES_AHEAD)) as ready,
    ):
        yield from side_by_side(work, ready, streams(device))


def _found(member: Member, batch: Batch, source: Size) -> Found:
    points, likelihood = member.engine.poses(batch.window(member.size, member.reach))
    points = to_source(points[batch.slots], source, member.size)
    return points.cpu().numpy(), likelihood[batch.slots].cpu().numpy()


def _frames(
    reader: VideoReader, span: Span, reach: int, device: torch.device = _CPU
) -> Iterator[UInt8[Tensor, "height width 3"]]:
    """In the memory of the GPU that computes, where it can decode the video, else of the CPU."""
    first, stop = span.reaching(reach)
    if device.type == "cuda" and dali.reads(reader, device):
        return dali.dali_frames(reader.path, first, stop, device)
    return map(torch.from_numpy, reader.frames(first, stop))


def _write(sinks: Sequence[Sink], found: Sequence[Found], times: NDArray[np.float64]) -> Callable[[], None]:
    def work() -> None:
        for sink, (points, likelihood) in zip(sinks, found, strict=True):
            sink.write(points, likelihood, times)

    return work


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
