"""The videos a training looks at, put where the library finds them under their names."""

from pathlib import Path, PurePosixPath
from uuid import UUID

from sqlalchemy import select

from tailbase_core.storage.roots import root_named
from tailbase_core.tables import Model, Video
from tailbase_worker.child import ChildFailed
from tailbase_worker.labels import safe_name
from tailbase_worker.work import Work

CropRow = dict[str, int]
"""A crop as the database has it; empty for the whole frame."""

_SHARE_OF_CACHE = 0.5


def place_videos(work: Work, model: Model) -> dict[Path, CropRow]:
    """The videos the model was ordered with and their crops, in that order; empty where labels alone teach.

    Those that would have to be copied here beyond half of the cache are left out, and the log says so.
    """
    wanted = [UUID(video["id"]) for video in model.label_summary.get("videos", [])]
    if not wanted:
        return {}
    with work.transaction() as session:
        stmt = select(Video).where(Video.project_id == model.project_id, Video.id.in_(wanted))
        rows = {row.id: row for row in session.scalars(stmt.where(Video.deleted_at.is_(None), Video.state == "ready"))}
    chosen = _affordable(work, [rows[video] for video in wanted if video in rows])
    if len(chosen) < len(wanted):
        work.pulse.say(
            f"The training looks at {len(chosen)} of the {len(wanted)} videos: the others are gone or large."
        )
    if not chosen:
        raise ChildFailed("videos.none", "The videos the training was to learn from are gone. Train again with others.")
    return _placed(work, chosen)


def _affordable(work: Work, videos: list[Video]) -> list[Video]:
    left = int(work.settings.jobs.cache_bytes * _SHARE_OF_CACHE)
    chosen = []
    for video in videos:
        size = 0 if _is_here(work, video) else video.size_bytes or 0
        if size <= left:
            left -= size
            chosen.append(video)
    return chosen


def _is_here(work: Work, video: Video) -> bool:
    if video.blob_key is not None:
        return work.store.local_path(video.blob_key) is not None
    root = root_named(work.settings, str(video.root))
    return root.local_path(str(video.relative_path)) is not None


def crop_text(crop: CropRow) -> str:
    """As the library's commands take it."""
    return ",".join(str(crop[name]) for name in ("x", "y", "width", "height"))


def _placed(work: Work, videos: list[Video]) -> dict[Path, CropRow]:
    """Links, which need no room. Labels name a video by its name, so each keeps it unless another has it."""
    folder = work.inputs / "videos"
    folder.mkdir(exist_ok=True)
    links: dict[Path, CropRow] = {}
    for number, video in enumerate(videos):
        name = PurePosixPath(video.name)
        link = folder / f"{safe_name(name.stem)}{safe_name(name.suffix)}"
        if link in links:
            link = link.with_stem(f"{link.stem}_{str(video.id)[:8]}")
        link.unlink(missing_ok=True)
        link.symlink_to(work.video(video).resolve())
        links[link] = video.crop
        work.pulse.progress("videos", number + 1, len(videos))
    return links
