"""Errors of models, measures of predictions and comparisons over the API."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pyarrow.parquet as pq
import pytest

from tailbase.evaluation.results import EvaluatedImage, Evaluation, write_evaluation
from tailbase.evaluation.summary import summarize_evaluation
from tailbase.evaluation.tracks import measure_track
from tailbase.formats.predictions_parquet import write_predictions
from tailbase.schema import Keypoint, Predictions, Skeleton
from tailbase_core.settings import Settings
from tailbase_core.storage import BlobStore, make_store
from tailbase_core.tables import Evaluation as EvaluationRow
from tailbase_core.tables import Job, Model, Prediction, TrackMeasures

SKELETON = Skeleton(keypoints=(Keypoint(name="nose"), Keypoint(name="tail")))


@pytest.fixture
def store(settings: Settings) -> BlobStore:
    return make_store(settings)


@pytest.fixture
def model(world: Any, place: Any) -> UUID:
    row = Model(id=uuid4(), project_id=place.id, name="Fast 1", state="ready", artifact_key="jobs/1/1/model")
    world.add(row)
    return row.id


@pytest.fixture
def measured(world: Any, place: Any, store: BlobStore, tmp_path: Path) -> Callable[[UUID], None]:
    """`measured(model)` gives it an evaluation: four images whose points are 1 to 8 px off."""

    def give(model_id: UUID) -> None:
        labelled = np.full((4, 2, 2), 20.0)
        predicted = labelled + np.stack([np.arange(1.0, 9).reshape(4, 2), np.zeros((4, 2))], -1)
        parts = ("train", "validation", "test", "unseen")
        images = tuple(
            EvaluatedImage(path=f"{n}.png", id=str(UUID(int=n + 1)), part=part, fields={"rig": "AB"[n % 2]})
            for n, part in enumerate(parts)
        )
        evaluation = Evaluation(SKELETON, images, predicted, np.full((4, 2), 0.9), labelled, np.full((4, 2), 40.0))
        write_evaluation(evaluation, tmp_path / "errors.parquet")
        key = f"jobs/{model_id}/1"
        store.put_file(f"{key}/errors.parquet", tmp_path / "errors.parquet")
        store.put_bytes(f"{key}/summary.json", json.dumps(summarize_evaluation(evaluation)).encode())
        keys = {"errors_key": f"{key}/errors.parquet", "summary_key": f"{key}/summary.json"}
        world.add(EvaluationRow(model_id=model_id, project_id=place.id, labels="current", **keys))

    return give


@pytest.fixture
def prediction(world: Any, place: Any, model: UUID, store: BlobStore, tmp_path: Path) -> UUID:
    """A prediction of 50 frames with its measures; the nose jumps in frame 30."""
    points = np.zeros((50, 1, 2, 2), np.float32)
    points[30, 0, 0] = [30, 40]
    poses = Predictions(SKELETON, ("animal",), points, np.ones((50, 1, 2), np.float32), np.arange(50) / 10)
    write_predictions(poses, tmp_path / "poses.parquet")
    summary = measure_track(tmp_path / "poses.parquet", {}, tmp_path, {"pose_pca": "No labels."})
    for name in ("poses.metrics.parquet", "poses.metrics.json"):
        store.put_file(f"jobs/9/1/{name}", tmp_path / name)
    row = Prediction(
        id=uuid4(), project_id=place.id, model_id=model, video_id=world.video(place), state="ready", frame_count=50
    )
    world.add(row)
    world.add(
        TrackMeasures(
            prediction_id=row.id, project_id=place.id, parquet_key="jobs/9/1/poses.metrics.parquet",
            summary_key="jobs/9/1/poses.metrics.json",
            figures={"measures": summary["measures"], "missing": summary["missing"]},
        )
    )  # fmt: skip
    return row.id


def of_model(place: Any, model: UUID, what: str) -> str:
    return f"{place.path}/models/{model}/{what}"


def test_a_model_that_was_not_measured_has_no_evaluation(owner: Any, place: Any, model: UUID) -> None:
    assert owner.get(of_model(place, model, "evaluation")).json() == {"evaluation": None, "job": None}


def test_an_evaluation_tells_errors_by_set_keypoint_and_field(
    owner: Any, place: Any, model: UUID, measured: Any
) -> None:
    measured(model)
    found = owner.get(of_model(place, model, "evaluation")).json()["evaluation"]
    assert (found["images"], found["points"], found["body_length_px"]) == (4, 8, {"body": 40})
    assert found["sets"]["test"]["figures"]["mean_px"] == 6.5
    assert found["sets"]["test"]["keypoints"]["nose"]["mean_percent"] == 15
    assert found["sets"]["all"]["fields"]["rig"]["A"]["images"] == 2
    assert (found["worst"][0]["id"], found["worst"][0]["keypoint"]) == (str(UUID(int=4)), "tail")
    table = pq.read_table(BytesIO(owner.get(found["errors_url"]).content))
    assert table.num_rows == 8


def test_the_latest_job_that_measures_a_model_is_told(world: Any, owner: Any, place: Any, model: UUID) -> None:
    asked = owner.post(of_model(place, model, "evaluate"), {"split": "current"})
    assert asked.status_code == 202
    told = owner.get(of_model(place, model, "evaluation")).json()["job"]
    assert (told["id"], told["state"]) == (asked.json()["job"]["id"], "queued")


def test_points_come_in_pages_with_the_worst_first(owner: Any, place: Any, model: UUID, measured: Any) -> None:
    measured(model)
    path = of_model(place, model, "errors")
    first = owner.get(path, params={"limit": 5}).json()
    rest = owner.get(path, params={"limit": 5, "cursor": first["next_cursor"]}).json()
    errors = [item["error_px"] for item in first["items"] + rest["items"]]
    assert errors == [8, 7, 6, 5, 4, 3, 2, 1]
    assert rest["next_cursor"] is None
    only = owner.get(path, params={"keypoint": "nose", "part": "test"}).json()["items"]
    assert [(item["path"], item["error_px"]) for item in only] == [("2.png", 5)]


def test_points_of_a_model_that_was_not_measured_are_refused(owner: Any, place: Any, model: UUID, refused: Any) -> None:
    refused(owner.get(of_model(place, model, "errors")), 409, "evaluation.none")


def test_a_cursor_of_another_list_is_refused(owner: Any, place: Any, model: UUID, measured: Any, refused: Any) -> None:
    measured(model)
    refused(owner.get(of_model(place, model, "errors"), params={"cursor": "WyJ4IiwgInkiXQ"}), 422, "cursor.invalid")


def test_predicted_videos_are_listed_with_their_measures(owner: Any, place: Any, model: UUID, prediction: UUID) -> None:
    tracks = owner.get(of_model(place, model, "tracks")).json()["items"]
    assert [track["prediction_id"] for track in tracks] == [str(prediction)]
    assert tracks[0]["measures"]["temporal_norm"]["keypoints"]["tail"] == 0
    assert "trace" not in tracks[0]["measures"]["temporal_norm"]
    assert tracks[0]["missing"] == {"pose_pca": "No labels."}


def test_the_measures_of_a_prediction_come_with_traces_and_worst_frames(
    owner: Any, place: Any, prediction: UUID
) -> None:
    track = owner.get(f"{place.path}/predictions/{prediction}/measures").json()["track"]
    measure = track["measures"]["temporal_norm"]
    assert measure["worst"][0] == {"frame": 30, "error_px": 50, "keypoint": "nose"}
    assert measure["trace"]["highest_px"][30:33] == [50, 50, 0]
    assert pq.read_table(BytesIO(owner.get(track["parquet_url"]).content)).num_rows == 50


def test_a_prediction_without_measures_says_so(world: Any, owner: Any, place: Any, model: UUID) -> None:
    row = Prediction(id=uuid4(), project_id=place.id, model_id=model, video_id=world.video(place), state="ready")
    world.add(row)
    assert owner.get(f"{place.path}/predictions/{row.id}/measures").json() == {"track": None}


def test_models_are_compared_once_they_are_measured(
    world: Any, owner: Any, place: Any, model: UUID, measured: Any, refused: Any
) -> None:
    other = Model(id=uuid4(), project_id=place.id, name="Fast 2", state="ready", artifact_key="jobs/2/1/model")
    world.add(other)
    measured(model)
    body = {"model_ids": [str(model), str(other.id)]}
    refused(owner.post(f"{place.path}/comparisons", body), 409, "evaluation.none")
    measured(other.id)
    asked = owner.post(f"{place.path}/comparisons", body)
    assert asked.status_code == 202
    told = owner.get(f"{place.path}/comparisons/{asked.json()['job']['id']}").json()
    assert (told["job"]["state"], told["model_ids"], told["spread"]) == ("queued", body["model_ids"], None)


def test_a_model_is_not_compared_with_itself(owner: Any, place: Any, model: UUID, measured: Any, refused: Any) -> None:
    measured(model)
    refused(owner.post(f"{place.path}/comparisons", {"model_ids": [str(model)] * 2}), 422, "comparison.one_model")


def test_a_comparison_that_ended_tells_what_it_found_and_what_it_could_not(
    world: Any, owner: Any, place: Any, model: UUID
) -> None:
    steps = [{"spread_px": 1.0, "points": 3, "mean_px": {"a": 2.0}}]
    spread = {
        "points": 3,
        "correlation": 0.5,
        "mean_px": {"a": 2.0},
        "hardest": steps,
        "kept": steps,
        "scatter": [[1, 2]],
    }
    comparison = {"spread": spread, "trainings": {"missing": "Train it with a test share."}}
    job = Job(
        id=uuid4(), project_id=place.id, kind="evaluate", state="succeeded", spec={"model_ids": [str(model)]},
        result={"comparison": comparison},
    )  # fmt: skip
    world.add(job)
    told = owner.get(f"{place.path}/comparisons/{job.id}").json()
    assert told["spread"]["kept"][0]["mean_px"] == {"a": 2}
    assert (told["trainings"], told["missing"]) == (None, {"trainings": "Train it with a test share."})


def test_a_job_that_is_no_comparison_is_not_one(world: Any, owner: Any, place: Any, model: UUID, refused: Any) -> None:
    job = Job(id=uuid4(), project_id=place.id, kind="evaluate", state="queued", spec={"model_id": str(model)})
    world.add(job)
    refused(owner.get(f"{place.path}/comparisons/{job.id}"), 404, "not_found")
