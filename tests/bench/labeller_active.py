"""Whether the order of our queue saves labels: an oracle labels openfield ten at a time, as proposed or at random.

    python tests/bench/labeller_active.py [--steps 600] [--seeds 3] [--state FOLDER] [--minutes 60] [--shared ../shared]

Each round begins with the weights of the one before and takes the same number of steps, whatever the order. The test
frames are the last 20% of the sorted paths in `numpy.random.default_rng(0)`'s order, and no round sees them. What a
round found lies in FOLDER: a run that is stopped, or whose minutes are over, goes on from there.

    label.active_over_random   labels needed to come within 1.1 times the error of all labels, in the queue's order over
                               a random one; the median of the seeds, each with its own first ten frames
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailbase import presets
from tailbase.evaluation.errors import distances
from tailbase.formats.project import load_labels
from tailbase.inference.still_images import predict_files
from tailbase.labelling.benefit import Signals, benefit
from tailbase.progress import TerminalReporter
from tailbase.schema import Labels, PredictSpec, SplitSpec, TrainSpec
from tailbase.training.loop import train

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 10
WITHIN = 1.1
TEST_SHARE = 0.2
KEPT_ROUNDS = 2
ORDERS = ("queue", "random")


class Quiet(TerminalReporter):
    """Tells nothing: each round is told in one line by the bench."""

    def step(self, stage: str, done: int, total: int) -> None:
        """Nothing."""

    def metric(self, **values: float | int | str) -> None:
        """Nothing."""

    def artifact(self, name: str, path: str) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Bench:
    """The labels, which of them test, and where the rounds' results lie."""

    labels: Labels
    folder: Path
    pool: NDArray[np.int64]
    test: NDArray[np.int64]
    steps: int
    state: Path
    until: float


class OutOfTime(Exception):
    """The minutes are over; the state holds what is done."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--state", type=Path, default=Path("active-labels"))
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=60)
    args = parser.parse_args()
    labels, folder = load_labels(args.shared / "datasets" / "dlc-openfield")
    by_path = sorted(range(len(labels.images)), key=lambda position: labels.images[position].path)
    order = np.array(by_path)[np.random.default_rng(0).permutation(len(by_path))]
    cut = len(order) - round(TEST_SHARE * len(order))
    args.state.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + 60 * args.minutes
    bench = Bench(labels, folder, np.sort(order[:cut]), order[cut:], args.steps, args.state, until)
    try:
        print(json.dumps(measure(bench, args.seeds)))
    except OutOfTime:
        print(f"The minutes are over. Run it again with --state {args.state} to go on.")


def measure(bench: Bench, seeds: int) -> dict[str, Any]:
    """The figure, with every curve behind it."""
    goal = WITHIN * _all_labels(bench)
    curves = {f"{order} {seed}": _curve(bench, order, seed, goal) for seed in range(seeds) for order in ORDERS}
    needed = {name: labels_needed(curve, goal, len(bench.pool)) for name, curve in curves.items()}
    ratios = [needed[f"queue {seed}"] / needed[f"random {seed}"] for seed in range(seeds)]
    return {
        "name": "label.active_over_random", "value": statistics.median(ratios), "unit": "", "goal": 0.7,
        "ratios": ratios, "needed": needed, "goal_px": goal, "steps": bench.steps, "curves": curves,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip


def labels_needed(curve: Sequence[tuple[int, float]], goal: float, most: int) -> float:
    """Where the curve first meets the goal, on a straight line between rounds; all labels where it never does."""
    before: tuple[int, float] | None = None
    for labels, error in curve:
        if error <= goal:
            if before is None or before[1] <= error:
                return float(labels)
            share = (before[1] - goal) / (before[1] - error)
            return before[0] + share * (labels - before[0])
        before = labels, error
    return float(most)


def _all_labels(bench: Bench) -> float:
    found = _remembered(bench, "all")
    return float((found or _round(bench, "all", bench.pool, None, 0))["error_px"])


def _curve(bench: Bench, order: str, seed: int, goal: float) -> list[tuple[int, float]]:
    """Test errors by number of labels, until the goal is reached."""
    chance = np.random.default_rng(seed)
    labelled = chance.permutation(bench.pool)[:AT_ONCE]
    curve: list[tuple[int, float]] = []
    names: list[str] = []
    while True:
        name = f"{order}-{seed}-{len(labelled)}"
        start = bench.state / names[-1] if names else None
        done = _remembered(bench, name) or _round(bench, name, labelled, start, seed)
        names.append(name)
        curve.append((len(labelled), float(done["error_px"])))
        left = np.setdiff1d(bench.pool, labelled)
        if done["error_px"] <= goal or not len(left):
            return curve
        chosen = _ranked(bench, names, labelled, left) if order == "queue" else chance.permutation(left)
        labelled = np.concatenate([labelled, chosen[:AT_ONCE]])


def _remembered(bench: Bench, name: str) -> dict[str, Any] | None:
    path = bench.state / name / "done.json"
    return json.loads(path.read_text()) if path.exists() else None


def _round(bench: Bench, name: str, positions: NDArray[np.int64], start: Path | None, seed: int) -> dict[str, Any]:
    """Train on some labels, look at all images, and remember the error and the points."""
    if time.monotonic() > bench.until:
        raise OutOfTime
    out = bench.state / name
    train(_some(bench.labels, positions), bench.folder, _spec(bench, len(positions), seed), out, Quiet(),
          start=start / "model" if start else None)  # fmt: skip
    paths = [ref.path for ref in bench.labels.images]
    facts = predict_files(out / "model", bench.folder, paths, out / "points.f32", PredictSpec(), Quiet())
    points = np.fromfile(facts["block"], "<f4").reshape(len(paths), -1, 3)
    errors = distances(points[bench.test, :, :2], bench.labels.points[bench.test, 0])
    done = {"labels": len(positions), "error_px": float(np.nanmean(errors))}
    (out / "done.json").write_text(json.dumps(done))
    print(f"{name}: {done['error_px']:.2f} px", flush=True)
    return done


def _ranked(bench: Bench, names: Sequence[str], labelled: NDArray[np.int64], left: NDArray[np.int64]) -> Any:
    """The order our queue proposes: this round's points, and those of the rounds before for how far they differ."""
    rounds = [np.fromfile(bench.state / name / "points.f32", "<f4") for name in names[-1 - KEPT_ROUNDS :]]
    *others, points = [found.reshape(len(bench.labels.images), -1, 3)[left] for found in rounds]
    signals = Signals(points[..., :2], points[..., 2], [other[..., :2] for other in others])
    return left[np.argsort(-benefit(signals, bench.labels.points[labelled, 0]))]


def _some(labels: Labels, positions: NDArray[np.int64]) -> Labels:
    images = tuple(labels.images[position] for position in positions)
    return Labels(labels.skeleton, labels.individuals, images, labels.points[positions], labels.states[positions])


def _spec(bench: Bench, images: int, seed: int) -> TrainSpec:
    """The preset of rounds of pre-labels, for as many steps whatever the number of labels."""
    spec = presets.fast(presets.ProjectFacts(images))
    steps_an_epoch = max(1, images // spec.batch_size)
    epochs = max(1, round(bench.steps / steps_an_epoch))
    split = SplitSpec(method="random", validation=0.0)
    return spec.model_copy(update={"epochs": epochs, "validate_every": epochs, "seed": seed, "split": split})


if __name__ == "__main__":
    main()
