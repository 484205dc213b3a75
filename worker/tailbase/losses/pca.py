"""Bodies have few degrees of freedom: poses, and one part seen in several views, lie near a flat subspace.

The subspace is fitted to labels by principal components and then asked of predictions. Both are pixels of the network's
input, so that fit and use are one space. Method: Biderman et al. 2024 (Lightning Pose), with missing points handled.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.losses.temporal import norm

PERCENTILE = 99.0
MULTIVIEW_COMPONENTS = 3
"""A point has three coordinates, however many views show it."""

_ROWS_PER_COMPONENT = 2
_FOLDS = 5
_RIDGE = 1e-9
_ROUNDS = 30
_LABEL_NOISE = 0.5
"""Pixels that a person's label is off at least; keeps what is predicted for missing points from being too sure."""


@dataclass(frozen=True)
class Subspace:
    """Where rows of keypoints are expected to lie.

    Attributes:
        keypoints: int, shape (row, point): each row of keypoint indices makes one vector x1 y1 x2 y2 ...; a pose has
            one row, views have one row a body part.
        mean: float64, shape (dim,), pixels of the network's input; dim = 2 point.
        components: float64, shape (kept, dim), orthonormal.
        variances: float64, shape (dim,), px^2, of all components, descending; for people to look at.
        epsilon: distance of a point from its place in the subspace that is as among the labels, pixels of the input.
        rows: how many labelled rows it was fitted to.
    """

    keypoints: NDArray[np.int64]
    mean: NDArray[np.float64]
    components: NDArray[np.float64]
    variances: NDArray[np.float64]
    epsilon: float
    rows: int

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, which JSON can hold."""
        arrays = {name: getattr(self, name).tolist() for name in ("keypoints", "mean", "components", "variances")}
        return arrays | {"epsilon": self.epsilon, "rows": self.rows}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The subspace that `to_dict` described."""
        floats = {name: np.asarray(values[name], np.float64) for name in ("mean", "components", "variances")}
        keypoints = np.asarray(values["keypoints"], np.int64)
        return cls(keypoints, **floats, epsilon=float(values["epsilon"]), rows=int(values["rows"]))


def pose_subspace(
    points: Float[NDArray[np.float64], "image keypoint 2"],
    keep: float | int = 0.99,
    percentile: float = PERCENTILE,
) -> Subspace:
    """The subspace of whole poses, of the keypoints that more than half of the images show.

    Args:
        points: labels in pixels of the network's input; NaN where there is none.
        keep: share of the variance that the kept components explain, or their number.

    Errors:
        losses.too_few_labels: too few images for so many degrees of freedom.
    """
    often = np.flatnonzero(2 * np.isfinite(points).all(-1).sum(0) > len(points))
    return _fit(points, often[None], keep, percentile, "Pose PCA (pose_pca)")


def multiview_subspace(
    points: Float[NDArray[np.float64], "image keypoint 2"],
    groups: Sequence[Sequence[int]],
    keep: float | int = MULTIVIEW_COMPONENTS,
    percentile: float = PERCENTILE,
) -> Subspace:
    """The subspace of one part of the body in all views, common to all parts.

    Args:
        points: as for `pose_subspace`.
        groups: for each body part its keypoints, one a view, in the order of the views (`multiview.mirrored_groups`).

    Errors:
        losses.no_views: no part is seen in several views; losses.too_few_labels.
    """
    if not groups or min(len(group) for group in groups) < 2:
        message = "Multi-view PCA needs keypoints of one body part in several views. Give them the same part and "
        raise PoseError("losses.no_views", message + "different views, or set multiview_pca to 0.")
    return _fit(points, np.asarray(groups), keep, percentile, "Multi-view PCA (multiview_pca)")


def pca_loss(
    points: Float[Tensor, "*any keypoint 2"],
    subspace: Subspace,
    likelihood: Float[Tensor, "*any keypoint"],
    least_likelihood: float,
) -> Float[Tensor, ""]:
    """Mean distance of points from the subspace beyond its epsilon, pixels of the input.

    Points less likely than `least_likelihood`, and NaN ones, neither weigh nor take part in finding the place in the
    subspace; the mean is over all points of it. No gradient flows through `likelihood`.
    """
    keypoints = torch.as_tensor(subspace.keypoints, device=points.device)
    seen = (likelihood >= least_likelihood)[..., keypoints]
    found, counted = residuals(points[..., keypoints, :], subspace, seen)
    return ((found - subspace.epsilon).clamp(min=0) * counted).mean().to(points.dtype)


def pca_errors(
    points: Float[NDArray[np.floating[Any]], "*any keypoint 2"], subspace: Subspace
) -> Float[NDArray[np.float64], "*any keypoint"]:
    """Each keypoint's distance from the subspace, pixels of the input; NaN where it has none or is no part of it."""
    chosen = torch.from_numpy(np.asarray(points, np.float64)[..., subspace.keypoints, :])
    found, counted = residuals(chosen, subspace)
    errors = np.full(points.shape[:-1], np.nan)
    errors[..., subspace.keypoints] = torch.where(counted, found, torch.nan).numpy()
    return errors


def residuals(
    points: Float[Tensor, "*any point 2"], subspace: Subspace, seen: Bool[Tensor, "*any point"] | None = None
) -> tuple[Float[Tensor, "*any point"], Bool[Tensor, "*any point"]]:
    """Distance of each point of a row from the row's place in the subspace, and whether that says anything.

    The place is the one closest to the points that are seen (least squares); where all are, it is the orthogonal
    projection. A row with no more coordinates than components always fits, and does not count.
    """
    finite = points.isfinite().all(-1)
    seen = finite if seen is None else seen & finite
    wide = torch.where(seen[..., None], points, 0).double().flatten(-2)
    mean, basis = (torch.as_tensor(part, device=points.device) for part in (subspace.mean, subspace.components))
    weight = seen.repeat_interleave(2, -1).double()
    off = (wide - mean) * weight
    normal = (basis * weight[..., None, :]) @ basis.mT
    ridge = _RIDGE * torch.eye(len(basis), dtype=torch.float64, device=points.device)
    place = torch.linalg.solve(normal + ridge, off @ basis.mT)
    counted = seen & (weight.sum(-1, keepdim=True) > len(basis))
    return norm((off - (place @ basis) * weight).view(*wide.shape[:-1], -1, 2), counted), counted


def _fit(
    points: NDArray[np.float64], keypoints: Int[NDArray[np.int64], "row point"], keep: float | int,
    percentile: float, name: str,
) -> Subspace:  # fmt: skip
    if keypoints.shape[1] < 2:
        message = f"{name} needs at least two keypoints that more than half of the labelled images show. Label more "
        raise PoseError("losses.too_few_labels", message + "frames, or set its weight to 0.")
    rows = points[:, keypoints].reshape(-1, 2 * keypoints.shape[1])
    return fit_subspace(rows, keypoints, keep, percentile, name)


def fit_subspace(
    rows: Float[NDArray[np.float64], "row dim"],
    keypoints: Int[NDArray[np.int64], "group point"],
    keep: float | int,
    percentile: float = PERCENTILE,
    name: str = "PCA",
) -> Subspace:
    """Principal components of rows with NaN.

    Epsilon is that percentile of the residuals of left-out rows: each fifth of them is compared with the subspace of
    the other four. A subspace fits the rows it was made of better than any others, the more so the fewer they are; on
    32 labelled mice an epsilon of their own residuals would find fault with a tenth of the points of other labels.

    Args:
        rows: x1 y1 x2 y2 ... of the points of `keypoints`.
        keep: an int is the number of components; a share below 1 keeps the first that explain as much variance.

    Errors:
        losses.too_few_labels: fewer than two rows per component that have more coordinates than there are components.
    """
    whole = _principal(rows, keypoints)
    kept = keep if isinstance(keep, int) else _explaining(whole.variances, keep)
    kept = min(kept, rows.shape[1] - 1)
    usable = int((np.isfinite(rows).sum(1) > kept).sum())
    if usable < max(_ROWS_PER_COMPONENT * kept, 2):
        message = f"{name} needs {_ROWS_PER_COMPONENT * kept} labelled rows for the {kept} degrees of freedom it found"
        raise PoseError(
            "losses.too_few_labels", f"{message}; there are {usable}. Label more frames, or set its weight to 0."
        )
    epsilon = float(np.percentile(_left_out_residuals(rows, keypoints, kept), percentile))
    return replace(whole, components=whole.components[:kept], epsilon=epsilon, rows=usable)


def _left_out_residuals(
    rows: Float[NDArray[np.float64], "row dim"], keypoints: Int[NDArray[np.int64], "group point"], kept: int
) -> Float[NDArray[np.float64], "residual"]:
    fold = np.arange(len(rows)) % min(_FOLDS, len(rows))
    found = []
    for number in range(fold.max() + 1):
        others = _principal(rows[fold != number], keypoints)
        left_out = torch.from_numpy(rows[fold == number].reshape(-1, keypoints.shape[1], 2))
        distances, counted = residuals(left_out, replace(others, components=others.components[:kept]))
        found.append(distances[counted].numpy())
    return np.concatenate(found)


def _principal(
    rows: Float[NDArray[np.float64], "row dim"], keypoints: Int[NDArray[np.int64], "group point"]
) -> Subspace:
    """All components, the largest first, and no epsilon."""
    mean, covariance = moments(rows)
    variances, vectors = np.linalg.eigh(covariance)
    components = np.ascontiguousarray(vectors[:, ::-1].T)
    return Subspace(keypoints, mean, components, np.maximum(variances[::-1], 0), epsilon=0.0, rows=len(rows))


def moments(
    rows: Float[NDArray[np.float64], "row dim"],
) -> tuple[Float[NDArray[np.float64], "dim"], Float[NDArray[np.float64], "dim dim"]]:
    """Mean and covariance of rows with NaN: those under which a normal distribution makes the labels most likely.

    Found by expectation maximisation (Little and Rubin 2002, section 11.2) from the moments of pairs. Those alone would
    mislead: a nose that its mirror does not show where the animal faces away has other places in the mirror than in
    general, and the two views would seem not to agree.
    """
    mean, covariance = paired_moments(rows)
    known = np.isfinite(rows)
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    if patterns.all() or len(rows) < 2:
        return mean, covariance
    for _ in range(_ROUNDS):
        filled, spread = rows.copy(), np.zeros_like(covariance)
        for number, pattern in enumerate(patterns):
            members = np.flatnonzero(which == number)
            seen, gone = np.flatnonzero(pattern), np.flatnonzero(~pattern)
            certain = covariance[np.ix_(seen, seen)] + _LABEL_NOISE**2 * np.eye(len(seen))
            pull = np.linalg.solve(certain, covariance[np.ix_(seen, gone)])
            filled[np.ix_(members, gone)] = mean[gone] + (rows[np.ix_(members, seen)] - mean[seen]) @ pull
            left = covariance[np.ix_(gone, gone)] - covariance[np.ix_(gone, seen)] @ pull
            spread[np.ix_(gone, gone)] += len(members) * left
        mean = filled.mean(0)
        covariance = ((filled - mean).T @ (filled - mean) + spread) / (len(rows) - 1)
    return mean, covariance


def paired_moments(
    rows: Float[NDArray[np.float64], "row dim"],
) -> tuple[Float[NDArray[np.float64], "dim"], Float[NDArray[np.float64], "dim dim"]]:
    """Mean, and covariance from the rows where both coordinates are known; zero where fewer than two are.

    Made positive semi-definite, which such a covariance need not be.
    """
    known = np.isfinite(rows)
    mean = np.where(known, rows, 0).sum(0) / np.maximum(known.sum(0), 1)
    off = np.where(known, rows - mean, 0)
    pairs = known.astype(np.float64).T @ known
    variances, vectors = np.linalg.eigh(np.where(pairs > 1, off.T @ off / np.maximum(pairs - 1, 1), 0))
    return mean, (vectors * np.maximum(variances, 0)) @ vectors.T


def _explaining(variances: Float[NDArray[np.float64], "dim"], share: float) -> int:
    """How many components, the largest first, explain that share."""
    explained = variances.cumsum() / max(variances.sum(), np.finfo(np.float64).tiny)
    return int(np.searchsorted(explained, share - 1e-12)) + 1
