"""Poses in a video: read and resize, forward, decode the maps, write; the stages overlap."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8
from numpy.typing import NDArray
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.framing.boxes import Box, box_of
from tailbase.inference.choice import FRAMES_TO_MEASURE, Prepared, prepare
from tailbase.inference.engine import Engine, Images, streams
from tailbase.inference.framed import Found, Framed, Whole, still
from tailbase.inference.frames import Batch, Span, batches
from tailbase.inference.memory import keep_freed_memory
from tailbase.inference.pipeline import Behind, ahead, side_by_side, threads_each
from tailbase.inference.results import Member, Sink
from tailbase.inference.two_pass import Samples, Trail, first_pass_engine, first_pass_span, windows
from tailbase.inference.views import Picture
from tailbase.networks.model_folder import ModelFacts
from tailbase.networks.tracker import Tracker
from tailbase.progress import Reporter
from tailbase.schema import PredictSpec
from tailbase.video import dali
from tailbase.video.reader import VideoReader, open_video

_BATCHES_AHEAD = 2
_CPU = torch.device("cpu")


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
        shown = _windows(reader, tracker, facts, spec)
    prepared = prepare(tracker, spec, shown, (span.stop - span.first) * len(videos), facts.weights_sha256)
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
        return prepare(tracker, spec, _windows(reader, tracker, facts, spec), frames)


def _refuse_views(tracker: Tracker) -> None:
    if tracker.views > 1:
        message = f"This network looks at {tracker.views} cameras together, which is not possible with a single video."
        raise PoseError("predict.needs_views", f"{message} Use a network for one camera.")


def _windows(reader: VideoReader, tracker: Tracker, facts: ModelFacts, spec: PredictSpec) -> list[Images]:
    """What engines are tried with."""
    samples = _samples(reader, spec, tracker.reach)
    return windows(tracker, facts, samples) if facts.coarse else samples.shown(still(facts.spec, samples.region))


def _samples(reader: VideoReader, spec: PredictSpec, reach: int) -> Samples:
    """From the whole video, not the frames asked for, so that all its segments are computed in one number format."""
    starts = (at - at % spec.batch_size for at in (0, reader.frame_count // 2))
    batches = (_pictures(reader, first, spec.batch_size, reach) for first in starts)
    return Samples(batches, _region(reader, spec))


def _region(reader: VideoReader, spec: PredictSpec) -> Box:
    return box_of(spec.crop, reader.height, reader.width, reader.path.name)


def _pictures(reader: VideoReader, first: int, batch_size: int, reach: int) -> Iterator[Picture]:
    """A batch of frames with its neighbours; black ones stand for those that the video does not have."""
    black = torch.zeros((3, reader.height, reader.width), dtype=torch.uint8)
    span = Span(first, min(first + batch_size, reader.frame_count), reader.frame_count)
    low, high = span.reaching(reach)
    yield from [black] * (low - first + reach)
    yield from (frame.permute(2, 0, 1) for frame in _frames(reader, span, reach))
    yield from [black] * (first + batch_size + reach - high)


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
        video.*: it cannot be read; predict.no_such_frames: the spec's frames are not in the video; crop.outside.
    """
    began = time.monotonic()
    keep_freed_memory()
    with open_video(video, threads=1) as reader, ExitStack() as stack:
        span = _span(spec, reader.frame_count)
        checksum = _sha256(video)
        sinks = [
            stack.enter_context(Sink(member, reader, checksum, out, span.first))
            for member, out in zip(members, outs, strict=True)
        ]
        framed = _framed(members, reader, span, spec, report)
        behind = stack.enter_context(Behind(_BATCHES_AHEAD))
        for first, found in poses(framed, reader, span, spec.batch_size):
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


def _framed(
    members: Sequence[Member], reader: VideoReader, span: Span, spec: PredictSpec, report: Reporter
) -> list[Framed]:
    """The networks and what they are shown; boxes around animals are found by a first pass over the video."""
    region = _region(reader, spec)
    trails = _first_pass(members, reader, first_pass_span(span), spec, report)
    return [
        trails[place].framed(region)
        if place in trails
        else Whole(member.engine, still(member.facts.spec, region), len(member.facts.individuals))
        for place, member in enumerate(members)
    ]


def _first_pass(
    members: Sequence[Member], reader: VideoReader, span: Span, spec: PredictSpec, report: Reporter
) -> dict[int, Trail]:
    """Where the animals of each member that looks at boxes are, by its place among the members."""
    trails = {place: Trail(m, m.facts.coarse, span) for place, m in enumerate(members) if m.facts.coarse is not None}
    if not trails:
        return {}
    finders: list[Framed] = []
    for place in trails:
        samples = _samples(reader, spec, 0)
        finder, notes = first_pass_engine(members[place], spec, samples, span.stop - span.first)
        finders.append(finder)
        for note in notes:
            report.log(note)
    for first, found in poses(finders, reader, span, spec.batch_size):
        for trail, (points, likelihood) in zip(trails.values(), found, strict=True):
            trail.add(first, points, likelihood)
        report.step(f"find {reader.path.name}", first + len(found[0][0]) - span.first, span.stop - span.first)
    return trails


def poses(
    networks: Sequence[Framed], reader: VideoReader, span: Span, batch_size: int
) -> Iterator[tuple[int, list[Found]]]:
    """Batch by batch: number of its first frame, and of each network points in pixels of the video and likelihoods."""
    device = networks[0].engine.device
    side = streams(device)  # before `threads_each` divides the cores among them
    reach = max(network.engine.tracker.reach for network in networks)
    shown = [view for network in networks for view in network.views]

    def work(batch: Batch) -> tuple[int, list[Found]]:
        return batch.first, [network.poses(batch) for network in networks]

    made = batches(_frames(reader, span, reach, device), span, shown, batch_size, reach)
    with (
        threads_each(max(1, torch.get_num_threads() // side)),
        closing(ahead(made, _BATCHES_AHEAD)) as ready,
    ):
        yield from side_by_side(work, ready, side)


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
