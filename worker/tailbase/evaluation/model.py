"""A trained model against labels: its figures, and its points beside the images' names."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.evaluation.errors import distances, summarize
from tailbase.evaluation.images import predict_images
from tailbase.formats.atomic import replacing
from tailbase.formats.cells import protect
from tailbase.networks.device import resolve_device, resolve_precision
from tailbase.networks.model_folder import ModelFacts, load_model
from tailbase.schema import Labels
from tailbase.training.dataset import TrainingImages, one_animal


def evaluate_model(model: Path, labels: Labels, folder: Path, part: str, out: Path | None = None) -> dict[str, Any]:
    """Errors over the labelled points of a part of the images.

    Args:
        part: `test` or `validation` (the images the model set aside), or `all`.
        out: a folder for predictions.csv.

    Errors:
        evaluate.no_images: none of these images was set aside for that; evaluate.other_keypoints: the labels lack a
        keypoint of the model; labels.*; model.not_a_model.
    """
    tracker, facts = load_model(model)
    chosen = _of_part(_as_the_model_names(one_animal(labels), facts), facts, part)
    device = resolve_device("auto")
    data = TrainingImages(chosen, folder, (facts.spec.image_height, facts.spec.image_width))
    everything = range(len(chosen.images))
    dtype = resolve_precision(facts.spec.precision, device)
    points, likelihood = predict_images(tracker.to(device), data, everything, dtype, device)
    errors = distances(points, chosen.points[:, 0])
    if out is not None:
        _write_csv(chosen, points, likelihood, errors, out / "predictions.csv")
    return dict(summarize(errors, chosen.skeleton.names))


def _write_csv(
    labels: Labels,
    points: NDArray[np.float32],
    likelihood: NDArray[np.float32],
    errors: NDArray[np.float64],
    path: Path,
) -> None:
    """One row a point; the error is empty where none was labelled."""
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "keypoint", "x", "y", "likelihood", "error_px"])
        for row, ref in enumerate(labels.images):
            for k, name in enumerate(labels.skeleton.names):
                error = f"{errors[row, k]:.4f}" if np.isfinite(errors[row, k]) else ""
                x, y = points[row, k]
                numbers = [f"{x:.4f}", f"{y:.4f}", f"{likelihood[row, k]:.4f}", error]
                writer.writerow([protect(ref.path), protect(name), *numbers])


def _as_the_model_names(labels: Labels, facts: ModelFacts) -> Labels:
    """The labels with exactly the model's keypoints, in its order."""
    if missing := [name for name in facts.skeleton.names if name not in labels.skeleton.names]:
        message = f"The labels have no keypoint {missing[0]}, which the model finds. Rename it, or use other labels."
        raise PoseError("evaluate.other_keypoints", message)
    order = [labels.skeleton.names.index(name) for name in facts.skeleton.names]
    return Labels(
        facts.skeleton, labels.individuals, labels.images, labels.points[:, :, order], labels.states[:, :, order],
        labels.scorer,
    )  # fmt: skip


def _of_part(labels: Labels, facts: ModelFacts, part: str) -> Labels:
    if part == "all":
        return labels
    wanted = set(getattr(facts.split, part))
    rows = np.array([row for row, ref in enumerate(labels.images) if ref.path in wanted], dtype=np.int64)
    if not len(rows):
        raise PoseError("evaluate.no_images", f"None of these images was set aside for {part} when the model trained.")
    images = tuple(labels.images[row] for row in rows)
    return Labels(labels.skeleton, labels.individuals, images, labels.points[rows], labels.states[rows], labels.scorer)
