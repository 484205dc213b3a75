"""Poses that another program found become a read-only model; calibrations are read before they are kept."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import h5py
import numpy as np
import pytest
from sqlalchemy import select

from tailbase_core.tables import Job, Model, Prediction, Recording, View

pytestmark = pytest.mark.usefixtures("worker")

FRAMES = 12


def write_csv(path: Path, names: tuple[str, ...] = ("nose", "tail"), frames: int = FRAMES) -> Path:
    header = [
        ["scorer"] + ["net"] * 3 * len(names),
        ["bodyparts"] + [name for name in names for _ in range(3)],
        ["coords"] + ["x", "y", "likelihood"] * len(names),
    ]
    rows = [[str(i)] + [str(v) for k in range(len(names)) for v in (10 + i, 20 + k, 0.9)] for i in range(frames)]
    path.write_text("\n".join(",".join(row) for row in header + rows) + "\n")
    return path


def write_sleap(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file["node_names"] = np.array([b"nose", b"tail"])
        file["track_names"] = np.array([b"animal"])
        file["tracks"] = np.full((1, 2, 2, FRAMES), 7.0)
        file["point_scores"] = np.full((1, 2, FRAMES), 0.8)
    return path


def write_sleap_csv(path: Path) -> Path:
    """The last frame has no animal, and so no row."""
    header = "track,frame_idx,instance.score,nose.x,nose.y,nose.score,tail.x,tail.y,tail.score"
    path.write_text("\n".join([header, *(f",{i},1,7,7,0.8,7,7,0.8" for i in range(FRAMES - 1))]))
    return path


def video(world: Any) -> Any:
    return world.video(state="ready", frame_count=FRAMES, fps_num=25, fps_den=1, name="run.mp4")


def order(world: Any, file: Path, **values: Any) -> Any:
    world.store.put_file(key := f"projects/{world.project}/uploads/{uuid4()}", file)
    spec = {"name": "theirs", "files": [{"upload_key": key, "filename": file.name, "video_id": str(video(world))}]}
    return world.order("import_predictions", spec | values)


@pytest.mark.parametrize(
    "write",
    [
        lambda p: write_csv(p / "p.csv"),
        lambda p: write_sleap(p / "p.h5"),
        lambda p: write_sleap_csv(p / "sleap.csv"),
    ],
)
def test_a_file_of_another_program_becomes_a_ready_model_with_a_prediction(
    world: Any, tmp_path: Path, write: Any
) -> None:
    job = world.done(order(world, write(tmp_path)))

    model = world.get(Model, job.result["model_id"])
    assert (model.name, model.preset, model.state, model.artifact_key) == ("theirs", "imported", "ready", None)
    assert [keypoint["name"] for keypoint in model.skeleton["keypoints"]] == ["nose", "tail"]
    row = world.get(Prediction, job.result["prediction_ids"][0])
    assert (row.state, row.frame_count, row.summary["keypoints"]) == ("ready", FRAMES, ["nose", "tail"])
    assert world.store.size(row.block_key) == FRAMES * 2 * 3 * 4


@pytest.mark.parametrize(
    ("write", "code", "words"),
    [
        (lambda p: write_csv(p, ("nose", "wing")), "import.unknown_keypoints", "wing"),
        (lambda p: write_csv(p, frames=FRAMES + 1), "import.other_length", f"{FRAMES + 1} frames"),
        (lambda p: p.write_text("what is this\n") and p, "labels.bad_header", "theirs.csv"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_and_leaves_nothing(
    world: Any, tmp_path: Path, write: Any, code: str, words: str
) -> None:
    write(tmp_path / "theirs.csv")
    job = world.wait(order(world, tmp_path / "theirs.csv"))

    assert (job.state, job.error_code) == ("failed", code)
    assert words in job.error_detail
    with world.sessions() as session:
        assert session.scalar(select(Model.id)) is None
        assert session.scalar(select(Prediction.id)) is None


CAMERA = """
[cam_{0}]
name = "{0}"
size = [96, 64]
matrix = [[100.0, 0.0, 48.0], [0.0, 100.0, 32.0], [0.0, 0.0, 1.0]]
distortions = [0.0, 0.0, 0.0, 0.0, 0.0]
rotation = [0.0, 0.0, 0.0]
translation = [{1}, 0.0, 0.0]
"""


def calibrate(world: Any, text: str, filename: str = "lab.toml") -> Job:
    key = f"projects/{world.project}/recordings/{world.recording}/{uuid4()}/calibration"
    world.store.put_bytes(key, text.encode())
    spec = {"recording_id": str(world.recording), "key": key, "filename": filename}
    job: Job = world.wait(world.order("calibration", spec))
    return job


def test_a_calibration_is_kept_with_its_cameras_and_replaces_the_one_before(world: Any) -> None:
    first = calibrate(world, CAMERA.format("a", 0) + CAMERA.format("b", 1))
    second = calibrate(world, CAMERA.format("top", 0) + CAMERA.format("side", 5))

    assert (first.state, second.state) == ("succeeded", "succeeded")
    row = world.get(Recording, world.recording)
    assert row.calibration["filename"] == "lab.toml"
    assert [(camera["name"], camera["place"][0]) for camera in row.calibration["cameras"]] == [("top", 0), ("side", -5)]
    assert [k for k, *_ in world.store.list_prefix(f"projects/{world.project}/recordings")] == [row.calibration_key]


@pytest.mark.parametrize(
    ("text", "filename", "code", "words"),
    [
        ("not = toml =", "lab.toml", "calibration.unreadable", "lab.toml"),
        (CAMERA.format("alone", 0), "one.toml", "calibration.unreadable", "1 cameras"),
        (CAMERA.format("a", 0) + CAMERA.format("b", 1), "lab.toml", "calibration.views_differ", "view top"),
    ],
)
def test_a_calibration_that_does_not_fit_changes_nothing(
    world: Any, text: str, filename: str, code: str, words: str
) -> None:
    with world.sessions.begin() as session:
        session.add(view := View(project_id=world.project, name="top"))
        session.flush()
        view_id = view.id
    world.video(state="ready", view_id=view_id)

    job = calibrate(world, text, filename)

    assert (job.state, job.error_code) == ("failed", code)
    assert words in str(job.error_detail)
    assert world.get(Recording, world.recording).calibration_key is None
