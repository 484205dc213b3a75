"""Sending an ensemble over videos: members' missing predictions first, then the smoothing of each recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase.schema import SmoothSpec
from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.ensembles import queries, service
from tailbase_api.ensembles.schemas import RunIn, TrainEnsembleIn
from tailbase_api.ensembles.smoothers import OF_SEVERAL_CAMERAS, settled
from tailbase_api.jobs import service as jobs
from tailbase_api.models import service as models
from tailbase_api.models.schemas import ModelIn
from tailbase_api.predictions import service as predictions
from tailbase_core import jobs as core_jobs
from tailbase_core import news
from tailbase_core import predictions as core
from tailbase_core.errors import Conflict, Invalid
from tailbase_core.tables import Ensemble, Job, Model, Video

_LONGEST_NAME = 120


@dataclass(frozen=True)
class Group:
    """Videos that are smoothed together: one, or those of a recording's cameras."""

    title: str
    videos: Sequence[Video]


@dataclass(frozen=True)
class Asked:
    """What a request put into the queue."""

    prediction_ids: list[UUID]
    jobs: list[Job]
    skipped: list[UUID]


def run(session: Session, access: Access, ensemble_id: UUID, body: RunIn) -> Asked:
    """A job for each video or recording; for a single one a person waits."""
    ensemble = queries.ensemble(session, access.project_id, ensemble_id)
    members = queries.members(session, [ensemble.id])[ensemble.id]
    _check_members(members)
    groups = _groups(session, access.project_id, SmoothSpec.model_validate(ensemble.settings), body.video_ids)
    for model in members:
        _check_imported(session, access.project_id, model, groups)
    priority = jobs.INTERACTIVE if len(groups) == 1 else jobs.BATCH
    return _order(session, access, ensemble, groups, priority, again=body.again)


def train(session: Session, access: Access, body: TrainEnsembleIn) -> tuple[Ensemble, list[Model], Asked]:
    """New models that differ in their seed, and the predictions of all of them together, as one tree of jobs."""
    spec = settled(session, access.project_id, body.settings)
    groups = _groups(session, access.project_id, spec, body.video_ids) if body.video_ids else []
    name = body.name or service.next_name(session, access.project_id)
    members = [models.new_model(session, access, _member(body, name, place)) for place in range(body.members)]
    ensemble = service.add(session, access, name, members, spec)
    whole = jobs.Work(f"Train {ensemble.name}", {"ensemble_id": str(ensemble.id)})
    root = jobs.submit(session, access, "ensemble", [whole], priority=jobs.BATCH, waiting=True)[0]
    ensemble.job_id = root.id
    works = [models.training(model) for model in members]
    trainings = jobs.submit(session, access, "train", works, priority=jobs.BATCH, parent=root)
    for model, job in zip(members, trainings, strict=True):
        models.begin(session, access, model, job)
    asked = _order(session, access, ensemble, groups, jobs.BATCH, parent=root, after=trainings)
    return ensemble, members, Asked(asked.prediction_ids, [root], [])


def _member(body: TrainEnsembleIn, ensemble: str, place: int) -> ModelIn:
    ending = f" #{place + 1}"
    seed = body.spec.get("seed", 0)
    if not isinstance(seed, int):
        raise Invalid("spec.invalid", "spec.seed: give a whole number.", field="spec.seed")
    return ModelIn(
        name=ensemble[: _LONGEST_NAME - len(ending)] + ending,
        preset=body.preset,
        spec=body.spec | {"seed": seed + place},
    )


def _order(
    session: Session,
    access: Access,
    ensemble: Ensemble,
    groups: Sequence[Group],
    priority: int,
    parent: Job | None = None,
    after: Sequence[Job] = (),
    again: bool = False,
) -> Asked:
    """Predictions to be and a job for each group that has any; videos under way are skipped, and unless `again` those
    that are done."""
    videos = [video.id for group in groups for video in group.videos]
    reserved = core.reserve(session, access.project_id, "ensemble_id", ensemble.id, videos, again) if videos else {}
    wanted = [(group, [reserved[v.id] for v in group.videos if v.id in reserved]) for group in groups]
    wanted = [(group, ids) for group, ids in wanted if ids]
    works = [
        jobs.Work(f"{ensemble.name} on {group.title}", _spec(ensemble, group, ids, after)) for group, ids in wanted
    ]
    made = jobs.submit(session, access, "ensemble", works, priority=priority, parent=parent, waiting=bool(after))
    for (_, ids), job in zip(wanted, made, strict=True):
        core.set_job(session, access.project_id, ids, job.id)
        for prediction_id in ids:
            news.tell(session, access.project_id, "prediction", prediction_id)
    audit.record(session, access.user, access.project_id, "ensemble.run", ensemble=str(ensemble.id), videos=len(videos))
    return Asked(list(reserved.values()), made, [video for video in videos if video not in reserved])


def _spec(ensemble: Ensemble, group: Group, prediction_ids: Sequence[UUID], after: Sequence[Job]) -> dict[str, Any]:
    return {
        "ensemble_id": str(ensemble.id),
        "video_ids": [str(video.id) for video in group.videos],
        "prediction_ids": [str(id) for id in prediction_ids],
    } | ({core_jobs.AWAITS: [str(job.id) for job in after]} if after else {})


def _check_members(members: Sequence[Model]) -> None:
    if gone := [model.name for model in members if model.deleted_at is not None]:
        raise Conflict("ensemble.member_deleted", f"{', '.join(gone)} lies in the trash. Restore it first.")
    if unready := [model.name for model in members if model.state != "ready"]:
        raise Conflict("ensemble.not_ready", f"Wait until these are trained, or make another: {', '.join(unready)}.")


def _check_imported(session: Session, project_id: UUID, model: Model, groups: Sequence[Group]) -> None:
    """A model of another program cannot look at further videos."""
    if model.artifact_key is not None:
        return
    videos = {video.id: video.name for group in groups for video in group.videos}
    missing = videos.keys() - queries.predicted(session, project_id, model.id, videos.keys())
    if missing:
        listed = ", ".join(sorted(videos[id] for id in missing)[:5])
        raise Conflict(
            "ensemble.member_lacks_video",
            f"{model.name} was predicted by another program and has nothing of {listed}. Import that file too.",
        )


def _groups(session: Session, project_id: UUID, spec: SmoothSpec, video_ids: Sequence[UUID]) -> list[Group]:
    videos = predictions.ready_videos(session, project_id, list(dict.fromkeys(video_ids)))
    if spec.method not in OF_SEVERAL_CAMERAS:
        return [Group(video.name, [video]) for video in videos.values()]
    ids = list(dict.fromkeys(video.recording_id for video in videos.values()))
    rows = queries.recordings(session, project_id, ids)
    filmed: dict[UUID, list[tuple[Video, str]]] = {id: [] for id in ids}
    for video, view in queries.filmed(session, project_id, ids):
        filmed[video.recording_id].append((video, view))
    if spec.method == "calibrated" and (bare := [row.name for row in rows.values() if row.calibration_key is None]):
        raise Conflict("calibration.missing", f"Add a calibration to {', '.join(sorted(bare)[:5])} first.")
    groups = [Group(rows[id].name, _complete(rows[id].name, spec.views, filmed[id])) for id in ids]
    for group in groups:
        (_check_clocks if spec.method == "paw" else _check_lengths)(group)
    return groups


def _check_lengths(group: Group) -> None:
    if len({video.frame_count for video in group.videos}) > 1:
        counts = ", ".join(f"{video.name} {video.frame_count}" for video in group.videos)
        raise Conflict("recording.lengths_differ", f"The views of {group.title} differ in their frames: {counts}.")


def _check_clocks(group: Group) -> None:
    if bare := [video.name for video in group.videos if video.camera_times_key is None]:
        raise Conflict(
            "video.no_camera_times",
            f"Add the times of the camera's frames to {', '.join(bare)} first: without them the cameras of "
            f"{group.title} cannot be brought together.",
        )


def _complete(recording: str, views: Sequence[str], filmed: Sequence[tuple[Video, str]]) -> list[Video]:
    """The video of each view, in the order of the views."""
    found: list[Video] = []
    for view in views:
        of_view = [video for video, name in filmed if name == view]
        if len(of_view) != 1:
            what = "no video" if not of_view else f"{len(of_view)} videos"
            raise Conflict(
                "recording.views_incomplete",
                f"{recording} has {what} of the view {view}; exactly one is needed. Add it, or leave that view out.",
            )
        found += of_view
    if unready := [video.name for video in found if video.state != "ready"]:
        raise Conflict("video.not_ready", f"Wait until these videos have been read: {', '.join(unready)}.")
    return found
