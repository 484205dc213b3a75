"""predict: a model's poses in a video, in one go or, where the video is long, in parts that are joined."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase import __version__
from tailbase_core import jobs, news
from tailbase_core.errors import NotFound
from tailbase_core.tables import Job, Model, Prediction, Video
from tailbase_worker import measures
from tailbase_worker.child import ChildFailed
from tailbase_worker.kinds.train import FILES
from tailbase_worker.work import Publish, Work

_PACE = ("frame_count", "frames_per_second", "device", "engine")


def run(work: Work) -> Publish:
    with work.transaction() as session:
        _, model, video = _rows(session, work)
        job = session.get_one(Job, work.claim.job_id)
        parts = session.scalars(select(Job).where(Job.parent_id == job.id)).all()
    if "first_frame" in work.claim.spec:
        return _part(work, model, video)
    if parts:
        return _whole(work, model, video, _joined(work, video, parts), [f"jobs/{part.id}" for part in parts])
    if (video.frame_count or 0) > work.settings.jobs.segment_frames:
        return _split(work, job, int(video.frame_count or 0))
    return _whole(work, model, video, _predict(work, model, video, {}))


def _predict(work: Work, model: Model, video: Video, wanted: dict[str, Any]) -> dict[str, Any]:
    """Run the library; `parquet` and `block` in the result are files."""
    spec = work.scratch / "spec.json"
    spec.write_text(json.dumps({"device": work.device} | wanted))
    folder, out = model_folder(work, model), work.folder("out")
    result = work.child("predict", folder, work.video(video), "--out", out, "--spec", spec)
    facts: dict[str, Any] = result["predictions"][0]
    return facts | {"block": next(out.glob("*.f32")), "parquet": next(out.glob("*.parquet"))}


def _whole(work: Work, model: Model, video: Video, facts: dict[str, Any], leftovers: Sequence[str] = ()) -> Publish:
    size = facts["block"].stat().st_size + facts["parquet"].stat().st_size
    block_key = work.upload("poses.f32", facts["block"])
    parquet_key = work.upload("poses.parquet", facts["parquet"])
    measured = measures.measure(work, facts["parquet"], model.snapshot_key)

    def publish(session: Session) -> jobs.Succeeded:
        row, _, _ = _rows(session, work)
        row.state = "ready"
        row.block_key, row.parquet_key, row.size_bytes = block_key, parquet_key, size
        row.frame_count = facts["frame_count"]
        row.individuals = len(facts["individuals"])
        row.summary = facts["summary"] | {"individuals": facts["individuals"]}
        row.provenance = _provenance(model, video, facts)
        if measured is not None:
            measures.keep(session, row.project_id, row.id, measured)
            row.size_bytes += measured.size_bytes
        news.tell(session, row.project_id, "prediction", row.id)
        work.drop_after(session, leftovers)
        return jobs.Succeeded({"prediction_id": str(row.id)} | {name: facts[name] for name in _PACE})

    return publish


def _split(work: Work, job: Job, frame_count: int) -> Publish:
    """Parts of equal length; a frame's place in its batch does not depend on where its part begins."""
    length = work.settings.jobs.segment_frames
    starts = range(0, frame_count, length)
    specs = [
        {**work.claim.spec, "first_frame": start, "last_frame": min(start + length, frame_count) - 1}
        for start in starts
    ]
    titles = [f"{job.title} (part {number + 1} of {len(starts)})" for number in range(len(starts))]
    return lambda session: jobs.split(session, work.claim, specs, titles)


def _part(work: Work, model: Model, video: Video) -> Publish:
    # The fastest engine is found by a clock, and engines differ in the last digits: parts must be computed alike.
    wanted = {name: work.claim.spec[name] for name in ("first_frame", "last_frame")} | {"engine": "torch"}
    facts = _predict(work, model, video, wanted)
    result = {name: facts[name] for name in _PACE}
    result |= {"first_frame": wanted["first_frame"], "parquet_key": work.upload("poses.parquet", facts["parquet"])}
    return lambda _session: jobs.Succeeded(result)


def _joined(work: Work, video: Video, parts: Sequence[Job]) -> dict[str, Any]:
    """One file of all parts' poses, written by one process, and their common facts."""
    results = sorted((part.result for part in parts), key=lambda result: int(result["first_frame"]))
    files = [work.inputs / f"part-{number:05d}.parquet" for number in range(len(results))]
    for file, result in zip(files, results, strict=True):
        work.place(str(result["parquet_key"]), file)
    out = work.folder("out") / "poses.parquet"
    facts = work.child("join", *files, "--out", out, "--width", video.width or 0, "--height", video.height or 0)
    if facts["frame_count"] != video.frame_count:
        raise ChildFailed("video.changed", "The video has changed since it was read. Register or upload it again.")
    seconds = sum(result["frame_count"] / result["frames_per_second"] for result in results)
    pace = {"frames_per_second": facts["frame_count"] / seconds}
    alike = {name: results[0][name] for name in ("device", "engine")}
    return facts | pace | alike | {"parquet": out, "block": out.with_suffix(".f32")}


def model_folder(work: Work, model: Model) -> Path:
    """The model's files as the library wants them."""
    if model.artifact_key is None:
        raise ChildFailed("model.not_ready", "The model is not trained yet. Predict when it is ready.")
    folder = work.inputs / "model"
    for name in FILES:
        work.place(f"{model.artifact_key}/{name}", folder / name)
    return folder


def _provenance(model: Model, video: Video, facts: dict[str, Any]) -> dict[str, Any]:
    """Where a result comes from, in words that outlive ids."""
    return {
        "model": model.name,
        "model_sha256": model.sha256,
        "video": video.name,
        "video_sha256": video.sha256,
        "frame_count": facts["frame_count"],
        "device": facts["device"],
        "engine": facts["engine"],
        "tailbase_version": __version__,
    }


def _rows(session: Session, work: Work) -> tuple[Prediction, Model, Video]:
    found = session.execute(
        select(Prediction, Model, Video)
        .join(Model, Model.id == Prediction.model_id)
        .join(Video, Video.id == Prediction.video_id)
        .where(Prediction.id == work.spec_id("prediction_id"), Prediction.project_id == work.claim.project_id)
        .where(Prediction.deleted_at.is_(None))
    ).one_or_none()
    if found is None:
        raise NotFound("prediction")
    return found[0], found[1], found[2]
