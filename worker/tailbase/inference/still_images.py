"""Poses in single images, as pre-labels need them: no video, no labels, any mixture of sizes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tailbase.errors import PoseError
from tailbase.evaluation.images import predict_animals
from tailbase.formats.atomic import replacing
from tailbase.networks.device import resolve_device, resolve_precision
from tailbase.networks.model_folder import load_model
from tailbase.networks.tracker import as_channels_last
from tailbase.progress import Reporter
from tailbase.schema import Crop, ImageRef, PredictSpec

_AT_ONCE = 128


def predict_files(
    model: Path,
    folder: Path,
    images: Sequence[str],
    out: Path,
    spec: PredictSpec,
    report: Reporter,
    crops: Mapping[str, Crop] | None = None,
) -> dict[str, Any]:
    """Write the poses of image files to `out`.

    The file holds float32, little-endian, (image, individual, keypoint, 3) = x, y, likelihood, without a header.

    Args:
        model: a model's folder.
        images: paths relative to `folder`; points are in pixels of each original image.
        crops: the part of an image that is looked at, by its path.

    Returns:
        block, images, individuals, keypoints, device.

    Errors:
        predict.no_images; predict.needs_video: the network looks at neighbouring frames too; image.*;
        crop.outside; model.not_a_model; device.unavailable.
    """
    crops = crops or {}
    if not images:
        raise PoseError("predict.no_images", "No images are listed. Name at least one.")
    tracker, facts = load_model(model)
    if tracker.reach:
        message = "This network looks at neighbouring frames too. Use one that finds poses in single images."
        raise PoseError("predict.needs_video", message)
    device = resolve_device(spec.device)
    dtype = resolve_precision(spec.precision, device)
    tracker = as_channels_last(tracker.to(device))
    with replacing(out) as part, part.open("wb") as file:
        for start in range(0, len(images), _AT_ONCE):
            some = [ImageRef(path=path, crop=crops.get(path)) for path in images[start : start + _AT_ONCE]]
            points, likelihood = predict_animals(tracker, facts, some, folder, dtype)
            file.write(np.concatenate([points, likelihood[..., None]], axis=-1).astype("<f4").tobytes())
            report.step("predict", start + len(some), len(images))
    return {
        "block": str(out), "images": len(images), "individuals": list(facts.individuals),
        "keypoints": list(facts.skeleton.names), "device": device.type,
    }  # fmt: skip
