"""Pre-labels: their settings, how the rounds fare, what they promise, and whether they pull people."""

import math
from statistics import fmean
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase.labelling.assistance import FEWEST_FRAMES, pull
from tailbase.labelling.forecast import FEWEST_ROUNDS, forecast
from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.frames import service as frames
from tailbase_api.labels import service as labels
from tailbase_api.labels.schemas import LabelsIn, LabelsOut, PointChange
from tailbase_api.prelabels import queries, trigger
from tailbase_api.prelabels.queries import Points
from tailbase_api.prelabels.schemas import AcceptIn, AssistanceOut, ForecastOut, PrelabelsOut, RoundOut
from tailbase_api.review import service as review
from tailbase_core.errors import Conflict
from tailbase_core.prelabel_settings import KEY, PrelabelSettings
from tailbase_core.shares import in_share
from tailbase_core.tables import Job, Model, PrelabelRound

AHEAD = 50
# Points the network is unsure of are corrected or skipped, whether people see them or not.
SURE = 0.5


def show(session: Session, access: Access) -> PrelabelsOut:
    settings = PrelabelSettings.of(access.project.settings)
    rounds = [_round(*row) for row in queries.rounds(session, access.project_id)]
    measured = [(r.labels, r.error_px) for r in rounds if r.error_px is not None]
    ahead = forecast(measured, AHEAD)
    return PrelabelsOut(
        settings=settings,
        labels=queries.finished(session, access.project_id),
        next_at=trigger.next_at(settings, queries.last_round(session, access.project_id)) if settings.on else None,
        rounds=rounds,
        forecast=None if ahead is None else ForecastOut(more=AHEAD, **vars(ahead)),
        rounds_needed=max(0, FEWEST_ROUNDS - len({count for count, _ in measured})),
        assistance=_assistance(session, access.project_id, settings.blind_share),
    )


def change(session: Session, access: Access, settings: PrelabelSettings) -> PrelabelsOut:
    access.project.settings = access.project.settings | {KEY: settings.model_dump()}
    audit.record(session, access.user, access.project_id, "prelabels.change", **settings.model_dump())
    session.flush()
    trigger.consider(session, access)
    return show(session, access)


def begin(session: Session, access: Access) -> Job:
    """A round at once, because a person asks for it."""
    last = queries.last_round(session, access.project_id)
    job = trigger.begin(session, access, queries.finished(session, access.project_id), last)
    if job is None:
        raise Conflict(
            "prelabels.not_now", "Label some frames of a single animal first, or wait for the round under way."
        )
    return job


def accept(session: Session, access: Access, frame_id: UUID, if_match: str | None, body: AcceptIn) -> LabelsOut:
    """Take over what the network proposes where nobody has said anything yet."""
    proposed = frames.prelabel(session, access.project_id, frame_id)
    if proposed is None:
        raise Conflict("prelabel.none", "There are no pre-labels for this frame. Place its points by hand.")
    said = {(p.individual_id, p.keypoint_id) for p in labels.read(session, access.project_id, frame_id).points}
    changes = [
        PointChange(
            individual_id=point.individual_id,
            keypoint_id=point.keypoint_id,
            x=point.x,
            y=point.y,
            state="visible",
            model_id=proposed.model_id,
        )
        for point in proposed.points
        if point.likelihood >= body.at_least and (point.individual_id, point.keypoint_id) not in said
    ]
    save = LabelsIn(changes=changes, frame_state=body.frame_state, effort=body.effort)
    return labels.save(session, access, frame_id, if_match, save)


def _round(row: PrelabelRound, model: Model) -> RoundOut:
    known = {name: getattr(row, name) for name in RoundOut.model_fields if name not in ("state", "job_id")}
    state = "ready" if row.ready_at is not None else _STATES.get(model.state, "failed")
    return RoundOut.model_validate(known | {"state": state, "job_id": model.job_id})


_STATES = {"queued": "training", "training": "training", "ready": "predicting"}


def _assistance(session: Session, project_id: UUID, blind_share: float) -> AssistanceOut:
    distances: dict[bool, list[float]] = {True: [], False: []}
    for frame_id, said, proposed in queries.compared(session, project_id):
        if (distance := _distance(said, proposed)) is not None:
            distances[in_share(frame_id, blind_share)].append(distance)
    blind, assisted = distances[True], distances[False]
    found, human = pull(assisted, blind), review.human_px(session, project_id)
    return AssistanceOut(
        assisted_frames=len(assisted),
        blind_frames=len(blind),
        fewest_frames=FEWEST_FRAMES,
        assisted_px=fmean(assisted) if assisted else None,
        blind_px=fmean(blind) if blind else None,
        pull_px=found.pull_px if found else None,
        low_px=found.low_px if found else None,
        high_px=found.high_px if found else None,
        human_px=human,
        warning=found is not None and human is not None and found.beyond(human),
    )


def _distance(said: Points, proposed: Points) -> float | None:
    """Mean over the points both have, of those the network was sure of."""
    apart = [
        math.hypot(said[key]["x"] - point["x"], said[key]["y"] - point["y"])
        for key, point in proposed.items()
        if point["likelihood"] >= SURE and key in said and said[key]["x"] is not None
    ]
    return fmean(apart) if apart else None
