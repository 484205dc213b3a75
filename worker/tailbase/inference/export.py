"""A network as an ONNX file that gives points, checked by running it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.formats.atomic import replacing
from tailbase.inference.agreement import MEDIAN_PX, P99_PX, compare
from tailbase.inference.engine import Found
from tailbase.inference.engines.onnx_file import OPSET, Posed, write_onnx
from tailbase.inference.engines.onnx_runtime import require
from tailbase.networks.model_folder import ModelFacts
from tailbase.networks.tracker import Tracker

OUTPUTS = ("points", "likelihood")


def export_onnx(tracker: Tracker, facts: ModelFacts, path: Path, frames: int) -> dict[str, Any]:
    """Write `path`: images in, float32 0 to 255, red, green, blue; points in pixels of the input and likelihoods out.

    The file takes any number of images. That of a network that looks at neighbouring frames takes `frames` and
    `tracker.reach` more on both sides, and answers for `frames`. Keypoints' names and size stand in its metadata.

    Returns:
        input_shape, outputs, opset, sha256 of the model, and how far points lay from PyTorch's when the file was run.

    Errors:
        engine.unavailable: ONNX Runtime, which checks the file, is not installed; export.differs: the file finds other
        points; export.two_pass: the model is two networks.
    """
    if facts.coarse is not None:
        message = (
            "This model is two networks, and boxes that follow the animal between them: one ONNX file cannot hold it."
        )
        raise PoseError("export.two_pass", f'{message} Predict with Tailbase, or train with the framing "whole".')
    require()
    any_batch = tracker.reach == 0
    images = _images(tracker, facts, frames)
    with replacing(path) as part:
        write_onnx(Posed(tracker), images, part, OUTPUTS, any_batch)
        _describe(part, facts, tracker.reach)
        checked = images[: 1 + frames // 2] if any_batch else images
        with torch.inference_mode():
            exact = Posed(tracker)(checked)
        agreement = compare([(exact[0], torch.ones_like(exact[1]))], [_run(part, checked)])
        if not agreement.close:
            message = f"The ONNX file moves points by {agreement.median_px:.2f} px (p99 {agreement.p99_px:.2f} px)"
            raise PoseError("export.differs", f"{message}; {MEDIAN_PX} and {P99_PX} are allowed. Nothing was written.")
    shape = ["batch" if any_batch else len(images), *images.shape[1:]]
    return {
        "input_shape": shape, "outputs": list(OUTPUTS), "opset": OPSET, "model_sha256": facts.weights_sha256,
        "median_px": agreement.median_px, "p99_px": agreement.p99_px,
    }  # fmt: skip


def _images(tracker: Tracker, facts: ModelFacts, frames: int) -> Float[Tensor, "window 3 height width"]:
    shape = (frames + 2 * tracker.reach, 3, facts.spec.image_height, facts.spec.image_width)
    return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(0)).float()


def _run(file: Path, images: Float[Tensor, "window 3 height width"]) -> Found:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    points, likelihood = session.run(list(OUTPUTS), {"images": images.numpy()})
    return torch.from_numpy(np.array(points)), torch.from_numpy(np.array(likelihood))


def _describe(file: Path, facts: ModelFacts, reach: int) -> None:
    import onnx

    model = onnx.load(str(file))
    onnx.helper.set_model_props(
        model, {
            "keypoints": json.dumps(facts.skeleton.names), "reach": str(reach), "model_sha256": facts.weights_sha256,
            "tailbase_version": facts.tailbase_version,
        },
    )  # fmt: skip
    onnx.save(model, str(file))
