"""Projects of other programs, through the worker into the database."""

import csv
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from PIL import Image
from sqlalchemy import func, select

from tailbase_core.tables import Frame, Job, Keypoint, LabelEvent, LabelSet, Recording, Video
from tailbase_worker.labels import facts_of_images, in_domain, take_snapshot

LABELLED = (3, 10, 25)


def write_project(folder: Path, draw: Any, dot_at: Any, write_video: Any) -> Path:
    """A Lightning Pose project of three labelled frames of one video; one point is missing."""
    (folder / "videos").mkdir(parents=True)
    write_video(folder / "videos" / "mouse1.mp4")
    rows: list[list[Any]] = [
        ["scorer", *["me"] * 4],
        ["bodyparts", "nose", "nose", "ear", "ear"],
        ["coords", "x", "y", "x", "y"],
    ]
    for frame in LABELLED:
        path = Path("labeled-data", "mouse1", f"img{frame:08d}.png")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw(frame)).save(folder / path)
        x, y = dot_at(frame)
        rows.append([path.as_posix(), x, y, *(["", ""] if frame == 25 else [x - 20, y])])
    with (folder / "CollectedData.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


@pytest.fixture
def uploaded(world: Any, tmp_path: Path, drawing: Any) -> str:
    """The key of the project as a zip."""
    folder = write_project(tmp_path / "project", *drawing)
    with ZipFile(tmp_path / "project.zip", "w") as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, path.relative_to(folder))
    key = f"projects/{world.project}/uploads/zip"
    world.store.put_file(key, tmp_path / "project.zip")
    return key


def count(world: Any, table: Any) -> int:
    with world.sessions() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


def order(world: Any, key: str, dry_run: bool = False, **options: Any) -> Any:
    return world.order("import", {"upload_key": key, "dry_run": dry_run, "options": options}, priority=0)


@pytest.mark.usefixtures("worker")
def test_a_dry_run_reports_and_changes_nothing(world: Any, uploaded: str) -> None:
    job = world.done(order(world, uploaded, dry_run=True))

    report = job.result["report"]
    assert (report["format"], report["frames"], report["points"]) == ("lightning-pose", 3, 5)
    assert [count(world, table) for table in (Frame, Video, LabelSet)] == [0, 0, 0]
    assert count(world, Keypoint) == 2
    assert list(world.store.list_prefix(f"projects/{world.project}/frames")) == []


@pytest.mark.usefixtures("worker")
def test_a_zip_brings_keypoints_videos_frames_and_labels_once(world: Any, uploaded: str, drawing: Any) -> None:
    job = world.done(order(world, uploaded, create_skeleton=True))
    again = world.done(order(world, uploaded, create_skeleton=True))

    assert job.result["imported"] == {
        "keypoints": 1, "videos": 1, "frames": 3, "points": 5, "already_there": 0, "without_image": 0,
        "out_of_domain": 0,
    }  # fmt: skip
    assert again.result["imported"]["already_there"] == 3
    assert [count(world, table) for table in (Frame, LabelSet, LabelEvent, Keypoint)] == [3, 3, 3, 3]
    with world.sessions() as session:
        names = {row.id: row.name for row in session.scalars(select(Keypoint))}
        frames = session.scalars(select(Frame).order_by(Frame.frame_index)).all()
        labels = session.scalars(select(LabelSet).where(LabelSet.frame_id == frames[0].id)).one()
        reading = session.scalar(select(Job.id).where(Job.kind == "ingest"))
        assert [r.name for r in session.scalars(select(Recording))] == ["day 1", "mouse1"]
    assert [frame.frame_index for frame in frames] == list(LABELLED)
    assert {(frame.state, frame.origin, frame.width) for frame in frames} == {("submitted", "import", 96)}
    _, dot_at, _ = drawing
    x, y = dot_at(3)
    points = {names[key_id(key)]: (point["x"], point["y"]) for key, point in labels.points.items()}
    assert points == {"nose": (x, y), "ear": (x - 20, y)}
    world.done(reading)
    assert world.get(Video, frames[0].video_id).state == "ready"


@pytest.mark.usefixtures("worker")
def test_labels_out_of_domain_come_in_recordings_that_no_training_learns_from(
    world: Any, tmp_path: Path, drawing: Any
) -> None:
    folder = write_project(tmp_path / "project", *drawing)
    path = Path("labeled-data", "mouse2", "img7.png")
    (folder / path).parent.mkdir()
    Image.fromarray(255 - drawing[0](7)).save(folder / path)
    header = (folder / "CollectedData.csv").read_text().splitlines()[:3]
    (folder / "CollectedData_new.csv").write_text("\n".join([*header, f"{path.as_posix()},5,6,7,8", ""]))
    with ZipFile(tmp_path / "project.zip", "w") as packed:
        for file in sorted(folder.rglob("*")):
            packed.write(file, file.relative_to(folder))
    key = f"projects/{world.project}/uploads/new"
    world.store.put_file(key, tmp_path / "project.zip")

    job = world.done(order(world, key, create_skeleton=True))

    assert (job.result["report"]["frames"], job.result["report"]["out_of_domain"]) == (4, 1)
    assert (job.result["imported"]["frames"], job.result["imported"]["out_of_domain"]) == (4, 1)
    with world.sessions() as session:
        fields = {row.name: row.fields for row in session.scalars(select(Recording))}
        snapshot = take_snapshot(session, world.project)
        keys = dict(zip((ref.path for ref in snapshot.labels.images), snapshot.keys, strict=True))
        facts = facts_of_images(session, world.project, keys)
    assert (fields["mouse1"], fields["mouse2"]) == ({}, {"domain": "OOD"})
    assert len(snapshot.labels.images) == 4
    learnt = in_domain(snapshot.labels, facts)
    assert [ref.recording for ref in learnt.images] == ["mouse1"] * 3
    assert learnt.points.shape[0] == 3


def key_id(key: str) -> Any:
    from uuid import UUID

    return UUID(key.partition("/")[2])


@pytest.mark.usefixtures("worker")
def test_keypoints_that_may_not_be_added_are_refused_before_anything_is_stored(world: Any, uploaded: str) -> None:
    job = world.wait(order(world, uploaded, create_skeleton=False))

    assert (job.state, job.error_code) == ("failed", "import.unknown_keypoints")
    assert "ear" in job.error_detail
    assert count(world, Frame) == 0
    assert list(world.store.list_prefix(f"projects/{world.project}/frames")) == []


def test_a_folder_under_a_root_is_imported_and_its_videos_stay_there(
    world: Any, start_worker: Any, quick: Any, tmp_path: Path, drawing: Any
) -> None:
    write_project(tmp_path / "lab" / "p1", *drawing)
    start_worker("rooted", quick.model_copy(update={"roots": (tmp_path / "lab",)}))

    spec = {"root": "lab", "relative_path": "p1", "dry_run": False, "options": {}}
    world.done(world.order("import", spec, priority=0))

    with world.sessions() as session:
        video = session.scalars(select(Video)).one()
        reading = session.scalar(select(Job.id).where(Job.kind == "ingest"))
    assert (video.root, video.relative_path, video.blob_key) == ("lab", "p1/videos/mouse1.mp4", None)
    world.done(reading)
    assert world.get(Video, video.id).state == "ready"


@pytest.mark.usefixtures("worker")
def test_a_zip_that_is_none_fails_with_a_sentence(world: Any) -> None:
    key = f"projects/{world.project}/uploads/bad"
    world.store.put_bytes(key, b"not a zip at all")

    job = world.wait(order(world, key))

    assert job.state == "failed"
    assert job.error_code.startswith("archive.")
