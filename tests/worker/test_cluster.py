"""The main job on servers of a cluster: known by their URLs only, with the blobs in S3 and the work shared by two."""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from socket import create_server
from typing import Any
from zipfile import ZipFile

import boto3
import httpx
import psycopg2
import pytest
from botocore.exceptions import BotoCoreError
from redis import Redis
from redis.exceptions import RedisError

from tailbase.formats.predictions_parquet import read_predictions
from tailbase_client import Project, Tailbase
from tailbase_client.client import sign_in
from tailbase_server import processes
from tailbase_server.embedded import binaries, identity

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

DEBIAN_POSTGRES = Path("/usr/lib/postgresql/15/bin")
PASSWORD = "a-password-of-this-test"
BUCKET = "poses"
PART_BYTES = 5 * 1024**2
FRAMES, LABELLED = 40, 12
OWNER = {"email": "ada@lab.example", "name": "Ada", "password": "correct horse battery"}
SPEC = {
    "backbone": "compact", "weights": "none", "image_height": 64, "image_width": 64, "batch_size": 4, "epochs": 10,
    "split": {"method": "random", "validation": 0.2},
}  # fmt: skip


@dataclass(frozen=True)
class Cluster:
    """`link` makes the owner; `folder` holds a data folder for each process of ours, as on machines of their own."""

    url: str
    link: str
    storage: Any
    public_storage: str
    folder: Path

    def objects(self) -> dict[str, int]:
        """Every object in the bucket, with its size."""
        return {o["Key"]: o["Size"] for o in self.storage.list_objects_v2(Bucket=BUCKET).get("Contents", [])}

    def artifacts(self, job: str) -> set[str]:
        """The objects a job has left, without job and attempt."""
        return {key.split("/", 3)[3] for key in self.objects() if key.startswith(f"jobs/{job}/")}

    def files(self) -> set[str]:
        """What lies on the disks of our processes, copies in the workers' caches apart."""
        found = {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}
        return {name for name in found if not re.search(r"/workers/[^/]+/(cache/|lock$)", name)}


@dataclass(frozen=True)
class Starter:
    """Starts processes; all are stopped with the stack, and by their guard should this process die."""

    stack: ExitStack
    logs: Path
    eventually: Callable[..., bool]

    def start(
        self, name: str, command: list[str], ready: Callable[[], bool], environment: dict[str, str] | None = None
    ) -> None:
        log = self.logs / f"{name}.log"
        process = processes.start(command, log=log, environment=environment)
        self.stack.callback(processes.stop, process)
        assert self.eventually(lambda: process.poll() is not None or ready(), 180), processes.tail(log)
        assert process.poll() is None, processes.tail(log)


def free_port() -> int:
    with create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def answers(ask: Callable[[], object], *errors: type[Exception]) -> bool:
    try:
        ask()
    except errors:
        return False
    return True


def start_postgres(starter: Starter, data: Path) -> str:
    """Debian's Postgres 15 where it is installed, else any that `tailbase up` would take; over TCP."""
    data.mkdir(mode=0o700)
    (secret := data.with_name("secret")).write_text(PASSWORD)
    programs = DEBIAN_POSTGRES if (DEBIAN_POSTGRES / "initdb").exists() else binaries.postgres_bin(data)
    before = identity.prefix(programs / "postgres", data)
    identity.give(data, before)
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "tailbase", "-A", "scram-sha-256", f"--pwfile={secret}"]
    subprocess.run([*before, *initdb, "-E", "UTF8", "--locale=C"], check=True, capture_output=True)
    port = free_port()
    url = f"postgresql://tailbase:{PASSWORD}@127.0.0.1:{port}/postgres"
    server = [str(programs / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", ""]
    refused = psycopg2.OperationalError
    starter.start("postgres", [*before, *server], lambda: answers(lambda: psycopg2.connect(url).close(), refused))
    return url


def start_redis(starter: Starter, folder: Path) -> str:
    port = free_port()
    config = folder / "redis.conf"
    config.write_text(f'bind 127.0.0.1\nport {port}\nrequirepass {PASSWORD}\nsave ""\n')
    url = f"redis://:{PASSWORD}@127.0.0.1:{port}/0"
    with Redis.from_url(url) as client:
        starter.start("redis", [str(binaries.redis_server()), str(config)], lambda: answers(client.ping, RedisError))
    return url


def start_storage(starter: Starter) -> tuple[int, Any]:
    """The port of an S3 server that holds an empty bucket, and a client of it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    client: Any = boto3.session.Session().client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    starter.start("storage", command, lambda: answers(client.list_buckets, BotoCoreError))
    client.create_bucket(Bucket=BUCKET)
    return port, client


@pytest.fixture
def cluster(tmp_path: Path, eventually: Callable[..., bool]) -> Iterator[Cluster]:
    folder = tmp_path / "machines"
    with ExitStack() as stack:
        starter = Starter(stack, tmp_path / "logs", eventually)
        storage_port, storage = start_storage(starter)
        port = free_port()
        url, public_storage = f"http://127.0.0.1:{port}", f"http://localhost:{storage_port}"
        settings = {
            "PATH": os.defpath,
            "TAILBASE_DATABASE_URL": start_postgres(starter, tmp_path / "postgres"),
            "TAILBASE_REDIS_URL": start_redis(starter, tmp_path),
            "TAILBASE_S3_BUCKET": BUCKET,
            "TAILBASE_S3_ENDPOINT": f"http://127.0.0.1:{storage_port}",
            "TAILBASE_S3_PUBLIC_ENDPOINT": public_storage,
            "TAILBASE_S3_ACCESS_KEY": "key",
            "TAILBASE_S3_SECRET_KEY": "secret",
            "TAILBASE_SECRET_KEY": "a key for tests only, which is long enough",
            "TAILBASE_PUBLIC_URL": url,
            "TAILBASE_UPLOADS__PART_BYTES": str(PART_BYTES),
            "TAILBASE_WORKER_THREADS": "1",
        }
        link = migrate(settings)
        start_ours(starter, settings, folder, port, url)
        yield Cluster(url, link, storage, public_storage, folder)


def migrate(settings: dict[str, str]) -> str:
    """The token of the owner's link, which the migrations print while nobody has an account."""
    command = [sys.executable, "-m", "tailbase_migrations"]
    said = subprocess.run(command, env=settings, capture_output=True, text=True, check=True).stdout
    return said.split("/login?link=")[1].strip()


def start_ours(starter: Starter, settings: dict[str, str], folder: Path, port: int, url: str) -> None:
    """The API and two workers, each with a data folder of its own; the API is healthy once a worker has reported."""

    def own(name: str) -> dict[str, str]:
        return settings | {"TAILBASE_DATA_DIR": str(folder / name), "TAILBASE_WORKER_NAME": name}

    def asked(path: str, status: int) -> bool:
        try:
            return httpx.get(f"{url}/api/v1/{path}", timeout=10).status_code == status
        except httpx.TransportError:
            return False

    api = [sys.executable, "-m", "tailbase_api", "--port", str(port)]
    starter.start("api", api, lambda: asked("version", 200), own("api"))
    assert asked("health", 503)
    for name in ("one", "two"):
        starter.start(name, [sys.executable, "-m", "tailbase_worker"], lambda: asked("health", 200), own(name))


@pytest.fixture
def tailbase(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tailbase]:
    """The owner's client."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    made = httpx.post(
        f"{cluster.url}/api/v1/auth/link", json={"token": cluster.link, **OWNER}, headers={"Origin": cluster.url}
    )
    assert made.status_code == 200, made.text
    with Tailbase(cluster.url, sign_in(cluster.url, OWNER["email"], OWNER["password"], "test")) as client:
        yield client


def write_large(path: Path, write_video: Callable[..., Path]) -> Path:
    """A tiny video, made larger than one part by what MP4 calls free space."""
    write_video(path, FRAMES)
    with path.open("ab") as file:
        file.write(PART_BYTES.to_bytes(4, "big") + b"free" + bytes(PART_BYTES - 8))
    return path


def label(project: Project, dot_at: Callable[[int], tuple[int, int]]) -> None:
    """Label every chosen frame with the drawn truth."""
    keypoints = {keypoint["name"]: keypoint["id"] for keypoint in project.skeleton()["keypoints"]}
    animal = project.individuals()[0]["id"]
    for frame in project.frames():
        x, y = dot_at(frame["frame_index"])
        changes = [
            {"individual_id": animal, "keypoint_id": keypoints[name], "x": px, "y": y, "state": "visible"}
            for name, px in (("nose", x), ("tail", x - 20))
        ]
        project.save_labels(frame, changes, project.labels(frame)["version"], "submitted")


def exported_labels(project: Project, job: dict[str, Any], folder: Path) -> dict[int, list[float]]:
    """nose x, nose y, tail x, tail y by frame, from the Lightning Pose files."""
    project.wait(job)
    (archive,) = project.download_artifacts(job, folder)
    with ZipFile(archive) as packed:
        rows = list(csv.reader(packed.read("CollectedData.csv").decode().splitlines()))[3:]
        assert {row[0] for row in rows} <= set(packed.namelist())
    return {int(re.findall(r"\d+", row[0])[-1]): [float(cell) for cell in row[-4:]] for row in rows}


def test_the_main_job_runs_on_separate_servers_and_two_workers_with_every_blob_in_the_bucket(
    cluster: Cluster, tailbase: Tailbase, drawing: Any, tmp_path: Path, eventually: Callable[..., bool]
) -> None:
    _, dot_at, write_video = drawing
    assert tailbase.health()["parts"] == dict.fromkeys(("database", "redis", "storage", "worker"), "ok")
    assert eventually(lambda: {worker["name"] for worker in tailbase.workers()} == {"one", "two"}, 120)
    project = tailbase.create_project("Reaching", {"keypoints": [{"name": "nose"}, {"name": "tail"}]})
    project.set_prelabels(on=False)  # their training would keep one of the two workers

    film = write_large(tmp_path / "run.mp4", write_video)
    video = project.wait_for_video(project.upload_video(film), 120)
    assert (video["state"], video["frame_count"]) == ("ready", FRAMES), video
    assert cluster.objects()[f"projects/{project.id}/videos/{video['id']}/source"] == film.stat().st_size
    assert "Uploads" not in cluster.storage.list_multipart_uploads(Bucket=BUCKET)
    assert video["poster_url"].startswith(f"{cluster.public_storage}/{BUCKET}/")

    project.wait(project.select_frames([video], LABELLED, "uniform")[0], timeout=120)
    label(project, dot_at)

    training = project.train("fast", spec=SPEC)["model"]
    assert eventually(lambda: project.job(training["job_id"])["state"] == "running")
    export = project.start_export("labels", "lightning-pose")
    labels = exported_labels(project, export, tmp_path / "out")
    project.wait(training["job_id"], timeout=300)
    assert labels == {frame: [x, y, x - 20, y] for frame in labels for x, y in [dot_at(frame)]}
    assert len(labels) == LABELLED
    assert project.model(training)["metrics"]["validation"]["points"] > 0
    assert {project.job(job)["worker"] for job in (training["job_id"], export)} == {"one", "two"}

    (prediction,) = project.predict(training, [video])["predictions"]
    predicting = project.wait(prediction["job_id"], timeout=120)
    parquet = project.download_prediction(prediction, tmp_path / "out" / "poses.parquet")
    assert read_predictions(parquet).points.shape == (FRAMES, 1, 2, 2)
    (table,) = project.export("predictions", "csv", tmp_path / "out")
    assert len(table.read_text().splitlines()) == 1 + FRAMES

    assert eventually(lambda: not project.jobs("running") and not project.jobs("queued"), 60)
    assert {job["state"] for job in project.jobs()} == {"succeeded"}
    assert {"model/weights.safetensors", "model/model.json"} <= cluster.artifacts(training["job_id"])
    measured = {"poses.metrics.json", "poses.metrics.parquet"}
    assert cluster.artifacts(predicting["id"]) == {"poses.f32", "poses.parquet"} | measured
    assert eventually(lambda: cluster.files() == set()), cluster.files()
