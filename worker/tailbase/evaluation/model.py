"""A trained model against labels: its figures, and its points beside the images' names."""

import csv
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.evaluation.errors import body_lengths, summarize
from tailbase.evaluation.images import predict_animals
from tailbase.evaluation.results import EvaluatedImage, Evaluation, write_evaluation
from tailbase.evaluation.summary import summarize_evaluation
from tailbase.formats.atomic import replacing, write_text
from tailbase.formats.cells import protect
from tailbase.framing.individuals import chosen_animals
from tailbase.networks.device import resolve_device, resolve_precision
from tailbase.networks.model_folder import ModelFacts, load_model
from tailbase.schema import ImageRef, Labels
from tailbase.training.dataset import one_animal

OUT_OF_DOMAIN = "ood"
"""Value of a recording's field `domain` (in any case) that sets its images apart."""


def evaluate_model(model: Path, labels: Labels, folder: Path, part: str, out: Path | None = None) -> dict[str, Any]:
    """The figures of `evaluate`, with its files in `out` where that is given."""
    evaluation = evaluate(model, labels, folder, part)
    if out is not None:
        write_results(evaluation, out)
    return dict(summarize(evaluation.errors_px, evaluation.skeleton.names))


def evaluate(
    model: Path,
    labels: Labels,
    folder: Path,
    part: str = "all",
    known: Mapping[str, Mapping[str, Any]] | None = None,
    all_ood: bool = False,
) -> Evaluation:
    """The model's points beside the labels; with several animals an image has a row for each.

    The body length that errors are a share of is the median over the labelled animals, of all images given, of the
    greatest distance between two labelled points: of each camera by itself, and of each view of a mirrored image.

    Args:
        part: `test` or `validation` (the images the model set aside), or `all`.
        known: of each image its `id` and the `fields` of its recording; a field `domain` of `OOD` sets it apart.
        all_ood: every image is out of domain.

    Errors:
        evaluate.no_images: none of these images was set aside for that; evaluate.other_keypoints: the labels lack a
        keypoint of the model, evaluate.other_animals: an animal; labels.*; model.not_a_model.
    """
    tracker, facts = load_model(model)
    everything = _as_the_model_names(_animals(labels, facts), facts)
    count, keypoints = everything.states.shape[1:]
    cameras = [ref.view for ref in everything.images for _ in range(count)]
    views = [k.view for k in everything.skeleton.keypoints]
    body = body_lengths(everything.points.reshape(-1, keypoints, 2), cameras, views).reshape(-1, count, keypoints)
    rows = _of_part(everything, facts, part)
    chosen = _only(everything, rows)
    device = resolve_device("auto")
    dtype = resolve_precision(facts.spec.precision, device)
    points, likelihood = predict_animals(tracker.to(device), facts, chosen.images, folder, dtype)
    use = {path: name for name in ("train", "validation", "test") for path in getattr(facts.split, name)}
    return Evaluation(
        facts.skeleton,
        tuple(_image(ref, use, known or {}, all_ood) for ref in chosen.images for _ in range(count)),
        points.reshape(-1, keypoints, 2).astype(np.float64),
        likelihood.reshape(-1, keypoints).astype(np.float64),
        chosen.points.reshape(-1, keypoints, 2),
        body[rows].reshape(-1, keypoints),
    )


def write_results(evaluation: Evaluation, out: Path) -> None:
    """predictions.csv, errors.parquet and summary.json into the folder."""
    _write_csv(evaluation, out / "predictions.csv")
    write_evaluation(evaluation, out / "errors.parquet")
    write_text(out / "summary.json", json.dumps(summarize_evaluation(evaluation), allow_nan=False))


def _image(ref: ImageRef, use: Mapping[str, str], known: Mapping[str, Mapping[str, Any]], ood: bool) -> EvaluatedImage:
    facts = known.get(ref.path, {})
    fields = dict(facts.get("fields", {}))
    apart = ood or str(fields.get("domain", "")).lower() == OUT_OF_DOMAIN
    return EvaluatedImage.model_validate(
        ref.model_dump(exclude={"crop"})
        | {
            "id": facts.get("id"),
            "fields": fields,
            "part": use.get(ref.path, "unseen"),
            "domain": "OOD" if apart else "InD",
        }
    )


def _write_csv(evaluation: Evaluation, path: Path) -> None:
    """One row a point; the error is empty where none was labelled."""
    errors = evaluation.errors_px
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "keypoint", "x", "y", "likelihood", "error_px"])
        for row, image in enumerate(evaluation.images):
            for k, name in enumerate(evaluation.skeleton.names):
                error = f"{errors[row, k]:.4f}" if np.isfinite(errors[row, k]) else ""
                x, y = evaluation.predicted[row, k]
                numbers = [f"{x:.4f}", f"{y:.4f}", f"{evaluation.likelihood[row, k]:.4f}", error]
                writer.writerow([protect(image.path), protect(name), *numbers])


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


def _animals(labels: Labels, facts: ModelFacts) -> Labels:
    """The model's animals, in its order."""
    if len(facts.individuals) == 1:
        return one_animal(labels)
    chosen = chosen_animals(labels, "separate")
    if missing := set(facts.individuals) - set(chosen.individuals):
        message = (
            f"The labels have no points of {sorted(missing)[0]}, which the model finds. Use labels of its animals."
        )
        raise PoseError("evaluate.other_animals", message)
    order = [chosen.individuals.index(name) for name in facts.individuals]
    return replace(
        chosen, individuals=facts.individuals, points=chosen.points[:, order], states=chosen.states[:, order]
    )


def _of_part(labels: Labels, facts: ModelFacts, part: str) -> NDArray[np.int64]:
    if part == "all":
        return np.arange(len(labels.images))
    wanted = set(getattr(facts.split, part))
    rows = np.array([row for row, ref in enumerate(labels.images) if ref.path in wanted], dtype=np.int64)
    if not len(rows):
        raise PoseError("evaluate.no_images", f"None of these images was set aside for {part} when the model trained.")
    return rows


def _only(labels: Labels, rows: NDArray[np.int64]) -> Labels:
    images = tuple(labels.images[row] for row in rows)
    return Labels(labels.skeleton, labels.individuals, images, labels.points[rows], labels.states[rows], labels.scorer)
