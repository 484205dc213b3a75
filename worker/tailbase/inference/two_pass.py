"""The first pass over a video: a coarse network finds the animals, and their boxes are made steady."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray

from tailbase.framing.boxes import REACH, Box, found_middles, steady
from tailbase.framing.locate import locate
from tailbase.inference.choice import prepare
from tailbase.inference.engine import Images
from tailbase.inference.framed import Framed, Whole, around, followed, still
from tailbase.inference.frames import Span
from tailbase.inference.results import Member
from tailbase.inference.views import Picture, Still
from tailbase.networks.model_folder import Coarse, ModelFacts
from tailbase.networks.tracker import Tracker
from tailbase.schema import PredictSpec


@dataclass(frozen=True)
class Samples:
    """Batches of frames from the video, by which engines are chosen.

    Attributes:
        batches: consecutive frames, in each as many as are computed at once.
        region: the part of the frames that is looked at.
    """

    batches: Iterable[Iterable[Picture]]
    region: Box

    def shown(self, view: Still) -> list[Images]:
        """The batches as a network sees them."""
        return [_images(view.image(0, picture) for picture in pictures) for pictures in self.batches]


def _images(made: Iterable[Picture]) -> Images:
    return torch.stack(list(made)).contiguous(memory_format=torch.channels_last)


def coarse_of(tracker: Tracker, facts: ModelFacts) -> tuple[Tracker, Coarse] | None:
    """The network that finds the animals for this one, where there is one."""
    return None if tracker.coarse is None or facts.coarse is None else (tracker.coarse, facts.coarse)


def windows(tracker: Tracker, facts: ModelFacts, samples: Samples) -> list[Images]:
    """What engines of a two-pass network are tried with: boxes around the first animal in the samples.

    A network that looks at neighbouring frames is given one window at a time, cut by the middle frame's box.
    """
    pair = coarse_of(tracker, facts)
    if pair is None:
        raise ValueError("this network looks at whole frames")
    network, coarse = pair
    made = []
    for pictures in map(list, samples.batches):
        centres = steady(locate(network, coarse, pictures, [samples.region] * len(pictures)), samples.region.middle)
        lengths = range(2 * tracker.reach + 1) if tracker.reach else range(len(pictures))
        view = followed(facts, coarse, centres[tracker.reach : tracker.reach + 1] if tracker.reach else centres, 0, 0)
        made.append(_images(view.image(number, pictures[number]) for number in lengths))
    return made


def first_pass_engine(member: Member, spec: PredictSpec, samples: Samples, frames: int) -> tuple[Whole, list[str]]:
    """The coarse network of a member, ready to run, and notes for the log."""
    pair = coarse_of(member.engine.tracker, member.facts)
    if pair is None:
        raise ValueError("this network looks at whole frames")
    network, coarse = pair
    view = still(coarse.spec, samples.region)
    prepared = prepare(network, spec, samples.shown(view), frames, f"{member.facts.weights_sha256} coarse")
    return Whole(prepared.engine, view, len(coarse.sizes)), list(prepared.notes)


def first_pass_span(span: Span) -> Span:
    """The frames that decide where the boxes of a span lie."""
    return Span(*span.reaching(REACH), span.frame_count)


class Trail:
    """Where one member's animals were seen, frame by frame."""

    def __init__(self, member: Member, coarse: Coarse, span: Span) -> None:
        self._member, self._coarse, self._first = member, coarse, span.first
        self._centres = np.full((span.stop - span.first, len(coarse.sizes), 2), np.nan)

    def add(
        self, first: int, points: Float[NDArray[np.float32], "f i k 2"], likelihood: Float[NDArray[np.float32], "f i k"]
    ) -> None:
        at = first - self._first
        self._centres[at : at + len(points)] = found_middles(points, likelihood, self._coarse.sizes)

    def framed(self, region: Box) -> Framed:
        """The member with its boxes."""
        centres = steady(self._centres, region.middle)
        return around(self._member.engine, self._member.facts, self._coarse, centres, self._first)
