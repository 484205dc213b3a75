"""Each kind of job, from the queue to what people see."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import numpy as np
import pytest
from sqlalchemy import select

from tailbase.formats.labels_parquet import read_labels
from tailbase_core.tables import (
    Evaluation,
    Frame,
    Job,
    JobEvent,
    Model,
    Prediction,
    Recording,
    TrackMeasures,
    Video,
)

pytestmark = pytest.mark.usefixtures("worker")


def test_an_uploaded_video_becomes_ready_with_a_proxy(world: Any) -> None:
    video_id = world.ready_video()

    video = world.get(Video, video_id)
    assert (video.state, video.frame_count, video.width, video.height) == ("ready", 40, 96, 64)
    assert (video.fps_num, video.fps_den, video.codec) == (25, 1, "h264")
    assert world.store.exists(video.poster_key)
    with world.sessions() as session:
        proxy = session.scalar(select(Job.id).where(Job.kind == "proxy"))
    world.done(proxy)
    assert world.store.size(world.get(Video, video_id).proxy_key) == world.get(Video, video_id).proxy_bytes


def test_a_file_that_is_no_video_is_rejected_and_leaves_no_object(world: Any, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("this is not a video")
    video_id = world.video(tmp_path / "text")

    job = world.done(world.order("ingest", {"video_id": str(video_id)}))

    video = world.get(Video, video_id)
    assert (video.state, video.error_code, video.blob_key) == ("rejected", "video.not_a_video", None)
    assert job.result["rejected"] == "video.not_a_video"
    assert list(world.store.list_prefix(f"projects/{world.project}/videos/{video_id}")) == []


def test_frames_are_chosen_and_stored_with_context(world: Any) -> None:
    video_id = world.ready_video()

    job = world.done(world.order("frames", {"video_id": str(video_id), "method": "kmeans", "count": 5, "seed": 0}))

    assert len(job.result["frame_ids"]) == len(job.result["indices"]) == 5
    frame = world.get(Frame, job.result["frame_ids"][2])
    assert (frame.state, frame.origin, frame.width, frame.height) == ("todo", "kmeans", 96, 64)
    keys = [frame.image_key, frame.thumbnail_key, *(c["key"] for c in frame.context_keys)]
    assert frame.size_bytes == sum(world.store.size(key) for key in keys)
    assert {c["offset"] for c in frame.context_keys} <= {-2, -1, 1, 2}


def test_adding_frames_by_hand_twice_makes_them_once(world: Any) -> None:
    video_id = world.ready_video()
    spec = {"video_id": str(video_id), "method": "manual", "count": 2, "indices": [0, 39], "seed": 0}

    first, second = world.done(world.order("frames", spec)), world.done(world.order("frames", spec))

    assert first.result["frame_ids"] == second.result["frame_ids"]


def test_a_network_is_trained_and_predicts_a_video(world: Any) -> None:
    video_id = world.labelled_video()
    model_id, training = world.train()

    trained = world.done(training)

    model = world.get(Model, model_id)
    assert model.state == "ready"
    assert model.sha256 == trained.result["sha256"]
    assert model.metrics["validation"]["points"] > 0
    with world.sessions() as session:
        curve = session.scalars(select(JobEvent.data).where(JobEvent.job_id == training, JobEvent.kind == "metric"))
        assert [row["epoch"] for row in curve] == [1, 2]
    prediction_id, predicting = world.predict(model_id, video_id)
    world.done(predicting)
    prediction = world.get(Prediction, prediction_id)
    assert (prediction.state, prediction.frame_count, prediction.individuals) == ("ready", 40, 1)
    measures = world.get(TrackMeasures, prediction_id)
    assert measures.figures["measures"]["temporal_norm"]["mean_px"] >= 0
    assert world.store.exists(measures.parquet_key)
    assert world.store.exists(measures.summary_key)
    block = b"".join(world.store.open_range(prediction.block_key, 0, world.store.size(prediction.block_key)))
    assert np.frombuffer(block, np.float32).reshape(40, 1, 2, 3).shape == (40, 1, 2, 3)
    assert prediction.provenance["model_sha256"] == model.sha256


def test_a_context_network_learns_from_the_projects_videos_and_is_measured_with_its_neighbours(world: Any) -> None:
    video_id = world.labelled_video()
    losses = {"temporal": 0.1, "ramp_start": 0, "ramp_end": 0, "clip_length": 6}
    model_id, training = world.train((video_id,), architecture="context", losses=losses)

    world.done(training)

    model = world.get(Model, model_id)
    assert world.store.exists(f"{model.artifact_key}/subspaces.json")
    assert world.store.exists(model.snapshot_key.replace("labels.parquet", "neighbours.json"))
    with world.sessions() as session:
        curve = session.scalars(select(JobEvent.data).where(JobEvent.job_id == training, JobEvent.kind == "metric"))
        assert all(row["loss_temporal"] >= 0 for row in curve)
    validation = model.metrics["validation"]
    world.done(world.order("evaluate", {"model_id": str(model_id), "split": "validation"}))
    assert world.get(Model, model_id).metrics["validation"]["mean_px"] == pytest.approx(validation["mean_px"], rel=1e-3)


def test_a_training_whose_videos_are_gone_fails_with_a_sentence(world: Any) -> None:
    world.labelled_video()
    _, training = world.train((uuid4(),), losses={"temporal": 0.1})

    job = world.wait(training)

    assert (job.state, job.error_code) == ("failed", "videos.none")


def test_training_without_labels_fails_with_a_sentence(world: Any) -> None:
    model_id, training = world.train()

    job = world.wait(training)

    assert (job.state, job.error_code) == ("failed", "labels.none")
    assert world.get(Model, model_id).state == "failed"


def test_labels_and_predictions_are_exported(world: Any, tmp_path: Path) -> None:
    video_id = world.labelled_video(6)
    model_id, training = world.train(epochs=1)
    world.done(training)
    world.done(world.predict(model_id, video_id)[1])

    labels = world.done(world.order("export", {"what": "labels", "format": "lightning-pose"}))
    poses = world.done(world.order("export", {"what": "predictions", "format": "csv"}))

    (archive,) = labels.artifacts
    world.store.get_file(archive["key"], tmp_path / "labels.zip")
    with ZipFile(tmp_path / "labels.zip") as packed:
        names = packed.namelist()
        table = packed.read("CollectedData.csv").decode().splitlines()
    assert len([name for name in names if name.endswith(".png")]) == 6
    assert len(table) == 3 + 6
    (csv,) = poses.artifacts
    assert (csv["name"], csv["content_type"]) == ("run.csv", "text/csv")
    world.store.get_file(csv["key"], tmp_path / "run.csv")
    assert len((tmp_path / "run.csv").read_text().splitlines()) == 1 + 40


def test_an_evaluation_adds_the_error_of_a_split(world: Any) -> None:
    world.labelled_video(6)
    model_id, training = world.train(epochs=1)
    world.done(training)

    world.done(world.order("evaluate", {"model_id": str(model_id), "split": "all"}))

    metrics = world.get(Model, model_id).metrics
    assert metrics["all"]["points"] == 12
    assert "validation" in metrics


def test_measuring_the_labels_of_today_keeps_every_point_and_tells_what_each_image_was(world: Any) -> None:
    world.labelled_video(6)
    model_id, training = world.train(epochs=1)
    world.done(training)
    with world.sessions.begin() as session:
        session.get(Recording, world.recording).rig = "A"
        first = session.get(Model, model_id)
        facts = {name: getattr(first, name) for name in ("project_id", "state", "spec", "snapshot_key", "artifact_key")}
        session.add(second := Model(name="again", **facts))
        session.flush()
        models = [str(model_id), str(second.id)]
    video_id = world.ready_video()
    world.done(
        world.order("frames", {"video_id": str(video_id), "method": "manual", "count": 1, "indices": [7], "seed": 0})
    )
    world.label(video_id)

    for model in [*models, models[0]]:
        world.done(world.order("evaluate", {"model_id": model, "split": "current"}))
    compared = world.done(world.order("evaluate", {"model_ids": models}))

    kept = world.get(Evaluation, models[0])
    summary = json.loads(b"".join(world.store.open_range(kept.summary_key, 0, world.store.size(kept.summary_key))))
    assert summary["images"] == 7
    assert summary["sets"]["test"]["fields"]["rig"]["A"]["images"] == 1
    assert world.get(Frame, summary["worst"][0]["id"]).project_id == world.project
    assert world.store.exists(kept.errors_key)
    assert len([key for key in world.store.list_prefix("jobs") if "errors.parquet" in str(key)]) == 2
    assert set(compared.result["comparison"]["spread"]["mean_px"]) == {*models, "median of all"}


def test_a_long_video_predicted_in_parts_equals_one_predicted_whole(
    world: Any, quick: Any, worker: Any, start_worker: Any
) -> None:
    video_id = world.labelled_video(6)
    model_id, training = world.train(epochs=1)
    world.done(training)
    whole, job = world.predict(model_id, video_id)
    world.done(job)
    worker.terminate()
    worker.wait(20)
    start_worker("parts", quick.model_copy(update={"jobs": quick.jobs.model_copy(update={"segment_frames": 18})}))
    with world.sessions.begin() as session:
        session.delete(session.get_one(Prediction, whole))
    before = world.job(job)

    parts, job = world.predict(model_id, video_id)
    world.done(job)

    row = world.get(Prediction, parts)
    with world.sessions() as session:
        children = session.scalars(select(Job).where(Job.parent_id == job).order_by(Job.created_at)).all()
    assert [child.result["frame_count"] for child in children] == [18, 18, 4]
    assert (row.state, row.frame_count, row.summary["individuals"]) == ("ready", 40, ["animal"])
    prefix = f"jobs/{before.id}/{before.attempt}"
    for name, key in (("poses.f32", row.block_key), ("poses.parquet", row.parquet_key)):
        size = world.store.size(key)
        if name == "poses.f32":
            assert b"".join(world.store.open_range(key, 0, size)) == b"".join(
                world.store.open_range(f"{prefix}/{name}", 0, size)
            )


def test_networks_see_only_the_crop_of_a_video_in_labels_clips_and_predictions(world: Any, tmp_path: Path) -> None:
    video_id = world.labelled_video()
    crop = {"x": 16, "y": 0, "width": 64, "height": 64}
    with world.sessions.begin() as session:
        session.get_one(Video, video_id).crop = crop
    losses = {"temporal": 0.1, "ramp_start": 0, "ramp_end": 0, "clip_length": 6}
    model_id, training = world.train((video_id,), epochs=1, losses=losses)

    world.done(training)
    prediction_id, predicting = world.predict(model_id, video_id)
    world.done(predicting)

    spec = {"model_id": str(model_id), "video_id": str(video_id), "frame": 3, "keypoint": None}
    drawn = world.done(world.order("heatmap", spec))
    assert drawn.result["region"] == {**crop, "width": 64.0, "height": 64.0}
    assert [(file["name"], world.store.exists(file["key"])) for file in drawn.artifacts] == [("heatmap.png", True)]

    world.store.get_file(world.get(Model, model_id).snapshot_key, tmp_path / "labels.parquet")
    images = read_labels(tmp_path / "labels.parquet").images
    assert [ref.crop.model_dump() if ref.crop else None for ref in images] == [crop] * 12
    key = world.get(Prediction, prediction_id).block_key
    block = np.frombuffer(b"".join(world.store.open_range(key, 0, world.store.size(key))), np.float32)
    x = block.reshape(-1, 3)[:, 0]
    assert x.min() >= 15.4
    assert x.max() <= 79.6
