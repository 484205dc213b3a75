"""The steps from an empty installation to poses. Each looks first at what is there, so that a second run goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailbase.schema import Labels, PointState, Skeleton
from tailbase_core.errors import Invalid
from tailbase_server.sample.rest import Json, Rest

PROJECT = "Sample: a mouse and its mirror image"
MODEL = "Fast"
MIRROR = "side"
DONE_FRAMES = ("submitted", "accepted")

Tell = Callable[[str, float, float], None]
"""Says how far a stage has come: its name, units done, units in all."""


def make_project(rest: Rest, skeleton: Skeleton) -> str:
    """The sample project's id."""
    for project in rest.items("projects"):
        if project["name"] == PROJECT:
            return str(project["id"])
    body = {
        "name": PROJECT,
        "description": "Drawn by Tailbase: one animal, seen from above and, in a mirror below, from the side.",
        "skeleton": _skeleton(skeleton),
    }
    return str(rest.post("projects", body)["id"])


def upload_videos(rest: Rest, project: str, paths: list[Path], tell: Tell) -> dict[str, Json]:
    """Every video by its file's stem, once it is ready."""
    there = {video["name"]: video for video in rest.items(f"projects/{project}/videos")}
    for path in paths:
        if path.name not in there:
            done = rest.upload(project, path, _bytes_teller(tell, path))
            there[path.name] = done["video"]
            rest.wait(project, done["job"]["id"], job_teller(tell, f"Looking at {path.name}"))
    return {path.stem: _ready(rest, project, there[path.name]["id"]) for path in paths}


def add_frames(rest: Rest, project: str, video: str, labels: Labels, tell: Tell) -> None:
    """Extract the labelled frames from the video and give each its points."""
    wanted = {image.frame_index: row for row, image in enumerate(labels.images) if image.frame_index is not None}
    missing = sorted(wanted.keys() - _frames(rest, project, video).keys())
    if missing:
        job = rest.post(f"projects/{project}/frames/add", {"video_id": video, "indices": missing})["job"]
        rest.wait(project, job["id"], job_teller(tell, "Extracting frames"))
    frames = _frames(rest, project, video)
    keypoints, animal = _ids(rest, project)
    for done, (index, row) in enumerate(sorted(wanted.items()), 1):
        if frames[index]["state"] not in DONE_FRAMES:
            _label(rest, project, frames[index]["id"], _changes(labels, row, keypoints, animal))
        tell("Labelling frames", done, len(wanted))


def train(rest: Rest, project: str, tell: Tell) -> str:
    """The id of a trained Fast model, from random weights."""
    models = [m for m in rest.items(f"projects/{project}/models") if m["name"] == MODEL]
    usable = next((m for m in models if m["state"] in ("ready", "queued", "training")), None)
    if usable is None:
        usable = rest.post(
            f"projects/{project}/models", {"name": MODEL, "preset": "fast", "spec": {"weights": "none"}}
        )["model"]
    if usable["state"] != "ready":
        rest.wait(project, usable["job_id"], job_teller(tell, "Training"))
    return str(usable["id"])


def predict(rest: Rest, project: str, model: str, videos: dict[str, Json], tell: Tell) -> dict[str, Json]:
    """The model's prediction for each video, by the video's stem."""
    ids = {name: video["id"] for name, video in videos.items()}
    rest.post(f"projects/{project}/predictions", {"model_id": model, "video_ids": list(ids.values())})
    found = {p["video"]["id"]: p for p in rest.items(f"projects/{project}/predictions") if p["model"]["id"] == model}
    for name, video in ids.items():
        if found[video]["state"] != "ready":
            rest.wait(project, found[video]["job_id"], job_teller(tell, f"Predicting {name}"))
    return {name: rest.get(f"projects/{project}/predictions/{found[video]['id']}") for name, video in ids.items()}


def points(rest: Rest, prediction: Json, keypoints: tuple[str, ...]) -> NDArray[np.float64]:
    """Predicted pixels of the first animal, shape (frame, keypoint, 2), in the order of `keypoints`."""
    shape = (prediction["frame_count"], len(prediction["individuals"]), len(prediction["keypoints"]), 3)
    block = np.frombuffer(rest.bytes(prediction["block_url"]), "<f4").reshape(shape)
    order = [prediction["keypoints"].index(name) for name in keypoints]
    return block[:, 0, order, :2].astype(np.float64)


def job_teller(tell: Tell, title: str) -> Callable[[Json], None]:
    """Tells how far a job is; what it does before and after its main work gets stages of its own."""

    def watch(job: Json) -> None:
        progress: dict[str, Any] = job["progress"]
        if job["state"] in ("waiting", "queued"):
            tell(f"{title} (waiting for the worker)", 0, 1)
        elif "total" in progress:
            tell(f"{title} ({progress['stage']})", progress["done"], progress["total"] or 1)

    return watch


def _bytes_teller(tell: Tell, path: Path) -> Callable[[int], None]:
    size = path.stat().st_size
    return lambda sent: tell(f"Uploading {path.name}", sent, size)


def _skeleton(skeleton: Skeleton) -> Json:
    body = skeleton.model_dump(mode="json")
    return body | {"views": [{"name": view, "mirrored": view == MIRROR} for view in skeleton.views]}


def _ready(rest: Rest, project: str, video: str) -> Json:
    found = rest.get(f"projects/{project}/videos/{video}")
    if found["state"] == "rejected":
        raise Invalid(found["error_code"], found["error_detail"])
    return found


def _frames(rest: Rest, project: str, video: str) -> dict[int, Json]:
    return {frame["frame_index"]: frame for frame in rest.items(f"projects/{project}/frames?video={video}")}


def _ids(rest: Rest, project: str) -> tuple[dict[str, str], str]:
    """Ids of the keypoints by name, and of the project's one animal."""
    skeleton = rest.get(f"projects/{project}/skeleton")
    animal = rest.get(f"projects/{project}/individuals")["items"][0]["id"]
    return {k["name"]: k["id"] for k in skeleton["keypoints"]}, animal


def _changes(labels: Labels, row: int, keypoints: dict[str, str], animal: str) -> list[Json]:
    changes = []
    for column, name in enumerate(labels.skeleton.names):
        state = PointState(labels.states[row, 0, column])
        if state is PointState.UNLABELED:
            continue
        change: Json = {"individual_id": animal, "keypoint_id": keypoints[name], "state": state.name.lower()}
        x, y = labels.points[row, 0, column]
        changes.append(change | ({} if np.isnan(x) else {"x": float(x), "y": float(y)}))
    return changes


def _label(rest: Rest, project: str, frame: str, changes: list[Json]) -> None:
    path = f"projects/{project}/frames/{frame}/labels"
    tag = rest.send("GET", path).headers["ETag"]
    rest.send("PATCH", path, {"changes": changes, "frame_state": "submitted"}, **{"If-Match": tag})
