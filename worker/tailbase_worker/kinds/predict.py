"""predict: poses in a video by a model, or by several that share its reading; long videos in parts that are joined.

The job's spec names a prediction (`prediction_id`), or several of one video (`prediction_ids`).
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

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

Facts = dict[str, Any]
"""What the library says of one model's poses; `parquet` and `block` are files."""

_PACE = ("frame_count", "frames_per_second", "device", "engine")


def run(work: Work) -> Publish:
    with work.transaction() as session:
        rows = _rows(session, work)
        video = work.video_row(session, rows[0][0].video_id)
        job = session.get_one(Job, work.claim.job_id)
        parts = session.scalars(select(Job).where(Job.parent_id == job.id)).all()
    models = {prediction.id: model for prediction, model in rows}
    if "first_frame" in work.claim.spec:
        return _part(work, models, video)
    if parts:
        return _whole(work, models, video, _joined(work, models, video, parts), [f"jobs/{part.id}" for part in parts])
    if (video.frame_count or 0) > work.settings.jobs.segment_frames:
        return _split(work, job, models, video)
    return _whole(work, models, video, _predict(work, models, video, {}))


def _predict(work: Work, models: dict[UUID, Model], video: Video, wanted: dict[str, Any]) -> dict[UUID, Facts]:
    """Run the library: all models over the video, which is read once."""
    spec = work.scratch / "spec.json"
    spec.write_text(json.dumps(_spec(work, video) | wanted))
    first, *others = (model_folder(work, model, str(prediction)) for prediction, model in models.items())
    also = [word for folder in others for word in ("--also", folder)]
    out = work.folder("out")
    result = work.child("predict", first, work.video(video), *also, "--out", out, "--spec", spec)
    found = {}
    for prediction, facts in zip(models, result["predictions"], strict=True):
        folder = out / str(prediction) if others else out
        found[prediction] = facts | {"block": next(folder.glob("*.f32")), "parquet": next(folder.glob("*.parquet"))}
    return found


def _spec(work: Work, video: Video) -> dict[str, Any]:
    return {"device": work.device} | ({"crop": video.crop} if video.crop else {})


def _whole(
    work: Work, models: dict[UUID, Model], video: Video, found: dict[UUID, Facts], leftovers: Sequence[str] = ()
) -> Publish:
    stored = {
        prediction: _store(work, models[prediction], video, facts, "" if len(found) == 1 else f"{number}/")
        for number, (prediction, facts) in enumerate(found.items())
    }

    def publish(session: Session) -> jobs.Succeeded:
        for row in (row for row, _ in _rows(session, work) if row.id in stored):
            columns, measured = stored[row.id]
            for name, value in columns.items():
                setattr(row, name, value)
            if measured is not None:
                measures.keep(session, row.project_id, row.id, measured)
            news.tell(session, row.project_id, "prediction", row.id)
        work.drop_after(session, leftovers)
        ids = [str(prediction) for prediction in found]
        named: dict[str, Any] = {"prediction_id": ids[0]} if len(ids) == 1 else {"prediction_ids": ids}
        return jobs.Succeeded(named | {name: next(iter(found.values()))[name] for name in _PACE})

    return publish


def _store(
    work: Work, model: Model, video: Video, facts: Facts, prefix: str
) -> tuple[dict[str, Any], measures.Measured | None]:
    """Upload a model's poses and their measures; gives the columns of the prediction's row."""
    measured = measures.measure(work, facts["parquet"], model.snapshot_key, f"{prefix}poses")
    sizes = [facts["block"].stat().st_size, facts["parquet"].stat().st_size, measured.size_bytes if measured else 0]
    return {
        "state": "ready",
        "block_key": work.upload(f"{prefix}poses.f32", facts["block"]),
        "parquet_key": work.upload(f"{prefix}poses.parquet", facts["parquet"]),
        "size_bytes": sum(sizes),
        "frame_count": facts["frame_count"],
        "individuals": len(facts["individuals"]),
        "summary": facts["summary"] | {"individuals": facts["individuals"]},
        "provenance": _provenance(model, video, facts),
    }, measured


def _split(work: Work, job: Job, models: dict[UUID, Model], video: Video) -> Publish:
    """Parts of equal length; a frame's place in its batch does not depend on where its part begins."""
    length, frame_count = work.settings.jobs.segment_frames, int(video.frame_count or 0)
    starts = range(0, frame_count, length)
    alike = _fastest(work, next(iter(models.values())), video)
    specs = [
        {**work.claim.spec, **alike, "first_frame": start, "last_frame": min(start + length, frame_count) - 1}
        for start in starts
    ]
    titles = [f"{job.title} (part {number + 1} of {len(starts)})" for number in range(len(starts))]
    return lambda session: jobs.split(session, work.claim, specs, titles)


def _fastest(work: Work, model: Model, video: Video) -> dict[str, str]:
    """Measured once for all parts: engines differ in the last digits, so parts must be computed by the same."""
    spec = work.scratch / "spec.json"
    spec.write_text(json.dumps(_spec(work, video)))
    words = (model_folder(work, model, "measured"), work.video(video), "--frames", video.frame_count or 0)
    found = work.child("engines", *words, "--spec", spec)
    return {"engine": str(found["engine"])}


def _part(work: Work, models: dict[UUID, Model], video: Video) -> Publish:
    wanted = {name: work.claim.spec[name] for name in ("first_frame", "last_frame", "engine")}
    try:
        found = _predict(work, models, video, wanted)
    except ChildFailed as error:
        if error.code != "engine.unavailable":
            raise
        work.pulse.say(f"{error.detail} This part is computed by PyTorch.")
        found = _predict(work, models, video, wanted | {"engine": "torch"})
    keys = {
        str(prediction): work.upload(f"{prediction}.parquet", facts["parquet"]) for prediction, facts in found.items()
    }
    result = {name: next(iter(found.values()))[name] for name in _PACE}
    return lambda _session: jobs.Succeeded(result | {"first_frame": wanted["first_frame"], "parquet_keys": keys})


def _joined(work: Work, models: dict[UUID, Model], video: Video, parts: Sequence[Job]) -> dict[UUID, Facts]:
    """One file of all parts' poses for each model, unless its prediction was put into the trash on the way."""
    results = sorted((part.result for part in parts), key=lambda result: int(result["first_frame"]))
    whole = [one for one in models if all(str(one) in result["parquet_keys"] for result in results)]
    return {one: _one_joined(work, video, results, str(one)) for one in whole}


def _one_joined(work: Work, video: Video, results: Sequence[dict[str, Any]], prediction: str) -> Facts:
    """Written by one process, with the parts' common facts."""
    files = [work.inputs / prediction / f"part-{number:05d}.parquet" for number in range(len(results))]
    for file, result in zip(files, results, strict=True):
        work.place(str(result["parquet_keys"][prediction]), file)
    out = work.folder("out") / f"{prediction}.parquet"
    facts = work.child("join", *files, "--out", out, "--width", video.width or 0, "--height", video.height or 0)
    if facts["frame_count"] != video.frame_count:
        raise ChildFailed("video.changed", "The video has changed since it was read. Register or upload it again.")
    seconds = sum(result["frame_count"] / result["frames_per_second"] for result in results)
    pace = {"frames_per_second": facts["frame_count"] / seconds}
    alike = {name: results[0][name] for name in ("device", "engine")}
    return facts | pace | alike | {"parquet": out, "block": out.with_suffix(".f32")}


def model_folder(work: Work, model: Model, name: str = "model") -> Path:
    """The model's files as the library wants them."""
    if model.artifact_key is None:
        raise ChildFailed("model.not_ready", "The model is not trained yet. Predict when it is ready.")
    folder = work.inputs / "models" / name
    for file in FILES:
        work.place(f"{model.artifact_key}/{file}", folder / file)
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


def _rows(session: Session, work: Work) -> list[tuple[Prediction, Model]]:
    """The job's predictions that still are wanted, and their models, in a fixed order."""
    spec = work.claim.spec
    ids = [UUID(str(one)) for one in spec.get("prediction_ids", [spec.get("prediction_id")])]
    found = session.execute(
        select(Prediction, Model)
        .join(Model, Model.id == Prediction.model_id)
        .where(Prediction.id.in_(ids), Prediction.project_id == work.claim.project_id)
        .where(Prediction.deleted_at.is_(None))
        .order_by(Prediction.id)
    ).all()
    if not found:
        raise NotFound("prediction")
    return [(prediction, model) for prediction, model in found]
