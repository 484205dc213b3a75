"""The steps from an empty installation to poses. Each looks first at what is there, so that a second run goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tailbase.schema import Labels, PointState, Skeleton
from tailbase_client import Project, Tailbase
from tailbase_core.errors import Invalid

PROJECT = "Sample: a mouse and its mirror image"
MODEL = "Fast"
MIRROR = "side"
DONE_FRAMES = ("submitted", "accepted")

Json = dict[str, Any]
Tell = Callable[[str, float, float], None]
"""Says how far a stage has come: its name, units done, units in all."""


def make_project(tailbase: Tailbase, skeleton: Skeleton) -> Project:
    if any(project["name"] == PROJECT for project in tailbase.projects()):
        return tailbase.project(PROJECT)
    about = "Drawn by Tailbase: one animal, seen from above and, in a mirror below, from the side."
    views = [{"name": view, "mirrored": view == MIRROR} for view in skeleton.views]
    project = tailbase.create_project(PROJECT, skeleton.model_dump(mode="json") | {"views": views}, description=about)
    project.set_prelabels(on=False)  # every frame is labelled within seconds; a network would only be in the way
    return project


def upload_videos(project: Project, paths: list[Path], tell: Tell) -> dict[str, Json]:
    """Every video by its file's stem, once it is ready."""
    there = {video["name"]: video for video in project.videos()}
    for path in paths:
        if path.name not in there:
            there[path.name] = project.upload_video(path, about(tell, path.name))
    return {path.stem: _ready(project, there[path.name]) for path in paths}


def add_frames(project: Project, video: Json, labels: Labels, tell: Tell) -> None:
    """Extract the labelled frames from the video and give each its points."""
    wanted = {image.frame_index: row for row, image in enumerate(labels.images) if image.frame_index is not None}
    there = {frame["frame_index"] for frame in project.frames(video=video)}
    if missing := sorted(wanted.keys() - there):
        project.wait(project.add_frames(video, missing), about(tell, "Extracting frames"))
    keypoints = {keypoint["name"]: keypoint["id"] for keypoint in project.skeleton()["keypoints"]}
    animal = project.individuals()[0]["id"]
    todo = [frame for frame in project.frames(video=video) if frame["state"] not in DONE_FRAMES]
    for done, frame in enumerate(todo, 1):
        changes = _changes(labels, wanted[frame["frame_index"]], keypoints, animal)
        project.save_labels(frame, changes, project.labels(frame)["version"], "submitted")
        tell("Labelling frames", done, len(todo))


def train(project: Project, tell: Tell) -> Json:
    """A trained Fast model, from random weights."""
    usable = [m for m in project.models() if m["name"] == MODEL and m["state"] in ("ready", "queued", "training")]
    model: Json = usable[0] if usable else project.train("fast", MODEL, {"weights": "none"})["model"]
    if model["state"] != "ready":
        project.wait(model["job_id"], about(tell, "Training"))
    return model


def predict(project: Project, model: Json, videos: dict[str, Json], tell: Tell) -> dict[str, Json]:
    """The model's finished prediction for each video, by the video's stem."""
    project.predict(model, list(videos.values()))
    found = {prediction["video"]["id"]: prediction for prediction in project.predictions(model=model)}
    for name, video in videos.items():
        if found[video["id"]]["state"] != "ready":
            project.wait(found[video["id"]]["job_id"], about(tell, f"Predicting {name}"))
    return {name: found[video["id"]] for name, video in videos.items()}


def about(tell: Tell, subject: str) -> Tell:
    """Puts what the stages are about before their names."""
    return lambda stage, done, total: tell(f"{subject} ({stage})", done, total or 1)


def _ready(project: Project, video: Json) -> Json:
    found = project.wait_for_video(video)
    if found["state"] == "rejected":
        raise Invalid(found["error_code"], found["error_detail"])
    return found


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
