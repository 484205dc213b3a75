"""Real projects end to end: import over the REST API, train by a real worker, predict; the error on held-out frames.

    python tests/bench/real_projects.py [openfield] [mirror_mouse] [--shared ../shared]

The split is by sorted image path, `numpy.random.default_rng(0).permutation`, the last 20% test; the checkpoint is
chosen on 10% of the rest, and the test frames are read once. Prints one JSON line a figure.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tailbase_client import Tailbase
from tailbase_core.settings import Settings
from tailbase_server.local import running
from tailbase_server.sample.sign_in import signed_in

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = "mobilenetv2_100.safetensors"
SPLIT = {"method": "random", "seed": 0, "test": 0.2, "validation": 0.1}


@dataclass(frozen=True)
class Project:
    """`compared_with` says what the error is measured against."""

    folder: str
    frames: int
    compared_with: str


PROJECTS = {
    "openfield": Project("dlc-openfield", 116, "goal 3.5; DeepLabCut's MobileNets 3.0 to 3.8; a second human 2.7"),
    "mirror_mouse": Project("mirror-mouse", 90, "goal 10; Lightning Pose with this backbone, labels and split 11.9"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", nargs="*", metavar="PROJECT", default=list(PROJECTS), help=", ".join(PROJECTS))
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--port", type=int, default=8577)
    parser.add_argument("--epochs", type=int, help="fewer than the preset's, to try the bench itself")
    args = parser.parse_args()
    shared = args.shared.resolve()
    with tempfile.TemporaryDirectory(prefix="tailbase-bench-") as folder:
        settings = Settings(data_dir=Path(folder), weights_dir=shared / "weights", roots=(shared / "datasets",))
        say = partial(print, flush=True)
        with running(settings, "127.0.0.1", args.port, say) as local, signed_in(local) as client:
            for name in args.projects:
                for line in measure(client, name, PROJECTS[name], args.epochs):
                    print(json.dumps(line), flush=True)


def measure(client: Tailbase, name: str, given: Project, epochs: int | None) -> Iterator[dict[str, Any]]:
    """Import, train and predict one project; the figures as they come."""
    project = client.create_project(name)
    report = project.wait(project.import_root("datasets", given.folder, create_skeleton=True))["result"]["report"]
    if report["frames"] != given.frames:
        raise SystemExit(f"{name}: {report['frames']} frames were imported, not {given.frames}")
    started = time.monotonic()
    spec = {
        "backbone": "mobilenetv2_100", "weights": WEIGHTS, "image_height": 256, "image_width": 256, "split": SPLIT,
        "framing": {"fit": "stretch"},
    }  # fmt: skip
    model = project.train("standard", spec=spec | ({"epochs": epochs} if epochs else {}))["model"]
    project.wait(model["job_id"], _tell)
    seconds = time.monotonic() - started
    model = project.model(model)
    test = model["metrics"]["test"]
    _check_split(project, model, given.frames)
    steps = [row["seconds_per_step"] for row in project.curves(model) if row["seconds_per_step"] is not None]
    yield _line(f"{name}.error_mean_px", test["mean_px"], "px", given.compared_with, per_keypoint=test["per_keypoint"])
    yield _line(f"{name}.error_median_px", test["median_px"], "px", "the same test frames", points=test["points"])
    yield _line(f"{name}.error_p90_px", test["p90_px"], "px", "the same test frames")
    yield _line(f"{name}.train_s", seconds, "s", "2400 s allowed for a set")
    yield _line(f"{name}.step_s", float(np.median(steps)), "s", f"batch {model['spec']['batch_size']} at 256 x 256")
    videos = [project.wait_for_video(video) for video in project.videos()]
    for prediction in project.predict(model, videos)["predictions"]:
        pace = project.wait(prediction["job_id"], _tell)["result"]
        yield _line(
            f"{name}.predict_fps", pace["frames_per_second"], "frames/s", "end to end", frames=pace["frame_count"]
        )


def _check_split(project: Any, model: dict[str, Any], frames: int) -> None:
    """The network's own record of its split is the one this bench means."""
    with tempfile.TemporaryDirectory() as folder:
        files = project.download_model(model, folder)
        facts = json.loads(next(f for f in files if f.name == "model.json").read_text())
    paths = sorted(path for part in facts["split"].values() for path in part)
    order = np.random.default_rng(0).permutation(frames)
    test = {paths[i] for i in order[frames - round(0.2 * frames) :]}
    if len(paths) != frames or set(facts["split"]["test"]) != test:
        raise SystemExit("The model was not trained on the split this bench is about.")


def _tell(stage: str, done: int, total: int) -> None:
    if total and done == total:
        print(f"{stage}: {done}/{total}", flush=True)


def _line(name: str, value: float, unit: str, compared_with: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "value": round(value, 4), "unit": unit, "compared_with": compared_with, **more}


if __name__ == "__main__":
    main()
