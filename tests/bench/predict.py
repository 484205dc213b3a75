"""How fast prediction is: against the network alone, against eager float32, for five networks, and in what memory.

    python tests/bench/predict.py [--model MODEL] [--backbone resnet18] [--batches 48] [--rounds 5] [--frames 100000]
                                  [--only predict.of_forward predict.five_over_one ...]

Prints one JSON line a figure. All sides of a comparison run in one process on the same film, take turns, and the median
of the rounds counts. Without --model the weights are random: as fast as trained ones, but hardly any point is likely,
so engines that would be refused for moving points are not found out.

    predict.of_forward         the forward pass alone, from images in memory, over prediction from file to files; it is
                               called from as many threads at once as prediction does, so that all cores compute
    predict.over_eager         eager float32 (PyTorch's own layout) over the chosen engine, both from file to files
    predict.five_over_one      five networks that share the reading of a film over one of them
    predict.memory_growth      peak memory of predicting --frames frames over 1,000, small network, in processes
    predict.frames_per_second  of the chosen engine, from file to files
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch
from predict_gpu import gpu_figures
from predict_memory import memory_growth

from tailbase.inference.choice import FRAMES_TO_MEASURE, Prepared, prepare
from tailbase.inference.engine import Engine, Images, engine_of, streams
from tailbase.inference.pipeline import side_by_side, threads_each
from tailbase.inference.predict import predict_video
from tailbase.inference.results import Member
from tailbase.networks.architectures import new_tracker
from tailbase.networks.bundle import open_model
from tailbase.networks.model_folder import ModelFacts, SplitPaths
from tailbase.networks.tracker import Outputs, Tracker
from tailbase.progress import TerminalReporter
from tailbase.schema import PredictSpec, TrainSpec
from tailbase.synthetic.project import write_film
from tailbase.synthetic.scene import unseen_scene
from tailbase.synthetic.skeleton import sample_skeleton
from tailbase.video.reader import open_video

SPEC = PredictSpec(device="cpu")
_EAGER_FRAMES = 96
Timed = Callable[[], None]


class Quiet(TerminalReporter):
    """Draws no bar, which takes time."""

    def step(self, stage: str, done: int, total: int) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Stage:
    """A film, a folder for results, and networks alike to run over it; the first with its chosen engine."""

    film: Path
    folder: Path
    networks: list[tuple[Tracker, ModelFacts]]
    prepared: Prepared
    batches: int
    rounds: int

    @property
    def compared(self) -> str:
        facts = self.networks[0][1]
        size = f"{facts.spec.backbone} {facts.spec.image_width}x{facts.spec.image_height}"
        return (
            f"{size}, batch {SPEC.batch_size}, {self.prepared.engine.name}, {torch.get_num_threads()} threads, "
            f"{self.frames} frames, median of {self.rounds} interleaved"
        )

    @property
    def frames(self) -> int:
        return self.batches * SPEC.batch_size

    def predict(self, members: Sequence[Member], frames: int | None = None) -> None:
        outs = [self.folder / str(number) for number in range(len(members))]
        spec = SPEC.model_copy(update={"last_frame": (frames or self.frames) - 1})
        predict_video(members, self.film, outs, spec, Quiet())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="a trained model's folder or bundle")
    parser.add_argument("--backbone", default="resnet18")
    parser.add_argument("--batches", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--only", nargs="+", choices=sorted(FIGURES), default=sorted(FIGURES))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        stage = _stage(Path(name), args.model, args.backbone, args.batches, args.rounds)
        for note in stage.prepared.notes:
            print(json.dumps({"note": note}))
        for figure in args.only:
            FIGURES[figure](stage, args.frames)
    for line in gpu_figures(args.backbone, args.rounds):
        print(json.dumps(line), flush=True)


def _stage(folder: Path, model: Path | None, backbone: str, batches: int, rounds: int) -> Stage:
    film = folder / "mouse.mp4"
    write_film(film, unseen_scene(0), batches * SPEC.batch_size)
    networks = [open_model(model) if model else _random(backbone, seed) for seed in range(5)]
    with open_video(film) as reader:
        images = [torch.from_numpy(reader.frame(n)).permute(2, 0, 1) for n in range(SPEC.batch_size)]
    tracker, facts = networks[0]
    size = (facts.spec.image_height, facts.spec.image_width)
    resized = torch.nn.functional.interpolate(torch.stack(images).float(), size, mode="bilinear", antialias=True)
    window = resized.byte().contiguous(memory_format=torch.channels_last)
    return Stage(film, folder, networks, prepare(tracker, SPEC, [window], FRAMES_TO_MEASURE), batches, rounds)


def _random(backbone: str, seed: int) -> tuple[Tracker, ModelFacts]:
    torch.manual_seed(seed)
    spec, skeleton = TrainSpec(backbone=backbone, weights="none"), sample_skeleton()
    facts = ModelFacts(
        skeleton=skeleton, individuals=("animal",), spec=spec, split=SplitPaths(), metrics={}, labels_sha256="0" * 64,
        weights_sha256="0" * 64, tailbase_version="bench", created_at=datetime.now(UTC),
    )  # fmt: skip
    return new_tracker(spec, skeleton), facts


def _of_forward(stage: Stage, _frames: int) -> None:
    engine, facts = stage.prepared.engine, stage.networks[0][1]
    size = (SPEC.batch_size, 3, facts.spec.image_height, facts.spec.image_width)
    images = torch.randint(0, 256, size, dtype=torch.uint8).contiguous(memory_format=torch.channels_last)

    side = streams(engine.device)

    def forward() -> None:
        with threads_each(max(1, torch.get_num_threads() // side)):
            for _ in side_by_side(engine.forward, [images] * stage.batches, side):
                continue

    alone, whole = _medians(stage.rounds, forward, lambda: stage.predict([Member(engine, facts)]))
    rate = f"forward pass {stage.frames / alone:.1f} and from file to files {stage.frames / whole:.1f} frames/s"
    _tell("predict.of_forward", alone / whole, "ratio", f"{stage.compared}, {rate}")


def _over_eager(stage: Stage, _frames: int) -> None:
    (tracker, facts), engine = stage.networks[0], stage.prepared.engine
    plain = Member(_eager(tracker), facts)
    few = min(_EAGER_FRAMES, stage.frames)
    slow, fast = _medians(
        stage.rounds, lambda: stage.predict([plain], few), lambda: stage.predict([Member(engine, facts)])
    )  # fmt: skip
    eager, chosen = few / slow, stage.frames / fast
    rates = f"{eager:.1f} (the first {few} frames) and {chosen:.1f} frames/s"
    _tell("predict.over_eager", chosen / eager, "ratio", f"{stage.compared}, eager float32 and chosen engine {rates}")


def _eager(tracker: Tracker) -> Engine:
    """PyTorch as it comes: float32, channels first."""
    tracker = tracker.to(memory_format=torch.contiguous_format)

    def forward(images: Images) -> Outputs:
        with torch.inference_mode():
            return tracker.clip(images.float().contiguous())

    return engine_of(tracker, forward, torch.device("cpu"), "torch float32")


def _five_over_one(stage: Stage, _frames: int) -> None:
    way = stage.prepared.way
    spec = SPEC.model_copy(update={"engine": way.engine, "precision": way.precision})
    size = stage.networks[0][1].spec
    window = torch.zeros(SPEC.batch_size, 3, size.image_height, size.image_width).byte()
    window = window.contiguous(memory_format=torch.channels_last)
    members = [Member(prepare(tracker, spec, [window], 1).engine, facts) for tracker, facts in stage.networks]
    one, five = _medians(stage.rounds, lambda: stage.predict(members[:1]), lambda: stage.predict(members))
    _tell("predict.five_over_one", five / one, "ratio", stage.compared)


def _memory(stage: Stage, frames: int) -> None:
    engine = stage.prepared.way.engine
    growth, small, large = memory_growth(frames, engine)
    peaks = (
        f"peaks of {small / 1e6:.0f} and {large / 1e6:.0f} MB at 1,000 and {frames:,} frames, compact 64x64, {engine}"
    )
    _tell("predict.memory_growth", growth, "ratio", peaks)


def _rate(stage: Stage, _frames: int) -> None:
    (whole,) = _medians(stage.rounds, lambda: stage.predict([Member(stage.prepared.engine, stage.networks[0][1])]))
    _tell("predict.frames_per_second", stage.frames / whole, "frames/s", stage.compared)


def _medians(rounds: int, *sides: Timed) -> list[float]:
    """Seconds of each side; the first turn, which fills caches, does not count."""
    turns = [[_seconds(side) for side in sides] for _ in range(rounds + 1)][1:]
    return [statistics.median(column) for column in zip(*turns, strict=True)]


def _seconds(side: Timed) -> float:
    began = time.perf_counter()
    side()
    return time.perf_counter() - began


def _tell(name: str, value: float, unit: str, compared_with: str) -> None:
    line = {"name": name, "value": round(value, 4), "unit": unit, "compared_with": compared_with}
    print(json.dumps(line), flush=True)


FIGURES: dict[str, Callable[[Stage, int], None]] = {
    "predict.of_forward": _of_forward,
    "predict.over_eager": _over_eager,
    "predict.five_over_one": _five_over_one,
    "predict.memory_growth": _memory,
    "predict.frames_per_second": _rate,
}


if __name__ == "__main__":
    main()
