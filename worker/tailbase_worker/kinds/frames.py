"""frames: choose frames of a video to label, and store their images."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tailbase_core import jobs, news
from tailbase_core.tables import Frame, Prediction, Video
from tailbase_worker import rounds
from tailbase_worker.child import ChildFailed
from tailbase_worker.work import Publish, Work

CONTEXT = 2
FEWEST_SPARES = 8


def run(work: Work) -> Publish:
    spec = work.claim.spec
    with work.transaction() as session:
        video = work.video_row(session, work.spec_id("video_id"))
        known = list(session.scalars(_known(video.id)))
    if video.state != "ready":
        raise ChildFailed("video.not_ready", "The video has not been read yet. Try again when it is ready.")
    source = work.video(video)
    if spec.get("preview"):
        return _preview(work, video, source, _choose(work, video, source, known))
    found = spec["indices"] if spec["method"] == "manual" else _choose(work, video, source, known)["indices"]
    chosen = sorted({int(index) for index in found})
    fresh = [index for index in chosen if index not in set(known)]
    rows = _store_images(work, video, source, fresh) if fresh else []

    def publish(session: Session) -> jobs.Succeeded:
        for row in rows:
            _insert(session, row)
        found = session.execute(
            select(Frame.id, Frame.frame_index)
            .where(Frame.video_id == video.id, Frame.frame_index.in_(chosen), Frame.deleted_at.is_(None))
            .order_by(Frame.frame_index)
        ).all()
        if rows:
            rounds.look_at_more(session, video.project_id, work.claim.user_id)
        news.tell(session, video.project_id, "frame", video.id)
        return jobs.Succeeded({"frame_ids": [str(f.id) for f in found], "indices": [f.frame_index for f in found]})

    return publish


def _known(video_id: UUID) -> Any:
    return select(Frame.frame_index).where(
        Frame.video_id == video_id, Frame.frame_index.is_not(None), Frame.deleted_at.is_(None)
    )


def _choose(work: Work, video: Video, source: Path, known: list[int]) -> dict[str, Any]:
    """What `tailbase select-frames` says; a preview has spares, to replace those that a person takes out."""
    spec = work.claim.spec
    seconds = (video.fps_den or 1) / (video.fps_num or 1)
    words: list[str | Path | int | float] = ["--method", spec["method"], "-n", spec["count"]]
    words += ["--seed", spec.get("seed") or 0]
    for option, frame in (("--start", spec.get("start")), ("--stop", spec.get("end"))):
        if frame is not None:
            words += [option, frame * seconds]
    if spec.get("ranges"):
        words += ["--ranges", ",".join(f"{start * seconds:f}-{end * seconds:f}" for start, end in spec["ranges"])]
    if spec.get("preview"):
        words += ["--spares", max(FEWEST_SPARES, spec["count"] // 2), "--pictures", work.folder("pictures")]
    if predictions := spec.get("prediction_ids"):
        words += ["--predictions", *_prediction_files(work, predictions)]
    if known:
        words += ["--exclude", ",".join(str(index) for index in known)]
    return work.child("select-frames", source, *words)


def _prediction_files(work: Work, prediction_ids: list[str]) -> list[Path]:
    with work.transaction() as session:
        keys = session.scalars(
            select(Prediction.parquet_key).where(
                Prediction.id.in_(prediction_ids),
                Prediction.project_id == work.claim.project_id,
                Prediction.deleted_at.is_(None),
            )
        ).all()
    files = [work.inputs / f"prediction-{number}.parquet" for number in range(len(keys))]
    for key, file in zip(keys, files, strict=True):
        work.place(str(key), file)
    return files


def _preview(work: Work, video: Video, source: Path, choice: dict[str, Any]) -> Publish:
    """Thumbnails to look at before any frame is added."""
    out, pictures = work.folder("frames"), work.folder("pictures")
    wanted = sorted([*choice["indices"], *choice["spares"]])
    numbers = ",".join(str(index) for index in wanted)
    cut = ("frames", source, "--indices", numbers, "--context", 0, "--out", out)
    stills = work.child(*cut)["frames"] if wanted else []
    shown = [(f"{still['index']}.jpg", out / still["thumbnail"]) for still in stills]
    shown += [(path.name, path) for path in sorted(pictures.glob("*.png"))]
    artifacts = [
        {
            "name": name,
            "key": work.upload(f"preview/{name}", path),
            "size_bytes": path.stat().st_size,
            "content_type": "image/jpeg" if path.suffix == ".jpg" else "image/png",
        }
        for name, path in shown
    ]
    result = {"preview": True, "video_id": str(video.id), "method": work.claim.spec["method"]} | choice
    return lambda _session: jobs.Succeeded(result, artifacts)


def _store_images(work: Work, video: Video, source: Path, indices: list[int]) -> list[dict[str, Any]]:
    out = work.folder("frames")
    wanted = ",".join(str(index) for index in indices)
    stills = work.child("frames", source, "--indices", wanted, "--context", CONTEXT, "--out", out)["frames"]
    rows = []
    for number, still in enumerate(stills):
        rows.append(_store(work, video, out, still))
        work.pulse.progress("storing", number + 1, len(stills))
    return rows


def _store(work: Work, video: Video, out: Path, still: dict[str, Any]) -> dict[str, Any]:
    """Upload one frame's images; its id follows from the job, so that a second attempt writes the same keys."""
    frame_id = uuid5(work.claim.job_id, str(still["index"]))
    prefix = f"projects/{video.project_id}/frames/{frame_id}"
    neighbours = [
        {"offset": n["offset"], "key": f"{prefix}/context{n['offset']:+d}.png".replace("+", "-plus-")}
        for n in still["context"]
    ]
    files = {f"{prefix}/image.png": still["image"], f"{prefix}/thumb.jpg": still["thumbnail"]}
    files |= {n["key"]: source["image"] for n, source in zip(neighbours, still["context"], strict=True)}
    for key, name in files.items():
        work.store.put_file(key, out / name)
    return {
        "id": frame_id,
        "project_id": video.project_id,
        "video_id": video.id,
        "recording_id": video.recording_id,
        "frame_index": still["index"],
        "image_key": f"{prefix}/image.png",
        "thumbnail_key": f"{prefix}/thumb.jpg",
        "context_keys": neighbours,
        "width": still["width"],
        "height": still["height"],
        "size_bytes": sum((out / name).stat().st_size for name in files.values()),
        "state": "todo",
        "origin": work.claim.spec.get("origin", work.claim.spec["method"]),
    }


def _insert(session: Session, row: dict[str, Any]) -> None:
    """A frame that another job added meanwhile stays as it is."""
    session.execute(
        insert(Frame)
        # Not now(): frames of one transaction keep their order.
        .values(**row, created_at=func.clock_timestamp())
        .on_conflict_do_nothing(
            index_elements=[Frame.video_id, Frame.frame_index],
            index_where=(Frame.video_id.is_not(None)) & (Frame.deleted_at.is_(None)),
        )
    )
