"""SQL of imports."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase_core.errors import NotFound
from tailbase_core.tables import Upload


def import_upload(session: Session, project_id: UUID, upload_id: UUID) -> Upload:
    stmt = select(Upload).where(Upload.project_id == project_id, Upload.id == upload_id, Upload.purpose == "import")
    found = session.scalar(stmt)
    if found is None:
        raise NotFound("upload")
    return found
