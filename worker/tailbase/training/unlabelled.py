"""What clips of unlabelled video teach: the losses of a spec, for each head of a network by itself."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from jaxtyping import Float
from numpy import float64
from numpy.typing import NDArray
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.formats.atomic import write_text
from tailbase.losses.multiview import mirrored_groups
from tailbase.losses.pca import Subspace, multiview_subspace, pca_loss, pose_subspace
from tailbase.losses.temporal import temporal, temporal_heatmap
from tailbase.losses.unimodal import unimodal
from tailbase.networks.tracker import Track
from tailbase.schema import LossSpec, Skeleton
from tailbase.training.augmentation import Undo

SUBSPACES = "subspaces.json"
"""The file of a model folder that holds what Pose PCA and multi-view PCA compare poses with."""

_ON_MAPS = ("temporal_heatmap", "unimodal")
_WITH_CAMERAS = ("reprojection", "pairwise")


@dataclass(frozen=True)
class Subspaces:
    """Where poses, and views of body parts, lie in pixels of the network's input; None where labels do not tell."""

    pose: Subspace | None
    views: Subspace | None

    def save(self, folder: Path) -> None:
        """Write `SUBSPACES` into a model folder."""
        named = {"pose_pca": self.pose, "multiview_pca": self.views}
        values = {name: one and one.to_dict() for name, one in named.items()}
        write_text(folder / SUBSPACES, json.dumps(values, allow_nan=False))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Those of a model folder; models of older versions have none."""
        path = folder / SUBSPACES
        values: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
        pose, views = (values.get(name) for name in ("pose_pca", "multiview_pca"))
        return cls(pose and Subspace.from_dict(pose), views and Subspace.from_dict(views))


def fit_subspaces(points: Float[NDArray[float64], "image keypoint 2"], skeleton: Skeleton, spec: LossSpec) -> Subspaces:
    """Fitted to the training images' labels in pixels of the input; those that no loss needs only where labels allow.

    Errors:
        losses.too_few_labels, losses.no_views: a loss that is switched on cannot be used with these labels.
    """

    def fitted(weight: float, fit: Callable[[], Subspace]) -> Subspace | None:
        try:
            return fit()
        except PoseError:
            if weight > 0:
                raise
            return None

    return Subspaces(
        pose=fitted(spec.pose_pca, lambda: pose_subspace(points, spec.pose_pca_keep)),
        views=fitted(spec.multiview_pca, lambda: multiview_subspace(points, mirrored_groups(skeleton))),
    )


def clip_losses(
    tracks: tuple[Track, ...], undo: Undo, spec: LossSpec, subspaces: Subspaces, stride: int
) -> dict[str, Float[Tensor, ""]]:
    """The losses that are switched on, without their weights: the mean over heads of what each head's track gives.

    Errors:
        losses.no_maps, losses.no_cameras: a loss needs what this network does not have.
    """
    each = [_losses_of(track, undo, spec, subspaces, stride) for track in tracks]
    return {name: torch.stack([losses[name] for losses in each]).mean() for name in spec.weights}


def _losses_of(
    track: Track, undo: Undo, spec: LossSpec, subspaces: Subspaces, stride: int
) -> dict[str, Float[Tensor, ""]]:
    points, likelihood = undo.points(track.points), undo.likelihood(track.likelihood)
    least = spec.least_likelihood

    def of_subspace(subspace: Subspace | None) -> Tensor:
        if subspace is None:
            raise ValueError("the subspace of a loss that is switched on was not fitted")
        return pca_loss(points, subspace, likelihood, least)

    functions: dict[str, Callable[[], Tensor]] = {
        "temporal": lambda: temporal(points, likelihood, spec.temporal_epsilon_px, least),
        "temporal_heatmap": lambda: temporal_heatmap(_maps(track), track.likelihood, least, spec.temporal_heatmap_kind),
        "pose_pca": lambda: of_subspace(subspaces.pose),
        "multiview_pca": lambda: of_subspace(subspaces.views),
        # In the changed images, where the maps are.
        "unimodal": lambda: unimodal(_maps(track), track.points, track.likelihood, stride, least),
    }
    return {name: functions[name]() for name in spec.weights}


def _maps(track: Track) -> Float[Tensor, "batch keypoint row column"]:
    if track.maps is None:
        names = " and ".join(_ON_MAPS)
        message = f"This architecture has no maps, which {names} look at. Set their weights to 0, or choose heatmap."
        raise PoseError("losses.no_maps", message)
    return track.maps


def refuse_unusable(spec: LossSpec) -> None:
    """Refuse losses that nothing in this training can be measured by.

    Errors:
        losses.no_cameras.
    """
    if wanted := [name for name in _WITH_CAMERAS if name in spec.weights]:
        message = f"{' and '.join(wanted)} compare calibrated cameras that film together, which this network does not "
        raise PoseError("losses.no_cameras", message + "look at. Set the weight to 0.")


def ramp(spec: LossSpec, step: int, steps: int) -> float:
    """Share of the full weights at a step: 0 until `ramp_start`, 1 from `ramp_end` on, a straight line between."""
    begin, end = spec.ramp_start * steps, spec.ramp_end * steps
    if step >= end:
        return 1.0
    return max(0.0, (step - begin) / (end - begin))


def first_step(spec: LossSpec, steps: int) -> int:
    """The first step at which clips weigh anything; before it none is read."""
    return next((step for step in range(steps) if ramp(spec, step, steps) > 0), steps)
