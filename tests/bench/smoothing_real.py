"""Do the intervals hold a person's labels? Three networks learn from a few dozen frames of a real recording.

Of the frames they did not learn from, blocks go in turn to widening the intervals and to the test. What a network
predicts is kept in a folder, so that a run that was cut off goes on where it was.

    python tests/bench/smoothing_real.py --work DIR [--only mouse]
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tailbase.formats.project import open_predictions
from tailbase.inference.predict import engine_for, predict_video
from tailbase.inference.results import Member
from tailbase.networks.model_folder import load_model
from tailbase.progress import TerminalReporter
from tailbase.schema import ImageRef, Labels, PointState, Predictions, PredictSpec, SplitSpec, TrainSpec
from tailbase.smoothing.ensemble import ensemble_statistics
from tailbase.smoothing.files import common_names, open_member, read_together
from tailbase.smoothing.intervals import NORMAL_90, recalibrate
from tailbase.smoothing.single import smooth_single
from tailbase.training.loop import train
from tailbase.video.reader import open_video

SEEDS = (0, 1, 2)

Floats = NDArray[np.float64]
Say = Callable[[str, float, str, str], None]


@dataclass(frozen=True)
class Recording:
    """Every so many-th frame is learnt from; `block` frames in a row are for widening, the next for the test.

    Of several animals `animal` is looked at, the first one unless it is named.
    """

    title: str
    video: str
    truth: str
    every: int
    block: int
    epochs: int
    animal: str | None = None


MOUSE = "sleap-anipose-multiview/minimal_session/top/minimal_top"
RECORDINGS = {
    "mouse": Recording(
        "sleap-anipose, camera top, 1280x1024", f"{MOUSE}.mp4", f"{MOUSE}_proofread.analysis.h5", 3, 10, 150
    ),
    "flies": Recording(
        "flies13-clipA, the female, 1024x1024", "sleap-flies13-clipA/clip.mp4", "sleap-flies13-clipA/clip.slp",
        30, 50, 100, "female",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    before: float
    after: float
    error: float
    frames: int
    points: int


def main(datasets: Path, work: Path, say: Say, only: str | None = None) -> None:
    """The recording whose coverage is furthest from 90 % counts."""
    found = {
        name: _judge(datasets, work / name, recording)
        for name, recording in RECORDINGS.items()
        if only in (None, name) and (datasets / recording.video).is_file()
    }
    told = "; ".join(
        f"{RECORDINGS[name].title}: {one.after:.3f} ({one.before:.3f} before widening), {one.frames} test frames x "
        f"{one.points} points, mean error {one.error:.1f} px"
        for name, one in found.items()
    )
    worst = max(found.values(), key=lambda one: abs(one.after - 0.9))
    say("smooth.real_coverage_90", worst.after, "share", f"labels held out, three networks each, worst counts: {told}")


def _judge(datasets: Path, folder: Path, recording: Recording) -> Found:
    truth = _one_animal(open_predictions(datasets / recording.truth), recording.animal)
    trained = np.arange(0, len(truth.times), recording.every)
    files = [folder / f"net{seed}.parquet" for seed in SEEDS]
    for seed, file in zip(SEEDS, files, strict=True):
        if not file.is_file():
            _learn_and_predict(datasets / recording.video, truth, trained, seed, recording.epochs, file)
    members = [open_member(file) for file in files]
    names = common_names(members)
    smoothed = smooth_single(ensemble_statistics(read_together(members, names)))
    errors = smoothed.points - truth.points[:, 0, [truth.skeleton.names.index(name) for name in names]]
    rest = np.setdiff1d(np.arange(len(truth.times)), trained)
    testing = rest // recording.block % 2 == 1
    found = recalibrate(errors[rest[~testing]], smoothed.variance[rest[~testing]])
    test = rest[testing]
    return Found(
        _coverage(errors[test], smoothed.variance[test]),
        _coverage(errors[test], smoothed.variance[test] * found.scale[:, None]),
        float(np.nanmean(np.linalg.norm(errors[test], axis=-1))),
        len(test),
        len(names),
    )


def _one_animal(found: Predictions, animal: str | None) -> Predictions:
    place = 0 if animal is None else found.individuals.index(animal)
    chosen = slice(place, place + 1)
    return replace(
        found,
        individuals=found.individuals[chosen],
        points=found.points[:, chosen],
        likelihood=found.likelihood[:, chosen],
    )


def _coverage(errors: Floats, variance: Floats) -> float:
    z = np.abs(errors) / np.sqrt(variance)
    return float((z[np.isfinite(z)] <= NORMAL_90).mean())


def _learn_and_predict(
    video: Path, truth: Predictions, trained: NDArray[np.int64], seed: int, epochs: int, file: Path
) -> None:
    folder = file.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    labels = _write_images(video, trained, truth, folder)
    report = TerminalReporter()
    spec = TrainSpec(
        backbone="compact", weights="none", epochs=epochs, batch_size=8, seed=seed,
        split=SplitSpec(method="random", validation=0.1, seed=seed),
    )  # fmt: skip
    train(labels, folder, spec, folder / "net", report)
    tracker, facts = load_model(folder / "net" / "model")
    predict_spec = PredictSpec()
    member = Member(engine_for(tracker, facts, [video], predict_spec, report), facts)
    made = predict_video([member], video, [folder / "out"], predict_spec, report)[0]["parquet"]
    Path(made).rename(file)


def _write_images(video: Path, frames: NDArray[np.int64], truth: Predictions, folder: Path) -> Labels:
    with open_video(video) as reader:
        for frame in frames.tolist():
            Image.fromarray(reader.frame(frame)).save(folder / f"img{frame:08d}.png")
    images = tuple(ImageRef(path=f"img{f:08d}.png", video=video.stem, frame_index=int(f)) for f in frames)
    chosen = truth.points[frames].astype(np.float64)
    seen = np.isfinite(chosen).all(axis=-1)
    states = np.where(seen, PointState.VISIBLE, PointState.UNLABELED).astype(np.int8)
    return Labels(truth.skeleton, truth.individuals, images, chosen, states, "proofread")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", choices=tuple(RECORDINGS))
    asked = parser.parse_args()
    main(
        Path(__file__).resolve().parents[3] / "shared/datasets", asked.work, lambda *figure: print(*figure), asked.only
    )
