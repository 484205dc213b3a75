"""heatmap: where a network sees its keypoints in one frame of a video, as a picture to lay over the frame."""

from sqlalchemy import select

from tailbase_core import jobs
from tailbase_core.errors import NotFound
from tailbase_core.tables import Model
from tailbase_worker.footage import crop_text
from tailbase_worker.kinds.predict import model_folder
from tailbase_worker.work import Publish, Work

PICTURE = "heatmap.png"
_SECONDS = 300


def run(work: Work) -> Publish:
    spec = work.claim.spec
    query = select(Model).where(Model.id == work.spec_id("model_id"), Model.project_id == work.claim.project_id)
    with work.transaction() as session:
        model = session.scalar(query.where(Model.deleted_at.is_(None)))
        video = work.video_row(session, work.spec_id("video_id"))
    if model is None:
        raise NotFound("model")
    out = work.scratch / PICTURE
    chosen = ["--keypoint", str(spec["keypoint"])] if spec.get("keypoint") else []
    crop = ["--crop", crop_text(video.crop)] if video.crop else []
    words = (model_folder(work, model), work.video(video), int(spec["frame"]), "--out", out, "--overlay")
    drawn = work.child("heatmap", *words, *chosen, *crop, seconds=_SECONDS)
    artifact = {
        "name": PICTURE,
        "key": work.upload(PICTURE, out),
        "size_bytes": out.stat().st_size,
        "content_type": "image/png",
    }
    result = {name: drawn[name] for name in ("frame", "region", "keypoints")}
    named = {"model_id": str(model.id), "video_id": str(video.id)}
    return lambda _session: jobs.Succeeded(named | result, [artifact])
