"""Errors and measures on the wire. Errors are Euclidean distances; `rmse_px` is the true root mean square of them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from tailbase_api.jobs.schemas import JobOut
from tailbase_api.schemas import Body, Reply

Part = Literal["train", "validation", "test", "unseen"]
Domain = Literal["InD", "OOD"]
MOST_MODELS = 20


class ErrorFigures(Reply):
    """Percentages are of the animal's body length."""

    mean_px: float | None
    median_px: float | None
    p90_px: float | None
    rmse_px: float | None
    mean_percent: float | None
    median_percent: float | None
    points: int
    images: int


class KeypointFigures(ErrorFigures):
    """`quantiles` are the 5th, 25th, 50th, 75th and 95th percentile; `highest` the greatest errors."""

    quantiles_px: list[float] | None
    quantiles_percent: list[float] | None
    highest_px: list[float]
    highest_percent: list[float]


class ReliabilityBin(Reply):
    """Points of one range of likelihoods; `share` of them lie within each of the distances."""

    low: float
    high: float
    likelihood: float
    points: int
    share: list[float]


class Reliability(Reply):
    """`within` are the distances that count as close, in percent of the body length."""

    within: list[float]
    bins: list[ReliabilityBin]


class ErrorSet(Reply):
    figures: ErrorFigures
    keypoints: dict[str, KeypointFigures]
    domains: dict[Domain, ErrorFigures]
    fields: dict[str, dict[str, ErrorFigures]]
    reliability: Reliability


class WorstImage(Reply):
    """`id` is the frame's, where the image is one of the project."""

    path: str
    id: UUID | None
    video: str | None
    frame_index: int | None
    recording: str | None
    view: str | None
    part: Part
    domain: Domain
    keypoint: str
    error_px: float
    error_percent: float | None
    likelihood: float
    mean_px: float


class EvaluationOut(Reply):
    """`sets` are test (images the training did not know), validation, train and all, those that have images.

    `labels` says whether these are the labels of the model's snapshot (`all`) or of the project at that time
    (`current`). `errors_url` is a Parquet file with one row a labelled point.
    """

    labels: Literal["all", "current"]
    created_at: datetime
    images: int
    points: int
    keypoints: list[str]
    body_length_px: dict[str, float]
    sets: dict[Literal["test", "validation", "train", "all"], ErrorSet]
    worst: list[WorstImage]
    errors_url: str


class EvaluationReply(Reply):
    """`evaluation` is null for a model that was not measured; `job` is the latest that measures it."""

    evaluation: EvaluationOut | None
    job: JobOut | None


class PointError(Reply):
    """One labelled point, in pixels of the original image."""

    path: str
    id: UUID | None
    video: str | None
    frame_index: int | None
    recording: str | None
    view: str | None
    part: Part
    domain: Domain
    keypoint: str
    x: float
    y: float
    likelihood: float
    labelled_x: float
    labelled_y: float
    error_px: float
    error_percent: float | None


class MeasureFigures(Reply):
    """Over the frames' means; `keypoints` holds each one's mean."""

    mean_px: float | None
    median_px: float | None
    p90_px: float | None
    p99_px: float | None
    keypoints: dict[str, float | None]


class Trace(Reply):
    """Stretches of frames: the first frame of each, the mean in it, and the greatest value of a point in it."""

    frame: list[int]
    mean_px: list[float | None]
    highest_px: list[float | None]


class WorstFrame(Reply):
    frame: int
    error_px: float
    keypoint: str


class Measure(MeasureFigures):
    trace: Trace
    worst: list[WorstFrame]


class TrackFigures(Reply):
    """`missing` says for each measure that could not be made why."""

    prediction_id: UUID
    video_id: UUID
    video_name: str
    frame_count: int | None
    measures: dict[str, MeasureFigures]
    missing: dict[str, str]


class TrackOut(Reply):
    """Measures that need no labels of the video: temporal_norm, pose_pca, multiview_pca, all in pixels.

    `parquet_url` is a file with one row a frame and one column for each point and measure.
    """

    frame_count: int
    measures: dict[str, Measure]
    missing: dict[str, str]
    parquet_url: str


class TrackReply(Reply):
    """Null for a prediction that was made without measures."""

    track: TrackOut | None


class CompareIn(Body):
    """Models that were measured on the same labels."""

    model_ids: Annotated[list[UUID], Field(min_length=2, max_length=MOST_MODELS)]


class Interval(Reply):
    """A mean with its 95% interval (Student's t) over trainings."""

    mean: float | None
    low: float | None
    high: float | None
    values: list[float]


class SpreadStep(Reply):
    """Points of at least (or at most) that spread, and each model's mean error on them."""

    spread_px: float
    points: int
    mean_px: dict[str, float]
    share: float | None = None


class Spread(Reply):
    """Errors against the standard deviation of the models' points.

    Keys of `mean_px` are ids of models, and `median of all`. `hardest` drops the points the models agree on, `kept` the
    ones they disagree on. `scatter` holds spread and mean error of some points.
    """

    points: int
    correlation: float | None
    mean_px: dict[str, float]
    hardest: list[SpreadStep]
    kept: list[SpreadStep]
    scatter: list[list[float]]


class Trainings(Reply):
    """The models as trainings of one kind on several splits.

    Of any worth where there are `enough`, whole recordings were kept back (`grouped`) and no two trainings tested the
    same images (`distinct`).
    """

    trainings: list[str]
    enough: bool
    grouped: bool
    distinct: bool
    mean_px: Interval
    keypoints: dict[str, Interval]
    per_domain: dict[Domain, Interval]


class ComparisonOut(Reply):
    """Either part is null while the job runs, or where `missing` says why these models have none."""

    job: JobOut
    model_ids: list[UUID]
    spread: Spread | None
    trainings: Trainings | None
    missing: dict[str, str]
