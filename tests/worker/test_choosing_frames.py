"""Frames looked at before they are added."""

from typing import Any

import pytest
from sqlalchemy import func, select

from tailbase_core.tables import Frame

pytestmark = pytest.mark.usefixtures("worker")


def test_a_preview_shows_frames_and_spares_and_adds_none_until_they_are_named(world: Any) -> None:
    video_id = str(world.ready_video())
    spec = {"video_id": video_id, "method": "kmeans", "count": 4, "preview": True}
    spec |= {"seed": 0, "ranges": [[0, 10], [20, 40]]}

    job = world.done(world.order("frames", spec))

    named = job.result["indices"] + job.result["spares"]
    assert len(job.result["indices"]) == 4
    assert all(0 <= index < 10 or 20 <= index < 40 for index in named)
    thumbnails = {artifact["name"] for artifact in job.artifacts if artifact["content_type"] == "image/jpeg"}
    assert thumbnails == {f"{index}.jpg" for index in named}
    assert all(world.store.size(artifact["key"]) == artifact["size_bytes"] for artifact in job.artifacts)
    assert {a["name"] for a in job.artifacts} - thumbnails == set(job.result["looks"]["components"])
    with world.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Frame)) == 0
    kept = {"video_id": video_id, "method": "manual", "count": 2, "indices": named[:2], "seed": 0, "origin": "kmeans"}
    added = world.done(world.order("frames", kept))
    assert world.get(Frame, added.result["frame_ids"][0]).origin == "kmeans"
