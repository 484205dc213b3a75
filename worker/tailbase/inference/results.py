"""The files and figures of one network's poses in one video."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from tailbase import __version__
from tailbase.formats.predictions_parquet import BlockWriter, PredictionsWriter
from tailbase.inference.engine import Engine
from tailbase.inference.summary import Summary
from tailbase.networks.model_folder import ModelFacts
from tailbase.video.reader import VideoReader


@dataclass(frozen=True)
class Member:
    """One of the networks that share a video: what computes it, and what is known about it."""

    engine: Engine
    facts: ModelFacts


class Sink:
    """Writes <stem>.parquet and <stem>.f32 to a folder; they appear when all went well. Use it as a context manager."""

    def __init__(self, member: Member, reader: VideoReader, checksum: str, out: Path, first: int) -> None:
        self._member, self._video = member, reader.path
        facts = member.facts
        self._parquet, self._block = out / f"{reader.path.stem}.parquet", out / f"{reader.path.stem}.f32"
        provenance = _provenance(member, reader, checksum)
        self._table = PredictionsWriter(self._parquet, facts.skeleton, facts.individuals, provenance, first)
        self._blocks = BlockWriter(self._block)
        self._summary = Summary(facts.skeleton.names, reader.width, reader.height)

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self._table)
            opening.enter_context(self._blocks)
            self._opened = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.__exit__(kind, error, trace)

    def write(
        self,
        points: Float[NDArray[np.float32], "frame individual keypoint 2"],
        likelihood: Float[NDArray[np.float32], "frame individual keypoint"],
        times: Float[NDArray[np.float64], "frame"],
    ) -> None:
        self._table.write(points, likelihood, times)
        self._blocks.write(points, likelihood)
        self._summary.add(points, likelihood)

    def result(self, frame_count: int, frames_per_second: float) -> dict[str, Any]:
        facts, engine = self._member.facts, self._member.engine
        return {
            "video": str(self._video), "parquet": str(self._parquet), "block": str(self._block),
            "frame_count": frame_count, "individuals": list(facts.individuals),
            "keypoints": list(facts.skeleton.names), "frames_per_second": frames_per_second,
            "device": engine.device.type, "engine": engine.name, "model_sha256": facts.weights_sha256,
            "summary": self._summary.result(),
        }  # fmt: skip


def _provenance(member: Member, reader: VideoReader, checksum: str) -> dict[str, str]:
    return {
        "model_sha256": member.facts.weights_sha256,
        "video": reader.path.name,
        "video_sha256": checksum,
        "frame_count": str(reader.frame_count),
        "engine": member.engine.name,
        "tailbase_version": __version__,
    }
