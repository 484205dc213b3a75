"""Predictions: asking for them and showing where they lie."""

from pathlib import PurePosixPath
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.jobs import service as jobs
from tailbase_api.models import service as models
from tailbase_api.pagination import Page, PageQuery, page_of, select_page
from tailbase_api.predictions import queries
from tailbase_api.predictions.schemas import NamedThing, PredictIn, PredictionFile, PredictionOut
from tailbase_core import news
from tailbase_core import predictions as core
from tailbase_core.errors import Conflict, NotFound
from tailbase_core.storage import BlobStore
from tailbase_core.tables import Ensemble, Job, Model, Prediction, Video


def page(
    session: Session,
    store: BlobStore,
    project_id: UUID,
    page: PageQuery,
    video_id: UUID | None,
    model_id: UUID | None,
    ensemble_id: UUID | None,
) -> Page[PredictionOut]:
    stmt = queries.predictions(project_id, video_id, model_id, ensemble_id)
    rows, cursor = select_page(session, stmt, page, key=Prediction.created_at, id=Prediction.id)
    return page_of(rows, cursor, lambda row: prediction_out(row, store))


def one(session: Session, store: BlobStore, project_id: UUID, prediction_id: UUID) -> PredictionOut:
    return prediction_out(queries.prediction(session, project_id, prediction_id), store)


def some(session: Session, project_id: UUID, prediction_ids: list[UUID]) -> list[Prediction]:
    """All of the predictions named; other features ask here for them."""
    rows = queries.some(session, project_id, prediction_ids)
    if len(rows) < len(set(prediction_ids)):
        raise NotFound("prediction")
    return [row[0] for row in rows]


def create(
    session: Session, store: BlobStore, access: Access, body: PredictIn
) -> tuple[list[PredictionOut], list[Job], list[UUID]]:
    """Predictions to be, their jobs, and the videos skipped. For a single video a person waits."""
    model = models.trained(session, access.project_id, body.model_id)
    videos = ready_videos(session, access.project_id, list(dict.fromkeys(body.video_ids)))
    reserved = core.reserve(session, access.project_id, "model_id", model.id, list(videos))
    works = [
        jobs.Work(f"Predict {videos[video_id].name} with {model.name}", {"prediction_id": str(prediction_id)})
        for video_id, prediction_id in reserved.items()
    ]
    priority = jobs.INTERACTIVE if len(works) == 1 else jobs.BATCH
    made = jobs.submit(session, access, "predict", works, priority=priority)
    for prediction_id, job in zip(reserved.values(), made, strict=True):
        core.set_job(session, access.project_id, [prediction_id], job.id)
        news.tell(session, access.project_id, "prediction", prediction_id)
    rows = queries.some(session, access.project_id, list(reserved.values()))
    return [prediction_out(row, store) for row in rows], made, [v for v in videos if v not in reserved]


def to_trash(session: Session, access: Access, prediction_id: UUID) -> int:
    """The bytes emptying the trash will free; a job under way is cancelled."""
    prediction = queries.prediction(session, access.project_id, prediction_id)[0]
    jobs.cancel_unfinished(session, access.project_id, [prediction.job_id])
    freed = queries.to_trash(session, access.project_id, prediction_id)
    audit.record(session, access.user, access.project_id, "prediction.delete", prediction=str(prediction_id))
    news.tell(session, access.project_id, "prediction", prediction_id)
    return freed


def shown(session: Session, store: BlobStore, project_id: UUID, prediction_ids: list[UUID]) -> list[PredictionOut]:
    """As they stand; other features show with this what they asked for."""
    return [prediction_out(row, store) for row in queries.some(session, project_id, prediction_ids)]


def prediction_out(row: queries.PredictionRow, store: BlobStore) -> PredictionOut:
    prediction, model, ensemble, video_name = row
    stem, summary = PurePosixPath(video_name).stem, prediction.summary
    kept = {name: getattr(prediction, name) for name in _AS_STORED}

    def url(key: str | None, suffix: str = "") -> str | None:
        return None if key is None else store.download_url(key, filename=f"{stem}{suffix}" if suffix else None)

    return PredictionOut(
        **kept,
        model=None if model is None else NamedThing(id=model.id, name=model.name),
        ensemble=None if ensemble is None else NamedThing(id=ensemble.id, name=ensemble.name),
        video=NamedThing(id=prediction.video_id, name=video_name),
        outdated=_outdated(prediction, ensemble),
        summary={name: value for name, value in summary.items() if name not in _SHOWN_APART},
        individuals=summary.get("individuals", []),
        keypoints=summary.get("keypoints") or ([] if model is None else _keypoints(model)),
        block_url=url(prediction.block_key),
        variance_url=url(prediction.variance_key),
        parquet_url=url(prediction.parquet_key, ".parquet"),
        members=[NamedThing(**member) for member in summary.get("members", [])],
        files=[
            PredictionFile(name=name, url=store.download_url(key, filename=f"{stem} {name}"))
            for name, key in summary.get("files", {}).items()
        ],
    )


def _outdated(prediction: Prediction, ensemble: Ensemble | None) -> bool:
    if ensemble is None or prediction.state != "ready":
        return False
    return bool(prediction.provenance.get("settings", ensemble.settings) != ensemble.settings)


def _keypoints(model: Model) -> list[str]:
    return [keypoint["name"] for keypoint in model.skeleton.get("keypoints", [])]


_AS_STORED = ("id", "state", "frame_count", "size_bytes", "provenance", "job_id", "created_at")
_SHOWN_APART = ("individuals", "keypoints", "members", "files")


def ready_videos(session: Session, project_id: UUID, video_ids: list[UUID]) -> dict[UUID, Video]:
    """The videos by id, once all are there and were read; other features ask here for them."""
    videos = {video.id: video for video in queries.videos(session, project_id, video_ids)}
    if len(videos) < len(video_ids):
        raise NotFound("video")
    if unready := [video.name for video in videos.values() if video.state != "ready"]:
        raise Conflict("video.not_ready", f"Wait until these videos have been read: {', '.join(unready[:5])}.")
    return {video_id: videos[video_id] for video_id in video_ids}
