"""Asking for the import of a project that another program made."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.imports import queries
from tailbase_api.imports.schemas import ImportIn
from tailbase_api.jobs import service as jobs
from tailbase_core.errors import Conflict
from tailbase_core.settings import Settings
from tailbase_core.storage.roots import resolve
from tailbase_core.tables import Job


def create(session: Session, settings: Settings, access: Access, body: ImportIn) -> Job:
    name, where = source(session, settings, access, body.upload_id, body.root, body.path)
    options = body.model_dump(include={"scorer", "create_skeleton", "recording_pattern"})
    spec = {**where, "dry_run": body.dry_run, "options": options}
    if not body.dry_run:
        audit.record(session, access.user, access.project_id, "project.import", source=name)
    work = jobs.Work(f"{'Look into' if body.dry_run else 'Import'} {name}", spec)
    return jobs.submit(session, access, "import", [work], priority=jobs.INTERACTIVE)[0]


def source(
    session: Session, settings: Settings, access: Access, upload_id: UUID | None, root: str | None, path: str | None
) -> tuple[str, dict[str, Any]]:
    """Its name for people, and where the worker finds it; other features that import ask here too."""
    if upload_id is not None:
        upload = queries.import_upload(session, access.project_id, upload_id)
        if upload.completed_at is None:
            raise Conflict("upload.incomplete", "This upload is not complete. Finish it first.")
        return upload.filename, {"upload_key": upload.blob_key}
    resolve(settings, str(root), str(path))
    return str(path), {"root": root, "relative_path": path}
