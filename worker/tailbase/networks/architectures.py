"""Which class builds the network of a spec."""

from collections.abc import Callable

from tailbase.networks.context import ContextTracker
from tailbase.networks.heatmap import HeatmapTracker
from tailbase.networks.leap import LeapTracker
from tailbase.networks.regression import RegressionTracker
from tailbase.networks.scoremap import ScoremapTracker
from tailbase.networks.tracker import Tracker
from tailbase.schema import Architecture, Skeleton, TrainSpec


def new_tracker(spec: TrainSpec, skeleton: Skeleton) -> Tracker:
    """The network of a spec, with random weights.

    Errors:
        backbone.unknown.
    """
    return _BUILDERS[spec.architecture](spec, len(skeleton.keypoints))


def _heatmap(spec: TrainSpec, keypoints: int) -> Tracker:
    return HeatmapTracker(spec.backbone, keypoints, _size(spec), spec.downsample_factor, spec.head_width)


def _context(spec: TrainSpec, keypoints: int) -> Tracker:
    return ContextTracker(spec.backbone, keypoints, _size(spec), spec.downsample_factor, spec.head_width)


def _regression(spec: TrainSpec, keypoints: int) -> Tracker:
    return RegressionTracker(spec.backbone, keypoints, _size(spec), spec.head_width)


def _leap(spec: TrainSpec, keypoints: int) -> Tracker:
    return LeapTracker(keypoints, spec.head_width)


def _scoremap(spec: TrainSpec, keypoints: int) -> Tracker:
    return ScoremapTracker(spec.backbone, keypoints, _size(spec), spec.downsample_factor, spec.head_width)


def _size(spec: TrainSpec) -> tuple[int, int]:
    return spec.image_height, spec.image_width


_BUILDERS: dict[Architecture, Callable[[TrainSpec, int], Tracker]] = {
    "heatmap": _heatmap,
    "context": _context,
    "regression": _regression,
    "leap": _leap,
    "scoremap": _scoremap,
}
