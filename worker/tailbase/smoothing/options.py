"""What to smooth and how, and what came out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.smoothing.parameter import Curve
from tailbase.smoothing.tables import TrackTable

METHODS = ("single", "mirrored", "multiview", "calibrated", "pupil", "paw", "median")


@dataclass(frozen=True)
class Options:
    """How to smooth.

    Attributes:
        views: names of mirrors or cameras.
        keypoints: those to smooth; all where empty. Of mirrored keypoints the part's name without its view will do.
        smoothing: one parameter for all keypoints or one a keypoint; of the pupil the factors of diameter and centre;
            None finds the most likely.
        quantile: percent of frames that the views' common subspace is fitted on.
        groups: keypoints that share a parameter.
        min_likelihood: points with less are missing.
        longest_gap: frames; points missing longer than that come out empty. None: a Kalman smoother bridges all.
        window: frames of the median filter.
        times: files of the left and of the right camera's times, for paws.
        width: of the paws' images, px.
    """

    method: str = "single"
    views: tuple[str, ...] = ()
    calibration: Path | None = None
    keypoints: tuple[str, ...] = ()
    smoothing: tuple[float, ...] | None = None
    quantile: float = 50.0
    inflate: bool = False
    groups: tuple[tuple[str, ...], ...] = ()
    min_likelihood: float = 0.0
    longest_gap: int | None = None
    window: int = 5
    times: tuple[Path, Path] | None = None
    width: float | None = None
    frames_per_second: float | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise PoseError("smoothing.method", f"The method must be one of {', '.join(METHODS)}.")
        if not 0 < self.quantile <= 100:
            raise PoseError("smoothing.quantile", "The quantile is percent of the frames, above 0 and up to 100.")
        if not 0 <= self.min_likelihood <= 1:
            raise PoseError("smoothing.likelihood", "The smallest likelihood is a number from 0 to 1.")
        if self.longest_gap is not None and self.longest_gap < 0:
            raise PoseError("smoothing.gap", "The longest gap to fill is a number of frames, 0 or more.")
        if self.smoothing is not None and not all(np.isfinite(s) and s > 0 for s in self.smoothing):
            raise PoseError("smoothing.parameter", "A smoothing parameter is a positive number.")


@dataclass
class Outcome:
    """What smoothing gave.

    Attributes:
        tables: the track of each view, by the name of its file.
        sides: further tables of frames, by the name of their file: columns of shape (frame,).
        parameters: by keypoint; of the pupil `diameter` and `centre`.
        curves: likelihoods of other parameters: log parameters and negative log-likelihoods, by keypoint.
        notes: sentences for the user.
    """

    tables: dict[str, TrackTable] = field(default_factory=dict)
    sides: dict[str, dict[str, NDArray[np.float64]]] = field(default_factory=dict)
    parameters: dict[str, float] = field(default_factory=dict)
    curves: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def keep_parameters(self, names: Sequence[str], parameter: NDArray[np.float64], curve: Curve | None) -> None:
        self.parameters |= dict(zip(names, parameter.tolist(), strict=True))
        if curve is not None:
            self.curves |= dict(zip(names, zip(curve.log_parameter, curve.nll, strict=True), strict=True))


def parameter_of(options: Options, names: Sequence[str], chosen: Sequence[str]) -> NDArray[np.float64] | None:
    """The given parameters of the chosen keypoints, which are some of all `names`."""
    if options.smoothing is None:
        return None
    values = np.asarray(options.smoothing, np.float64)
    if len(values) not in (1, len(names)):
        raise PoseError(
            "smoothing.parameter", f"Give one smoothing parameter or one for each of the {len(names)} keypoints."
        )
    return np.broadcast_to(values, (len(names),))[[names.index(name) for name in chosen]]


def choose(names: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """The wanted names, or all; of several animals a keypoint's name means that of each.

    Raises:
        PoseError: smoothing.unknown_keypoint.
    """
    if not wanted:
        return tuple(names)
    found: list[str] = []
    for name in wanted:
        fitting = [other for other in names if name in (other, other.split("/", 1)[-1])]
        if not fitting:
            raise PoseError("smoothing.unknown_keypoint", f"No file has a keypoint {name}; known: {', '.join(names)}.")
        found += fitting
    unique = set(found)
    # Of one animal the order asked for, of several that of the file, which keeps each animal's keypoints together.
    return tuple(dict.fromkeys(found)) if not any("/" in n for n in found) else tuple(n for n in names if n in unique)


def positions_of_groups(groups: Sequence[Sequence[str]], names: Sequence[str]) -> list[list[int]]:
    """Positions of each group's keypoints; groups of keypoints that are not among `names` are left out."""
    inside = [[names.index(name) for name in group if name in names] for group in groups]
    return [group for group in inside if group]


def blocks(names: Sequence[str], groups: Sequence[Sequence[str]], size: int) -> list[tuple[str, ...]]:
    """The keypoints in blocks of about `size`; a group stays together.

    Raises:
        PoseError: smoothing.unknown_keypoint, where a group names a keypoint that is not smoothed;
            smoothing.groups, where two groups share one.
    """
    for group in groups:
        choose(names, group)
    grouped = [name for group in groups for name in group]
    if len(set(grouped)) != len(grouped):
        raise PoseError("smoothing.groups", "A keypoint can be in one group only.")
    units = [tuple(group) for group in groups] + [(name,) for name in names if name not in grouped]
    made: list[tuple[str, ...]] = []
    for unit in units:
        if made and len(made[-1]) + len(unit) <= size:
            made[-1] += unit
        else:
            made.append(unit)
    return made
