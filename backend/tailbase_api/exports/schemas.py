"""Exports on the wire."""

from typing import Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from tailbase_api.schemas import Body


class ExportIn(Body):
    """Labels, or predictions: those named, or all that are ready."""

    what: Literal["labels", "predictions"]
    format: Literal["lightning-pose", "deeplabcut", "parquet", "csv"]
    prediction_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=1000)

    @model_validator(mode="after")
    def _ids_are_of_predictions(self) -> Self:
        if self.what == "labels" and self.prediction_ids is not None:
            raise ValueError("prediction_ids belong to an export of predictions")
        return self
