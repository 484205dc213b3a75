"""The whole sample project, and the figures at its end."""

from pathlib import Path

import numpy as np

from tailbase.formats.labels_parquet import read_labels
from tailbase.schema import Labels
from tailbase.synthetic import write_sample_project
from tailbase.synthetic.project import body_length
from tailbase_server.embedded import private
from tailbase_server.local import Local
from tailbase_server.sample import steps
from tailbase_server.sample.rest import Rest
from tailbase_server.sample.score import Points, Score, score
from tailbase_server.sample.steps import Tell

EMAIL = "you@tailbase.example"


def make_sample(local: Local, tell: Tell) -> Score:
    """Make the sample project, or what is missing of it."""
    folder = draw(local.settings.data_dir / "sample", tell)
    labels, truth = read_labels(folder / "labels.parquet"), read_labels(folder / "truth.parquet")
    learnt = labels.images[0].video or ""
    with Rest(local.url) as rest:
        sign_in(rest, local)
        project = steps.make_project(rest, labels.skeleton)
        videos = steps.upload_videos(rest, project, sorted((folder / "videos").glob("*.mp4")), tell)
        steps.add_frames(rest, project, videos[learnt]["id"], labels, tell)
        model = steps.train(rest, project, tell)
        predictions = steps.predict(rest, project, model, videos, tell)
        unseen = next(name for name in videos if name != learnt)
        found = steps.points(rest, predictions[unseen], labels.skeleton.names)
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


def sign_in(rest: Rest, local: Local) -> None:
    """Use up a one-time link; on a fresh installation it makes the owner's account, with a password kept in a file."""
    token, purpose = local.new_link()
    body = {"token": token}
    if purpose == "owner":
        password = private.kept_secret(local.settings.data_dir / "secrets" / "owner")
        body |= {"email": EMAIL, "name": "You", "password": password}
    rest.post("auth/link", body)
