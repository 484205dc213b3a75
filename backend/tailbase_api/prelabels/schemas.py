"""Pre-labels on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from tailbase_api.labels.schemas import Effort
from tailbase_api.schemas import Body, Reply
from tailbase_core.prelabel_settings import PrelabelSettings


class RoundOut(Reply):
    """`labels` frames were finished when it began; `error_px` is its mean error in `held_out` frames no round sees."""

    number: int
    model_id: UUID
    job_id: UUID | None
    state: Literal["training", "predicting", "ready", "failed"]
    labels: int
    held_out: int
    error_px: float | None
    created_at: datetime
    ready_at: datetime | None


class ForecastOut(Reply):
    """What `more` labels should buy: from `now_px` to `then_px`; nine times in ten between `low_px` and `high_px`."""

    more: int
    now_px: float
    then_px: float
    low_px: float
    high_px: float


class AssistanceOut(Reply):
    """Distances between people's points and the network's, with its points in sight (`assisted`) and without (`blind`).

    `pull_px` is the difference with its 90% interval, null where one kind has fewer than `fewest_frames` frames.
    `human_px` is what two people differ by, null until two have labelled the same frame. `warning` says that the pull
    is surely larger.
    """

    assisted_frames: int
    blind_frames: int
    fewest_frames: int
    assisted_px: float | None
    blind_px: float | None
    pull_px: float | None
    low_px: float | None
    high_px: float | None
    human_px: float | None
    warning: bool


class PrelabelsOut(Reply):
    """`labels` frames are finished; the next round comes at `next_at`, null while pre-labels are off.

    `forecast` is null until `rounds_needed` more rounds have been measured.
    """

    settings: PrelabelSettings
    labels: int
    next_at: int | None
    rounds: list[RoundOut]
    forecast: ForecastOut | None
    rounds_needed: int
    assistance: AssistanceOut


class AcceptIn(Body):
    """Take over the points that nobody has said anything about and whose likelihood is at least `at_least`."""

    at_least: float = Field(default=0, ge=0, le=1, allow_inf_nan=False)
    frame_state: Literal["draft", "submitted", "accepted"] | None = None
    effort: Effort | None = None
