"""What a way of training is worth: mean and interval over several trainings, each with its own split."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.evaluation.results import EvaluatedImage, Evaluation

ENOUGH = 5
"""Fewer splits say little about how much the error varies from one to the next."""

# Student's t, the quantile at 97.5%, for 1 to 30 degrees of freedom; beyond, the normal one is 2% too small at most.
_T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
_NORMAL = 1.960


def over_trainings(evaluations: Mapping[str, Evaluation], parts: Sequence[str] = ("test",)) -> dict[str, Any]:
    """The error on the images each training kept back, over the trainings.

    Args:
        parts: of the images that count; those of `test` decided nothing about the model.

    Returns:
        trainings, enough (at least five), grouped (no recording was both in training and test), distinct (no two
        trainings tested the same images), mean_px and keypoints {name: } as {mean, low, high, values}: the mean over
        the trainings of their mean error, pixels, with a 95% interval (Student's t); per_domain {InD, OOD: }.

    Errors:
        evaluate.no_test_images: a training kept no images back.
    """
    chosen = {name: _of(one, parts) for name, one in evaluations.items()}
    if empty := [name for name, one in chosen.items() if not one.images]:
        message = f"{empty[0]} has no images of {' or '.join(parts)}. Train it with a test share, then measure it."
        raise PoseError("evaluate.no_test_images", message)
    tests = [frozenset(image.path for image in one.images) for one in chosen.values()]
    return {
        "trainings": list(chosen),
        "enough": len(chosen) >= ENOUGH,
        "grouped": all(_grouped(one) for one in evaluations.values()),
        "distinct": len(set(tests)) == len(tests),
        "mean_px": interval([_mean(one.errors_px) for one in chosen.values()]),
        "keypoints": _by_keypoint(list(chosen.values())),
        "per_domain": {
            domain: interval([_mean(_of_domain(one, domain)) for one in chosen.values()]) for domain in ("InD", "OOD")
        },
    }


def interval(values: Sequence[float]) -> dict[str, Any]:
    """Mean and 95% interval (Student's t) of the finite values; no bounds below two of them."""
    known = np.array([value for value in values if np.isfinite(value)])
    if not len(known):
        return {"mean": None, "low": None, "high": None, "values": []}
    mean = float(known.mean())
    if len(known) < 2:
        return {"mean": mean, "low": None, "high": None, "values": known.tolist()}
    quantile = _T[len(known) - 2] if len(known) - 2 < len(_T) else _NORMAL
    half = float(quantile * known.std(ddof=1) / np.sqrt(len(known)))
    return {"mean": mean, "low": mean - half, "high": mean + half, "values": known.tolist()}


def _of(evaluation: Evaluation, parts: Sequence[str]) -> Evaluation:
    return evaluation.only([row for row, image in enumerate(evaluation.images) if image.part in parts])


def _of_domain(evaluation: Evaluation, domain: str) -> NDArray[np.float64]:
    return evaluation.errors_px[[image.domain == domain for image in evaluation.images]]


def _by_keypoint(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """Keypoints that all the models have."""
    names = [name for name in evaluations[0].skeleton.names if all(name in one.skeleton.names for one in evaluations)]
    return {
        name: interval([_mean(one.errors_px[:, one.skeleton.names.index(name)]) for one in evaluations])
        for name in names
    }


def _mean(errors: NDArray[np.float64]) -> float:
    known = errors[np.isfinite(errors)]
    return float(known.mean()) if known.size else float("nan")


def _grouped(evaluation: Evaluation) -> bool:
    trained = {_group(image) for image in evaluation.images if image.part == "train"}
    return not any(_group(image) in trained for image in evaluation.images if image.part == "test")


def _group(image: EvaluatedImage) -> str | None:
    """What a split keeps together: the recording, the video, or the image's folder."""
    return image.recording or image.video or image.path.rpartition("/")[0]
