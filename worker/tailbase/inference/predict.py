"""Poses in a video: read and resize, forward, decode the maps, write; the stages overlap."""

import hashlib
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from numpy.typing import NDArray
from torch import Tensor

from tailbase import __version__
from tailbase.errors import PoseError
from tailbase.formats.predictions_parquet import BlockWriter, PredictionsWriter
from tailbase.inference.engine import Engine, prepare
from tailbase.inference.pipeline import Behind, ahead, side_by_side, threads_each
from tailbase.inference.summary import Summary
from tailbase.networks.model_folder import ModelFacts
from tailbase.networks.resize import resize, to_source
from tailbase.networks.tracker import Tracker
from tailbase.progress import Reporter
from tailbase.schema import PredictSpec
from tailbase.video.reader import VideoReader, open_video

_BATCHES_AHEAD = 2
_MOST_STREAMS = 4


@dataclass(frozen=True)
class Batch:
    """Consecutive frames at the network's size.

    Attributes:
        images: always a full batch; slots that hold no wanted frame are black.
        first: number of the first wanted frame.
        slots: where the wanted frames lie. Frame n always lies in slot n modulo the batch size, so that a video
            predicted in segments gives the same numbers as in one go.
    """

    images: UInt8[Tensor, "batch 3 height width"]
    first: int
    slots: slice


def engine_for(
    tracker: Tracker, facts: ModelFacts, videos: Sequence[Path], spec: PredictSpec, report: Reporter
) -> Engine:
    """The engine that all these videos are predicted with, decided on the beginning of the first.

    Errors:
        video.*; predict.no_such_frames; device.unavailable.
    """
    with open_video(videos[0], threads=1) as reader:
        first, stop = _range(spec, reader.frame_count)
        size = (facts.spec.image_height, facts.spec.image_width)
        # From the video's beginning, so that all segments of a video are computed in the same number format.
        end = min(spec.batch_size, reader.frame_count)
        with closing(_batches(reader, 0, end, size, spec.batch_size)) as batches:
            sample = next(batches)
    engine, notes = prepare(tracker, spec, sample.images, (stop - first) * len(videos))
    for note in notes:
        report.log(note)
    return engine


def predict_video(
    engine: Engine, facts: ModelFacts, video: Path, out: Path, spec: PredictSpec, report: Reporter
) -> dict[str, Any]:
    """Write `out`/<stem>.parquet and `out`/<stem>.f32 for the frames the spec asks for.

    Returns:
        video, parquet, block, frame_count, individuals, keypoints, frames_per_second, device, engine, summary.

    Errors:
        video.*: it cannot be read; predict.no_such_frames: the spec's frames are not in the video.
    """
    began = time.monotonic()
    with open_video(video, threads=1) as reader:
        first, stop = _range(spec, reader.frame_count)
        summary = Summary(facts.skeleton.names, reader.width, reader.height)
        provenance = _provenance(facts, reader, _sha256(video), engine)
        parquet, block = out / f"{video.stem}.parquet", out / f"{video.stem}.f32"
        with (
            PredictionsWriter(parquet, facts.skeleton, facts.individuals, provenance, first) as table,
            BlockWriter(block) as blocks,
            Behind(_BATCHES_AHEAD) as behind,
        ):
            size = (facts.spec.image_height, facts.spec.image_width)
            for at, points, likelihood in poses(engine, reader, first, stop, size, spec.batch_size):
                behind.call(_write(table, blocks, summary, reader.times[at : at + len(points)], points, likelihood))
                report.step(f"predict {video.name}", at + len(points) - first, stop - first)
    return {
        "video": str(video), "parquet": str(parquet), "block": str(block), "frame_count": stop - first,
        "individuals": list(facts.individuals), "keypoints": list(facts.skeleton.names),
        "frames_per_second": (stop - first) / (time.monotonic() - began), "device": engine.device.type,
        "engine": engine.name, "summary": summary.result(),
    }  # fmt: skip


def _range(spec: PredictSpec, frame_count: int) -> tuple[int, int]:
    stop = frame_count if spec.last_frame is None else spec.last_frame + 1
    if not 0 <= spec.first_frame < stop <= frame_count:
        message = f"Frames {spec.first_frame} to {stop - 1} were asked for, but the video has 0 to {frame_count - 1}."
        raise PoseError("predict.no_such_frames", message)
    return spec.first_frame, stop


Poses = tuple[int, Float[NDArray[np.float32], "frame keypoint 2"], Float[NDArray[np.float32], "frame keypoint"]]


def poses(
    engine: Engine, reader: VideoReader, first: int, stop: int, size: tuple[int, int], batch_size: int
) -> Iterator[Poses]:
    """Batch by batch: number of its first frame, points in pixels of the video, and likelihoods.

    On a CPU a few batches are computed side by side on their own cores. That keeps every core busy where one batch
    spread over all of them would wait for the slowest, which is the one that also reads the video.
    """
    threads = torch.get_num_threads()
    streams = min(threads, _MOST_STREAMS) if engine.device.type == "cpu" else 1

    def work(batch: Batch) -> Poses:
        points, likelihood = engine.poses(batch.images)
        points = to_source(points[batch.slots], (reader.height, reader.width), size)
        return batch.first, points.cpu().numpy(), likelihood[batch.slots].cpu().numpy()

    with (
        threads_each(threads // streams),
        closing(ahead(_batches(reader, first, stop, size, batch_size), _BATCHES_AHEAD)) as batches,
    ):
        yield from side_by_side(work, batches, streams)


def _batches(
    reader: VideoReader, first: int, stop: int, size: tuple[int, int], batch_size: int
) -> Generator[Batch, None, None]:
    images = torch.zeros(batch_size, 3, *size, dtype=torch.uint8)
    begin = first
    for number, frame in enumerate(reader.frames(first, stop), first):
        images[number % batch_size] = resize(torch.from_numpy(frame).permute(2, 0, 1), size)
        if (number + 1) % batch_size == 0 or number + 1 == stop:
            yield Batch(images, begin, slice(begin % batch_size, number % batch_size + 1))
            images = torch.zeros_like(images)
            begin = number + 1


def _write(
    table: PredictionsWriter,
    blocks: BlockWriter,
    summary: Summary,
    times: NDArray[np.float64],
    points: NDArray[np.float32],
    likelihood: NDArray[np.float32],
) -> Callable[[], None]:
    def work() -> None:
        table.write(points[:, None], likelihood[:, None], times)
        blocks.write(points[:, None], likelihood[:, None])
        summary.add(points, likelihood)

    return work


def _provenance(facts: ModelFacts, reader: VideoReader, checksum: str, engine: Engine) -> dict[str, str]:
    return {
        "model_sha256": facts.weights_sha256,
        "video": reader.path.name,
        "video_sha256": checksum,
        "frame_count": str(reader.frame_count),
        "engine": engine.name,
        "tailbase_version": __version__,
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
