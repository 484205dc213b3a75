"""A network and what it is shown: whole frames, or a box around each animal; its answers in pixels of the video."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from tailbase.framing.boxes import Box
from tailbase.framing.individuals import apart
from tailbase.inference.engine import Engine
from tailbase.inference.frames import Batch
from tailbase.inference.views import Moving, Still, View
from tailbase.networks.model_folder import Coarse, ModelFacts
from tailbase.schema import TrainSpec

Found = tuple[
    Float[NDArray[np.float32], "frame individual keypoint 2"], Float[NDArray[np.float32], "frame individual keypoint"]
]


class Framed(Protocol):
    """A network that is asked batch by batch."""

    @property
    def engine(self) -> Engine:
        """What computes it."""

    @property
    def views(self) -> tuple[View, ...]:
        """What it is shown."""

    def poses(self, batch: Batch) -> Found:
        """Of the batch's wanted frames."""


def still(spec: TrainSpec, region: Box) -> Still:
    """The view of a network that looks at a region of every frame."""
    return Still((spec.image_height, spec.image_width), spec.framing.fit, region)


@dataclass(frozen=True)
class Whole:
    """A network that looks at the same part of every frame.

    Attributes:
        individuals: whose keypoints lie side by side in its answer.
    """

    engine: Engine
    view: Still
    individuals: int

    @property
    def views(self) -> tuple[View, ...]:
        return (self.view,)

    def poses(self, batch: Batch) -> Found:
        points, likelihood = self.engine.poses(batch.window(self.view, self.engine.tracker.reach))
        points = self.view.back(points[batch.slots])
        return apart(points.cpu().numpy(), likelihood[batch.slots].cpu().numpy(), self.individuals)


@dataclass(frozen=True)
class Around:
    """A network that looks at a box around each animal.

    Attributes:
        boxes: of each individual one view, or where the network looks at neighbouring frames one for each place in its
            window, in which all frames are cut by the middle one's box.
    """

    engine: Engine
    boxes: tuple[tuple[Moving, ...], ...]

    @property
    def views(self) -> tuple[View, ...]:
        return tuple(view for places in self.boxes for view in places)

    def poses(self, batch: Batch) -> Found:
        found = [self._of_one(places, batch) for places in self.boxes]
        return np.stack([points for points, _ in found], 1), np.stack([likelihood for _, likelihood in found], 1)

    def _of_one(self, places: tuple[Moving, ...], batch: Batch) -> Found:
        if len(places) == 1:
            points, likelihood = self.engine.poses(batch.window(places[0], 0))
            points, likelihood = points[batch.slots], likelihood[batch.slots]
        else:
            answers = [self.engine.poses(window) for window in self._windows(places, batch)]
            points, likelihood = (torch.cat(parts) for parts in zip(*answers, strict=True))
        points = places[len(places) // 2].back(points, batch.first)
        return points.cpu().numpy(), likelihood.cpu().numpy()

    def _windows(self, places: tuple[Moving, ...], batch: Batch) -> list[Tensor]:
        """Of each wanted frame the frames around it, cut by its own box."""
        reach = len(places) // 2
        shown = [batch.window(view, reach) for view in places]
        slots = range(batch.slots.start, batch.slots.stop)
        return [torch.stack([shown[step][slot + step] for step in range(2 * reach + 1)]) for slot in slots]


def around(
    engine: Engine, facts: ModelFacts, coarse: Coarse, centres: Float[NDArray[np.float64], "frame individual 2"],
    first: int,
) -> Around:  # fmt: skip
    """The network with boxes at these places, of the frames from `first` on."""
    reach = engine.tracker.reach
    lags = range(-reach, reach + 1)
    boxes = [
        tuple(followed(facts, coarse, centres, which, first, lag) for lag in lags) for which in range(len(coarse.sizes))
    ]
    return Around(engine, tuple(boxes))


def followed(
    facts: ModelFacts, coarse: Coarse, centres: Float[NDArray[np.float64], "frame individual 2"], which: int,
    first: int, lag: int = 0,
) -> Moving:  # fmt: skip
    """The view of the box around one individual."""
    size, (width, height) = (facts.spec.image_height, facts.spec.image_width), coarse.sizes[which]
    return Moving(size, width, height, centres[:, which], first, lag)
