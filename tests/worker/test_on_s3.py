"""The same work when all files lie on an S3 server, and when that server fails."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tailbase_core.settings import Settings
from tailbase_core.tables import Model, Prediction


@pytest.fixture
def on_s3(quick: Settings) -> Iterator[Settings]:
    """Settings that name an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url, bucket = f"http://{host}:{port}", f"bucket-{os.urandom(4).hex()}"
    client: Any = boto3.session.Session().client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="access", aws_secret_access_key="secret"
    )
    client.create_bucket(Bucket=bucket)
    changes = {"s3_bucket": bucket, "s3_endpoint": url, "s3_access_key": "access", "s3_secret_key": "secret"}
    yield Settings.model_validate(quick.model_dump() | changes)
    server.stop()


def test_a_video_is_read_labelled_learned_and_predicted(on_s3: Settings, make_world: Any, start_worker: Any) -> None:
    start_worker(settings=on_s3)
    world = make_world(on_s3)

    video_id = world.labelled_video(6)
    model_id, training = world.train(epochs=2)
    world.done(training)
    prediction_id, predicting = world.predict(model_id, video_id)
    world.done(predicting)

    assert world.store.size(f"{world.get(Model, model_id).artifact_key}/weights.safetensors") > 0
    prediction = world.get(Prediction, prediction_id)
    assert world.store.size(prediction.block_key) == 40 * 2 * 3 * 4
    assert list(world.store.list_prefix(f"jobs/{training}/1/checkpoints")) == []


def test_a_storage_that_is_away_is_said_so_after_three_attempts(
    on_s3: Settings, make_world: Any, start_worker: Any
) -> None:
    gone = on_s3.model_copy(update={"s3_endpoint": "http://127.0.0.1:9"})
    start_worker(settings=gone)
    world = make_world(on_s3)
    world.store.put_bytes(key := f"projects/{world.project}/videos/x/source", b"video")
    video_id = world.video(blob_key=key)

    job = world.wait(world.order("ingest", {"video_id": str(video_id)}))

    assert (job.state, job.error_code, job.losses) == ("failed", "storage_unavailable", 3)
    assert "Try again" in job.error_detail


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own, of four megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=False)
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_fails_the_job_and_the_next_one_runs(
    on_s3: Settings, make_world: Any, start_worker: Any, small_disk: Path
) -> None:
    start_worker(settings=on_s3.model_copy(update={"data_dir": small_disk}))
    world = make_world(on_s3)
    key = f"projects/{world.project}/videos/large/source"
    world.store.put_bytes(key, os.urandom(6 * 1024**2))

    job = world.wait(world.order("ingest", {"video_id": str(world.video(blob_key=key))}))

    assert (job.state, job.error_code) == ("failed", "disk_full")
    assert "Free some space" in job.error_detail
    world.ready_video()
