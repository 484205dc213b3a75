"""A real worker process on real servers, and a project with a drawn video."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tailbase.schema import AugmentSpec, SplitSpec, TrainSpec
from tailbase_core import jobs
from tailbase_core.database import make_sessions
from tailbase_core.settings import JobLimits, Settings
from tailbase_core.storage import BlobStore, make_store
from tailbase_core.tables import (
    Frame,
    Individual,
    Job,
    Keypoint,
    LabelSet,
    Model,
    Prediction,
    Project,
    Recording,
    Video,
)
from tailbase_core.tables.jobs import ENDED

WIDTH, HEIGHT, FRAMES = 96, 64, 40


def dot_at(frame: int) -> tuple[int, int]:
    """Where the drawn animal's nose is; its tail is 20 pixels to the left."""
    return 30 + frame, 20 + frame % 20


def draw(frame: int) -> np.ndarray[Any, Any]:
    x, y = dot_at(frame)
    picture = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    picture[y - 3 : y + 4, x - 3 : x + 4] = 255, 60, 60
    picture[y - 3 : y + 4, x - 23 : x - 16] = 60, 60, 255
    return picture


def write_video(path: Path, frames: int = FRAMES) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(draw(number), format="rgb24")))
        container.mux(stream.encode())
    return path


class World:
    """A project in the database, and short ways to give it work."""

    def __init__(self, sessions: sessionmaker[Session], store: BlobStore, folder: Path) -> None:
        self.sessions = sessions
        self.store = store
        self.folder = folder
        with sessions.begin() as session:
            session.add(project := Project(name="mice"))
            session.flush()
            session.add(recording := Recording(project_id=project.id, name="day 1"))
            session.add(animal := Individual(project_id=project.id, name="animal"))
            points = [
                Keypoint(project_id=project.id, name=name, color="#ff0000", position=number)
                for number, name in enumerate(("nose", "tail"))
            ]
            session.add_all(points)
        self.project, self.recording, self.animal = project.id, recording.id, animal.id
        self.keypoints = [point.id for point in points]

    def video(self, source: Path | None = None, **values: Any) -> UUID:
        """A video that has arrived and was not read yet."""
        video_id = uuid4()
        key = f"projects/{self.project}/videos/{video_id}/source"
        if source is not None:
            self.store.put_file(key, source)
            values["blob_key"] = key
        with self.sessions.begin() as session:
            row = {"project_id": self.project, "recording_id": self.recording, "name": "run.mp4", "state": "processing"}
            session.add(Video(id=video_id, **(row | values)))
        return video_id

    def order(self, kind: str, spec: dict[str, Any], **values: Any) -> UUID:
        with self.sessions.begin() as session:
            return jobs.enqueue(session, project_id=self.project, user_id=None, kind=kind, spec=spec, **values).id

    def job(self, job_id: UUID) -> Job:
        with self.sessions() as session:
            return session.get_one(Job, job_id)

    def wait(self, job_id: UUID, *states: str, seconds: float = 150) -> Job:
        """The job once it is in one of the states (by default: ended)."""
        deadline = time.monotonic() + seconds
        while (job := self.job(job_id)).state not in (states or ENDED):
            assert time.monotonic() < deadline, f"{job.kind} is still {job.state}: {job.progress} {job.log_tail}"
            time.sleep(0.1)
        return job

    def done(self, job_id: UUID, seconds: float = 150) -> Job:
        job = self.wait(job_id, seconds=seconds)
        assert job.state == "succeeded", f"{job.error_code}: {job.error_detail}\n{job.log_tail}"
        return job

    def ready_video(self, frames: int = FRAMES) -> UUID:
        video_id = self.video(write_video(self.folder / f"{uuid4().hex}.mp4", frames))
        self.done(self.order("ingest", {"video_id": str(video_id)}))
        return video_id

    def label(self, video_id: UUID) -> None:
        """Label every frame that was chosen of a video, with the drawn truth."""
        with self.sessions.begin() as session:
            for frame in session.scalars(select(Frame).where(Frame.video_id == video_id)):
                assert frame.frame_index is not None
                x, y = dot_at(frame.frame_index)
                places = ((x, y), (x - 20, y))
                points = {
                    f"{self.animal}/{keypoint}": {"x": float(px), "y": float(py), "state": "visible"}
                    for keypoint, (px, py) in zip(self.keypoints, places, strict=True)
                }
                session.add(LabelSet(project_id=self.project, frame_id=frame.id, version=1, points=points))

    def labelled_video(self, count: int = 12) -> UUID:
        video_id = self.ready_video()
        self.done(self.order("frames", {"video_id": str(video_id), "method": "uniform", "count": count, "seed": 0}))
        self.label(video_id)
        return video_id

    def train(self, videos: tuple[UUID, ...] = (), **changes: Any) -> tuple[UUID, UUID]:
        """Ids of a model to be and of its job: a tiny network on a tiny image."""
        spec = TrainSpec(
            backbone="resnet10t", weights="none", image_height=64, image_width=64, batch_size=4, head_width=8,
            augment=AugmentSpec(rotation_degrees=0, scale=0), split=SplitSpec(method="random", validation=0.2),
            **({"epochs": 2, "validate_every": 1} | changes),
        )  # fmt: skip
        with self.sessions.begin() as session:
            model = Model(project_id=self.project, name="m", state="queued", spec=spec.model_dump(mode="json"))
            model.label_summary = {"videos": [{"id": str(video), "name": "clip.mp4"} for video in videos]}
            session.add(model)
            session.flush()
            job = jobs.enqueue(
                session, project_id=self.project, user_id=None, kind="train", spec={"model_id": str(model.id)}
            )
            model.job_id = job.id
        return model.id, job.id

    def predict(self, model_id: UUID, video_id: UUID) -> tuple[UUID, UUID]:
        with self.sessions.begin() as session:
            row = Prediction(project_id=self.project, model_id=model_id, video_id=video_id, state="queued")
            session.add(row)
            session.flush()
            job = jobs.enqueue(
                session, project_id=self.project, user_id=None, kind="predict", spec={"prediction_id": str(row.id)}
            )
            row.job_id = job.id
        return row.id, job.id

    def get(self, table: type[Any], row_id: UUID) -> Any:
        with self.sessions() as session:
            return session.get_one(table, row_id)


@pytest.fixture
def quick(settings: Settings) -> Settings:
    """Leases and rounds so short that a test can wait for them."""
    limits = JobLimits(lease_seconds=4, heartbeat_seconds=0.5, reap_seconds=0.5, ring_again_seconds=1)
    return settings.model_copy(update={"jobs": limits})


@pytest.fixture
def world(quick: Settings, engine: Any, tmp_path: Path) -> World:
    sessions = make_sessions(engine, quick.redis_url.get_secret_value())
    return World(sessions, make_store(quick), tmp_path)


def variables(settings: Settings) -> dict[str, str]:
    """The environment that gives a process these settings."""
    limits = {f"TAILBASE_JOBS__{name.upper()}": str(value) for name, value in settings.jobs.model_dump().items()}
    return limits | {
        "PATH": os.defpath,
        # Two threads that wait for each other on a busy machine are ten times slower than one.
        "TAILBASE_WORKER_THREADS": "1",
        "TAILBASE_DATA_DIR": str(settings.data_dir),
        "TAILBASE_DATABASE_URL": settings.database_url.get_secret_value(),
        "TAILBASE_REDIS_URL": settings.redis_url.get_secret_value(),
        "TAILBASE_SECRET_KEY": settings.secret_key.get_secret_value(),
        "TAILBASE_WORKER_DEVICE": settings.worker_device,
        "TAILBASE_S3_BUCKET": settings.s3_bucket,
        "TAILBASE_S3_ENDPOINT": settings.s3_endpoint,
        "TAILBASE_S3_ACCESS_KEY": settings.s3_access_key.get_secret_value(),
        "TAILBASE_S3_SECRET_KEY": settings.s3_secret_key.get_secret_value(),
        "TAILBASE_ROOTS": ":".join(str(root) for root in settings.roots),
    }


def workers(default: Settings, folder: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """A way to start workers; all are stopped at the end."""
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str = "w1", settings: Settings = default) -> subprocess.Popen[bytes]:
        with (folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tailbase_worker", "--name", name],
                env=variables(settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
    for process in started:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def start_worker(quick: Settings, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    yield from workers(quick, tmp_path)


@pytest.fixture
def worker(start_worker: Callable[..., subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    return start_worker()


@pytest.fixture
def make_world(engine: Any, tmp_path: Path) -> Callable[[Settings], World]:
    """A project with the storage that other settings name."""

    def make(settings: Settings) -> World:
        sessions = make_sessions(engine, settings.redis_url.get_secret_value())
        return World(sessions, make_store(settings), tmp_path)

    return make


@pytest.fixture
def drawing() -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """How the animal is drawn, where it is, and how a video of it is written."""
    return draw, dot_at, write_video
