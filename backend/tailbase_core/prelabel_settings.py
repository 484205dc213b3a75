"""A project's wishes about pre-labels, as its settings keep them."""

from typing import Any, Self

from pydantic import BaseModel, Field

KEY = "prelabels"


class PrelabelSettings(BaseModel, extra="forbid", frozen=True):
    """The first network is trained `after` so many finished frames; `blind_share` of frames never show its points."""

    on: bool = True
    after: int = Field(default=10, ge=5, le=10_000)
    blind_share: float = Field(default=0.05, ge=0, le=0.5, allow_inf_nan=False)

    @classmethod
    def of(cls, project_settings: dict[str, Any] | None) -> Self:
        return cls.model_validate((project_settings or {}).get(KEY, {}))
