"""evaluate: a model's error on the labels it was trained beside."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase_core import jobs, news
from tailbase_core.errors import NotFound
from tailbase_core.tables import Model
from tailbase_worker.child import ChildFailed
from tailbase_worker.kinds.predict import model_folder
from tailbase_worker.kinds.train import fetch_snapshot
from tailbase_worker.work import Publish, Work


def run(work: Work) -> Publish:
    split = str(work.claim.spec["split"])
    with work.transaction() as session:
        model = _model(session, work)
    if model.snapshot_key is None:
        raise ChildFailed("model.no_labels", "The labels this model was trained on are not here.")
    fetch_snapshot(work, model.snapshot_key, folder := work.inputs)
    metrics = work.child("evaluate", model_folder(work, model), folder / "labels.parquet", "--split", split)

    def publish(session: Session) -> jobs.Succeeded:
        row = _model(session, work)
        row.metrics = row.metrics | {split: metrics}
        news.tell(session, row.project_id, "model", row.id)
        return jobs.Succeeded({"model_id": str(row.id), "split": split, "metrics": metrics})

    return publish


def _model(session: Session, work: Work) -> Model:
    query = select(Model).where(Model.id == work.spec_id("model_id"), Model.project_id == work.claim.project_id)
    if (model := session.scalar(query.where(Model.deleted_at.is_(None)).with_for_update())) is None:
        raise NotFound("model")
    return model
