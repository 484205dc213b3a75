"""Asking for the import of poses that another program found."""

from pathlib import PurePosixPath
from typing import Any

from sqlalchemy.orm import Session

from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.imports import service as imports
from tailbase_api.jobs import service as jobs
from tailbase_api.models import service as models
from tailbase_api.predictions import service
from tailbase_api.predictions.schemas import ImportedFile, ImportPredictionsIn
from tailbase_core.errors import Conflict, Invalid
from tailbase_core.settings import Settings
from tailbase_core.tables import Job

SUFFIXES = (".csv", ".h5", ".hdf5", ".slp", ".parquet")
IMPORTED = "imported"


def create(session: Session, settings: Settings, access: Access, body: ImportPredictionsIn) -> Job:
    """One job for all files; the worker compares keypoints and lengths, and refuses all where one does not fit."""
    videos = [file.video_id for file in body.files]
    if len(set(videos)) < len(videos):
        raise Invalid("import.video_twice", "Two files are for the same video. Import them as two models.")
    service.ready_videos(session, access.project_id, videos)
    files = [_file(session, settings, access, file) for file in body.files]
    name = body.name or PurePosixPath(files[0]["filename"]).stem[:120]
    spec: dict[str, Any] = {"name": name, "files": files}
    if body.model_id is not None:
        model = models.ready(session, access.project_id, body.model_id)
        if model.preset != IMPORTED:
            raise Conflict("model.not_imported", f"{model.name} is a network of this project: it predicts by itself.")
        spec["model_id"], name = str(model.id), model.name
    audit.record(session, access.user, access.project_id, "prediction.import", name=name, files=len(files))
    work = jobs.Work(f"Import predictions of {name}", spec)
    return jobs.submit(session, access, "import_predictions", [work], priority=jobs.INTERACTIVE)[0]


def _file(session: Session, settings: Settings, access: Access, file: ImportedFile) -> dict[str, Any]:
    filename, source = imports.source(session, settings, access, file.upload_id, file.root, file.path)
    name = PurePosixPath(filename.replace("\\", "/")).name
    if PurePosixPath(name).suffix.lower() not in SUFFIXES:
        raise Invalid("import.not_predictions", f"{name} is no CSV, HDF5 or Parquet file of predictions.")
    return {"video_id": str(file.video_id), "filename": name, **source}
