"""Which class builds the network of a spec."""

from collections.abc import Callable

from tailbase.networks.context import ContextTracker
from tailbase.networks.heatmap import HeatmapTracker
from tailbase.networks.tracker import Tracker
from tailbase.schema import Skeleton, TrainSpec


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


def _size(spec: TrainSpec) -> tuple[int, int]:
    return spec.image_height, spec.image_width


_BUILDERS: dict[str, Callable[[TrainSpec, int], Tracker]] = {"heatmap": _heatmap, "context": _context}
