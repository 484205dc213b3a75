"""When a round of pre-labels begins. Other features ask here after frames were finished."""

import math

from sqlalchemy.orm import Session

from tailbase_api.deps import Access
from tailbase_api.jobs import service as jobs
from tailbase_api.models import service as models
from tailbase_api.models.schemas import ModelIn
from tailbase_api.prelabels import queries
from tailbase_core.errors import Invalid
from tailbase_core.prelabel_settings import PrelabelSettings
from tailbase_core.tables import Job, Model, PrelabelRound

# A round costs minutes: the next one comes when labels have grown so much that it should show.
GROWTH = 1.4
LEAST_NEW = 5
# A network that begins with the last round's weights needs fewer passes than one that begins with none.
WARM_SHARE = 0.4
PRESET = "fast"


def consider(session: Session, access: Access) -> Job | None:
    """Begin a round if the project wants one and there are enough new labels."""
    settings = PrelabelSettings.of(access.project.settings)
    if not settings.on:
        return None
    last = queries.last_round(session, access.project_id)
    labels = queries.finished(session, access.project_id)
    if labels < next_at(settings, last) or (last is not None and queries.under_way(session, last)):
        return None
    return begin(session, access, labels, last)


def begin(session: Session, access: Access, labels: int, last: PrelabelRound | None) -> Job | None:
    """The round's training; None where another request began it, or the labels are of several animals."""
    # The round's number is the lock: of two requests at a time one goes on.
    number = 1 if last is None else last.number + 1
    try:
        model = _model(session, access, number, last)
    except Invalid:
        return None
    if not queries.add_round(session, access.project_id, number, model.id, labels):
        session.delete(model)
        return None
    training = models.training(model)
    work = jobs.Work(training.title, training.spec | {"round": number})
    job = jobs.submit(session, access, "train", [work], priority=jobs.INTERACTIVE)[0]
    models.begin(session, access, model, job)
    return job


def _model(session: Session, access: Access, number: int, last: PrelabelRound | None) -> Model:
    model = models.new_model(session, access, ModelIn(name=f"Pre-labels, round {number}", preset=PRESET))
    parent = None if last is None else queries.trained(session, access.project_id)
    if parent is not None:
        model.parent_id = parent
        model.spec = model.spec | {"epochs": max(1, math.ceil(model.spec["epochs"] * WARM_SHARE))}
    session.flush()
    return model


def next_at(settings: PrelabelSettings, last: PrelabelRound | None) -> int:
    """How many finished frames the next round waits for."""
    if last is None:
        return settings.after
    return max(settings.after, last.labels + LEAST_NEW, math.ceil(last.labels * GROWTH))
