"""prelabel: a round's points in every frame that waits, and the order in which to label these."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tailbase.labelling.benefit import Signals, benefit, jumps
from tailbase.labelling.pose_space import body_size
from tailbase.schema import Crop
from tailbase_core import jobs, news
from tailbase_core.errors import NotFound
from tailbase_core.tables import Frame, Model, Prelabel, Video
from tailbase_worker import rounds
from tailbase_worker.kinds.predict import model_folder
from tailbase_worker.labels import Snapshot, crop_of, take_snapshot
from tailbase_worker.work import Publish, Work

# Neighbours make three times the images: beyond so many frames, a person waits too long for what they tell.
MOST_WITH_NEIGHBOURS = 2000
_AT_ONCE = 1000

Poses = NDArray[np.float32]
"""(frame, keypoint, 3): x, y, likelihood, in the order of the project's keypoints; NaN where there is none."""


def run(work: Work) -> Publish:
    with work.transaction() as session:
        model = _model(session, work)
        frames = rounds.waiting(session, work.claim.project_id)
        crops = _crops(session, frames)
        snapshot = take_snapshot(session, work.claim.project_id)
        known = _stored(session, model.id, frames, snapshot)
        models = rounds.latest(session, work.claim.project_id, rounds.KEPT)
        others = [_stored(session, other, frames, snapshot)[0] for other in models if other != model.id]
    poses, jump = known
    missing = np.flatnonzero(np.isnan(poses).all((1, 2)))
    if len(missing):
        fresh = _predict(work, model, [frames[i] for i in missing], snapshot, crops)
        poses[missing], jump[missing] = fresh
    signals = Signals(poses[..., :2], poses[..., 2], [other[..., :2] for other in others], jump)
    scores = benefit(signals, snapshot.labels.points[:, 0])
    rows = _rows(frames, poses, jump, scores, snapshot)
    return _publish(model, rows)


def _model(session: Session, work: Work) -> Model:
    query = select(Model).where(Model.id == work.spec_id("model_id"), Model.project_id == work.claim.project_id)
    if (model := session.scalar(query.where(Model.deleted_at.is_(None)))) is None:
        raise NotFound("model")
    return model


def _stored(
    session: Session, model_id: UUID, frames: Sequence[Frame], snapshot: Snapshot
) -> tuple[Poses, NDArray[np.float64]]:
    """What a model has said about the frames before, and how its points jump; NaN where it has not looked."""
    poses = np.full((len(frames), len(snapshot.keypoints), 3), np.nan, np.float32)
    jump = np.full(len(frames), np.nan)
    place = {frame.id: number for number, frame in enumerate(frames)}
    keypoints = {str(keypoint): number for number, keypoint in enumerate(snapshot.keypoints)}
    found = select(Prelabel.frame_id, Prelabel.points, Prelabel.jump_px).where(Prelabel.model_id == model_id)
    for frame_id, points, jump_px in session.execute(found):
        if (row := place.get(frame_id)) is None:
            continue
        jump[row] = np.nan if jump_px is None else jump_px
        for key, point in points.items():
            if (column := keypoints.get(key.split("/")[1])) is not None:
                poses[row, column] = point["x"], point["y"], point["likelihood"]
    return poses, jump


def _predict(
    work: Work, model: Model, frames: Sequence[Frame], snapshot: Snapshot, crops: Mapping[UUID, Crop]
) -> tuple[Poses, NDArray[np.float64]]:
    """The model's poses in the frames, and how far they jump against the frames before and after."""
    offsets = (0, -1, 1) if len(frames) <= MOST_WITH_NEIGHBOURS else (0,)
    wanted = [(number, offset, key) for number, f in enumerate(frames) for offset, key in _images(f, offsets)]
    folder = work.inputs / "images"
    names = [f"{number}{offset:+d}{Path(key).suffix}" for number, offset, key in wanted]
    for done, (name, (_, _, key)) in enumerate(zip(names, wanted, strict=True), start=1):
        work.place(key, folder / name)
        if done % 50 == 0 or done == len(names):
            work.pulse.progress("images", done, len(names))
    rows = zip(names, (frames[number].id for number, _, _ in wanted), strict=True)
    seen = {name: crops[frame].model_dump() for name, frame in rows if frame in crops}
    found = _run(work, model, folder, names, snapshot, seen)
    by_offset = np.full((3, len(frames), len(snapshot.keypoints), 3), np.nan, np.float32)
    for (number, offset, _), pose in zip(wanted, found, strict=True):
        by_offset[offset, number] = pose
    here, after, before = by_offset
    return here, jumps(here[..., :2], before[..., :2], after[..., :2], body_size(here[..., :2]))


def _crops(session: Session, frames: Sequence[Frame]) -> dict[UUID, Crop]:
    """The part of each frame that networks see, where it is not all of it."""
    shown = {frame.video_id for frame in frames if frame.video_id is not None}
    videos = {video.id: video for video in session.scalars(select(Video).where(Video.id.in_(shown)))}
    found = {frame.id: crop_of(frame, videos.get(frame.video_id)) for frame in frames if frame.video_id is not None}
    return {frame: crop for frame, crop in found.items() if crop is not None}


def _images(frame: Frame, offsets: Sequence[int]) -> list[tuple[int, str]]:
    """Offset and key of the frame's own image and of those neighbours that are kept."""
    neighbours = {int(context["offset"]): str(context["key"]) for context in frame.context_keys}
    keys = {0: str(frame.image_key)} | neighbours
    return [(offset, keys[offset]) for offset in offsets if offset in keys]


def _run(
    work: Work,
    model: Model,
    folder: Path,
    names: Sequence[str],
    snapshot: Snapshot,
    seen: Mapping[str, dict[str, int]],
) -> Poses:
    """`seen` are the parts of images that are looked at, by their names; of others it is all."""
    listing, block, spec = folder / "list.txt", work.scratch / "poses.f32", work.scratch / "spec.json"
    crops = work.scratch / "crops.json"
    crops.write_text(json.dumps(seen))
    listing.write_text("\n".join(names))
    spec.write_text(json.dumps({"device": work.device}))
    words = (listing, "--out", block, "--spec", spec, "--crops", crops)
    facts = work.child("predict-images", model_folder(work, model), *words)
    given = np.fromfile(block, "<f4").reshape(len(names), len(facts["keypoints"]), 3)
    poses = np.full((len(names), len(snapshot.keypoints), 3), np.nan, np.float32)
    for number, name in enumerate(snapshot.labels.skeleton.names):
        if name in facts["keypoints"]:
            poses[:, number] = given[:, facts["keypoints"].index(name)]
    return poses


def _rows(
    frames: Sequence[Frame], poses: Poses, jump: NDArray[np.float64], scores: NDArray[np.float64], snapshot: Snapshot
) -> list[dict[str, Any]]:
    animal = snapshot.individuals[0]
    keys = [f"{animal}/{keypoint}" for keypoint in snapshot.keypoints]
    return [
        {
            "frame_id": frame.id,
            "points": {
                key: {"x": round(float(x), 3), "y": round(float(y), 3), "likelihood": round(float(likelihood), 4)}
                for key, (x, y, likelihood) in zip(keys, pose, strict=True)
                if np.isfinite(x)
            },
            "jump_px": float(jumped) if np.isfinite(jumped) else None,
            "benefit": float(score),
        }
        for frame, pose, jumped, score in zip(frames, poses, jump, scores, strict=True)
    ]


def _publish(model: Model, rows: list[dict[str, Any]]) -> Publish:
    def publish(session: Session) -> jobs.Succeeded:
        for start in range(0, len(rows), _AT_ONCE):
            _store(session, model, rows[start : start + _AT_ONCE])
        rounds.make_ready(session, model.project_id, model.id)
        _forget(session, model.project_id)
        news.tell(session, model.project_id, "frame", model.id)
        return jobs.Succeeded({"model_id": str(model.id), "frames": len(rows)})

    return publish


def _store(session: Session, model: Model, rows: list[dict[str, Any]]) -> None:
    # Frames that were deleted while we worked are left out, or their key would be missing.
    living = select(Frame.id).where(Frame.id.in_([row["frame_id"] for row in rows])).with_for_update(key_share=True)
    kept = set(session.scalars(living))
    values = [row | {"model_id": model.id, "project_id": model.project_id} for row in rows if row["frame_id"] in kept]
    if not values:
        return
    made = insert(Prelabel).values(values)
    fields = {name: made.excluded[name] for name in ("points", "jump_px", "benefit")}
    session.execute(
        made.on_conflict_do_update(
            index_elements=[Prelabel.frame_id, Prelabel.model_id], set_=fields | {"created_at": func.now()}
        )
    )
    session.execute(update(Frame), [{"id": row["frame_id"], "score": row["benefit"]} for row in values])


def _forget(session: Session, project_id: UUID) -> None:
    """Drop what old rounds said about frames that still wait; of finished frames it tells how people were helped."""
    kept = rounds.latest(session, project_id, rounds.KEPT)
    waiting = select(Frame.id).where(Frame.project_id == project_id, Frame.state.in_(("todo", "draft")))
    session.execute(
        delete(Prelabel).where(
            Prelabel.project_id == project_id, Prelabel.model_id.not_in(kept), Prelabel.frame_id.in_(waiting)
        )
    )
