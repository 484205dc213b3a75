"""Diagnostics: what was measured of models and predictions, and asking for comparisons."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase_api.deps import Access
from tailbase_api.diagnostics import queries, tables
from tailbase_api.diagnostics.schemas import (
    ComparisonOut,
    EvaluationOut,
    EvaluationReply,
    PointError,
    TrackFigures,
    TrackOut,
    TrackReply,
)
from tailbase_api.jobs import service as jobs
from tailbase_api.models import service as models
from tailbase_api.pagination import Page, PageQuery, decode_text, encode_text, page_of, select_page
from tailbase_api.predictions import service as predictions
from tailbase_core.errors import Conflict, Invalid
from tailbase_core.storage import BlobStore
from tailbase_core.tables import Evaluation, Job, Prediction

MOST_SUMMARY_BYTES = 16 * 1024**2


def evaluation(session: Session, store: BlobStore, project_id: UUID, model_id: UUID) -> EvaluationReply:
    name = models.one(session, project_id, model_id).name
    found = queries.evaluation(session, project_id, model_id)
    job = queries.latest_job(session, project_id, model_id)
    return EvaluationReply(
        evaluation=None if found is None else _evaluation_out(found, store, name),
        job=None if job is None else jobs.job_out(job, store),
    )


def _evaluation_out(found: Evaluation, store: BlobStore, name: str) -> EvaluationOut:
    url = store.download_url(found.errors_key, filename=f"{name} errors.parquet")
    facts = {"labels": found.labels, "created_at": found.created_at, "errors_url": url}
    return EvaluationOut.model_validate(_json(store, found.summary_key) | facts)


def errors(
    session: Session,
    store: BlobStore,
    project_id: UUID,
    model_id: UUID,
    page: PageQuery,
    keypoint: str | None,
    part: str | None,
) -> Page[PointError]:
    """The points of an evaluation, the greatest error first."""
    models.one(session, project_id, model_id)
    found = queries.evaluation(session, project_id, model_id)
    if found is None:
        raise Conflict("evaluation.none", "This model was not measured yet. Measure its errors first.")
    wanted = {name: value for name, value in (("keypoint", keypoint), ("part", part)) if value is not None}
    first = _offset(page.cursor)
    rows, total = tables.rows(store, found.errors_key, first, page.limit, wanted)
    after = first + len(rows)
    cursor = encode_text(str(after)) if rows and after < total else None
    return Page[PointError](items=[PointError.model_validate(row) for row in rows], next_cursor=cursor)


def tracks(session: Session, project_id: UUID, model_id: UUID, page: PageQuery) -> Page[TrackFigures]:
    models.one(session, project_id, model_id)
    stmt = queries.tracks(project_id, model_id)
    rows, cursor = select_page(session, stmt, page, key=Prediction.created_at, id=Prediction.id)
    return page_of(rows, cursor, _figures)


def _figures(row: Any) -> TrackFigures:
    prediction, measured, video_name = row
    return TrackFigures(
        prediction_id=prediction.id,
        video_id=prediction.video_id,
        video_name=video_name,
        frame_count=prediction.frame_count,
        **measured.figures,
    )


def track(session: Session, store: BlobStore, project_id: UUID, prediction_id: UUID) -> TrackReply:
    video = predictions.one(session, store, project_id, prediction_id).video.name
    found = queries.measures(session, project_id, prediction_id)
    if found is None:
        return TrackReply(track=None)
    url = store.download_url(found.parquet_key, filename=f"{video} measures.parquet")
    return TrackReply(track=TrackOut.model_validate(_json(store, found.summary_key) | {"parquet_url": url}))


def compare(session: Session, access: Access, model_ids: list[UUID]) -> Job:
    chosen = list(dict.fromkeys(model_ids))
    if len(chosen) < 2:
        raise Invalid("comparison.one_model", "Choose at least two different models.", field="model_ids")
    named = [models.one(session, access.project_id, model_id) for model_id in chosen]
    if queries.evaluated(session, access.project_id, chosen) < len(chosen):
        measured = "Measure the errors of each of these models first, then compare them."
        raise Conflict("evaluation.none", measured)
    work = jobs.Work(
        f"Compare {', '.join(model.name for model in named[:3])}"[:200], {"model_ids": [str(one) for one in chosen]}
    )
    return jobs.submit(session, access, "evaluate", [work], priority=jobs.INTERACTIVE)[0]


def comparison(session: Session, store: BlobStore, project_id: UUID, job_id: UUID) -> ComparisonOut:
    job = queries.comparison(session, project_id, job_id)
    found: dict[str, Any] = job.result.get("comparison", {})
    missing = {name: part["missing"] for name, part in found.items() if "missing" in part}
    told = {name: part for name, part in found.items() if name not in missing}
    return ComparisonOut.model_validate(
        {
            "job": jobs.job_out(job, store),
            "model_ids": job.spec["model_ids"],
            "spread": told.get("spread"),
            "trainings": told.get("trainings"),
            "missing": missing,
        }
    )


def _json(store: BlobStore, key: str) -> dict[str, Any]:
    size = store.size(key)
    if size > MOST_SUMMARY_BYTES:
        raise Conflict("evaluation.too_large", "These figures are too many to be shown. Download them instead.")
    read: dict[str, Any] = json.loads(b"".join(store.open_range(key, 0, size)))
    return read


def _offset(cursor: str | None) -> int:
    text = "0" if cursor is None else decode_text(cursor)
    if not text.isdecimal() or len(text) > 12:
        raise Invalid("cursor.invalid", "This cursor is not one of ours. Start from the first page.", field="cursor")
    return int(text)
