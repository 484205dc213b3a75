"""Whether an engine finds the same points as PyTorch in float32."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from tailbase.inference.engine import Found

MEDIAN_PX = 0.05
P99_PX = 0.5
"""How far an engine may move likely points, in pixels of the network's input."""

LIKELY = 0.5


@dataclass(frozen=True)
class Agreement:
    """How far likely points lie from where they should, in pixels of the network's input."""

    median_px: float
    p99_px: float
    points: int

    @property
    def close(self) -> bool:
        """True also where no point is likely: nothing that matters has moved."""
        return self.median_px <= MEDIAN_PX and self.p99_px <= P99_PX


def compare(exact: Sequence[Found], other: Sequence[Found]) -> Agreement:
    """Over the points that float32 finds likely, batch by batch."""
    moved = torch.cat(
        [
            (points - found[0]).norm(dim=-1)[likelihood > LIKELY]
            for (points, likelihood), found in zip(exact, other, strict=True)
        ]
    )
    if not len(moved):
        return Agreement(0.0, 0.0, 0)
    # A point that is no number has moved as far as can be.
    moved = moved.double().nan_to_num(nan=float("inf"))
    return Agreement(float(moved.quantile(0.5)), float(moved.quantile(0.99, interpolation="higher")), len(moved))
