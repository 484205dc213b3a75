"""proxy: a small copy of a video, frame for frame, that browsers play."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from tailbase_core import jobs, news
from tailbase_core.tables import Video
from tailbase_worker.child import ChildFailed
from tailbase_worker.work import Publish, Work


def run(work: Work) -> Publish:
    with work.transaction() as session:
        video = work.video_row(session, work.spec_id("video_id"))
    if video.proxy_key is not None:
        return lambda _session: jobs.Succeeded({"proxy": "was there"})
    facts = work.child("proxy", work.video(video), out := work.scratch / "proxy.mp4")
    if facts["frame_count"] != video.frame_count:
        raise ChildFailed("video.changed", "The video has changed since it was read. Register or upload it again.")
    key = f"projects/{video.project_id}/videos/{video.id}/proxy.mp4"
    work.store.put_file(key, out)

    def publish(session: Session) -> jobs.Succeeded:
        values = {"proxy_key": key, "proxy_bytes": facts["size_bytes"]}
        session.execute(update(Video).where(Video.id == video.id).values(**values))
        news.tell(session, video.project_id, "video", video.id)
        return jobs.Succeeded({"frame_count": facts["frame_count"], "size_bytes": facts["size_bytes"]})

    return publish
