"""How much of prediction is the network: the forward pass alone over prediction from video file to result files.

    python tests/bench/predict.py [--backbone resnet18] [--batches 24] [--rounds 5]

Both sides run the same prepared network in the same process, threads, number format and batch; the forward pass takes
its images from memory. They take turns, and the median of the rounds counts. Prints one JSON line; 1 would mean that
reading, resizing, decoding of maps and writing cost nothing.
"""

import argparse
import json
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from tailbase.inference.engine import Engine
from tailbase.inference.predict import engine_for, predict_video
from tailbase.networks.architectures import new_tracker
from tailbase.networks.model_folder import ModelFacts, SplitPaths
from tailbase.schema import PredictSpec, TrainSpec
from tailbase.synthetic.project import write_film
from tailbase.synthetic.scene import unseen_scene
from tailbase.synthetic.skeleton import sample_skeleton


class Quiet:
    """Reports nothing."""

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", default="resnet18")
    parser.add_argument("--batches", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    spec = PredictSpec()
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "mouse.mp4"
        write_film(video, unseen_scene(0), args.batches * spec.batch_size)
        facts = _facts(args.backbone)
        engine = engine_for(new_tracker(facts.spec, facts.skeleton), facts, [video], spec, Quiet())
        turns = [_turn(engine, facts, video, Path(folder), spec, args.batches) for _ in range(args.rounds + 1)][1:]
    forward, whole = (statistics.median(column) for column in zip(*turns, strict=True))
    compared = f"forward pass of {args.backbone} 256x256, batch {spec.batch_size}, {engine.name}"
    print(
        json.dumps(
            {
                "name": "predict.of_forward",
                "value": round(forward / whole, 4),
                "unit": "ratio",
                "compared_with": f"{compared}, {torch.get_num_threads()} threads, images in memory, median of "
                f"{args.rounds} interleaved: {args.batches * spec.batch_size / forward:.1f} frames/s",
            }
        )
    )


def _facts(backbone: str) -> ModelFacts:
    return ModelFacts(
        skeleton=sample_skeleton(), individuals=("animal",), spec=TrainSpec(backbone=backbone, weights="none"),
        split=SplitPaths(), metrics={}, labels_sha256="0" * 64, weights_sha256="0" * 64, tailbase_version="bench",
        created_at=datetime.now(UTC),
    )  # fmt: skip


def _turn(
    engine: Engine, facts: ModelFacts, video: Path, out: Path, spec: PredictSpec, batches: int
) -> tuple[float, float]:
    """Seconds of the forward passes alone and of the whole prediction."""
    size = (spec.batch_size, 3, facts.spec.image_height, facts.spec.image_width)
    images = torch.rand(size).mul(255).contiguous(memory_format=torch.channels_last).to(engine.device)
    began = time.perf_counter()
    for _ in range(batches):
        outputs = engine.forward(images)
    engine.tracker.decode(outputs)[1].sum().item()  # waits for a GPU to finish
    forward = time.perf_counter() - began
    began = time.perf_counter()
    predict_video(engine, facts, video, out, spec, Quiet())
    return forward, time.perf_counter() - began


if __name__ == "__main__":
    main()
