"""A round of pre-labels, from the labels to the order of the frames that wait."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tailbase.schema import AugmentSpec, TrainSpec
from tailbase_core import jobs
from tailbase_core.shares import HELD_OUT_SHARE, in_share
from tailbase_core.tables import Frame, Job, LabelSet, Model, Prelabel, PrelabelRound

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("worker")]

SPEC = TrainSpec(
    backbone="compact", weights="none", image_height=64, image_width=64, batch_size=4, head_width=8, epochs=2,
    validate_every=1, augment=AugmentSpec(rotation_degrees=0, scale=0),
)  # fmt: skip


def begin_round(world: Any, number: int, parent: UUID | None = None) -> UUID:
    """As the API does when enough frames are finished; gives the job of the training."""
    with world.sessions.begin() as session:
        spec = SPEC.model_dump(mode="json")
        model = Model(project_id=world.project, name=f"round {number}", state="queued", spec=spec, parent_id=parent)
        session.add(model)
        session.flush()
        session.add(PrelabelRound(project_id=world.project, number=number, model_id=model.id, labels=10))
        job = jobs.enqueue(
            session,
            project_id=world.project,
            user_id=None,
            kind="train",
            spec={"model_id": str(model.id), "round": number},
            priority=0,
        )
        model.job_id = job.id
    return job.id


def looked(world: Any, training: UUID) -> UUID:
    """Waits for the training and the predictions that follow it; gives the model."""
    trained = world.done(training)
    with world.sessions() as session:
        following = select(Job.id).where(Job.kind == "prelabel", Job.created_at > trained.created_at)
        job = session.scalar(following.order_by(Job.created_at.desc()))
    world.done(job)
    return UUID(trained.result["model_id"])


def finish_all_but(world: Any, count: int) -> list[UUID]:
    """Frames that still wait; the labels of the others are finished."""
    with world.sessions.begin() as session:
        frames = list(session.scalars(select(Frame.id).order_by(Frame.frame_index)))
        waiting, finished = frames[:count], frames[count:]
        session.execute(update(Frame).where(Frame.id.in_(finished)).values(state="submitted"))
        for row in session.scalars(select(LabelSet).where(LabelSet.frame_id.in_(waiting))):
            session.delete(row)
    return waiting


def test_a_round_learns_looks_at_every_waiting_frame_and_ranks_them(world: Any) -> None:
    world.labelled_video(20)
    waiting = finish_all_but(world, 6)

    model_id = looked(world, begin_round(world, 1))

    with world.sessions() as session:
        rows = {row.frame_id: row for row in session.scalars(select(Prelabel).where(Prelabel.model_id == model_id))}
        frames = {frame.id: frame for frame in session.scalars(select(Frame))}
        ended = session.get_one(PrelabelRound, (world.project, 1))
    assert set(rows) == set(waiting)
    points = rows[waiting[0]].points
    assert set(points) == {f"{world.animal}/{keypoint}" for keypoint in world.keypoints}
    assert all(0 <= point["likelihood"] <= 1 for point in points.values())
    assert sorted(row.benefit for row in rows.values()) == pytest.approx([n / 6 for n in range(1, 7)])
    assert all(frames[frame_id].score == row.benefit for frame_id, row in rows.items())
    assert any(row.jump_px is not None for row in rows.values())
    held_out = sum(in_share(frame, HELD_OUT_SHARE) for frame in frames if frame not in waiting)
    assert (ended.held_out, ended.ready_at is not None) == (held_out, True)
    assert (ended.error_px is not None) == (held_out > 0)


def test_the_next_round_begins_with_the_last_ones_weights_and_new_frames_are_looked_at_too(world: Any) -> None:
    video_id = world.labelled_video(12)
    waiting = finish_all_but(world, 3)
    first = looked(world, begin_round(world, 1))

    second = looked(world, begin_round(world, 2, parent=first))
    manual = {"video_id": str(video_id), "method": "manual", "count": 1, "indices": [1], "seed": 0}
    added = UUID(world.done(world.order("frames", manual)).result["frame_ids"][0])
    with world.sessions() as session:
        look = session.scalar(select(Job.id).where(Job.kind == "prelabel").order_by(Job.created_at.desc()))
    world.done(look)

    with world.sessions() as session:
        by_model = {model: set(session.scalars(select(Prelabel.frame_id).where(Prelabel.model_id == model)))
                    for model in (first, second)}  # fmt: skip
    assert by_model == {first: set(waiting), second: {*waiting, added}}
