"""Two passes against whole frames: two flies of 90 pixels in pictures of 1024 x 1024, each a keypoint set of its own.

    python tests/bench/framing.py [--shared ../shared] [--work DIR] [--steps 300] [--smoke]

Frames are labelled in blocks of time, and those that test lie at least 15 frames (0.6 s) from any that trains. Both
ways train MobileNetV2 for as many steps of eight: on whole frames at 256 x 256, and in two passes, where the coarse
network sees 256 x 256 too. Prints one JSON line a figure:

    flies.whole_px, flies.two_pass_px      mean error on the test frames, pixels of the video
    flies.two_pass_over_whole              goal at most 0.5

With --work an interrupted run goes on where it was. --smoke trains a few steps on small inputs, to try the bench.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tailbase.formats.sleap_slp import read_slp
from tailbase.progress import SilentReporter
from tailbase.schema import FramingSpec, ImageRef, Labels, PointState, SplitSpec, TrainSpec
from tailbase.training.checkpoints import FILE_NAME
from tailbase.training.loop import train
from tailbase.video.reader import open_video

ROOT = Path(__file__).resolve().parents[2]
BATCH, STEPS, VALIDATIONS = 8, 300, 12
CYCLE, TRAIN_UNTIL, TEST_FROM, TEST_UNTIL = 100, 50, 65, 85
MOVING_FROM, STILL_STEP, MOVING_STEP, TEST_STEP = 1000, 10, 4, 5
"""The flies hardly move before that frame, where fewer labels tell as much."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--work", type=Path, help="a folder that keeps what is done")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    flies = args.shared / "datasets" / "sleap-flies13-clipA"
    if not (flies / "clip.slp").is_file():
        print(f"skipped: there are no flies at {flies}", file=sys.stderr)
        return 0
    weights = args.shared / "weights" / "mobilenetv2_100.safetensors"
    with tempfile.TemporaryDirectory(prefix="tailbase-bench-") as made:
        measure(flies, weights, args.work or Path(made), 4 if args.smoke else args.steps, args.smoke)
    return 0


def measure(flies: Path, weights: Path, folder: Path, steps: int, smoke: bool) -> None:
    """Train both ways and print the figures."""
    labels, split = labelled(flies, folder / "frames", smoke)
    errors = {}
    for mode, side in (("whole", 64 if smoke else 256), ("two_pass", 64 if smoke else 192)):
        spec = spec_for(mode, side, weights, split, steps)
        errors[mode] = trained(labels, folder, spec, folder / f"{mode}-{steps}")
        _tell(f"flies.{mode}_px", errors[mode]["mean_px"], "px", median_px=errors[mode]["median_px"], steps=steps)
    ratio = errors["two_pass"]["mean_px"] / errors["whole"]["mean_px"]
    _tell("flies.two_pass_over_whole", ratio, "ratio", goal="at most 0.5", points=errors["whole"]["points"])


def labelled(flies: Path, folder: Path, smoke: bool) -> tuple[Labels, SplitSpec]:
    """Frames as images, and which of them test."""
    poses = read_slp(flies / "clip.slp")
    places = {number: use for number in range(len(poses.points)) if (use := _use(number))}
    if smoke:
        places = dict(list(places.items())[-24:])
    folder.mkdir(parents=True, exist_ok=True)
    with open_video(flies / "clip.mp4") as reader:
        for number, image in reader.frames_at(n for n in places if not (folder / _name(n)).is_file()):
            Image.fromarray(image).save(folder / _name(number), compress_level=1)
    points = poses.points[list(places)].astype(np.float64)
    states = np.where(np.isfinite(points).all(-1), PointState.VISIBLE, PointState.UNLABELED).astype(np.int8)
    images = tuple(ImageRef(path=f"{folder.name}/{_name(n)}", video="clip", frame_index=n) for n in places)
    test = tuple(ref.path for ref, use in zip(images, places.values(), strict=True) if use == "test")
    split = SplitSpec(method="explicit", test_images=test, validation=0)
    return Labels(poses.skeleton, poses.individuals, images, points, states), split


def _use(number: int) -> str:
    place = number % CYCLE
    step = STILL_STEP if number < MOVING_FROM else MOVING_STEP
    if place < TRAIN_UNTIL and place % step == 0:
        return "train"
    return "test" if TEST_FROM <= place < TEST_UNTIL and place % TEST_STEP == 0 else ""


def _name(number: int) -> str:
    return f"{number:04}.png"


def spec_for(mode: str, side: int, weights: Path, split: SplitSpec, steps: int) -> TrainSpec:
    """The settings of `standard`, with as many epochs as make about `steps`."""
    known = weights.is_file()
    epochs = max(1, round(steps / 14))
    return TrainSpec(
        backbone="mobilenetv2_100", weights=str(weights) if known else "none", image_height=side, image_width=side,
        epochs=epochs, batch_size=BATCH, learning_rate=3e-3, validate_every=max(1, epochs // VALIDATIONS),
        individuals="separate", framing=FramingSpec.model_validate({"mode": mode}), split=split,
    )  # fmt: skip


def trained(labels: Labels, folder: Path, spec: TrainSpec, out: Path) -> dict[str, Any]:
    """The error on the test frames; a training that was interrupted goes on."""
    done = out / "test.json"
    if not done.is_file():
        checkpoint = out / "checkpoint" / FILE_NAME
        result = train(labels, folder, spec, out, SilentReporter(), checkpoint if checkpoint.is_file() else None)
        done.write_text(json.dumps(result["metrics"]["test"]))
    errors: dict[str, Any] = json.loads(done.read_text())
    return errors


def _tell(name: str, value: float, unit: str, **more: Any) -> None:
    print(json.dumps({"name": name, "value": round(value, 4), "unit": unit, **more}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
