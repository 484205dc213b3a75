"""Do networks that disagree err? Their error against their spread, and what is left without the uncertain points."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.evaluation.results import Evaluation

STEPS = 20
"""Points of each curve."""

DRAWN = 1500
"""Most points of the scatter, evenly drawn over the spread."""


def ensemble_spread(points: Float[NDArray[np.float64], "model *any 2"]) -> Float[NDArray[np.float64], "*any"]:
    """Standard deviation of several networks' points, pixels: the root of the variances of x and y together.

    Variances are unbiased (n - 1). Source of the measure: Biderman et al. 2024 (Lightning Pose), ensemble standard
    deviation.
    """
    return np.asarray(np.sqrt(points.var(0, ddof=1).sum(-1)))


def error_against_spread(evaluations: Mapping[str, Evaluation]) -> dict[str, Any]:
    """Errors of several models against their spread, on the images and keypoints that all of them were measured on.

    Returns:
        points; correlation (Spearman's, of the spread and the mean error of the models); mean_px {model: }, with
        `median of all`, the point whose x and y are the medians over the models; hardest: [{spread_px, points,
        mean_px {model: }}], the mean error of the points with at least that spread; kept: [{share, spread_px, points,
        mean_px}], of the share of points with the least spread; scatter: [[spread, mean error], ...].

    Errors:
        evaluate.one_model: fewer than two; evaluate.nothing_in_common: no labelled point that all of them have.
    """
    if len(evaluations) < 2:
        raise PoseError("evaluate.one_model", "A spread needs at least two models. Evaluate another one too.")
    found, labelled = in_common(evaluations)
    spread = ensemble_spread(found)
    errors = _errors(dict(zip(evaluations, found, strict=True)), labelled)
    order = np.argsort(spread, kind="stable")
    over_models = np.mean([errors[name] for name in evaluations], axis=0)
    return {
        "points": len(spread),
        "correlation": _rank_correlation(spread, over_models),
        "mean_px": {name: float(values.mean()) for name, values in errors.items()},
        "hardest": [_beyond(spread, errors, order, step) for step in _starts(len(spread))],
        "kept": [_within(spread, errors, order, step) for step in _ends(len(spread))],
        "scatter": [[float(spread[at]), float(over_models[at])] for at in _drawn(order)],
    }


def in_common(
    evaluations: Mapping[str, Evaluation],
) -> tuple[Float[NDArray[np.float64], "model point 2"], Float[NDArray[np.float64], "point 2"]]:
    """Points of all models and the labels where all were measured on the same label; test images, if there are any."""
    tables = [_by_name(one) for one in evaluations.values()]
    names = sorted(set(tables[0]).intersection(*tables[1:]))
    same = [name for name in names if all(np.allclose(one[name][1], tables[0][name][1]) for one in tables)]
    # Points that one of the models was trained on would make the models look more alike than they are.
    unseen = [name for name in same if all(one[name][2] for one in tables)]
    if not (chosen := unseen or same):
        message = "These models were not measured on the same labels. Measure each of them again, then compare."
        raise PoseError("evaluate.nothing_in_common", message)
    found = np.array([[one[name][0] for name in chosen] for one in tables])
    return found, np.array([tables[0][name][1] for name in chosen])


def _by_name(evaluation: Evaluation) -> dict[tuple[str, str], tuple[NDArray[np.float64], NDArray[np.float64], bool]]:
    """Prediction, label, and whether the image was kept from the training, by image and keypoint."""
    rows, columns = np.nonzero(np.isfinite(evaluation.errors_px))
    return {
        (evaluation.images[row].path, evaluation.skeleton.names[k]): (
            evaluation.predicted[row, k],
            evaluation.labelled[row, k],
            evaluation.images[row].part in ("test", "unseen"),
        )
        for row, k in zip(rows, columns, strict=True)
    }


def _errors(found: Mapping[str, NDArray[np.float64]], labelled: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    errors = {name: np.linalg.norm(points - labelled, axis=-1) for name, points in found.items()}
    middle = np.median(list(found.values()), axis=0)
    return errors | {"median of all": np.linalg.norm(middle - labelled, axis=-1)}


def _starts(count: int) -> list[int]:
    """Where the curve of the hardest points begins each time: at least a twentieth of the points is left."""
    return sorted({int(at) for at in np.linspace(0, count * (1 - 1 / STEPS), STEPS)})


def _ends(count: int) -> list[int]:
    return sorted({max(1, round(count * step / STEPS)) for step in range(1, STEPS + 1)})


def _beyond(
    spread: NDArray[np.float64], errors: Mapping[str, NDArray[np.float64]], order: NDArray[np.intp], start: int
) -> dict[str, Any]:
    chosen = order[start:]
    return {"spread_px": float(spread[chosen[0]]), **_means(errors, chosen)}


def _within(
    spread: NDArray[np.float64], errors: Mapping[str, NDArray[np.float64]], order: NDArray[np.intp], end: int
) -> dict[str, Any]:
    chosen = order[:end]
    return {"share": end / len(order), "spread_px": float(spread[chosen[-1]]), **_means(errors, chosen)}


def _means(errors: Mapping[str, NDArray[np.float64]], chosen: NDArray[np.intp]) -> dict[str, Any]:
    return {"points": len(chosen), "mean_px": {name: float(values[chosen].mean()) for name, values in errors.items()}}


def _drawn(order: NDArray[np.intp]) -> NDArray[np.intp]:
    return order[np.unique(np.linspace(0, len(order) - 1, min(len(order), DRAWN)).astype(np.intp))]


def _rank_correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    """Spearman's, with mean ranks for equal values; None where one does not vary."""
    ranks = [_ranks(values) for values in (one, other)]
    if min(values.std() for values in ranks) == 0:
        return None
    return float(np.asarray(np.corrcoef(ranks))[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place], np.float64)
