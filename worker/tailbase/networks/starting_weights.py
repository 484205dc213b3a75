"""Weights that others have trained, brought into the shape of a backbone made here.

Files of timm, of a model of ours, of DeepLabCut 3 and of Lightning Pose are read; a file that could run a program when
opened is refused. Heads are not taken over: other programs' decode their maps in other ways.
"""

import math
import pickle
import re
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from timm.layers.patch_embed import resample_patch_embed
from timm.layers.pos_embed import resample_abs_pos_embed
from timm.models._features import FeatureGetterNet
from torch import Tensor, nn

from tailbase.errors import PoseError
from tailbase.networks import foreign_names

_OURS = "weights.safetensors"


def read_weights(path: Path) -> dict[str, Tensor]:
    """The arrays of a network's backbone, under timm's names.

    Args:
        path: a safetensors file, a model folder of ours, or a PyTorch file (.pt, .pth, .ckpt).

    Errors:
        weights.unavailable: there is no such file.
        weights.unsafe: opening the file could run a program.
        weights.mismatch: it is not a file of weights, or of a network that cannot be translated.
    """
    file = path / _OURS if path.is_dir() else path
    if not file.is_file():
        message = f'There is no weights file {path}. Give the path of a file, "imagenet" or "none".'
        raise PoseError("weights.unavailable", message)
    if file.suffix == ".safetensors":
        state = _safetensors(file)
    elif file.suffix in (".index", ".meta") or ".data-" in file.name:
        message = f"{file.name} is of TensorFlow, as DeepLabCut 2 writes it. Only PyTorch's weights can be read."
        raise PoseError("weights.mismatch", message)
    else:
        state = _arrays(_pytorch(file), file)
    return foreign_names.backbone(state, file.name)


def _safetensors(file: Path) -> dict[str, Tensor]:
    try:
        return {key: value for key, value in load_file(file).items() if not key.startswith("coarse.")}
    except SafetensorError as error:
        raise PoseError("weights.mismatch", f"{file.name} is not a safetensors file ({error}).") from error


def _pytorch(file: Path) -> Any:
    """What a PyTorch file holds, if it is made of numbers, texts and plain collections of them."""
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, LookupError, TypeError) as error:
        if "allowed global" in str(error):
            raise PoseError("weights.unsafe", _UNSAFE.format(file=file.name)) from error
        raise PoseError("weights.mismatch", f"{file.name} is not a file of weights, or is damaged.") from error


_UNSAFE = (
    "{file} holds more than weights, and opening it could run a program hidden in it. If you trust it, save its "
    "weights alone where it was made, then use that file: "
    "torch.save({{'state_dict': torch.load('{file}', weights_only=False)['state_dict']}}, 'weights.pt') "
    "for Lightning Pose; for DeepLabCut with 'model' in place of 'state_dict'."
)


def _arrays(content: Any, file: Path) -> dict[str, Tensor]:
    """Lightning keeps the arrays under `state_dict`, DeepLabCut under `model`."""
    for key in ("state_dict", "model"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    arrays = {k: v for k, v in content.items() if isinstance(v, Tensor)} if isinstance(content, dict) else {}
    if not arrays:
        raise PoseError("weights.mismatch", f"{file.name} holds no network's weights.")
    return arrays


def fitted(state: dict[str, Tensor], backbone: nn.Module) -> dict[str, Tensor]:
    """A timm network's weights under the names, and for a transformer in the sizes, of a backbone made from it."""
    named = {key: state[source] for key in backbone.state_dict() if (source := _source(key, state)) is not None}
    if isinstance(backbone, FeatureGetterNet):
        _resample(named, backbone.model)
    return named


def _source(key: str, state: dict[str, Tensor]) -> str | None:
    """timm's features name a stage `stages_0`, the whole network `stages.0`, and wrap a transformer as `model`."""
    plain = key.removeprefix("model.")
    candidates = (key, plain, re.sub(r"^([a-z]+)_(\d+)\.", r"\1.\2.", plain))
    return next((name for name in candidates if name in state), None)


def _resample(state: dict[str, Tensor], transformer: Any) -> None:
    """Fit patches and their positions to other sizes (Beyer et al. 2023; Dosovitskiy et al. 2021)."""
    own = transformer.state_dict()
    patch, places = "model.patch_embed.proj.weight", "model.pos_embed"
    if patch in state and state[patch].shape[-2:] != own["patch_embed.proj.weight"].shape[-2:]:
        state[patch] = resample_patch_embed(state[patch], list(own["patch_embed.proj.weight"].shape[-2:]))
    if places in state and "pos_embed" in own and state[places].shape != own["pos_embed"].shape:
        grid = list(transformer.patch_embed.grid_size)
        prefix = own["pos_embed"].shape[1] - grid[0] * grid[1]
        cells = state[places].shape[1] - prefix
        if math.isqrt(max(cells, 0)) ** 2 == cells:  # of others the rows and columns are not known
            state[places] = resample_abs_pos_embed(state[places], grid, num_prefix_tokens=prefix)
