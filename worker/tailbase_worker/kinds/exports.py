"""export: labels or predictions as the files of other programs."""

import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tailbase.formats.labels_parquet import write_labels
from tailbase_core import jobs
from tailbase_core.database import transaction
from tailbase_core.tables import Ensemble, Model, Prediction, Video
from tailbase_worker.child import ChildFailed
from tailbase_worker.labels import place_images, safe_name, take_snapshot
from tailbase_worker.work import Publish, Work

_TYPES = {".csv": "text/csv", ".zip": "application/zip", ".parquet": "application/vnd.apache.parquet"}
_PACKED_ALREADY = {".png", ".jpg", ".jpeg", ".parquet"}


def run(work: Work) -> Publish:
    what, wanted = str(work.claim.spec["what"]), str(work.claim.spec["format"])
    out = work.folder("out")
    result = _labels(work, wanted, out) if what == "labels" else _predictions(work, wanted, out)
    file = _one_file(out, work.scratch / f"{what}-{wanted}.zip")
    artifact = {
        "name": file.name,
        "key": work.upload(f"export{file.suffix}", file),
        "size_bytes": file.stat().st_size,
        "content_type": _TYPES.get(file.suffix, "application/octet-stream"),
    }
    return lambda _session: jobs.Succeeded(result, [artifact])


def _labels(work: Work, wanted: str, out: Path) -> dict[str, Any]:
    with transaction(work.sessions) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        snapshot = take_snapshot(session, work.claim.project_id)
    if not snapshot.keys:
        raise ChildFailed("labels.none", "There are no labels to export yet.")
    source = work.inputs / "labels.parquet"
    write_labels(snapshot.labels, source)
    place_images(work, work.inputs, [ref.path for ref in snapshot.labels.images], snapshot.keys)
    return work.child("convert", source, "--to", wanted, "--out", out)


def _predictions(work: Work, wanted: str, out: Path) -> dict[str, Any]:
    with work.transaction() as session:
        chosen = _chosen(session, work)
    if not chosen:
        raise ChildFailed("predictions.none", "There are no predictions to export yet.")
    names = _names(chosen)
    for number, ((prediction, _, _), name) in enumerate(zip(chosen, names, strict=True)):
        source = work.inputs / f"{name}.parquet"
        work.place(str(prediction.parquet_key), source)
        work.child("convert", source, "--to", wanted, "--out", out)
        work.pulse.progress("writing", number + 1, len(chosen))
    return {"predictions": len(chosen), "files": sorted(path.name for path in out.iterdir())}


Row = tuple[Prediction, str, str]
"""A prediction, the name of the model or ensemble that made it, and that of its video."""


def _chosen(session: Session, work: Work) -> list[Row]:
    """Those named in the spec, or all that are ready."""
    made_by = func.coalesce(Model.name, Ensemble.name)
    query = (
        select(Prediction, made_by, Video.name)
        .outerjoin(Model, Model.id == Prediction.model_id)
        .outerjoin(Ensemble, Ensemble.id == Prediction.ensemble_id)
        .join(Video, Video.id == Prediction.video_id)
        .where(Prediction.project_id == work.claim.project_id, Prediction.state == "ready")
        .where(Prediction.deleted_at.is_(None))
        .order_by(Video.name, made_by, Prediction.id)
    )
    if (ids := work.claim.spec.get("prediction_ids")) is not None:
        query = query.where(Prediction.id.in_([UUID(str(one)) for one in ids]))
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def _names(rows: Sequence[Row]) -> list[str]:
    """The video's name; with the model's, and at last a number, where that is not enough."""
    several = len({made_by for _, made_by, _ in rows}) > 1
    taken: set[str] = set()
    names = []
    for _, made_by, video in rows:
        base = safe_name(PurePosixPath(video).stem) + (f"-{safe_name(made_by)}" if several else "")
        name, number = base, 2
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name)
        names.append(name)
    return names


def _one_file(out: Path, archive: Path) -> Path:
    """What people download: the only file, or all of them in a zip."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.suffix != ".f32")
    if len(files) == 1:
        return files[0]
    with zipfile.ZipFile(archive, "w", allowZip64=True) as packed:
        for file in files:
            method = zipfile.ZIP_STORED if file.suffix in _PACKED_ALREADY else zipfile.ZIP_DEFLATED
            packed.write(file, file.relative_to(out).as_posix(), compress_type=method)
    return archive
