"""evaluate: a model's error on labels, those it was trained beside or the project's, and how several models compare."""

import json
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tailbase.formats.labels_parquet import write_labels
from tailbase_core import jobs, news
from tailbase_core.database import transaction
from tailbase_core.errors import NotFound
from tailbase_core.tables import Evaluation, Model
from tailbase_worker.child import ChildFailed
from tailbase_worker.kinds.predict import model_folder
from tailbase_worker.kinds.train import fetch_snapshot, sees_neighbours
from tailbase_worker.labels import facts_of_images, place_images, take_snapshot
from tailbase_worker.work import Publish, Work

CURRENT = "current"
"""The split that asks for the project's labels as they are; images the training did not know count as unseen."""

KEPT = ("all", CURRENT)
"""Splits whose points and summary are kept: they say what each image was to the training."""


def run(work: Work) -> Publish:
    if "model_ids" in work.claim.spec:
        return _compare(work)
    split = str(work.claim.spec["split"])
    with work.transaction() as session:
        model = _model(session, work, work.spec_id("model_id"))
    images = _current_labels(work, model) if split == CURRENT else _labels_of(work, model)
    known = work.scratch / "images.json"
    with work.transaction() as session:
        known.write_text(json.dumps(facts_of_images(session, work.claim.project_id, images)))
    out = work.folder("out")
    words: list[str | Path] = ["--split", "all" if split == CURRENT else split, "--out", out, "--images", known]
    metrics = work.child("evaluate", model_folder(work, model), work.inputs / "labels.parquet", *words)
    kept = _upload(work, model, split, out) if split in KEPT else None

    def publish(session: Session) -> jobs.Succeeded:
        row = _model(session, work, model.id)
        row.metrics = row.metrics | {split: metrics}
        if kept is not None:
            _replace(session, work, kept)
        news.tell(session, row.project_id, "model", row.id)
        return jobs.Succeeded({"model_id": str(row.id), "split": split, "metrics": metrics})

    return publish


def _labels_of(work: Work, model: Model) -> dict[str, str]:
    """The labels the model was trained beside; gives the blob of each image."""
    if model.snapshot_key is None:
        raise ChildFailed("model.no_labels", "The labels this model was trained on are not here.")
    return fetch_snapshot(work, model.snapshot_key, work.inputs)


def _current_labels(work: Work, model: Model) -> dict[str, str]:
    with transaction(work.sessions) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        snapshot = take_snapshot(session, work.claim.project_id)
    if not snapshot.keys:
        raise ChildFailed("labels.none", "There are no labels to compare with. Label some frames first.")
    write_labels(snapshot.labels, work.inputs / "labels.parquet")
    images = {ref.path: key for ref, key in zip(snapshot.labels.images, snapshot.keys, strict=True)}
    everything = images | (snapshot.neighbours if sees_neighbours(model) else {})
    place_images(work, work.inputs, list(everything), list(everything.values()))
    return images


def _upload(work: Work, model: Model, split: str, out: Path) -> Evaluation:
    errors, summary = out / "errors.parquet", out / "summary.json"
    return Evaluation(
        model_id=model.id,
        project_id=model.project_id,
        labels=split,
        errors_key=work.upload("errors.parquet", errors),
        summary_key=work.upload("summary.json", summary),
        size_bytes=errors.stat().st_size + summary.stat().st_size,
        job_id=work.claim.job_id,
    )


def _replace(session: Session, work: Work, kept: Evaluation) -> None:
    """A model has one evaluation; the files of the one before go."""
    if (before := session.get(Evaluation, kept.model_id)) is not None:
        work.drop_after(session, [before.errors_key.rpartition("/")[0]])
    names = ("labels", "errors_key", "summary_key", "size_bytes", "job_id")
    values = {name: getattr(kept, name) for name in names}
    stmt = insert(Evaluation).values(model_id=kept.model_id, project_id=kept.project_id, **values)
    now = {"created_at": stmt.excluded.created_at}
    session.execute(stmt.on_conflict_do_update(index_elements=[Evaluation.model_id], set_=values | now))


def _compare(work: Work) -> Publish:
    """Several models' evaluations side by side; the result is what `tailbase compare` gives."""
    ids = [UUID(str(one)) for one in work.claim.spec["model_ids"]]
    with work.transaction() as session:
        keys = [_evaluation(session, work, model_id).errors_key for model_id in ids]
    files = [work.inputs / f"{number}.parquet" for number in range(len(ids))]
    for key, file in zip(keys, files, strict=True):
        work.place(key, file)
    result = work.child("compare", *files, "--names", *map(str, ids))
    return lambda _session: jobs.Succeeded({"model_ids": [str(one) for one in ids], "comparison": result})


def _evaluation(session: Session, work: Work, model_id: UUID) -> Evaluation:
    query = select(Evaluation).where(Evaluation.model_id == model_id, Evaluation.project_id == work.claim.project_id)
    if (found := session.scalar(query)) is None:
        raise ChildFailed("evaluation.none", "One of the models was not measured yet. Measure its errors first.")
    return found


def _model(session: Session, work: Work, model_id: UUID) -> Model:
    query = select(Model).where(Model.id == model_id, Model.project_id == work.claim.project_id)
    if (model := session.scalar(query.where(Model.deleted_at.is_(None)).with_for_update())) is None:
        raise NotFound("model")
    return model
