"""Whether pre-labels pull people towards the network: frames labelled with them against frames labelled blind."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

FEWEST_FRAMES = 5
_Z90 = 1.645


@dataclass(frozen=True)
class Pull:
    """How much nearer to the network people put points when they see its own, in pixels, with a 90% interval."""

    assisted_px: float
    blind_px: float
    pull_px: float
    low_px: float
    high_px: float

    def beyond(self, human_px: float) -> bool:
        """Whether the pull is surely larger than what two people differ by."""
        return self.low_px > human_px


def pull(assisted: Sequence[float], blind: Sequence[float]) -> Pull | None:
    """Compare mean distances between people's points and the network's, one for each frame.

    Blind, the distance is the network's error and the person's together. A person who corrects what is wrong and takes
    over what is right lands nearer; nearer by more than two people differ means that errors are taken over.

    Returns:
        None where either kind has fewer than five frames.
    """
    if min(len(assisted), len(blind)) < FEWEST_FRAMES:
        return None
    difference = fmean(blind) - fmean(assisted)
    wide = _Z90 * math.sqrt(stdev(blind) ** 2 / len(blind) + stdev(assisted) ** 2 / len(assisted))
    return Pull(fmean(assisted), fmean(blind), difference, difference - wide, difference + wide)
