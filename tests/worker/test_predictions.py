"""Several models' predictions of one video."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from tailbase_core.tables import Job, Model, Prediction


def _twin(world: Any, model_id: UUID) -> UUID:
    """Another model with the same weights."""
    with world.sessions.begin() as session:
        first = session.get_one(Model, model_id)
        twin = Model(
            project_id=world.project, name="twin", state="ready", spec=first.spec, skeleton=first.skeleton,
            artifact_key=first.artifact_key, sha256=first.sha256, snapshot_key=first.snapshot_key,
        )  # fmt: skip
        session.add(twin)
        session.flush()
        return twin.id


def _ask(world: Any, models: list[UUID], video_id: UUID) -> tuple[list[UUID], UUID]:
    with world.sessions.begin() as session:
        rows = [Prediction(project_id=world.project, model_id=m, video_id=video_id, state="queued") for m in models]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
    return ids, world.order("predict", {"prediction_ids": [str(one) for one in ids]})


def test_several_models_predict_a_video_in_one_job_of_parts_that_read_it_once(
    world: Any, quick: Any, start_worker: Any
) -> None:
    start_worker("parts", quick.model_copy(update={"jobs": quick.jobs.model_copy(update={"segment_frames": 18})}))
    video_id = world.labelled_video(6)
    model_id, training = world.train(epochs=1)
    world.done(training)

    ids, job = _ask(world, [model_id, _twin(world, model_id)], video_id)
    done = world.done(job)

    assert set(done.result["prediction_ids"]) == set(map(str, ids))
    with world.sessions() as session:
        children = session.scalars(select(Job).where(Job.parent_id == job)).all()
        rows = session.scalars(select(Prediction).where(Prediction.id.in_(ids))).all()
        names = set(session.scalars(select(Model.name)).all())
    assert sorted(child.result["frame_count"] for child in children) == [4, 18, 18]
    assert len({child.spec["engine"] for child in children}) == 1
    assert {(row.state, row.frame_count) for row in rows} == {("ready", 40)}
    assert {row.provenance["model"] for row in rows} == names
    one, other = (b"".join(world.store.open_range(row.block_key, 0, world.store.size(row.block_key))) for row in rows)
    assert rows[0].block_key != rows[1].block_key
    assert len(one) == 40 * 2 * 3 * 4
    assert one == other
