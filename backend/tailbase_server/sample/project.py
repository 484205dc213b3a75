"""The whole sample project, and the figures at its end."""

import tempfile
from pathlib import Path

import numpy as np

from tailbase.formats.labels_parquet import read_labels
from tailbase.formats.predictions_parquet import read_predictions
from tailbase.schema import Labels
from tailbase.synthetic import write_sample_project
from tailbase.synthetic.project import body_length
from tailbase_client import Project
from tailbase_server.local import Local
from tailbase_server.sample import steps
from tailbase_server.sample.score import Points, Score, score
from tailbase_server.sample.sign_in import signed_in
from tailbase_server.sample.steps import Json, Tell


def make_sample(local: Local, tell: Tell) -> Score:
    """Make the sample project, or what is missing of it."""
    folder = draw(local.settings.data_dir / "sample", tell)
    labels, truth = read_labels(folder / "labels.parquet"), read_labels(folder / "truth.parquet")
    learnt = labels.images[0].video or ""
    with signed_in(local) as tailbase:
        project = steps.make_project(tailbase, labels.skeleton)
        videos = steps.upload_videos(project, sorted((folder / "videos").glob("*.mp4")), tell)
        steps.add_frames(project, videos[learnt], labels, tell)
        predictions = steps.predict(project, steps.train(project, tell), videos, tell)
        unseen = next(name for name in videos if name != learnt)
        found = predicted(project, predictions[unseen])
    real = film(truth, unseen)
    return score(found, real, labels.points[:, 0], body_length(real))


def draw(folder: Path, tell: Tell) -> Path:
    """Draw the films and their truth, unless they were drawn to the end before."""
    done = folder / "drawn"
    if not done.exists():
        write_sample_project(folder, tell=lambda stage, at, of: tell(stage.capitalize(), at, of))
        done.touch()
    return folder


def film(truth: Labels, video: str) -> Points:
    """The true points of every frame of one video, shape (frame, keypoint, 2)."""
    rows = [(image.frame_index or 0, row) for row, image in enumerate(truth.images) if image.video == video]
    return truth.points[[row for _, row in sorted(rows)], 0].astype(np.float64)


def predicted(project: Project, prediction: Json) -> Points:
    """The predicted points of the one animal, shape (frame, keypoint, 2)."""
    with tempfile.TemporaryDirectory(prefix="tailbase-") as scratch:
        file = project.download_prediction(prediction, Path(scratch) / "prediction.parquet")
        return read_predictions(file).points[:, 0].astype(np.float64)
