"""calibration: checks a calibration file that somebody gave to a recording, and keeps it if it can be read."""

from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase_core import jobs, news
from tailbase_core.errors import NotFound
from tailbase_core.tables import Recording, Video, View
from tailbase_worker.child import ChildFailed
from tailbase_worker.work import Publish, Work


def run(work: Work) -> Publish:
    filename = str(work.claim.spec["filename"])
    with work.transaction() as session:
        views = _views(session, _recording(session, work))
    work.place(str(work.claim.spec["key"]), path := work.inputs / f"cameras{PurePosixPath(filename).suffix.lower()}")
    try:
        cameras: list[dict[str, Any]] = work.child("calibration", path)["cameras"]
    except ChildFailed as error:
        raise ChildFailed(error.code, error.detail.replace(path.name, filename)) from error
    names = [str(camera["name"]) for camera in cameras]
    if strangers := [view for view in views if view not in names]:
        raise ChildFailed(
            "calibration.views_differ",
            f"{filename} has the cameras {', '.join(names)}, but the recording's videos have the view "
            f"{', '.join(strangers)}. Give views and cameras the same names.",
        )

    def publish(session: Session) -> jobs.Succeeded:
        row = _recording(session, work)
        before = row.calibration_key
        row.calibration_key = str(work.claim.spec["key"])
        row.calibration = {"filename": filename, "cameras": cameras}
        work.drop_after(session, [before.rpartition("/")[0]] if before else [])
        news.tell(session, row.project_id, "video", row.id)
        return jobs.Succeeded({"recording_id": str(row.id), "cameras": cameras})

    return publish


def _recording(session: Session, work: Work) -> Recording:
    query = select(Recording).where(
        Recording.id == work.spec_id("recording_id"), Recording.project_id == work.claim.project_id
    )
    if (row := session.scalar(query.where(Recording.deleted_at.is_(None)))) is None:
        raise NotFound("recording")
    return row


def _views(session: Session, recording: Recording) -> list[str]:
    stmt = (
        select(View.name)
        .join(Video, Video.view_id == View.id)
        .where(Video.recording_id == recording.id, Video.deleted_at.is_(None))
    )
    return list(session.scalars(stmt.distinct().order_by(View.name)))
