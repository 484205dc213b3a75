"""What a step of training costs: on labels alone, and with a clip of unlabelled video beside them.

    python tests/bench/train_step.py [--rounds 7] [--steps 12] [--device cpu] [--peer]

ResNet-18 from random weights at 256x256, 16 labelled images and clips of 16 frames of the drawn sample project, with
temporal loss, Pose PCA and unimodal loss. The kinds of step take turns; medians count. A supervised step with as many
images has 32 labelled ones. Prints one JSON line a figure:

    train.supervised.seconds, train.semi.seconds     per step, with everything between the files and the new weights
    train.semi_over_supervised                       over a supervised step with as many images; goal at most 1.15
    train.wait_share                                 of semi-supervised training waiting for clips, after the first
                                                     ones, which are read while nothing is learnt yet; goal under 0.05
    train.supervised_over_peer, train.semi_over_peer with --peer; goal at most 0.7

--peer installs lightning-pose into a throw-away environment and measures its steps in the same turns. Its images and
targets lie ready in memory, so that its loaders, which refuse to run without a GPU, cost it nothing here.
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from tailbase.formats.project import load_labels
from tailbase.progress import SilentReporter
from tailbase.schema import LossSpec, SplitSpec, TrainSpec
from tailbase.synthetic import write_sample_project
from tailbase.training.checkpoints import State
from tailbase.training.clips import Clips, open_clips
from tailbase.training.dataset import one_animal
from tailbase.training.run import Run, begin, prepare
from tailbase.training.step import train_step
from tailbase.training.team import Team

HERE = Path(__file__).resolve().parent
BATCH, CLIP, LABELLED = 16, 16, 40
LOSSES = LossSpec(temporal=0.05, pose_pca=0.05, unimodal=0.01, ramp_start=0, ramp_end=0, clip_length=CLIP)


@dataclass
class Training:
    """A training under way, of which single steps are taken."""

    run: Run
    state: State
    clips: Clips | None

    def step(self) -> None:
        positions = list(itertools.islice(itertools.cycle(self.run.split.train), self.run.batch_size))
        clips = [self.clips.take()] if self.clips is not None else []
        train_step(self.run, self.state, self.state.progress.step, positions, clips, SilentReporter())
        self.state.progress.step += 1
        if self.run.device.type == "cuda":
            torch.cuda.synchronize()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=12, help="in a row, of which the share spent waiting is told")
    parser.add_argument("--side", type=int, default=256, help="of the input; another one only to try the bench out")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--peer", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        sample = write_sample_project(folder / "sample", frames=150, labelled=LABELLED)
        turns: dict[str, Callable[[], float]] = {
            "supervised": _timed(_training(stack, sample.folder, args, BATCH, LossSpec())),
            "as_many": _timed(_training(stack, sample.folder, args, BATCH + CLIP, LossSpec())),
            "semi": _timed(_training(stack, sample.folder, args, BATCH, LOSSES)),
        }
        if args.peer:
            peer = stack.enter_context(_peer(folder, args.device))
            turns |= {f"peer_{kind}": (lambda kind=kind: peer(kind)) for kind in ("supervised", "semi")}
        seconds = _medians(turns, args.rounds)
        _say_seconds(seconds, args)
        _say_waiting(_training(stack, sample.folder, args, BATCH, LOSSES), args.steps)


def _training(stack: ExitStack, folder: Path, args: argparse.Namespace, batch: int, losses: LossSpec) -> Training:
    fields = {"backbone": "resnet18", "weights": "none", "batch_size": batch, "epochs": 1000, "device": args.device}
    size = {"image_height": args.side, "image_width": args.side}
    spec = TrainSpec.model_validate(fields | size | {"losses": losses, "split": SplitSpec(validation=0)})
    labels, images = load_labels(folder / "labels.parquet")
    videos = sorted((folder / "videos").glob("*.mp4"))
    run, tracker = prepare(one_animal(labels), images, spec, videos, Team())
    state = begin(run, tracker, None, None)
    state.tracker.train()
    if run.plan is None:
        return Training(run, state, None)
    clips = open_clips(run.plan, run.clip_numbers(0), run.device, lambda message: print(message, file=sys.stderr))
    return Training(run, state, stack.enter_context(clips))


def _timed(training: Training) -> Callable[[], float]:
    def turn() -> float:
        began = time.perf_counter()
        training.step()
        return time.perf_counter() - began

    return turn


def _medians(turns: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Median seconds of each kind; the first round warms up and does not count."""
    measured = [{kind: turn() for kind, turn in turns.items()} for _ in range(rounds + 1)][1:]
    return {kind: statistics.median(one[kind] for one in measured) for kind in turns}


def _say_seconds(seconds: dict[str, float], args: argparse.Namespace) -> None:
    threads = f"{args.device}, {torch.get_num_threads()} threads, median of {args.rounds} interleaved"
    shape = f"ResNet-18 {args.side}x{args.side}, batch {BATCH}, clip {CLIP}"
    _say("train.supervised.seconds", seconds["supervised"], "s", f"{shape}, {threads}")
    _say("train.semi.seconds", seconds["semi"], "s", f"{shape}, {threads}")
    ratio = seconds["semi"] / seconds["as_many"]
    told = f"a supervised step with {BATCH + CLIP} images, {seconds['as_many']:.3f} s, {threads}; goal at most 1.15"
    _say("train.semi_over_supervised", ratio, "ratio", told)
    for kind in ("supervised", "semi"):
        if (theirs := seconds.get(f"peer_{kind}")) is not None:
            told = f"lightning-pose in this run, {theirs:.3f} s, {threads}; goal at most 0.7"
            _say(f"train.{kind}_over_peer", seconds[kind] / theirs, "ratio", told)


def _say_waiting(training: Training, steps: int) -> None:
    if training.clips is None:
        raise ValueError("only a training with clips waits for them")
    for _ in range(4):  # those that were read ahead before the first step
        training.step()
    before, began = training.clips.waited, time.perf_counter()
    for _ in range(steps):
        training.step()
    share = (training.clips.waited - before) / (time.perf_counter() - began)
    _say("train.wait_share", share, "ratio", f"{steps} semi-supervised steps in a row; goal under 0.05")


def _say(name: str, value: float, unit: str, compared_with: str) -> None:
    print(
        json.dumps({"name": name, "value": round(value, 4), "unit": unit, "compared_with": compared_with}), flush=True
    )


@contextmanager
def _peer(folder: Path, device: str) -> Iterator[Callable[[str], float]]:
    """Runs one step of lightning-pose at a time, in an environment that goes with the folder."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "peer")], check=True)
    python = str(folder / "peer/bin/python")
    subprocess.run([python, "-m", "pip", "install", "-q", "lightning-pose"], check=True)
    command = [python, str(HERE / "train_step_peer.py"), device, str(torch.get_num_threads()), str(BATCH), str(CLIP)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def step(kind: str) -> float:
            print(kind, file=process.stdin, flush=True)
            for line in process.stdout or ():
                if line.startswith("seconds "):
                    return float(line.split()[1])
            raise RuntimeError("lightning-pose ended before it was asked to")

        yield step


if __name__ == "__main__":
    main()
