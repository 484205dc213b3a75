"""Ensembles: several models, what they are to smooth, and how it fares."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase.schema import SmoothSpec
from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.ensembles import queries
from tailbase_api.ensembles.schemas import (
    EnsembleIn,
    EnsembleMemberOut,
    EnsembleOut,
    EnsemblePatch,
    MemberState,
    PredictionCounts,
)
from tailbase_api.ensembles.smoothers import settled
from tailbase_api.jobs import service as jobs
from tailbase_api.models import service as models
from tailbase_api.pagination import Page, PageQuery, page_of, select_page
from tailbase_core import news
from tailbase_core.errors import Conflict
from tailbase_core.tables import Ensemble, Model

_UNDER_WAY = ("queued", "running")
_BROKEN = ("failed", "cancelled", "deleted")


def page(session: Session, project_id: UUID, page: PageQuery) -> Page[EnsembleOut]:
    rows, cursor = select_page(session, queries.ensembles(project_id), page, key=Ensemble.created_at, id=Ensemble.id)
    known = {row.id: out for row, out in zip(rows, _outs(session, rows), strict=True)}
    return page_of(rows, cursor, lambda row: known[row.id])


def one(session: Session, project_id: UUID, ensemble_id: UUID) -> EnsembleOut:
    return _outs(session, [queries.ensemble(session, project_id, ensemble_id)])[0]


def create(session: Session, access: Access, body: EnsembleIn) -> EnsembleOut:
    chosen = [models.ready(session, access.project_id, model_id) for model_id in dict.fromkeys(body.model_ids)]
    _check_keypoints(chosen)
    spec = settled(session, access.project_id, body.settings)
    row = add(session, access, body.name, chosen, spec)
    return one(session, access.project_id, row.id)


def add(session: Session, access: Access, name: str | None, members: Sequence[Model], settings: SmoothSpec) -> Ensemble:
    """An ensemble's row and its members."""
    row = Ensemble(
        project_id=access.project_id,
        name=name or next_name(session, access.project_id),
        settings=settings.model_dump(mode="json"),
        created_by=access.user.id,
    )
    session.add(row)
    session.flush()
    queries.add_members(session, row.id, [model.id for model in members])
    audit.record(session, access.user, access.project_id, "ensemble.create", ensemble=str(row.id), name=row.name)
    news.tell(session, access.project_id, "ensemble", row.id)
    return row


def next_name(session: Session, project_id: UUID) -> str:
    return f"Ensemble {queries.count(session, project_id) + 1}"


def change(session: Session, access: Access, ensemble_id: UUID, body: EnsemblePatch) -> EnsembleOut:
    row = queries.ensemble(session, access.project_id, ensemble_id)
    if body.name is not None:
        row.name = body.name
    if body.settings is not None:
        # A job reads the settings when it begins, and was made for the cameras that they named.
        if one(session, access.project_id, ensemble_id).predictions.under_way:
            raise Conflict("ensemble.under_way", f"{row.name} is at work. Wait until it is done, or cancel it first.")
        row.settings = settled(session, access.project_id, body.settings).model_dump(mode="json")
    session.flush()
    audit.record(session, access.user, access.project_id, "ensemble.change", ensemble=str(row.id), name=row.name)
    news.tell(session, access.project_id, "ensemble", ensemble_id)
    return one(session, access.project_id, ensemble_id)


def to_trash(session: Session, access: Access, ensemble_id: UUID) -> int:
    """Ensemble and predictions go to the trash, its work is cancelled, its models stay. Gives the bytes this frees."""
    row = queries.ensemble(session, access.project_id, ensemble_id)
    under_way = [row.job_id, *queries.jobs(session, access.project_id, ensemble_id)]
    jobs.cancel_unfinished(session, access.project_id, under_way)
    freed = queries.to_trash(session, access.project_id, ensemble_id)
    audit.record(session, access.user, access.project_id, "ensemble.delete", ensemble=str(ensemble_id), name=row.name)
    news.tell(session, access.project_id, "ensemble", ensemble_id)
    return freed


def _check_keypoints(members: Sequence[Model]) -> None:
    """Each must share a keypoint with another: else there is nothing to combine."""
    for model in members if len(members) > 1 else ():
        others = {name for other in members if other is not model for name in _keypoints(other)}
        if not _keypoints(model) & others:
            raise Conflict(
                "ensemble.other_keypoints",
                f"{model.name} shares no keypoint with {_others(members, model)}. Choose models of the same animal.",
            )


def _others(members: Sequence[Model], model: Model) -> str:
    return ", ".join(other.name for other in members if other is not model)


def _keypoints(model: Model) -> set[str]:
    return {keypoint["name"] for keypoint in model.skeleton.get("keypoints", [])}


def _outs(session: Session, rows: Sequence[Ensemble]) -> list[EnsembleOut]:
    ids = [row.id for row in rows]
    members = queries.members(session, ids)
    states: dict[UUID, dict[str, int]] = {id: {} for id in ids}
    for ensemble_id, state, number in queries.prediction_states(session, ids):
        if ensemble_id is not None:
            states[ensemble_id][state] = number
    return [_out(row, members[row.id], states[row.id]) for row in rows]


def _out(row: Ensemble, models: Sequence[Model], states: dict[str, int]) -> EnsembleOut:
    members = _members(models)
    ready = states.get("ready", 0)
    under_way = sum(states.get(state, 0) for state in _UNDER_WAY)
    return EnsembleOut.model_validate(
        {
            **{name: getattr(row, name) for name in ("id", "name", "settings", "job_id", "created_at")},
            "state": state_of([member.state for member in members]),
            "members": members,
            "predictions": PredictionCounts(
                ready=ready, under_way=under_way, failed=sum(states.values()) - ready - under_way
            ),
        }
    )


def _members(models: Sequence[Model]) -> list[EnsembleMemberOut]:
    known = dict.fromkeys(keypoint["name"] for m in models for keypoint in m.skeleton.get("keypoints", []))
    return [
        EnsembleMemberOut(
            id=m.id,
            name=m.name,
            preset=m.preset,
            state=cast("MemberState", "deleted" if m.deleted_at else m.state),
            # A model in training does not know its keypoints yet.
            lacks=[name for name in known if name not in _keypoints(m)] if _keypoints(m) else [],
        )
        for m in models
    ]


def state_of(members: Sequence[str]) -> str:
    """`failed` where a member is gone for good, and where all are."""
    if not members or any(state in _BROKEN for state in members):
        return "failed"
    return "ready" if all(state == "ready" for state in members) else "training"
