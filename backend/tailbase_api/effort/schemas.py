"""The cost of labelling on the wire."""

from uuid import UUID

from tailbase_api.schemas import Reply


class EffortRow(Reply):
    """One person's frames that showed one model's pre-labels; `model_id` is null for frames labelled from scratch.

    Seconds and clicks are medians a frame. `corrected_share` of the predicted points were moved, by `correction_px` on
    average; null where nothing was predicted.
    """

    user_id: UUID | None
    user: str | None
    model_id: UUID | None
    model: str | None
    frames: int
    points: int
    seconds_per_frame: float
    clicks_per_frame: float
    total_seconds: float
    corrected_share: float | None
    correction_px: float | None


class EffortOut(Reply):
    """The busiest first."""

    rows: list[EffortRow]
