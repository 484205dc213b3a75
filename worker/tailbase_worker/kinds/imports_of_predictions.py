"""import_predictions: files of poses that another program found, as a read-only model with its predictions.

All files come in or none does.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase import __version__
from tailbase_core import jobs, news
from tailbase_core import predictions as core
from tailbase_core.tables import Model, Prediction, Video
from tailbase_worker.child import ChildFailed
from tailbase_worker.labels import read_skeleton
from tailbase_worker.work import Publish, Work

IMPORTED = "imported"


@dataclass(frozen=True)
class Poses:
    """One file's poses as they are stored."""

    video: Video
    filename: str
    block_key: str
    parquet_key: str
    size_bytes: int
    frames: int
    individuals: list[str]
    keypoints: list[str]


def run(work: Work) -> Publish:
    with work.transaction() as session:
        skeleton = read_skeleton(session, work.claim.project_id)[0]
        videos = [work.video_row(session, UUID(str(one["video_id"]))) for one in work.claim.spec["files"]]
    read = []
    for number, (one, video) in enumerate(zip(work.claim.spec["files"], videos, strict=True)):
        read.append(_read(work, number, one, video, skeleton.names))
        work.pulse.progress("reading", number + 1, len(videos))
    first, *others = read
    for other in others:
        if set(other.keypoints) != set(first.keypoints):
            raise ChildFailed(
                "import.keypoints_differ",
                f"{first.filename} and {other.filename} do not have the same keypoints. Import them as two models.",
            )
    kept = [keypoint for keypoint in skeleton.keypoints if keypoint.name in first.keypoints]
    shown = {
        "keypoints": [keypoint.model_dump(mode="json") for keypoint in kept],
        "edges": [edge for edge in skeleton.edges if set(edge) <= set(first.keypoints)],
    }
    return lambda session: _publish(session, work, read, shown)


def _read(work: Work, number: int, one: dict[str, Any], video: Video, known: tuple[str, ...]) -> Poses:
    filename = str(one["filename"])
    source = _source(work, number, one, PurePosixPath(filename).suffix.lower())
    fps = video.fps_num / video.fps_den if video.fps_num and video.fps_den else 1.0
    out = work.folder(f"out-{number}")
    words: list[str | Path | int | float] = ["--to", "parquet", "--out", out, "--fps", fps]
    words += ["--frames", video.frame_count] if video.frame_count else []
    try:
        facts = work.child("convert", source, *words)
    except ChildFailed as error:
        raise ChildFailed(error.code, f"{filename}: {error.detail}") from error
    if "keypoints" not in facts:
        raise ChildFailed("import.no_predictions", f"{filename} holds labels and no predictions of every frame.")
    _check(filename, facts, video, known)
    block, parquet = next(out.glob("*.f32")), next(out.glob("*.parquet"))
    return Poses(
        video,
        filename,
        work.upload(f"{number}/poses.f32", block),
        work.upload(f"{number}/poses.parquet", parquet),
        block.stat().st_size + parquet.stat().st_size,
        int(facts["frames"]),
        list(facts["individuals"]),
        list(facts["keypoints"]),
    )


def _source(work: Work, number: int, one: dict[str, Any], suffix: str) -> Path:
    """The file where its name's ending tells what it is, whatever the blob is called."""
    path = work.inputs / f"file-{number}" / f"poses{suffix}"
    if "upload_key" in one:
        work.place(str(one["upload_key"]), path)
        return path
    return work.in_place(str(one["root"]), str(one["relative_path"]))


def _check(filename: str, facts: dict[str, Any], video: Video, known: tuple[str, ...]) -> None:
    if foreign := [name for name in facts["keypoints"] if name not in known]:
        raise ChildFailed(
            "import.unknown_keypoints",
            f"{filename} has keypoints that this project does not have: {', '.join(foreign[:10])}. "
            f"The project has {', '.join(known[:20])}.",
        )
    if facts["frames"] != video.frame_count:
        raise ChildFailed(
            "import.other_length",
            f"{filename} has {facts['frames']} frames and {video.name} has {video.frame_count}. "
            "Choose the video it was made from.",
        )


def _publish(session: Session, work: Work, read: list[Poses], skeleton: dict[str, Any]) -> jobs.Succeeded:
    model = _model(session, work, read, skeleton)
    videos = [poses.video.id for poses in read]
    reserved = core.reserve(session, work.claim.project_id, "model_id", model.id, videos)
    for poses in read:
        if poses.video.id not in reserved:
            raise ChildFailed("import.there_already", f"{model.name} has poses of {poses.video.name} already.")
        row = session.get_one(Prediction, reserved[poses.video.id])
        row.state, row.job_id = "ready", work.claim.job_id
        row.block_key, row.parquet_key, row.size_bytes = poses.block_key, poses.parquet_key, poses.size_bytes
        row.frame_count, row.individuals = poses.frames, len(poses.individuals)
        row.summary = {"individuals": poses.individuals, "keypoints": poses.keypoints}
        row.provenance = {
            "imported_from": poses.filename,
            "video": poses.video.name,
            "video_sha256": poses.video.sha256,
            "frame_count": poses.frames,
            "tailbase_version": __version__,
        }
        news.tell(session, row.project_id, "prediction", row.id)
    news.tell(session, work.claim.project_id, "model", model.id)
    return jobs.Succeeded({"model_id": str(model.id), "prediction_ids": [str(id) for id in reserved.values()]})


def _model(session: Session, work: Work, read: list[Poses], skeleton: dict[str, Any]) -> Model:
    """The model that is added to, or one for these files."""
    if (model_id := work.claim.spec.get("model_id")) is None:
        model = Model(
            project_id=work.claim.project_id,
            name=str(work.claim.spec["name"]),
            preset=IMPORTED,
            state="ready",
            skeleton=skeleton,
            created_by=work.claim.user_id,
        )
        session.add(model)
        session.flush()
        return model
    known = session.scalar(
        select(Model).where(Model.id == UUID(str(model_id)), Model.project_id == work.claim.project_id)
    )
    if known is None or known.deleted_at is not None or known.preset != IMPORTED:
        raise ChildFailed("model.not_imported", "The model these files were to be added to is gone. Import them anew.")
    if {keypoint["name"] for keypoint in known.skeleton["keypoints"]} != set(read[0].keypoints):
        raise ChildFailed("import.keypoints_differ", f"{known.name} has other keypoints than {read[0].filename}.")
    return known
