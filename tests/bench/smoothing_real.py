"""Do the intervals hold a person's labels? Three networks learn from 40 frames of a real recording.

Of the other 80 frames, blocks of ten go in turn to widening the intervals and to the test.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tailbase.formats.skeleton_names import describe
from tailbase.formats.sleap_analysis import read_sleap_analysis
from tailbase.inference.predict import engine_for, predict_video
from tailbase.inference.results import Member
from tailbase.networks.model_folder import load_model
from tailbase.progress import TerminalReporter
from tailbase.schema import SINGLE, ImageRef, Labels, PointState, PredictSpec, SplitSpec, TrainSpec
from tailbase.smoothing.ensemble import ensemble_statistics
from tailbase.smoothing.files import open_member, read_together
from tailbase.smoothing.intervals import NORMAL_90, recalibrate
from tailbase.smoothing.single import smooth_single
from tailbase.training.loop import train
from tailbase.video.reader import open_video

CAMERA, SEEDS, BLOCK = "top", (0, 1, 2), 10
EPOCHS = 150

Floats = NDArray[np.float64]


def main(session: Path, say: Callable[[str, float, str, str], None], epochs: int = EPOCHS) -> None:
    truth = read_sleap_analysis(session / CAMERA / f"minimal_{CAMERA}_proofread.analysis.h5")
    names, points = truth.skeleton.names, truth.points[:, 0].astype(np.float64)
    video = session / CAMERA / f"minimal_{CAMERA}.mp4"
    trained = np.arange(0, len(points), 3)
    with tempfile.TemporaryDirectory() as folder:
        labels = _write_images(video, trained, points, names, Path(folder))
        files = [_predict(video, labels, Path(folder), seed, epochs) for seed in SEEDS]
        members = read_together([open_member(path) for path in files], names)
    smoothed = smooth_single(ensemble_statistics(members))
    errors = smoothed.points - points
    rest = np.setdiff1d(np.arange(len(points)), trained)
    testing = rest // BLOCK % 2 == 1
    found = recalibrate(errors[rest[~testing]], smoothed.variance[rest[~testing]])
    before = _coverage(errors, smoothed.variance, rest[testing])
    after = _coverage(errors, smoothed.variance * found.scale[:, None], rest[testing])
    error = np.nanmean(np.linalg.norm(errors[rest[testing]], axis=-1))
    said = f"sleap-anipose {CAMERA}, {testing.sum()} test frames, {len(names)} keypoints, 1280x1024"
    say("smooth.real_coverage_90", after, "share", f"{said}: {before:.3f} before widening, mean error {error:.1f} px")


def _coverage(errors: Floats, variance: Floats, frames: NDArray[np.int64]) -> float:
    z = np.abs(errors[frames]) / np.sqrt(variance[frames])
    return float((z[np.isfinite(z)] <= NORMAL_90).mean())


def _write_images(
    video: Path, frames: NDArray[np.int64], points: Floats, names: tuple[str, ...], folder: Path
) -> Labels:
    with open_video(video) as reader:
        for frame in frames.tolist():
            Image.fromarray(reader.frame(frame)).save(folder / f"img{frame:08d}.png")
    images = tuple(ImageRef(path=f"img{f:08d}.png", video=video.stem, frame_index=int(f)) for f in frames)
    chosen = points[frames][:, None]
    seen = np.isfinite(chosen).all(axis=-1)
    states = np.where(seen, PointState.VISIBLE, PointState.UNLABELED).astype(np.int8)
    return Labels(describe(names), (SINGLE,), images, chosen, states, "proofread")


def _predict(video: Path, labels: Labels, folder: Path, seed: int, epochs: int) -> Path:
    report = TerminalReporter()
    spec = TrainSpec(
        backbone="compact", weights="none", epochs=epochs, batch_size=8, seed=seed,
        split=SplitSpec(method="random", validation=0.1, seed=seed),
    )  # fmt: skip
    train(labels, folder, spec, folder / f"net{seed}", report)
    tracker, facts = load_model(folder / f"net{seed}" / "model")
    predict_spec = PredictSpec()
    member = Member(engine_for(tracker, facts, [video], predict_spec, report), facts)
    return Path(predict_video([member], video, [folder / f"out{seed}"], predict_spec, report)[0]["parquet"])


if __name__ == "__main__":
    shared = Path(__file__).resolve().parents[3] / "shared"
    main(shared / "datasets/sleap-anipose-multiview/minimal_session", lambda *figure: print(*figure))
