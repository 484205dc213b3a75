"""The snapshot of a project's labels."""

from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy.orm import Session, sessionmaker

from tailbase.schema import ImageRef, Labels, PointState, Skeleton
from tailbase.schema import Keypoint as SkeletonKeypoint
from tailbase_core.tables import Edge, Frame, Individual, Keypoint, LabelSet, Project, Recording, Video
from tailbase_worker.child import ChildFailed
from tailbase_worker.labels import kept_together, take_snapshot

Sessions = sessionmaker[Session]


class Lab:
    """A project to fill."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.project = self.add(Project(name="p"))

    def add(self, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        return row

    def keypoint(self, name: str, position: int = 0, **values: Any) -> UUID:
        row = Keypoint(project_id=self.project.id, name=name, color="#ff0000", position=position, **values)
        return UUID(str(self.add(row).id))

    def animal(self, name: str, position: int = 0) -> UUID:
        return UUID(str(self.add(Individual(project_id=self.project.id, name=name, position=position)).id))

    def recording(self, name: str) -> UUID:
        return UUID(str(self.add(Recording(project_id=self.project.id, name=name)).id))

    def video(self, name: str, recording: UUID, **values: Any) -> UUID:
        row = Video(project_id=self.project.id, recording_id=recording, name=name, state="ready", **values)
        return UUID(str(self.add(row).id))

    def frame(self, points: dict[str, Any], **values: Any) -> UUID:
        values = {"state": "draft", "origin": "manual", "image_key": f"k/{uuid4()}.png"} | values
        frame = self.add(Frame(project_id=self.project.id, **values))
        self.add(LabelSet(project_id=self.project.id, frame_id=frame.id, points=points, version=1))
        return UUID(str(frame.id))


@pytest.fixture
def lab(sessions: Sessions) -> Any:
    with sessions.begin() as session:
        yield Lab(session)


def point(x: float | None = None, y: float | None = None, state: str = "visible") -> dict[str, Any]:
    return {"x": x, "y": y, "state": state}


def test_points_stand_at_their_animal_and_keypoint(lab: Lab) -> None:
    tail, nose = lab.keypoint("tail", 1), lab.keypoint("nose", 0)
    two, one = lab.animal("two", 1), lab.animal("one", 0)
    lab.frame(
        {
            f"{one}/{nose}": point(1, 2),
            f"{two}/{tail}": point(3, 4, "occluded"),
            f"{two}/{nose}": point(state="absent"),
        },
        source_path="labeled-data/a/img1.png",
    )

    labels = take_snapshot(lab.session, lab.project.id).labels

    assert (labels.skeleton.names, labels.individuals) == (("nose", "tail"), ("one", "two"))
    assert labels.states[0].tolist() == [
        [PointState.VISIBLE, PointState.UNLABELED],
        [PointState.ABSENT, PointState.OCCLUDED],
    ]
    assert np.nan_to_num(labels.points[0], nan=-1).tolist() == [[[1, 2], [-1, -1]], [[-1, -1], [3, 4]]]


def test_animals_without_a_point_are_left_out(lab: Lab) -> None:
    nose, one = lab.keypoint("nose"), lab.animal("one")
    lab.animal("never seen", 1)
    lab.frame({f"{one}/{nose}": point(1, 2)}, source_path="a.png")

    assert take_snapshot(lab.session, lab.project.id).labels.individuals == ("one",)


def test_retired_keypoints_and_deleted_or_empty_frames_are_left_out(lab: Lab) -> None:
    from sqlalchemy import func

    nose, one = lab.keypoint("nose"), lab.animal("one")
    old = lab.keypoint("old", 1, retired_at=func.now())
    lab.add(Edge(project_id=lab.project.id, start_id=nose, end_id=old))
    lab.frame({f"{one}/{nose}": point(1, 2), f"{one}/{old}": point(3, 4)}, source_path="kept.png")
    lab.frame({f"{one}/{nose}": point(1, 2)}, source_path="deleted.png", deleted_at=func.now())
    lab.frame({}, source_path="empty.png")

    labels = take_snapshot(lab.session, lab.project.id).labels

    assert (labels.skeleton.names, labels.skeleton.edges) == (("nose",), ())
    assert [ref.path for ref in labels.images] == ["labeled-data/kept.png"]


def test_every_image_has_a_safe_path_of_its_own(lab: Lab) -> None:
    nose, one = lab.keypoint("nose"), lab.animal("one")
    points = {f"{one}/{nose}": point(1, 2)}
    first, second = lab.recording("r"), lab.recording("r")
    videos = [lab.video("../../run é.mp4", first), lab.video("../../run é.mp4", second)]
    for video, recording in zip(videos, (first, second), strict=True):
        lab.frame(points, video_id=video, recording_id=recording, frame_index=12)
    lab.frame(points, source_path="../../../etc/passwd")

    snapshot = take_snapshot(lab.session, lab.project.id)

    paths = [ref.path for ref in snapshot.labels.images]
    assert len(set(paths)) == 3
    assert all(path.startswith("labeled-data/") and ".." not in path for path in paths)
    assert paths[0] == "labeled-data/run_/img00000012.png"
    assert snapshot.labels.images[0].frame_index == 12
    recordings = {ref.recording for ref in snapshot.labels.images[:2]}
    assert len(recordings) == 2
    assert all(name is not None and name.startswith("r ") for name in recordings)


def test_images_of_a_cropped_video_have_its_crop_unless_they_are_parts_of_its_picture_already(lab: Lab) -> None:
    nose, one = lab.keypoint("nose"), lab.animal("one")
    crop = {"x": 10, "y": 20, "width": 100, "height": 50}
    video = lab.video("a.mp4", lab.recording("r"), crop=crop, width=640, height=480)
    for index, (width, height) in enumerate([(640, 480), (100, 50)]):
        points = {f"{one}/{nose}": point(1, 2)}
        lab.frame(points, video_id=video, frame_index=index, width=width, height=height)
    lab.frame({f"{one}/{nose}": point(1, 2)}, source_path="still.png")

    images = take_snapshot(lab.session, lab.project.id).labels.images

    assert [None if ref.crop is None else ref.crop.model_dump() for ref in images] == [crop, None, None]


def test_a_project_without_keypoints_says_what_to_do(lab: Lab) -> None:
    with pytest.raises(ChildFailed) as failed:
        take_snapshot(lab.session, lab.project.id)
    assert failed.value.code == "skeleton.empty"


def test_recordings_of_the_same_rig_are_kept_together_where_a_split_asks_for_it() -> None:
    skeleton = Skeleton(keypoints=(SkeletonKeypoint(name="nose"),))
    images = tuple(ImageRef(path=f"{name}.png", recording=name) for name in ("monday", "tuesday", "unknown"))
    labels = Labels(skeleton, ("animal",), images, np.zeros((3, 1, 1, 2)), np.ones((3, 1, 1), np.int8))
    facts = {f"{name}.png": {"fields": {"rig": "left"}} for name in ("monday", "tuesday")}
    together = kept_together(labels, facts, "rig")
    assert [ref.recording for ref in together.images] == ["rig left", "rig left", "unknown"]
