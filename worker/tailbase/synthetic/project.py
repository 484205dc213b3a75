"""Writes the sample project: a film with labelled frames, a film of another scene, and the truth about both."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tailbase.formats.labels_parquet import write_labels
from tailbase.formats.skeleton_json import write_skeleton
from tailbase.schema import SINGLE, ImageRef, Labels
from tailbase.synthetic.body import PARTS
from tailbase.synthetic.effects import NO_EFFECTS, Effects
from tailbase.synthetic.frame import render_frame
from tailbase.synthetic.motion import Vector
from tailbase.synthetic.scene import HEIGHT, WIDTH, Scene, training_scene, unseen_scene
from tailbase.synthetic.skeleton import sample_skeleton
from tailbase.video.reader import open_video

FPS = 30
TRAINING_VIDEO = "mouse-1_day-1"
UNSEEN_VIDEO = "mouse-2_day-2"

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Film:
    """A drawn film: its file, and what is in it.

    Attributes:
        path: the MP4 file.
        points: float64, shape (frame, keypoint, 2), pixels; NaN where a part is absent.
        states: int8, shape (frame, keypoint), values of PointState.
    """

    path: Path
    points: Vector
    states: NDArray[np.int8]


@dataclass(frozen=True)
class SampleProject:
    """Where the files of a sample project lie.

    Attributes:
        training_video, unseen_video: MP4 files.
        labels: labels.parquet; its images lie beside it in the folder `images`.
        truth: truth.parquet, every frame of both videos in the same form, without images.
        skeleton: skeleton.json.
        body_length_px: mean distance from nose to tail base, seen from above, in the unseen video.
    """

    folder: Path
    training_video: Path
    unseen_video: Path
    labels: Path
    truth: Path
    skeleton: Path
    body_length_px: float


def write_sample_project(
    folder: Path | str, seed: int = 0, frames: int = 300, labelled: int = 40, tell: Tell | None = None
) -> SampleProject:
    """Draw both films, label frames of the first, and write everything into `folder`.

    Args:
        folder: made where it is missing.
        seed: the same seed draws the same project.
        frames: length of each film.
        labelled: frames of the first film that get labels, evenly spaced; at most `frames`.
        tell: called with what is done, how many units of it, and of how many.
    """
    folder = Path(folder)
    tell = tell or (lambda _stage, _done, _total: None)
    training = write_film(folder / "videos" / f"{TRAINING_VIDEO}.mp4", training_scene(seed), frames, tell)
    unseen = write_film(folder / "videos" / f"{UNSEEN_VIDEO}.mp4", unseen_scene(seed), frames, tell)
    chosen = ((np.arange(min(labelled, frames)) + 0.5) * frames / min(labelled, frames)).astype(int)
    write_images(training.path, chosen, folder)
    project = SampleProject(
        folder, training.path, unseen.path, folder / "labels.parquet", folder / "truth.parquet",
        folder / "skeleton.json", body_length(unseen.points),
    )  # fmt: skip
    write_labels(labels_of([(training, chosen)]), project.labels)
    write_labels(labels_of([(film, np.arange(frames)) for film in (training, unseen)]), project.truth)
    write_skeleton(sample_skeleton(), project.skeleton)
    return project


def write_film(path: Path, scene: Scene, frames: int, tell: Tell | None = None, effects: Effects = NO_EFFECTS) -> Film:
    """Draw a scene and encode it as cameras do: H.264 with B-frames, 30 frames a second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    points, states = [], []
    # A constant quantiser: with rate control libx264 writes other bytes each time, from the same pictures.
    options = {"qp": "20", "preset": "veryfast"}
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS), options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for i in range(frames):
            image, places, seen = render_frame(scene, i / FPS, effects)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            points.append(places)
            states.append(seen)
            if tell is not None:
                tell(f"drawing {path.name}", i + 1, frames)
        container.mux(stream.encode(None))
    return Film(path, np.stack(points), np.stack(states))


def body_length(points: Vector) -> float:
    """Mean distance from nose to tail base, seen from above.

    Args:
        points: shape (frame, keypoint, 2), in the order of `sample_skeleton`.
    """
    nose, tail = PARTS.index("nose"), PARTS.index("tail_base")
    return float(np.nanmean(np.linalg.norm(points[:, nose] - points[:, tail], axis=-1)))


def image_path(video: str, index: int) -> str:
    """Relative to the project's folder `images`."""
    return f"{video}/img{index:08d}.png"


def write_images(video: Path, indices: NDArray[np.int64], folder: Path) -> None:
    """Frames of a film as PNG under `folder`/images, named as labels name them."""
    images = folder / "images"
    (images / video.stem).mkdir(parents=True, exist_ok=True)
    with open_video(video) as film:
        for index, image in film.frames_at(int(i) for i in indices):
            Image.fromarray(image).save(images / image_path(video.stem, index))


def labels_of(parts: list[tuple[Film, NDArray[np.int64]]]) -> Labels:
    """The truth about frames of films as labels."""
    refs = [
        ImageRef(
            path=image_path(film.path.stem, int(i)), video=film.path.stem, frame_index=int(i), recording=film.path.stem
        )
        for film, indices in parts
        for i in indices
    ]
    return Labels(
        skeleton=sample_skeleton(),
        individuals=(SINGLE,),
        images=tuple(refs),
        points=np.concatenate([film.points[indices] for film, indices in parts])[:, None],
        states=np.concatenate([film.states[indices] for film, indices in parts])[:, None],
        scorer="truth",
    )
