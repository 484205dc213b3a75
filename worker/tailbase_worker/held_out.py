"""Labels of a video that a set of models has not learnt from: what their intervals can be judged by."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select

from tailbase.formats.labels_parquet import write_labels
from tailbase.schema import Labels, PointState
from tailbase_core.database import transaction
from tailbase_core.tables import Frame, Model, Video
from tailbase_worker.labels import take_snapshot
from tailbase_worker.work import Work


def write_held_out(work: Work, models: Sequence[Model], videos: Sequence[Video], paths: Sequence[Path]) -> list[Path]:
    """Write the labels of each video to its path; gives the paths of those that have any.

    Labels of a model that another program trained are not known to it: its intervals are judged by all labels.
    """
    with transaction(work.sessions) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        frames = select(Frame.id, Frame.video_id).where(Frame.video_id.in_([video.id for video in videos]))
        video_of: dict[UUID, UUID | None] = {row.id: row.video_id for row in session.execute(frames)}
        if not video_of:
            return []
        snapshot = take_snapshot(session, work.claim.project_id)
    learnt = {key for model in models for key in _learnt(work, model)}
    known = {keypoint["name"] for model in models for keypoint in model.skeleton.get("keypoints", [])}
    written = []
    for video, path in zip(videos, paths, strict=True):
        rows = [
            row
            for row, (frame, key) in enumerate(zip(snapshot.frames, snapshot.keys, strict=True))
            if video_of.get(frame) == video.id and key not in learnt
        ]
        labels = _some(snapshot.labels, rows)
        places = [k for k, name in enumerate(labels.skeleton.names) if name in known]
        if (labels.states[:, :, places] == PointState.VISIBLE).any():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_labels(labels, path)
            written.append(path)
    return written


def _learnt(work: Work, model: Model) -> set[str]:
    """The blobs of the images a model was trained on."""
    if model.artifact_key is None or model.snapshot_key is None:
        return set()
    facts = _json(work, f"{model.artifact_key}/model.json")
    images = _json(work, model.snapshot_key.removesuffix("labels.parquet") + "images.json")
    return {images[path] for path in facts.get("split", {}).get("train", ()) if path in images}


def _json(work: Work, key: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(work.blob(key).read_bytes())
    return read


def _some(labels: Labels, rows: Sequence[int]) -> Labels:
    at = np.asarray(rows, np.int64)
    images = tuple(labels.images[row] for row in rows)
    return replace(labels, images=images, points=labels.points[at], states=labels.states[at])
