"""predict: a model's poses in a video."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase import __version__
from tailbase_core import jobs, news
from tailbase_core.errors import NotFound
from tailbase_core.tables import Model, Prediction, Video
from tailbase_worker.child import ChildFailed
from tailbase_worker.kinds.train import FILES
from tailbase_worker.work import Publish, Work


def run(work: Work) -> Publish:
    with work.transaction() as session:
        prediction, model, video = _rows(session, work)
    facts = predict(work, model, video)
    block, parquet = Path(facts["block"]), Path(facts["parquet"])
    size = block.stat().st_size + parquet.stat().st_size
    keys = {"block_key": work.upload("poses.f32", block), "parquet_key": work.upload("poses.parquet", parquet)}

    def publish(session: Session) -> jobs.Succeeded:
        row, _, _ = _rows(session, work)
        row.state = "ready"
        row.block_key, row.parquet_key = keys["block_key"], keys["parquet_key"]
        row.frame_count = facts["frame_count"]
        row.individuals = len(facts["individuals"])
        row.size_bytes = size
        row.summary = facts["summary"] | {"individuals": facts["individuals"]}
        row.provenance = provenance(model, video, facts)
        news.tell(session, row.project_id, "prediction", row.id)
        pace = {name: facts[name] for name in ("frame_count", "frames_per_second", "device", "engine")}
        return jobs.Succeeded({"prediction_id": str(prediction.id), **pace})

    return publish


def predict(work: Work, model: Model, video: Video, first: int = 0, last: int | None = None) -> dict[str, Any]:
    """Run the library over the frames `first` to `last`, which is included; paths in the result are absolute."""
    spec = work.scratch / "spec.json"
    wanted = {"device": work.device, "first_frame": first} | ({} if last is None else {"last_frame": last})
    spec.write_text(json.dumps(wanted))
    folder, out = model_folder(work, model), work.folder("out")
    result = work.child("predict", folder, work.video(video), "--out", out, "--spec", spec)
    facts: dict[str, Any] = result["predictions"][0]
    facts |= {"block": str(next(out.glob("*.f32"))), "parquet": str(next(out.glob("*.parquet")))}
    return facts


def model_folder(work: Work, model: Model) -> Path:
    """The model's files as the library wants them."""
    if model.artifact_key is None:
        raise ChildFailed("model.not_ready", "The model is not trained yet. Predict when it is ready.")
    folder = work.inputs / "model"
    for name in FILES:
        work.place(f"{model.artifact_key}/{name}", folder / name)
    return folder


def provenance(model: Model, video: Video, facts: dict[str, Any]) -> dict[str, Any]:
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


def _rows(session: Session, work: Work) -> tuple[Prediction, Model, Video]:
    found = session.execute(
        select(Prediction, Model, Video)
        .join(Model, Model.id == Prediction.model_id)
        .join(Video, Video.id == Prediction.video_id)
        .where(Prediction.id == work.spec_id("prediction_id"), Prediction.project_id == work.claim.project_id)
        .where(Prediction.deleted_at.is_(None))
    ).one_or_none()
    if found is None:
        raise NotFound("prediction")
    return found[0], found[1], found[2]
