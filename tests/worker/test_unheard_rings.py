"""Rings are heard by one worker each, or by none."""

from collections.abc import Callable
from typing import Any

from tailbase_core.database import make_sessions
from tailbase_core.jobs.queue import GIVE_WAY_SECONDS
from tailbase_core.settings import JobLimits, Settings
from tailbase_core.tables import Worker


def test_a_free_worker_finds_a_job_it_was_not_rung_for_before_a_busy_one_would_give_way(
    world: Any, quick: Settings, engine: Any, start_worker: Callable[..., Any], eventually: Callable[..., bool]
) -> None:
    start_worker("free", quick.model_copy(update={"jobs": JobLimits(ring_again_seconds=60)}))
    # Sessions that do not know of Redis ring nobody.
    world.sessions = make_sessions(engine)

    def waits() -> bool:
        with world.sessions() as session:
            return session.get(Worker, "free") is not None

    assert eventually(waits, 60)
    world.wait(world.order("export", {"what": "predictions", "format": "csv"}), "running", "failed", seconds=30)

    job = world.wait(world.order("export", {"what": "predictions", "format": "csv"}), "failed", seconds=30)
    assert (job.started_at - job.created_at).total_seconds() < GIVE_WAY_SECONDS
