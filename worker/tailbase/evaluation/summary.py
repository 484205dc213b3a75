"""An evaluation in figures: per keypoint, by recording field, in and out of domain, and where it is worst."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from tailbase.evaluation.reliability import reliability
from tailbase.evaluation.results import EvaluatedImage, Evaluation

SETS: Mapping[str, Sequence[str]] = {
    "test": ("test", "unseen"), "validation": ("validation",), "train": ("train",),
    "all": ("train", "validation", "test", "unseen"),
}  # fmt: skip
"""What an image was to the training, by set. Only `test` holds images that decided nothing about the model."""

WORST = 60
HIGHEST = 12
MOST_VALUES = 60
"""Different values of a field that are shown, the most frequent ones."""

_QUANTILES = (5, 25, 50, 75, 95)
_OF_IMAGE: Mapping[str, Callable[[EvaluatedImage], str | None]] = {
    "recording": lambda image: image.recording,
    "view": lambda image: image.view,
}


def summarize_evaluation(evaluation: Evaluation) -> dict[str, Any]:
    """JSON of all figures.

    Returns:
        images, points, keypoints; body_length_px {view: median}; sets {name: block} of those SETS that have images;
        worst: the images with the greatest errors.
    """
    parts = np.array([image.part for image in evaluation.images])
    rows = {name: np.isin(parts, of) for name, of in SETS.items()}
    return {
        "images": len(evaluation.images),
        "points": int(np.isfinite(evaluation.errors_px).sum()),
        "keypoints": list(evaluation.skeleton.names),
        "body_length_px": _body_lengths(evaluation),
        "sets": {name: _block(evaluation.only(chosen)) for name, chosen in rows.items() if chosen.any()},
        "worst": worst(evaluation),
    }


def _body_lengths(evaluation: Evaluation) -> dict[str, float]:
    """By the camera's and the mirrored view's name, whichever there are; the only one is called `body`."""
    lengths: dict[str, float] = {}
    for k, keypoint in enumerate(evaluation.skeleton.keypoints):
        for row, image in enumerate(evaluation.images):
            name = " / ".join(one for one in (image.view, keypoint.view) if one) or "body"
            if np.isfinite(evaluation.body_px[row, k]):
                lengths.setdefault(name, float(evaluation.body_px[row, k]))
    return lengths


def _block(evaluation: Evaluation) -> dict[str, Any]:
    errors, percent = evaluation.errors_px, evaluation.errors_percent
    return {
        "figures": figures(errors, percent),
        "keypoints": {
            name: figures(errors[:, k], percent[:, k]) | _spread(errors[:, k], percent[:, k])
            for k, name in enumerate(evaluation.skeleton.names)
        },
        "domains": _grouped(evaluation, lambda image: image.domain),
        "fields": _by_field(evaluation),
        "reliability": reliability(evaluation.likelihood, percent),
    }


def figures(
    errors_px: Float[NDArray[np.float64], "*any"], percent: Float[NDArray[np.float64], "*any"]
) -> dict[str, Any]:
    """Mean, median and 90th percentile of the Euclidean error, its true RMSE, and the mean in percent of the body.

    `images` counts those with a labelled point, where the first axis is the image.
    """
    known, shares = errors_px[np.isfinite(errors_px)], percent[np.isfinite(percent)]
    rows = np.isfinite(errors_px.reshape(len(errors_px), -1)).any(-1) if errors_px.size else np.zeros(0)
    return {
        "mean_px": _or_none(known, np.mean),
        "median_px": _or_none(known, np.median),
        "p90_px": _or_none(known, lambda values: np.percentile(values, 90)),
        "rmse_px": _or_none(known, lambda values: np.sqrt(np.mean(values**2))),
        "mean_percent": _or_none(shares, np.mean),
        "median_percent": _or_none(shares, np.median),
        "points": len(known),
        "images": int(rows.sum()),
    }


def _spread(errors_px: NDArray[np.float64], percent: NDArray[np.float64]) -> dict[str, Any]:
    """What a box and its highest points are drawn from."""
    drawn: dict[str, Any] = {}
    for unit, values in (("px", errors_px), ("percent", percent)):
        known = np.sort(values[np.isfinite(values)])
        drawn[f"quantiles_{unit}"] = [float(q) for q in np.percentile(known, _QUANTILES)] if known.size else None
        drawn[f"highest_{unit}"] = [float(value) for value in known[::-1][:HIGHEST]]
    return drawn


def _by_field(evaluation: Evaluation) -> dict[str, dict[str, Any]]:
    names = sorted({name for image in evaluation.images for name in image.fields})
    ways = dict(_OF_IMAGE) | {name: _field(name) for name in names if name not in _OF_IMAGE}
    grouped = {name: _grouped(evaluation, way) for name, way in ways.items()}
    return {name: groups for name, groups in grouped.items() if groups}


def _field(name: str) -> Callable[[EvaluatedImage], str | None]:
    return lambda image: image.fields.get(name)


def _grouped(evaluation: Evaluation, way: Callable[[EvaluatedImage], str | None]) -> dict[str, Any]:
    """Figures by value; images without a value are left out."""
    errors, percent = evaluation.errors_px, evaluation.errors_percent
    values = [way(image) for image in evaluation.images]
    rows: dict[str, list[int]] = {}
    for row, value in enumerate(values):
        if value is not None:
            rows.setdefault(value, []).append(row)
    most = sorted(rows, key=lambda value: (-len(rows[value]), value))[:MOST_VALUES]
    return {value: figures(errors[rows[value]], percent[rows[value]]) for value in sorted(most)}


def worst(evaluation: Evaluation, count: int = WORST) -> list[dict[str, Any]]:
    """The images with the greatest error of any point, each once, the worst first."""
    errors = evaluation.errors_px
    highest = np.nan_to_num(errors, nan=-1).max(-1, initial=-1)
    order = [row for row in np.argsort(-highest, kind="stable") if highest[row] >= 0][:count]
    return [_worst(evaluation, errors, int(row)) for row in order]


def _worst(evaluation: Evaluation, errors: NDArray[np.float64], row: int) -> dict[str, Any]:
    k = int(np.nanargmax(errors[row]))
    image = evaluation.images[row].model_dump(exclude={"fields"})
    share = evaluation.errors_percent[row, k]
    return image | {
        "keypoint": evaluation.skeleton.names[k],
        "error_px": float(errors[row, k]),
        "error_percent": float(share) if np.isfinite(share) else None,
        "likelihood": float(evaluation.likelihood[row, k]),
        "mean_px": float(np.nanmean(errors[row])),
    }


def _or_none(values: NDArray[np.float64], of: Callable[[NDArray[np.float64]], np.floating]) -> float | None:
    return float(of(values)) if values.size else None
