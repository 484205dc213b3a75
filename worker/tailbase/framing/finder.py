"""A coarse network in a folder of its own, for processes that read clips: it says where to cut them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from jaxtyping import UInt8
from safetensors.torch import load_file
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.formats.atomic import write_text
from tailbase.framing.boxes import Box
from tailbase.framing.individuals import sets_of
from tailbase.framing.locate import locate
from tailbase.networks.architectures import new_tracker
from tailbase.networks.model_folder import WEIGHTS, Coarse, save_weights
from tailbase.networks.tracker import as_channels_last
from tailbase.schema import Frozen, Skeleton

_FACTS = "finder.json"


class _Facts(Frozen):
    skeleton: Skeleton
    coarse: Coarse

    @classmethod
    def read(cls, folder: Path) -> Self:
        return cls.model_validate_json((folder / _FACTS).read_bytes())


def save_finder(folder: Path, weights: dict[str, Tensor], coarse: Coarse, skeleton: Skeleton) -> None:
    """Write what `Finder` reads; `skeleton` is of one animal."""
    save_weights(folder, weights)
    write_text(folder / _FACTS, _Facts(skeleton=skeleton, coarse=coarse).model_dump_json())


class Finder:
    """Finds one box for all frames of a clip."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        facts = _Facts.read(folder)
        self._coarse = facts.coarse
        network = new_tracker(facts.coarse.spec, sets_of(facts.skeleton, len(facts.coarse.sizes)))
        network.load_state_dict(load_file(folder / WEIGHTS))
        self._network = as_channels_last(network.eval().to(device))

    def box(self, pictures: Sequence[UInt8[Tensor, "3 height width"]], region: Box, number: int) -> Box:
        """Around the place where the animal is in most pictures; the clip's number says which animal.

        Errors:
            clip.no_animal: it is seen in none.
        """
        which = number % len(self._coarse.sizes)
        centres = locate(self._network, self._coarse, pictures, [region] * len(pictures))[:, which]
        seen = centres[np.isfinite(centres).all(-1)]
        if not len(seen):
            raise PoseError("clip.no_animal", "no animal is seen there.")
        return Box.around(np.median(seen, axis=0), *self._coarse.sizes[which])
