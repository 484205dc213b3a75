"""SQL of models and of the labels they learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import Float, Integer, Row, Select, Text, cast, column, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from tailbase.schema import Keypoint as SkeletonKeypoint
from tailbase.schema import Skeleton
from tailbase_core.errors import NotFound
from tailbase_core.tables import (
    Edge,
    Frame,
    JobEvent,
    Keypoint,
    LabelSet,
    Model,
    Prediction,
    Recording,
    Video,
    View,
    Worker,
)

Counted = TypeVarTuple("Counted")


def models(project_id: UUID) -> Select[Model]:
    return select(Model).where(Model.project_id == project_id, Model.deleted_at.is_(None))


def model(session: Session, project_id: UUID, model_id: UUID) -> Model:
    found = session.scalar(models(project_id).where(Model.id == model_id))
    if found is None:
        raise NotFound("model")
    return found


def video(session: Session, project_id: UUID, video_id: UUID) -> Video:
    stmt = select(Video).where(Video.id == video_id, Video.project_id == project_id, Video.deleted_at.is_(None))
    found = session.scalar(stmt)
    if found is None:
        raise NotFound("video")
    return found


def count(session: Session, project_id: UUID) -> int:
    """All that ever were, so that a number in a name is not given twice."""
    return session.scalar(select(func.count()).select_from(Model).where(Model.project_id == project_id)) or 0


@dataclass(frozen=True)
class Labelled:
    """Frames with a placed point of a keypoint in use, those points, their animals, and the longest side seen."""

    frames: int
    points: int
    individuals: int
    longest_side: int | None


def labelled(session: Session, project_id: UUID) -> Labelled:
    point = _point()
    columns = (
        func.count(Frame.id.distinct()),
        func.count(),
        func.count(_animal(point).distinct()),
        func.max(cast(func.greatest(*_sides()), Integer)),
    )
    return Labelled(*session.execute(_placed(select(*columns), point, project_id)).one())


def seen(session: Session, project_id: UUID) -> tuple[float | None, float | None]:
    """Medians over labelled animals: width over height of what networks see of their image, and the animal's share.

    The share is the longest side of the box around an animal's points over the longest side of what is seen. Both are
    null where no animal has two points.
    """
    point = _point()
    width, height = _sides()
    x, y = (cast(point.c.value[axis].astext, Float) for axis in "xy")
    extent = func.greatest(func.max(x) - func.min(x), func.max(y) - func.min(y))
    shapes = ((width / height).label("aspect"), (extent / func.greatest(width, height)).label("share"))
    animals = (
        _placed(select(*shapes), point, project_id)
        .group_by(Frame.id, Video.id, _animal(point))
        .having(func.count() > 1)
        .subquery()
    )
    aspect, share = (func.percentile_cont(0.5).within_group(column) for column in (animals.c.aspect, animals.c.share))
    found = session.execute(select(aspect, share)).one()
    return found[0], found[1]


def _sides() -> tuple[Any, Any]:
    """Width and height of what networks see of a frame."""
    sizes = {"width": Frame.width, "height": Frame.height}
    width, height = (func.coalesce(cast(Video.crop[name].astext, Float), size) for name, size in sizes.items())
    return width, height


def _point() -> Any:
    return func.jsonb_each(LabelSet.points).table_valued(column("key"), column("value", JSONB)).lateral("point")


def _animal(point: Any) -> Any:
    return func.split_part(point.c.key, "/", 1)


def _placed(columns: Select[*Counted], point: Any, project_id: UUID) -> Select[*Counted]:
    """Of the points in frames that are there, placed, and of keypoints in use; but for recordings out of domain."""
    domain = func.upper(func.coalesce(Recording.fields["domain"].astext, ""))
    in_use = select(cast(Keypoint.id, Text)).where(Keypoint.project_id == project_id, Keypoint.retired_at.is_(None))
    return (
        columns.join_from(Frame, LabelSet, LabelSet.frame_id == Frame.id)
        .outerjoin(Recording, Recording.id == Frame.recording_id)
        .outerjoin(Video, Video.id == Frame.video_id)
        .join(point, point.c.value["x"].astext.is_not(None))
        .where(
            LabelSet.project_id == project_id,
            LabelSet.rater_id.is_(None),
            Frame.deleted_at.is_(None),
            domain != "OOD",
            func.split_part(point.c.key, "/", 2).in_(in_use),
        )
    )


def device(session: Session) -> str:
    """`cuda` where a worker with a GPU lives, else `cpu`."""
    lives = Worker.seen_at > func.now() - timedelta(seconds=60)
    with_gpu = select(Worker.name).where(lives, Worker.device.not_ilike("cpu%")).limit(1)
    return "cpu" if session.scalar(with_gpu) is None else "cuda"


def footage(session: Session, project_id: UUID, seed: int, limit: int) -> Sequence[Row[UUID, str]]:
    """Ids and names of videos that are ready; where there are more than `limit`, the seed draws that many."""
    ready = select(Video.id, Video.name).where(
        Video.project_id == project_id, Video.state == "ready", Video.deleted_at.is_(None)
    )
    drawn = func.md5(func.concat(cast(Video.id, Text), str(seed)))
    return session.execute(ready.order_by(drawn, Video.id).limit(limit)).all()


def keypoint_count(session: Session, project_id: UUID) -> int:
    stmt = select(func.count()).where(Keypoint.project_id == project_id, Keypoint.retired_at.is_(None))
    return session.scalar(stmt) or 0


def skeleton(session: Session, project_id: UUID) -> Skeleton:
    """The keypoints in use; the caller has made sure that there are some."""
    stmt = select(Keypoint).where(Keypoint.project_id == project_id, Keypoint.retired_at.is_(None))
    keypoints = {k.id: k for k in session.scalars(stmt.order_by(Keypoint.position, Keypoint.id))}
    views = {
        v.id: v.name for v in session.scalars(select(View).where(View.project_id == project_id).order_by(View.position))
    }
    edges = session.scalars(select(Edge).where(Edge.project_id == project_id).order_by(Edge.start_id, Edge.end_id))
    return Skeleton(
        keypoints=tuple(
            SkeletonKeypoint(
                name=k.name,
                color=k.color,
                part=k.part,
                partner=keypoints[k.partner_id].name if k.partner_id in keypoints else None,
                view=None if k.view_id is None else views.get(k.view_id),
            )
            for k in keypoints.values()
        ),
        edges=tuple(
            (keypoints[e.start_id].name, keypoints[e.end_id].name)
            for e in edges
            if e.start_id in keypoints and e.end_id in keypoints
        ),
        views=tuple(views.values()),
    )


def to_trash(session: Session, project_id: UUID, model_id: UUID) -> int:
    """Model and predictions go together: emptying the trash would take them together. Gives their bytes."""
    trashed = update(Prediction).where(
        Prediction.project_id == project_id, Prediction.model_id == model_id, Prediction.deleted_at.is_(None)
    )
    sizes = session.scalars(trashed.values(deleted_at=func.now()).returning(Prediction.size_bytes)).all()
    own = update(Model).where(Model.project_id == project_id, Model.id == model_id, Model.deleted_at.is_(None))
    return sum(sizes) + (session.scalar(own.values(deleted_at=func.now()).returning(Model.size_bytes)) or 0)


def curve(session: Session, job_id: UUID, after: int, limit: int) -> Sequence[Row[int, dict[str, Any]]]:
    """The metric events of a training, in the order they were told."""
    stmt = select(JobEvent.id, JobEvent.data).where(
        JobEvent.job_id == job_id, JobEvent.kind == "metric", JobEvent.id > after
    )
    return session.execute(stmt.order_by(JobEvent.id).limit(limit)).all()
