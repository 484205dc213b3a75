"""import: a project of another program, from an uploaded zip or in place under a root."""

import json
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from tailbase.formats.labels_parquet import read_labels
from tailbase_core import jobs
from tailbase_core.storage.roots import root_named
from tailbase_worker.child import ChildFailed
from tailbase_worker.importing import Bundle, Image, VideoSource, check_skeleton, load
from tailbase_worker.work import Publish, Work

LISTED = 200


def run(work: Work) -> Publish:
    spec, options = work.claim.spec, dict(work.claim.spec.get("options") or {})
    source = _source(work)
    words: list[str | Path] = [source, "--to", "tailbase", "--out", work.scratch / "bundle"]
    if scorer := options.get("scorer"):
        words += ["--scorer", scorer]
    result = work.child("convert", *words, *(["--dry-run"] if spec.get("dry_run") else []))
    report = bounded(result["report"])
    if spec.get("dry_run"):
        return lambda _session: jobs.Succeeded({"report": report, "dry_run": True})
    bundle = _bundle(work)
    with work.transaction() as session:
        check_skeleton(session, work.claim.project_id, bundle, create=bool(options.get("create_skeleton", True)))
    images = _store_images(work, bundle)
    videos = _store_videos(work, bundle, Path(result["source_root"]))

    def publish(session: Session) -> jobs.Succeeded:
        counts = load(session, work.claim, bundle, images, videos, options.get("recording_pattern"))
        return jobs.Succeeded({"report": report, "dry_run": False, "imported": counts})

    return publish


def bounded(report: dict[str, Any]) -> dict[str, Any]:
    """The report with long lists cut; `<name>_total` says how long they were."""
    short: dict[str, Any] = {}
    for name, value in report.items():
        if isinstance(value, list | dict) and len(value) > LISTED:
            short[f"{name}_total"] = len(value)
            value = value[:LISTED] if isinstance(value, list) else dict(list(value.items())[:LISTED])
        short[name] = value
    return short


def _source(work: Work) -> Path:
    if (key := work.claim.spec.get("upload_key")) is not None:
        work.place(str(key), path := work.inputs / "upload.zip")
        return path
    path = work.in_place(str(work.claim.spec["root"]), str(work.claim.spec["relative_path"]))
    if path.is_file() and path.suffix.lower() != ".zip":
        work.may_read(path.parent)  # a table of labels has its images beside it
    return path


def _bundle(work: Work) -> Bundle:
    folder = work.scratch / "bundle"
    shown = json.loads((folder / "images.json").read_text())
    labels = read_labels(folder / "labels.parquet")
    if not labels.images:
        raise ChildFailed("labels.none", "This project has no labelled images to import.")
    return Bundle(
        labels=labels,
        videos=[dict(video) for video in json.loads((folder / "videos.json").read_text())],
        out_of_domain=frozenset(map(str, json.loads((folder / "out_of_domain.json").read_text()))),
        shown={path: image for path, image in shown.items() if _is_inside(folder, image)},
    )


def _is_inside(folder: Path, image: dict[str, Any]) -> bool:
    """The bundle was written by a child that read strangers' files: believe none of its paths."""
    return all((folder / image[name]).resolve().is_relative_to(folder.resolve()) for name in ("file", "thumbnail"))


def _store_images(work: Work, bundle: Bundle) -> dict[str, Image]:
    """Upload each image under an id that follows from the job and its path, so that a second attempt repeats it."""
    folder, stored = work.scratch / "bundle", {}
    for number, (path, shown) in enumerate(bundle.shown.items()):
        frame_id = uuid5(work.claim.job_id, path)
        prefix = f"projects/{work.claim.project_id}/frames/{frame_id}"
        suffix = PurePosixPath(shown["file"]).suffix.lower()
        keys = f"{prefix}/image{suffix}", f"{prefix}/thumb.jpg"
        for key, file in zip(keys, (shown["file"], shown["thumbnail"]), strict=True):
            work.store.put_file(key, folder / file)
        size = sum((folder / shown[name]).stat().st_size for name in ("file", "thumbnail"))
        stored[path] = Image(frame_id, keys[0], keys[1], shown["width"], shown["height"], size)
        if number % 20 == 19 or number + 1 == len(bundle.shown):
            work.pulse.progress("storing images", number + 1, len(bundle.shown))
    return stored


def _store_videos(work: Work, bundle: Bundle, project_root: Path) -> dict[str, VideoSource]:
    """Where each video of the project lies from here on: in place under its root, or as a blob of ours."""
    root_name = work.claim.spec.get("root")
    root = root_named(work.settings, str(root_name)).local_path("") if root_name is not None else None
    sources = {}
    for number, video in enumerate(bundle.videos):
        file = (project_root / video["path"]).resolve()
        video_id = uuid5(work.claim.job_id, f"video:{video['path']}")
        if root is not None and file.is_relative_to(root):
            sources[video["path"]] = VideoSource(video_id, None, str(root_name), file.relative_to(root).as_posix())
        elif file.is_relative_to(work.scratch.resolve()):
            sources[video["path"]] = _store_video(work, video_id, file)
        work.pulse.progress("storing videos", number + 1, len(bundle.videos))
    return sources


def _store_video(work: Work, video_id: UUID, file: Path) -> VideoSource:
    key = f"projects/{work.claim.project_id}/videos/{video_id}/source"
    work.store.put_file(key, file)
    return VideoSource(video_id, key, None, None, file.stat().st_size)
