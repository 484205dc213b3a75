"""Ensembles from the queue to the band in the viewer: members predict first, then one track is smoothed."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import select

from tailbase.formats.predictions_parquet import write_predictions
from tailbase.schema import Keypoint, Predictions, Skeleton, SmoothSpec
from tailbase.smoothing.tables import COLUMNS, holds_smoothed
from tailbase_core.tables import Ensemble, EnsembleMember, Frame, Job, LabelSet, Model, Prediction, Recording, View

pytestmark = pytest.mark.usefixtures("worker")

FRAMES = 60
SKELETON = Skeleton(keypoints=(Keypoint(name="nose"), Keypoint(name="tail")))


def walk(seed: int, noise: float) -> np.ndarray[Any, Any]:
    """Two points on a slow walk, as a network with `noise` pixels of error sees them."""
    frames = np.arange(FRAMES)
    truth = np.stack([30 + 20 * np.sin(frames / 15), 20 + frames / 4], axis=-1)[:, None, None] + [[[0, 0], [5, 3]]]
    return truth + np.random.default_rng(seed).normal(0, noise, truth.shape)


class Lab:
    """Models with poses, put where a worker would have put them, and ensembles of them."""

    def __init__(self, world: Any, folder: Path) -> None:
        self.world, self.folder = world, folder

    def video(self, **values: Any) -> UUID:
        usual = {"state": "ready", "frame_count": FRAMES, "width": 96, "height": 64, "fps_num": 25, "fps_den": 1}
        return self.world.video(**(usual | values))  # type: ignore[no-any-return]

    def model(self, name: str, **values: Any) -> UUID:
        row = Model(
            id=uuid4(),
            project_id=self.world.project,
            name=name,
            state="ready",
            skeleton=SKELETON.model_dump(),
            **values,
        )
        with self.world.sessions.begin() as session:
            session.add(row)
        return row.id

    def poses(
        self,
        model: UUID,
        video: UUID,
        seed: int,
        points: np.ndarray[Any, Any] | None = None,
        names: tuple[str, str] = ("nose", "tail"),
    ) -> UUID:
        """A member's prediction: a walk with a pixel of error, or these points with a tenth of one."""
        error = np.random.default_rng(seed).normal(0, 0.1, (FRAMES, 1, 2, 2))
        points = (walk(seed, 1.0) if points is None else points + error).astype(np.float32)
        likelihood = np.full(points.shape[:3], 0.9, np.float32)
        skeleton = Skeleton(keypoints=tuple(Keypoint(name=name) for name in names))
        write_predictions(
            Predictions(skeleton, ("animal",), points, likelihood, np.arange(FRAMES) / 25), self.folder / "p.parquet"
        )
        self.world.store.put_file(key := f"jobs/{uuid4()}/1/poses.parquet", self.folder / "p.parquet")
        row = Prediction(
            id=uuid4(), project_id=self.world.project, model_id=model, video_id=video, state="ready", parquet_key=key
        )
        with self.world.sessions.begin() as session:
            session.add(row)
        return row.id

    def label(self, video: UUID, frame: int, image_key: str, points: np.ndarray[Any, Any]) -> None:
        world = self.world
        row = Frame(
            id=uuid4(), project_id=world.project, video_id=video, frame_index=frame, image_key=image_key,
            state="accepted", origin="manual", skipped=False,
        )  # fmt: skip
        named = {
            f"{world.animal}/{keypoint}": {"x": float(x), "y": float(y), "state": "visible"}
            for keypoint, (x, y) in zip(world.keypoints, points, strict=True)
        }
        with world.sessions.begin() as session:
            session.add(row)
            session.flush()
            session.add(LabelSet(project_id=world.project, frame_id=row.id, version=1, points=named))

    def ensemble(self, models: list[UUID], **settings: Any) -> UUID:
        row = Ensemble(
            id=uuid4(),
            project_id=self.world.project,
            name="all",
            settings=SmoothSpec(**settings).model_dump(mode="json"),
        )
        with self.world.sessions.begin() as session:
            session.add(row)
            session.flush()
            session.add_all(EnsembleMember(ensemble_id=row.id, model_id=m, position=i) for i, m in enumerate(models))
        return row.id

    def run(self, ensemble: UUID, *videos: UUID) -> tuple[list[UUID], UUID]:
        """The predictions to be and their job."""
        rows = [
            Prediction(id=uuid4(), project_id=self.world.project, ensemble_id=ensemble, video_id=v, state="queued")
            for v in videos
        ]
        ids = [row.id for row in rows]
        with self.world.sessions.begin() as session:
            session.add_all(rows)
        spec = {"ensemble_id": ensemble, "video_ids": videos, "prediction_ids": ids}
        job = self.world.order(
            "ensemble", {k: str(v) if k == "ensemble_id" else list(map(str, v)) for k, v in spec.items()}
        )
        with self.world.sessions.begin() as session:
            for id in ids:
                session.get_one(Prediction, id).job_id = job
        return ids, job

    def block(self, key: str, *shape: int) -> np.ndarray[Any, Any]:
        raw = b"".join(self.world.store.open_range(key, 0, self.world.store.size(key)))
        return np.frombuffer(raw, np.float32).reshape(shape)


@pytest.fixture
def lab(world: Any, tmp_path: Path) -> Lab:
    return Lab(world, tmp_path)


def test_the_track_of_three_members_is_nearer_to_the_truth_and_says_how_sure_it_is(
    lab: Lab, world: Any, tmp_path: Path
) -> None:
    video = lab.video()
    models = [lab.model(f"seed {i}") for i in range(3)]
    members = [lab.poses(model, video, seed) for seed, model in enumerate(models)]

    (made,), job = lab.run(lab.ensemble(models), video)
    world.done(job)

    row = world.get(Prediction, made)
    points, variance = lab.block(row.block_key, FRAMES, 2, 3), lab.block(row.variance_key, FRAMES, 2, 2)
    truth = walk(0, 0.0)[:, 0]
    error, single = (np.abs(p[..., :2] - truth).mean() for p in (points, walk(0, 1.0)[:, 0]))
    assert error < 0.7 * single
    assert (variance > 0).all()
    assert (row.state, row.frame_count, row.individuals) == ("ready", FRAMES, 1)
    assert row.summary["keypoints"] == ["nose", "tail"]
    assert [UUID(member["id"]) for member in row.summary["members"]] == members
    assert set(row.summary["parameters"]) == {"nose", "tail"}
    assert row.size_bytes > points.nbytes + variance.nbytes
    poses = world.done(
        world.order("export", {"what": "predictions", "format": "lightning-pose", "prediction_ids": [str(made)]})
    )
    world.store.get_file(poses.artifacts[0]["key"], tmp_path / "run.csv")
    coords = (tmp_path / "run.csv").read_text().splitlines()[2].split(",")
    assert coords[1:10] == list(COLUMNS)
    table = np.loadtxt(tmp_path / "run.csv", delimiter=",", skiprows=3)
    np.testing.assert_allclose(table[:, [1, 2]], points[:, 0, :2], rtol=1e-5)
    np.testing.assert_allclose(table[:, [8, 9]], variance[:, 0], rtol=1e-5)
    whole = world.done(
        world.order("export", {"what": "predictions", "format": "parquet", "prediction_ids": [str(made)]})
    )
    world.store.get_file(whole.artifacts[0]["key"], tmp_path / "run.parquet")
    assert holds_smoothed(tmp_path / "run.parquet")


def test_members_predict_first_what_they_have_not_and_the_whole_has_one_state(world: Any, lab: Lab) -> None:
    video = world.labelled_video(6)
    model, training = world.train(epochs=1)
    world.done(training)
    with world.sessions.begin() as session:
        session.get_one(Model, model).skeleton = SKELETON.model_dump()

    (made,), job = lab.run(lab.ensemble([model]), video)
    world.done(job)

    with world.sessions() as session:
        parts = session.scalars(select(Job).where(Job.parent_id == job)).all()
        member = session.scalar(select(Prediction).where(Prediction.model_id == model))
    assert [(part.kind, part.state) for part in parts] == [("predict", "succeeded")]
    assert member.job_id == parts[0].id
    assert world.get(Prediction, made).summary["members"] == [{"id": str(member.id), "name": "m"}]


def test_cameras_of_a_recording_are_smoothed_together_and_each_has_its_own_track(world: Any, lab: Lab) -> None:
    with world.sessions.begin() as session:
        views = [
            View(id=uuid4(), project_id=world.project, name=name, position=i) for i, name in enumerate(("top", "side"))
        ]
        session.add_all(views)
    videos = [lab.video(name=f"{view.name}.mp4", view_id=view.id) for view in views]
    models = [lab.model(f"seed {i}") for i in range(2)]
    for seed, model in enumerate(models):
        for number, video in enumerate(videos):
            lab.poses(model, video, 10 * number + seed)

    made, job = lab.run(lab.ensemble(models, method="multiview", views=("top", "side")), *videos)
    world.done(job)

    rows = [world.get(Prediction, one) for one in made]
    assert [row.state for row in rows] == ["ready", "ready"]
    assert len({row.block_key for row in rows}) == 2
    assert all(lab.block(row.block_key, FRAMES, 2, 3).shape for row in rows)


CAMERA = """
[cam_{0}]
name = "{0}"
size = [96, 64]
matrix = [[100.0, 0.0, 48.0], [0.0, 100.0, 32.0], [0.0, 0.0, 1.0]]
distortions = [0.0, 0.0, 0.0, 0.0, 0.0]
rotation = [0.0, 0.0, 0.0]
translation = [{1[0]}, {1[1]}, 0.0]
"""
PLACES = {"left": (1.0, 0.0), "right": (-1.0, 0.0), "up": (0.0, 1.0), "side": (0.0, -1.0)}


def test_calibrated_cameras_give_points_in_space_and_name_the_camera_that_was_moved(world: Any, lab: Lab) -> None:
    moved = PLACES | {"side": (9.0, -1.0)}
    world.store.put_bytes(
        key := f"jobs/{uuid4()}/calibration", "".join(map(CAMERA.format, moved, moved.values())).encode()
    )
    views = [View(id=uuid4(), project_id=world.project, name=name, position=i) for i, name in enumerate(PLACES)]
    with world.sessions.begin() as session:
        session.add_all(views)
        row = session.get_one(Recording, world.recording)
        row.calibration_key, row.calibration = key, {"filename": "lab.toml"}
    videos = [lab.video(name=f"{view.name}.mp4", view_id=view.id) for view in views]
    models = [lab.model(f"seed {i}") for i in range(2)]
    space = np.concatenate([walk(0, 0.0)[:, 0] / 20 - 1, np.full((FRAMES, 2, 1), 10.0)], axis=-1)
    for video, (x, y) in zip(videos, PLACES.values(), strict=True):
        seen = 100 * (space[..., :2] + [x, y]) / space[..., 2:] + [48, 32]
        for seed, model in enumerate(models):
            lab.poses(model, video, seed, points=seen[:, None])

    made, job = lab.run(lab.ensemble(models, method="calibrated", views=tuple(PLACES)), *videos)
    ended = world.done(job)

    row = world.get(Prediction, made[0])
    (note,) = ended.result["notes"]
    assert note.startswith("Camera side does not agree with its calibration")
    assert row.summary["notes"] == [note]
    assert "points3d.csv" in row.summary["files"]
    assert world.store.exists(row.summary["files"]["points3d.csv"])


def test_paws_of_cameras_with_their_own_pace_come_out_at_the_frames_of_each(world: Any, lab: Lab) -> None:
    """The right camera starts a little later, runs slower, and sees sides exchanged and the image mirrored."""
    views = [View(id=uuid4(), project_id=world.project, name=name, position=i) for i, name in enumerate("lr")]
    with world.sessions.begin() as session:
        session.add_all(views)
    seconds = [np.arange(FRAMES) * 0.04 + 10, np.arange(FRAMES) * 0.05 + 10.1]
    keys = [f"jobs/{uuid4()}/times.npy" for _ in views]
    for key, times in zip(keys, seconds, strict=True):
        np.save(file := BytesIO(), times)
        world.store.put_bytes(key, file.getvalue())
    videos = [
        lab.video(name=f"{view.name}.mp4", view_id=view.id, camera_times_key=key)
        for view, key in zip(views, keys, strict=True)
    ]
    truth = [np.stack([30 + 20 * np.sin(s[:, None] + [0, 1]), 20 + s[:, None] + [0, 9]], -1) for s in seconds]
    truth[1] = truth[1][:, ::-1] * [-1, 1] + [96, 0]
    models = [lab.model(f"seed {i}") for i in range(2)]
    for seed, model in enumerate(models):
        for number, video in enumerate(videos):
            lab.poses(model, video, 10 * number + seed, points=truth[number][:, None], names=("paw_l", "paw_r"))

    made, job = lab.run(lab.ensemble(models, method="paw", views=("l", "r")), *videos)
    world.done(job)

    rows = [world.get(Prediction, one) for one in made]
    assert [(row.state, row.frame_count) for row in rows] == [("ready", FRAMES)] * 2
    left, right = (lab.block(row.block_key, FRAMES, 2, 3)[..., :2] for row in rows)
    assert np.isnan(left[:3]).all()
    assert np.abs(left[3:] - truth[0][3:]).max() < 1
    last = int(np.searchsorted(seconds[1], seconds[0][-1]))
    assert np.isnan(right[last:]).all()
    assert rows[1].summary["keypoints"] == ["paw_r", "paw_l"]
    assert np.abs(right[:last, ::-1] - truth[1][:last])[1:].max() < 1


def test_intervals_are_widened_by_labels_that_no_member_learnt_from(world: Any, lab: Lab) -> None:
    """Labels are three pixels off; the first of them is in the members' training and must not count."""
    video = lab.video()
    images = {f"labeled-data/run/img{t:08d}.png": f"projects/1/frames/{t}.png" for t in range(0, FRAMES, 2)}
    for t, key in zip(range(0, FRAMES, 2), images.values(), strict=True):
        lab.label(video, t, key, walk(0, 0.0)[t, 0] + 3.0)
    folder = f"jobs/{uuid4()}/1"
    learnt = {"split": {"train": [next(iter(images))]}}
    world.store.put_bytes(f"{folder}/model/model.json", json.dumps(learnt).encode())
    world.store.put_bytes(f"{folder}/images.json", json.dumps(images).encode())
    models = [
        lab.model(f"seed {i}", artifact_key=f"{folder}/model", snapshot_key=f"{folder}/labels.parquet")
        for i in range(2)
    ]
    for seed, model in enumerate(models):
        lab.poses(model, video, seed, points=walk(0, 0.0))

    (made,), job = lab.run(lab.ensemble(models), video)
    world.done(job)

    row = world.get(Prediction, made)
    judged = row.summary["intervals"]["nose"]
    assert judged["labelled"] == 2 * (FRAMES // 2 - 1)
    assert judged["coverage_90_before"] < 0.1 < 0.85 < judged["coverage_90_after"]
    half = 1.645 * np.sqrt(np.median(lab.block(row.variance_key, FRAMES, 2, 2)))
    assert half > 3.0
    assert "intervals.csv" in row.summary["files"]


def test_an_ensemble_that_runs_again_takes_the_place_of_its_earlier_track(world: Any, lab: Lab) -> None:
    video, model = lab.video(), lab.model("one")
    lab.poses(model, video, 0)
    ensemble = lab.ensemble([model])
    (made,), job = lab.run(ensemble, video)
    world.done(job)
    before = world.get(Prediction, made)
    with world.sessions.begin() as session:
        session.get_one(Ensemble, ensemble).settings = SmoothSpec(method="median").model_dump(mode="json")

    spec = {"ensemble_id": str(ensemble), "video_ids": [str(video)], "prediction_ids": [str(made)]}
    world.done(world.order("ensemble", spec))

    after = world.get(Prediction, made)
    assert (before.summary["method"], after.summary["method"]) == ("single", "median")
    assert world.store.exists(after.block_key)
    assert not world.store.exists(before.block_key)


def test_a_member_of_another_program_without_this_video_is_named(world: Any, lab: Lab) -> None:
    (made,), job = lab.run(lab.ensemble([lab.model("from elsewhere")]), lab.video())

    ended = world.wait(job)

    assert (ended.state, ended.error_code) == ("failed", "ensemble.member_lacks_video")
    assert "from elsewhere" in ended.error_detail
    assert world.get(Prediction, made).state == "failed"
